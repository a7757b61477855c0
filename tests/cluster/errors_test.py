"""Opening a cluster that is not there, as the user of the command meets it.

usage: errors_test.py BIN_FOLDER LIBFDB_C [TEST…]

LIBFDB_C is Plinth's own library with FoundationDB's C API, which stands for a cluster.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

SECONDS_MAX = 60
PLINTH = ""
LIBRARY = ""


class Opening(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="plinth-cluster-")
        self.addCleanup(shutil.rmtree, self.folder)

    def get(self, url, library):
        environment = {k: v for k, v in os.environ.items() if k != "FDB_CLUSTER_FILE"}
        environment["PLINTH_LIBFDB_C"] = library
        return subprocess.run([PLINTH, "--db", url, "get", "key"], cwd=self.folder, env=environment,
                              capture_output=True, text=True, timeout=SECONDS_MAX, check=False)

    def expect(self, url, library, *parts):
        done = self.get(url, library)
        self.assertEqual(done.returncode, 3, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)

    def cluster_file(self, text):
        path = os.path.join(self.folder, "fdb.cluster")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_no_library(self):
        self.expect("fdb:", "/nowhere/libfdb_c.so", "unsupported_operation (2108)",
                    "PLINTH_LIBFDB_C", "foundationdb-clients", "/nowhere/libfdb_c.so")

    def test_a_file_that_is_no_library(self):
        path = self.cluster_file("words")
        self.expect("fdb:", path, "unsupported_operation (2108)", path)

    def test_another_library(self):
        self.expect("fdb:", "libm.so.6", "unsupported_operation (2108)", "fdb_")

    def test_missing_cluster_file(self):
        path = os.path.join(self.folder, "missing.cluster")
        self.expect("fdb:" + path, LIBRARY, "no_cluster_file_found (1515)", path)

    def test_malformed_cluster_file(self):
        path = self.cluster_file("no such thing\n")
        self.expect("fdb:" + path, LIBRARY, "connection_string_invalid (2104)", path)

    def test_wrong_parameters(self):
        done = self.get("fdb:x?durability=none", LIBRARY)
        self.assertEqual(done.returncode, 3)
        self.assertIn("invalid_url (7005)", done.stderr)
        self.assertIn("timeout_ms", done.stderr)

    def test_a_database_through_the_library(self):
        url = "fdb:" + self.cluster_file(f"plinth file:{self.folder}/db\n")
        environment = {**os.environ, "PLINTH_LIBFDB_C": LIBRARY}
        for arguments, output in [(["set", "key", "value"], None), (["get", "key"], "value\n")]:
            done = subprocess.run([PLINTH, "--db", url, *arguments], env=environment,
                                  capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
            self.assertEqual(done.returncode, 0, done.stderr)
            if output is not None:
                self.assertEqual(done.stdout, output)

    def test_no_server(self):
        url = "fdb:" + self.cluster_file(f"plinth unix:{self.folder}/nobody\n") + "?timeout_ms=500"
        begin = time.monotonic()
        done = self.get(url, LIBRARY)
        self.assertEqual(done.returncode, 3, done.stdout)
        self.assertIn("fdb.cluster", done.stderr)
        self.assertLess(time.monotonic() - begin, 10)

    def test_a_server_that_never_answers(self):
        # It says hello and nothing more: what a real one says goes through a proxy, once.
        with socket.socket(socket.AF_UNIX) as proxy:
            proxy.bind(f"{self.folder}/mute")
            proxy.listen()
            greeter = threading.Thread(target=self.greet, args=(proxy,))
            greeter.start()
            path = self.cluster_file(f"plinth unix:{self.folder}/mute\n")
            begin = time.monotonic()
            self.expect(f"fdb:{path}?timeout_ms=500", LIBRARY, "timed_out (1004)", path)
            self.assertLess(time.monotonic() - begin, 10)
            greeter.join()

    def greet(self, proxy):
        address = f"{self.folder}/real"
        server = subprocess.Popen([PLINTH, "--db", f"file:{self.folder}/db", "serve", "--socket",
                                   address], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        client, real = proxy.accept()[0], socket.socket(socket.AF_UNIX)
        with server, client, real:
            server.stdout.readline()
            real.connect(address)
            real.sendall(client.recv(65536))
            client.sendall(real.recv(65536))
            while client.recv(65536):
                pass
            server.terminate()


if __name__ == "__main__":
    PLINTH = os.path.abspath(os.path.join(sys.argv[1], "plinth"))
    LIBRARY = os.path.abspath(sys.argv[2])
    unittest.main(argv=sys.argv[:1] + sys.argv[3:])
