"""The tests of transactions once more, where the database is another process's, so that reads are
not ready at once; and two processes that use one database through the ABI.

usage: shared_test.py LIBRARY [TEST…]
"""

import os
import struct
import subprocess
import sys

import binding
from binding import ADD, SECONDS_MAX, run_case

HERE = os.path.dirname(os.path.abspath(__file__))
COUNT, PROCESSES = 100, 4


def hold(url):
    """Has the database open until its input ends."""
    stop = binding.start()
    db = binding.open_url(url)
    binding.check(db.transaction().get(b"a").block())
    print("holding", flush=True)
    sys.stdin.read()
    del db
    stop()


def count(url):
    """Raises one number by reading and writing it, another by atomic addition."""
    stop = binding.start()
    db = binding.open_url(url)

    def work(tr):
        number = int(tr.get(b"by reading").value() or b"0")
        tr.set(b"by reading", b"%d" % (number + 1))
        tr.atomic(ADD, b"by adding", struct.pack("<q", 1))

    for _ in range(COUNT):
        db.run(work)
    stop()


def show(url):
    stop = binding.start()
    tr = binding.open_url(url).transaction()
    print(int(tr.get(b"by reading").value()), *struct.unpack("<q", tr.get(b"by adding").value()))
    stop()


def pending(url):
    """Reads of another process's database are pending, and their callbacks come."""
    stop = binding.start()
    db = binding.open_url(url)
    db.run(lambda tr: [tr.set(b"p%03d" % i, b"%d" % i) for i in range(500)])
    tr = db.transaction()
    reads, were_ready = [], []
    for i in range(500):
        reads.append(tr.get(b"p%03d" % i))
        were_ready.append(reads[-1].ready())
    assert not all(were_ready)
    assert [read.value() for read in reads] == [b"%d" % i for i in range(500)]
    ended = [tr.get(b"p%03d" % i) for i in range(100)]
    tr.destroy()
    assert {read.block() for read in ended} <= {0, 1025}
    stop()


CASES = {case.__name__: case for case in (hold, count, show, pending)}


class Shared(binding.TestCase):
    def setUp(self):
        self.url = f"file:{self.folder()}/db?shared&durability=buffered"
        self.holder = subprocess.Popen(
            [sys.executable, "-B", sys.argv[0], binding.library_path, "--case", "hold", self.url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(self.end_holder)
        self.assertEqual(self.holder.stdout.readline(), "holding\n")

    def end_holder(self):
        self.holder.communicate(timeout=SECONDS_MAX)
        self.assertEqual(self.holder.returncode, 0)

    def test_transactions_of_a_client(self):
        for name in ("transactions", "reads", "deferred_errors", "tenants", "mapped_range"):
            with self.subTest(name):
                done = subprocess.run(
                    [sys.executable, "-B", f"{HERE}/{name}_test.py", binding.library_path],
                    env={**os.environ, "PLINTH_TEST_URL": self.url}, capture_output=True, text=True,
                    timeout=SECONDS_MAX, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_pending_reads(self):
        run_case("pending", self.url)

    def test_processes_on_one_database(self):
        clients = [subprocess.Popen([sys.executable, "-B", sys.argv[0], binding.library_path, "--case",
                                     "count", self.url]) for _ in range(PROCESSES)]
        self.assertEqual([client.wait(SECONDS_MAX) for client in clients], [0] * PROCESSES)
        total = COUNT * PROCESSES
        self.assertEqual(run_case("show", self.url), f"{total} {total}\n")


if __name__ == "__main__":
    sys.exit(binding.main_of_cases(CASES))
