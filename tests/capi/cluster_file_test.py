"""Which database a program gets: cluster files, the environment, handles that share one.

usage: cluster_file_test.py LIBRARY [TEST…]
"""

import ctypes
import os
import sys

import binding
from binding import run_case


def first_use(path):
    """What the first use says of the database that fdb_create_database(path) gives."""
    stop = binding.start()
    db = binding.open_database(path.encode() if path != "NULL" else None)
    tr = db.transaction()
    error = tr.get(b"which").block()
    if error == 0:
        print(tr.get(b"which").value())
    else:
        # All else says the same, and nothing crashes.
        tr.set(b"a", b"b")
        tr.option(500, 100)
        db.option(500, 100)
        tr.reset()
        tr.cancel()
        futures = [tr.get_key(b"", 0, 1), tr.range(b"", b"\xff"), tr.read_version(),
                   tr.commit(), tr.watch(b"a"), tr.versionstamp(), tr.approximate_size(),
                   tr.on_error(1020), tr.addresses(b"a"), tr.estimated_size(b"", b"\xff"),
                   binding.Future(binding.lib.fdb_database_get_server_protocol(db.handle, 0))]
        codes = {future.block() for future in futures}
        version = ctypes.c_int64(-7)
        codes.add(binding.lib.fdb_transaction_get_committed_version(tr.handle,
                                                                    ctypes.byref(version)))
        assert codes == {error}, (codes, error)
        assert version.value == -7
        print(error)
    stop()


def connection_string(string):
    stop = binding.start()
    handle = ctypes.c_void_p()
    binding.check(binding.lib.fdb_create_database_from_connection_string(string.encode(),
                                                                         ctypes.byref(handle)))
    print(binding.Database(handle.value).transaction().get(b"which").block())
    stop()


def mark(url, text):
    stop = binding.start()
    binding.open_url(url).run(lambda tr: tr.set(b"which", text.encode()))
    stop()


def handles_share(folder):
    stop = binding.start()
    first, second = (binding.open_url("file:" + folder) for _ in range(2))
    first.run(lambda tr: tr.set(b"a", b"1"))
    assert second.transaction().get(b"a").value() == b"1"
    # Options are a handle's own.
    second.option(503, 32)
    assert first.transaction().get(b"a").block() == 0
    tr = second.transaction()
    tr.set(b"a", b"x" * 100)
    assert tr.commit().block() == 2101
    tr = first.transaction()
    tr.set(b"a", b"x" * 100)
    assert tr.commit().block() == 0
    # Transactions outlive their handle, and hold the database open.
    tr = first.transaction()
    first.destroy()
    second.destroy()
    assert tr.get(b"a").value() == b"x" * 100
    again = binding.open_url("file:" + folder)
    assert again.transaction().get(b"a").value() == b"x" * 100
    again.destroy()
    tr.destroy()
    # With the last of them it is closed, and another URL may open it.
    other = binding.open_url(f"file:{folder}?durability=buffered")
    assert other.transaction().get(b"a").value() == b"x" * 100
    assert stop() == 0


def in_use(folder):
    stop = binding.start()
    first = binding.open_url("file:" + folder)
    second = binding.open_url(f"file:{folder}?durability=buffered")
    assert second.transaction().get(b"a").block() == 7000
    assert first.transaction().get(b"a").block() == 0
    stop()


CASES = {case.__name__: case for case in (first_use, connection_string, mark, handles_share, in_use)}

# No trace of what the machine of the test may have.
NOWHERE = {"FDB_CLUSTER_FILE": None, "PLINTH_URL": None, "XDG_DATA_HOME": None}


class ClusterFile(binding.TestCase):
    def setUp(self):
        self.place = self.folder()

    def marked(self, name):
        """A database of that name, which has the name in it."""
        url = f"file:{self.place}/{name}"
        run_case("mark", url, name)
        return url

    def file(self, text, name="fdb.cluster"):
        path = os.path.join(self.place, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def use(self, path, **changes):
        return run_case("first_use", path, **{**NOWHERE, "HOME": self.place, **changes}).strip()

    def test_one_line(self):
        url = self.marked("one")
        self.assertEqual(self.use(self.file(f"plinth {url}\n")), "b'one'")
        self.assertEqual(self.use(self.file(f"plinth {url}")), "b'one'")
        self.assertEqual(self.use(self.file(f"\n# comment\n\n  plinth\t {url} \r\n")), "b'one'")

    def test_missing_file(self):
        self.assertEqual(self.use(os.path.join(self.place, "none")), "1515")
        self.assertEqual(self.use("NULL", FDB_CLUSTER_FILE=os.path.join(self.place, "none")), "1515")
        self.assertFalse(os.listdir(self.place))  # and nothing was made

    def test_anything_else_in_it(self):
        for text in ("", "\n", "docker:docker@127.0.0.1:4500\n", "plinth\n", "plinth \n",
                     "plinthfile:x\n", "plinth fdb:other.cluster\n", "plinth nonsense:x\n",
                     "plinth file:a\nplinth file:b\n", "plinth memory:?what=1\n", "x" * 70_000):
            with self.subTest(text[:40]):
                self.assertEqual(self.use(self.file(text)), "2104")
        self.assertEqual(os.listdir(self.place), ["fdb.cluster"])

    def test_connection_string(self):
        self.assertEqual(run_case("connection_string", "plinth memory:"), "0\n")
        self.assertEqual(run_case("connection_string", "docker:docker@127.0.0.1:4500"), "2104\n")
        self.assertEqual(run_case("connection_string", ""), "2104\n")

    def test_order_of_the_environment(self):
        of_file, of_url = self.marked("of_file"), self.marked("of_url")
        given = self.file(f"plinth {self.marked('given')}", "given.cluster")
        variable = self.file(f"plinth {of_file}", "variable.cluster")
        everything = {"FDB_CLUSTER_FILE": variable, "PLINTH_URL": of_url}
        self.assertEqual(self.use(given, **everything), "b'given'")
        for path in ("", "NULL"):
            self.assertEqual(self.use(path, **everything), "b'of_file'")
            self.assertEqual(self.use(path, PLINTH_URL=of_url), "b'of_url'")
        self.assertEqual(self.use("", PLINTH_URL="nonsense:"), "2104")

    def test_default_database(self):
        self.assertEqual(self.use("NULL"), "None")
        self.assertTrue(os.path.isdir(os.path.join(self.place, ".local/share/plinth/default")))
        data = os.path.join(self.place, "data")
        self.assertEqual(self.use("", XDG_DATA_HOME=data), "None")
        self.assertTrue(os.path.isdir(os.path.join(data, "plinth/default")))

    def test_handles_on_one_url_share_the_database(self):
        run_case("handles_share", self.place)

    def test_in_use_by_another_url(self):
        run_case("in_use", self.place)


if __name__ == "__main__":
    sys.exit(binding.main_of_cases(CASES))
