"""The command as a process among others: signals, closed pipes, two at a time, kill -9 in the demo.

usage: process_test.py BIN_FOLDER [TEST…]
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SECONDS_MAX = 120
PLINTH = ""


def plinth(folder, *arguments, **options):
    return subprocess.run([PLINTH, *arguments], cwd=folder, capture_output=True, text=True,
                          timeout=SECONDS_MAX, check=False, **options)


def start(folder, *arguments, **options):
    return subprocess.Popen([PLINTH, *arguments], cwd=folder, stdin=subprocess.PIPE,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def await_handler(process):
    """Waits until the process has a handler for SIGINT: before that, the signal just ends it."""
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
            caught = next(line for line in file if line.startswith("SigCgt:")).split()[1]
        if int(caught, 16) & 1 << (signal.SIGINT - 1):
            return
        time.sleep(0.01)
    raise TimeoutError("no handler for SIGINT was installed")


class Process(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="plinth-cli-")
        self.addCleanup(shutil.rmtree, self.folder)

    def fill(self, rows):
        script = "begin\n" + "".join(f"set key{i:06} {'v' * 100}\n" for i in range(rows)) + "commit\n"
        done = plinth(self.folder, "shell", input=script)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_second_opener_learns_who_holds_it(self):
        holder = start(self.folder, "shell")
        holder.stdin.write("set a 1\nget a\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline(), "1\n")
        second = plinth(self.folder, "get", "a")
        self.assertEqual(second.returncode, 3)
        self.assertIn("database_in_use (7000)", second.stderr)
        self.assertIn(str(holder.pid), second.stderr)
        holder.communicate("exit\n", timeout=SECONDS_MAX)
        self.assertEqual(plinth(self.folder, "get", "a").stdout, "1\n")

    def test_interrupted_watch(self):
        plinth(self.folder, "set", "a", "1")
        watch = start(self.folder, "--json", "watch", "a")
        await_handler(watch)
        watch.send_signal(signal.SIGINT)
        _, error = watch.communicate(timeout=SECONDS_MAX)
        self.assertEqual(watch.returncode, 130, error)
        self.assertEqual(json.loads(error)["error"]["message"], "interrupted")

    def test_reader_of_a_pipe_that_goes_away(self):
        self.fill(20_000)
        reader = subprocess.run(
            ["bash", "-c", '"$0" range | head -n 1; echo ${PIPESTATUS[0]}', PLINTH],
            cwd=self.folder, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        first, code = reader.stdout.splitlines()
        self.assertTrue(first.startswith("key000000 = "))
        self.assertEqual(code, "141")
        self.assertEqual(reader.stderr, "")
        self.assertEqual(plinth(self.folder, "verify").returncode, 0)

    def test_range_of_many_pages(self):
        self.fill(20_000)
        rows = plinth(self.folder, "range").stdout.splitlines()
        self.assertEqual([row.split()[0] for row in rows], [f"key{i:06}" for i in range(20_000)])
        rows = plinth(self.folder, "range", "--reverse", "--limit", "15000").stdout.splitlines()
        self.assertEqual([row.split()[0] for row in rows],
                         [f"key{i:06}" for i in range(19_999, 4_999, -1)])

    def test_range_goes_on_when_its_transaction_grew_too_old(self):
        self.fill(20_000)
        # The reader stops in the middle for longer than a transaction may read.
        reader = start(self.folder, "range")
        first = os.read(reader.stdout.fileno(), 10).decode()
        time.sleep(6)
        rest, error = reader.communicate(timeout=SECONDS_MAX)
        self.assertEqual(reader.returncode, 0, error)
        keys = [row.split()[0] for row in (first + rest).splitlines()]
        self.assertEqual(keys, [f"key{i:06}" for i in range(20_000)])

    def write_packages(self, count):
        """Packages that need others, in sections; each stanza about a kilobyte. Some have lists of
        files, some are required."""
        path = os.path.join(self.folder, "status")
        info = os.path.join(self.folder, "info")
        os.makedirs(info, exist_ok=True)
        for i in range(0, count, 7):
            with open(os.path.join(info, f"package{i}.list"), "w", encoding="ascii") as file:
                file.write("".join(f"/usr/share/{i % 50}/{j}\n" for j in range(i % 100)))
        with open(path, "w", encoding="ascii") as file:
            for i in range(count):
                needs = ", ".join(f"package{i * j % count} (>= 1.{j})" for j in range(1, 9))
                file.write(f"Package: package{i}\nVersion: 1.{i}\nArchitecture: all\n"
                           f"Section: section{i % 13}\nInstalled-Size: {i * 37 % 1001}\n"
                           f"Priority: {'required' if i % 50 == 0 else 'optional'}\n"
                           f"Provides: virtual{i % 97}\nPre-Depends: virtual{i % 89}\n"
                           f"Depends: {needs}\nMaintainer: {'m' * 200}\nDescription: text\n\n")
        return path

    def test_demo_killed_in_the_middle_goes_on(self):
        seed = int(os.environ.get("PLINTH_SEED", time.time_ns() % 1_000_000))
        chance = random.Random(seed)
        total = 1_500
        status = self.write_packages(total)
        demo = ["--json", "demo", "--status", status]
        begin = time.monotonic()
        unharmed = plinth(self.folder, "--db", "unharmed", *demo)
        load, *rest = [json.loads(line)["seconds"] for line in unharmed.stdout.splitlines()]
        load_end = time.monotonic() - begin - sum(rest)
        loaded = 0
        middles = 0
        for _ in range(60):
            process = start(self.folder, *demo)
            time.sleep(chance.uniform(max(0, load_end - load), load_end))
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=SECONDS_MAX)
            check = plinth(self.folder, "--json", "demo", "--check")
            if check.returncode == 3 and "not_a_database" in check.stderr:
                continue  # killed before there was one
            self.assertEqual(check.returncode, 0,
                             f"seed {seed}: {check.stdout}{check.stderr}")
            packages = json.loads(check.stdout)["packages"]
            self.assertGreaterEqual(packages, loaded, f"seed {seed}: what was loaded is gone")
            middles += 0 < packages < total
            loaded = packages
            if middles >= 3:
                break
            if loaded == total:  # too late: from the beginning
                shutil.rmtree(os.path.join(self.folder, "plinth-demo.db"))
                loaded = 0
        self.assertGreaterEqual(middles, 1, f"seed {seed}: never killed in the middle")

        done = plinth(self.folder, *demo)
        self.assertEqual(done.returncode, 0, f"seed {seed}: {done.stdout}{done.stderr}")
        lines = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(lines[0]["found"], loaded, f"seed {seed}")
        self.assertEqual(lines[0]["loaded"], total - loaded, f"seed {seed}")
        self.assertEqual([lines[-1]["check"], lines[-1]["packages"]], [True, total])
        again = json.loads(plinth(self.folder, *demo).stdout.splitlines()[0])
        self.assertEqual([again["found"], again["loaded"]], [total, 0])

    def test_demo_interrupted_says_so_and_goes_on(self):
        status = self.write_packages(1_000)
        process = start(self.folder, "demo", "--status", status)
        await_handler(process)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=SECONDS_MAX)
        self.assertEqual(process.returncode, 130, error)
        self.assertEqual(error, "plinth: interrupted\n")
        self.assertEqual(plinth(self.folder, "demo", "--status", status).returncode, 0)

    def serve(self, socket):
        server = start(self.folder, "serve", "--socket", socket)
        self.addCleanup(server.communicate)
        self.addCleanup(server.kill)  # before that
        line = server.stdout.readline()
        self.assertIn(f"serving ./plinth.db at unix:{socket} as process {server.pid}", line)
        return server

    def test_served_database(self):
        server = self.serve("socket")
        self.assertEqual(os.stat(os.path.join(self.folder, "socket")).st_mode & 0o777, 0o600)
        done = plinth(self.folder, "--db", "unix:socket", "set", "a", "1")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(plinth(self.folder, "--db", "unix:socket", "get", "a").stdout, "1\n")
        watch = start(self.folder, "--db", "unix:socket", "watch", "a")
        status = ["--db", "unix:socket", "--json", "status"]
        while json.loads(plinth(self.folder, *status).stdout)["window"]["watches"] == 0:
            pass
        plinth(self.folder, "--db", "unix:socket", "set", "a", "2")
        self.assertEqual(watch.communicate(timeout=SECONDS_MAX)[0], "2\n")
        server.send_signal(signal.SIGTERM)
        _, error = server.communicate(timeout=SECONDS_MAX)
        self.assertEqual(server.returncode, 0, error)
        self.assertFalse(os.path.exists(os.path.join(self.folder, "socket")))
        done = plinth(self.folder, "--db", "unix:socket", "get", "a")
        self.assertEqual(done.returncode, 3)
        self.assertIn("there is no such socket", done.stderr)
        self.assertEqual(plinth(self.folder, "get", "a").stdout, "2\n")

    def test_second_server(self):
        server = self.serve("socket")
        second = plinth(self.folder, "--db", "other", "serve", "--socket", "socket")
        self.assertEqual(second.returncode, 3)
        self.assertIn("address_in_use (2105)", second.stderr)
        self.assertIn(f"process {server.pid} serves there", second.stderr)
        second = plinth(self.folder, "serve", "--socket", "another")
        self.assertIn("database_in_use (7000)", second.stderr)
        server.kill()
        server.communicate(timeout=SECONDS_MAX)
        done = plinth(self.folder, "--db", "unix:socket", "get", "a")
        self.assertIn("its server has ended", done.stderr)
        self.serve("socket").send_signal(signal.SIGINT)

    def test_what_cannot_be_served(self):
        for url, words in (("unix:x", "lies elsewhere"), ("x?shared", "leave out ?shared")):
            done = plinth(self.folder, "--db", url, "serve", "--socket", "socket")
            self.assertEqual(done.returncode, 3)
            self.assertIn(words, done.stderr)
        with open(os.path.join(self.folder, "file"), "w", encoding="ascii"):
            pass
        done = plinth(self.folder, "serve", "--socket", "file")
        self.assertIn("a file that is no socket is there", done.stderr)
        done = plinth(self.folder, "serve", "--socket", "no/such/folder")
        self.assertEqual(done.returncode, 3)
        self.assertIn("no/such/folder: No such file or directory", done.stderr)

    def test_shared_by_two(self):
        holder = start(self.folder, "--db", "db?shared", "shell")
        holder.stdin.write("set a 1\nget a\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline(), "1\n")
        self.assertEqual(plinth(self.folder, "--db", "db?shared", "get", "a").stdout, "1\n")
        plinth(self.folder, "--db", "db?shared", "set", "a", "2")
        holder.stdin.write("get a\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline(), "2\n")
        alone = plinth(self.folder, "--db", "db", "get", "a")
        self.assertIn("database_in_use (7000)", alone.stderr)
        holder.communicate("exit\n", timeout=SECONDS_MAX)
        self.assertEqual(plinth(self.folder, "--db", "db", "get", "a").stdout, "2\n")

    def test_apt_cache_is_missing(self):
        done = plinth(self.folder, "demo", "--all", env={"PATH": self.folder})
        self.assertEqual(done.returncode, 3)
        self.assertIn("apt-cache is not on this machine", done.stderr)


if __name__ == "__main__":
    PLINTH = os.path.abspath(os.path.join(sys.argv.pop(1), "plinth"))
    unittest.main()
