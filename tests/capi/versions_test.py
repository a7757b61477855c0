"""What depends on the API version that a program selects, and functions of older versions.

usage: versions_test.py LIBRARY [TEST…]
"""

import ctypes
import struct
import sys

import binding
from binding import STAMPED_KEY, STAMPED_VALUE, Future, run_case

STATUS = b"\xff\xff/status/json"


def expect(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r}, not {wanted!r}")


def stamps(version):
    """Places of versionstamps: 2 bytes in keys and none in values, or 4 bytes in both."""
    stop = binding.start(int(version))
    db = binding.open_url("memory:")
    tr = db.transaction()
    place = struct.pack("<H" if int(version) < 520 else "<I", 2)
    tr.atomic(STAMPED_KEY, b"k/" + bytes(10) + b"/e" + place, b"")
    tr.atomic(STAMPED_VALUE, b"v", bytes(10) + b"rest" +
              (b"" if int(version) < 520 else struct.pack("<I", 0)))
    stamp = tr.versionstamp()
    tr.commit().wait()
    rows, _ = db.transaction().range(b"k", b"w").rows()
    expect(rows, [(b"k/" + stamp.key() + b"/e", b""), (b"v", stamp.key() + b"rest")])
    stop()


def options_and_retry(version):
    """From 610 timeout, retry limit and delay outlive on_error; before, they end with it."""
    stop = binding.start(int(version))
    db = binding.open_url("memory:")
    tr = db.transaction()
    tr.option(501, 1)
    tr.option(502, 0)
    expect(tr.on_error(1020).block(), 0)
    if int(version) < 610:
        expect([tr.on_error(1007).block() for _ in range(3)], [0, 0, 0])
        tr.option(501, 0)
        expect(tr.on_error(1007).block(), 1007)
        # A database's defaults come back.
        db.option(501, 0)
        tr = db.transaction()
        tr.option(501, 5)
        expect(tr.on_error(1007).block(), 0)
        expect(tr.on_error(1007).block(), 1007)
    else:
        expect(tr.on_error(1007).block(), 1007)
    stop()


def special_keys(version):
    """From 630 special keys come in modules; before, all but the status are illegal keys."""
    stop = binding.start(int(version))
    tr = binding.open_url("memory:").transaction()
    expect(tr.get(STATUS).value()[:1], b"{")
    conflicts = b"\xff\xff/transaction/conflicting_keys/"
    if int(version) < 630:
        expect(tr.get(b"\xff\xff/nothing").block(), 2004)
        expect(tr.get(conflicts).block(), 2004)
        expect(tr.range(conflicts, conflicts + b"\xff").block(), 2004)
    else:
        expect(tr.get(b"\xff\xff/nothing").block(), 2113)
        expect(tr.range(conflicts, conflicts + b"\xff").rows(), ([], False))
    stop()


def read_version_after_commit(version):
    """From 700 it is the one that the commit was made at; before, a new one."""
    stop = binding.start(int(version))
    db = binding.open_url("memory:")
    tr = db.transaction()
    before = tr.read_version().int64()
    tr.set(b"a", b"1")
    tr.commit().wait()
    db.run(lambda other: other.set(b"b", b"1"))
    after = tr.read_version().int64()
    expect(after == before, int(version) >= 700)
    if int(version) < 700:
        assert after >= tr.committed_version()
    expect(tr.get(b"a").block(), 2017)
    stop()


def older_functions(version):
    """A cluster handle, from which a database is made; versions; is_error; a selector's range."""
    lib, stop = binding.lib, binding.start(int(version))
    created = Future(lib.fdb_create_cluster(None))
    cluster = ctypes.c_void_p()
    binding.check(created.block())
    binding.check(lib.fdb_future_get_cluster(created.handle, ctypes.byref(cluster)))
    expect(lib.fdb_cluster_set_option(cluster, 1, None, 0), 0)
    expect(Future(lib.fdb_cluster_create_database(cluster.value, b"other", 5)).block(), 2013)
    opened = Future(lib.fdb_cluster_create_database(cluster.value, b"DB", 2))
    handle = ctypes.c_void_p()
    binding.check(lib.fdb_future_get_database(opened.handle, ctypes.byref(handle)))
    lib.fdb_cluster_destroy(cluster.value)
    db = binding.Database(handle.value)
    opened.destroy()
    db.run(lambda tr: tr.set(b"a", b"1"))
    tr = db.transaction()
    future, number = tr.read_version(), ctypes.c_int64()
    binding.check(lib.fdb_future_get_version(future.handle, ctypes.byref(number)))
    expect(number.value, future.int64())
    expect(lib.fdb_future_is_error(future.handle), 0)
    illegal = tr.get(b"\xff/x")
    expect(lib.fdb_future_is_error(illegal.handle), 1)
    rows = Future(lib.fdb_transaction_get_range_selector(tr.handle, b"", 0, 0, 1, b"\xff", 1, 0, 1,
                                                         10))
    expect(rows.rows(), ([(b"a", b"1")], False))
    stop()


CASES = {case.__name__: case for case in (stamps, options_and_retry, special_keys,
                                          read_version_after_commit, older_functions)}


class Versions(binding.TestCase):
    def each(self, name, *versions, **environment):
        for version in versions:
            with self.subTest(version):
                run_case(name, str(version), **environment)

    def test_stamps(self):
        self.each("stamps", 510, 519, 520, 730)

    def test_options_and_retry(self):
        self.each("options_and_retry", 510, 609, 610, 730)

    def test_special_keys(self):
        self.each("special_keys", 510, 620, 630, 730)

    def test_read_version_after_commit(self):
        self.each("read_version_after_commit", 510, 630, 700, 730)

    def test_older_functions(self):
        self.each("older_functions", 510, 730, PLINTH_URL="memory:", FDB_CLUSTER_FILE=None)


if __name__ == "__main__":
    sys.exit(binding.main_of_cases(CASES))
