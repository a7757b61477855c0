"""libfdb_c.so through ctypes alone, as a language binding would use it: thin, so that what a test
sees is what the ABI does. One process can select one API version, so each test program is one."""

import ctypes
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

SECONDS_MAX = 60  # for what must happen at all

WANT_ALL, ITERATOR, EXACT, SMALL, MEDIUM, LARGE, SERIAL = -2, -1, 0, 1, 2, 3, 4
(ADD, BIT_AND, BIT_OR, BIT_XOR, APPEND_IF_FITS, MAX, MIN, STAMPED_KEY, STAMPED_VALUE, BYTE_MIN,
 BYTE_MAX, COMPARE_AND_CLEAR) = 2, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 20
READ, WRITE = 0, 1

Handle = ctypes.c_void_p
Bytes = ctypes.c_char_p
Int = ctypes.c_int
Callback = ctypes.CFUNCTYPE(None, Handle, ctypes.c_void_p)
Hook = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class KeyValue(ctypes.Structure):
    _pack_ = 4
    _fields_ = [("key", ctypes.c_void_p), ("key_length", Int), ("value", ctypes.c_void_p),
                ("value_length", Int)]


class Key(ctypes.Structure):
    _pack_ = 4
    _fields_ = [("key", ctypes.c_void_p), ("key_length", Int)]


class Selector(ctypes.Structure):
    _fields_ = [("key", Key), ("or_equal", Int), ("offset", Int)]


class RangeResult(ctypes.Structure):
    _fields_ = [("begin", Selector), ("end", Selector), ("data", ctypes.POINTER(KeyValue)),
                ("size", Int), ("capacity", Int)]


class MappedKeyValue(ctypes.Structure):
    _fields_ = [("key", Key), ("value", Key), ("range", RangeResult),
                ("buffer", ctypes.c_ubyte * 32)]


class FDBError(Exception):
    def __init__(self, code):
        super().__init__(f"error {code}: {lib.fdb_get_error(code).decode()}")
        self.code = code


def check(code):
    if code != 0:
        raise FDBError(code)


def load(path):
    library = ctypes.CDLL(path)
    library.fdb_get_error.restype = Bytes
    library.fdb_get_client_version.restype = Bytes
    library.fdb_database_get_main_thread_busyness.restype = ctypes.c_double
    p, i64, rng = ctypes.c_void_p, ctypes.c_int64, [Bytes, Int, Bytes, Int]
    signatures = {
        "network_set_option": [Int, Bytes, Int],
        "add_network_thread_completion_hook": [Hook, p],
        "future_set_callback": [Handle, Callback, p],
        "create_database": [Bytes, p],
        "create_database_from_connection_string": [Bytes, p],
        "database_set_option": [Handle, Int, Bytes, Int],
        "database_create_transaction": [Handle, p],
        "database_open_tenant": [Handle, Bytes, Int, p],
        "tenant_create_transaction": [Handle, p],
        "transaction_set_option": [Handle, Int, Bytes, Int],
        "transaction_set_read_version": [Handle, i64],
        "transaction_set": [Handle, Bytes, Int, Bytes, Int],
        "transaction_clear": [Handle, Bytes, Int],
        "transaction_clear_range": [Handle] + rng,
        "transaction_atomic_op": [Handle, Bytes, Int, Bytes, Int, Int],
        "transaction_add_conflict_range": [Handle] + rng + [Int],
        "transaction_get_committed_version": [Handle, p],
        "future_get_value": [Handle, p, p, p],
        "future_get_key": [Handle, p, p],
        "future_get_keyvalue_array": [Handle, p, p, p],
        "future_get_mappedkeyvalue_array": [Handle, p, p, p],
    }
    for name in ("future_cancel", "future_destroy", "future_release_memory", "future_is_ready",
                 "future_block_until_ready", "future_get_error", "database_destroy",
                 "tenant_destroy", "transaction_destroy", "transaction_cancel",
                 "transaction_reset", "database_get_main_thread_busyness", "result_destroy",
                 "cluster_destroy", "future_is_error"):
        signatures[name] = [Handle]
    for name in ("bool", "int64", "uint64", "double", "version", "cluster", "database"):
        signatures["future_get_" + name] = [Handle, p]
    for name in ("key_array", "string_array", "keyrange_array", "granule_summary_array"):
        signatures["future_get_" + name] = [Handle, p, p]
    futures = {
        "transaction_get": [Handle, Bytes, Int, Int],
        "transaction_get_key": [Handle, Bytes, Int, Int, Int, Int],
        "transaction_get_addresses_for_key": [Handle, Bytes, Int],
        "transaction_get_range": [Handle] + [Bytes, Int, Int, Int] * 2 + [Int] * 6,
        "transaction_get_mapped_range": [Handle] + [Bytes, Int, Int, Int] * 2 + [Bytes, Int]
                                        + [Int] * 6,
        "transaction_get_range_selector": [Handle] + [Bytes, Int, Int, Int] * 2 + [Int],
        "transaction_get_estimated_range_size_bytes": [Handle] + rng,
        "transaction_get_range_split_points": [Handle] + rng + [i64],
        "transaction_watch": [Handle, Bytes, Int],
        "transaction_on_error": [Handle, Int],
        "database_get_server_protocol": [Handle, ctypes.c_uint64],
        "database_reboot_worker": [Handle, Bytes, Int, Int, Int],
        "database_force_recovery_with_data_loss": [Handle, Bytes, Int],
        "database_create_snapshot": [Handle] + rng,
        "create_cluster": [Bytes],
        "cluster_create_database": [Handle, Bytes, Int],
    }
    for name in ("transaction_get_read_version", "transaction_commit",
                 "transaction_get_versionstamp", "transaction_get_approximate_size",
                 "transaction_get_total_cost", "transaction_get_tag_throttled_duration",
                 "database_get_client_status", "tenant_get_id"):
        futures[name] = [Handle]
    for name, arguments in signatures.items():
        getattr(library, "fdb_" + name).argtypes = arguments
    for name, arguments in futures.items():
        function = getattr(library, "fdb_" + name)
        function.argtypes, function.restype = arguments, Handle
    for name in signatures:
        if name.endswith("destroy") or name in (
                "future_cancel", "future_release_memory", "transaction_cancel",
                "transaction_reset", "transaction_set_read_version", "transaction_set",
                "transaction_clear", "transaction_clear_range", "transaction_atomic_op"):
            getattr(library, "fdb_" + name).restype = None
    return library


lib = None  # once loaded


class Future:
    """Owns an FDBFuture."""

    def __init__(self, handle):
        self.handle = handle

    def __del__(self):
        self.destroy()

    def destroy(self):
        if self.handle is not None:
            lib.fdb_future_destroy(self.handle)
            self.handle = None

    def ready(self):
        return bool(lib.fdb_future_is_ready(self.handle))

    def error(self):
        return lib.fdb_future_get_error(self.handle)

    def cancel(self):
        lib.fdb_future_cancel(self.handle)

    def release(self):
        lib.fdb_future_release_memory(self.handle)

    def block(self):
        """Waits, and returns the future's own error code."""
        check(lib.fdb_future_block_until_ready(self.handle))
        return self.error()

    def wait(self):
        check(self.block())
        return self

    def on_ready(self, function):
        """Keeps the callback alive for as long as the process."""
        callback = Callback(lambda handle, _: function(handle))
        _callbacks.append(callback)
        return lib.fdb_future_set_callback(self.handle, callback, None)

    def _number(self, kind, name):
        result = kind()
        check(getattr(lib, "fdb_future_get_" + name)(self.handle, ctypes.byref(result)))
        return result.value

    def int64(self):
        return self.wait()._number(ctypes.c_int64, "int64")

    def uint64(self):
        return self.wait()._number(ctypes.c_uint64, "uint64")

    def double(self):
        return self.wait()._number(ctypes.c_double, "double")

    def value(self):
        """Bytes or None."""
        self.wait()
        present, pointer, size = Int(-1), ctypes.c_void_p(), Int(-1)
        check(lib.fdb_future_get_value(self.handle, ctypes.byref(present), ctypes.byref(pointer),
                                       ctypes.byref(size)))
        return ctypes.string_at(pointer.value, size.value) if present.value else None

    def key(self):
        self.wait()
        pointer, size = ctypes.c_void_p(), Int(-1)
        check(lib.fdb_future_get_key(self.handle, ctypes.byref(pointer), ctypes.byref(size)))
        return ctypes.string_at(pointer.value, size.value)

    def rows(self):
        """([(key, value)], more)"""
        self.wait()
        pointer, count, more = ctypes.POINTER(KeyValue)(), Int(-1), Int(-1)
        check(lib.fdb_future_get_keyvalue_array(self.handle, ctypes.byref(pointer),
                                                ctypes.byref(count), ctypes.byref(more)))
        return rows_of(pointer, count.value), bool(more.value)

    def keys(self):
        self.wait()
        pointer, count = ctypes.POINTER(Key)(), Int(-1)
        check(lib.fdb_future_get_key_array(self.handle, ctypes.byref(pointer),
                                           ctypes.byref(count)))
        return [bytes_of(pointer[i]) for i in range(count.value)]

    def strings(self):
        self.wait()
        pointer, count = ctypes.POINTER(Bytes)(), Int(-1)
        check(lib.fdb_future_get_string_array(self.handle, ctypes.byref(pointer),
                                              ctypes.byref(count)))
        return [pointer[i] for i in range(count.value)]

    def mapped(self):
        """([(key, value, [(key, value)])], more)"""
        self.wait()
        pointer, count, more = ctypes.POINTER(MappedKeyValue)(), Int(-1), Int(-1)
        check(lib.fdb_future_get_mappedkeyvalue_array(self.handle, ctypes.byref(pointer),
                                                      ctypes.byref(count), ctypes.byref(more)))
        return [(bytes_of(pointer[i].key), bytes_of(pointer[i].value),
                 rows_of(pointer[i].range.data, pointer[i].range.size))
                for i in range(count.value)], bool(more.value)


_callbacks = []


def bytes_of(key):
    return ctypes.string_at(key.key, key.key_length)


def rows_of(pointer, count):
    return [(ctypes.string_at(pointer[i].key, pointer[i].key_length),
             ctypes.string_at(pointer[i].value, pointer[i].value_length)) for i in range(count)]


def option_value(value):
    """An integer as 8 bytes, a flag as NULL."""
    if isinstance(value, int):
        value = value.to_bytes(8, "little", signed=True)
    return value, 0 if value is None else len(value)


class Transaction:
    """Owns an FDBTransaction."""

    def __init__(self, handle):
        self.handle = handle

    def __del__(self):
        self.destroy()

    def destroy(self):
        if self.handle is not None:
            lib.fdb_transaction_destroy(self.handle)
            self.handle = None

    def _future(self, handle):
        future = Future(handle)
        future.transaction = self  # whose end would end it
        return future

    def option(self, code, value=None):
        check(lib.fdb_transaction_set_option(self.handle, code, *option_value(value)))

    def get(self, key, snapshot=False):
        return self._future(lib.fdb_transaction_get(self.handle, key, len(key), snapshot))

    def get_key(self, key, or_equal, offset, snapshot=False):
        return self._future(lib.fdb_transaction_get_key(self.handle, key, len(key), or_equal, offset,
                                                  snapshot))

    def range(self, begin, end, limit=0, target=0, mode=WANT_ALL, iteration=1, snapshot=False,
              reverse=False):
        """Ends are keys, or (key, or_equal, offset)."""
        ends = [end if isinstance(end, tuple) else (end, 0, 1) for end in (begin, end)]
        flat = [x for key, or_equal, offset in ends for x in (key, len(key), or_equal, offset)]
        return self._future(lib.fdb_transaction_get_range(self.handle, *flat, limit, target, mode,
                                                    iteration, snapshot, reverse))

    def mapped_range(self, begin, end, mapper, limit=0, mode=WANT_ALL, snapshot=False,
                     reverse=False):
        flat = [x for key in (begin, end) for x in (key, len(key), 0, 1)]
        return self._future(lib.fdb_transaction_get_mapped_range(
            self.handle, *flat, mapper, len(mapper), limit, 0, mode, 1, snapshot, reverse))

    def read_version(self):
        return self._future(lib.fdb_transaction_get_read_version(self.handle))

    def set_read_version(self, version):
        lib.fdb_transaction_set_read_version(self.handle, version)

    def addresses(self, key):
        return self._future(lib.fdb_transaction_get_addresses_for_key(self.handle, key, len(key)))

    def estimated_size(self, begin, end):
        return self._future(lib.fdb_transaction_get_estimated_range_size_bytes(
            self.handle, begin, len(begin), end, len(end)))

    def split_points(self, begin, end, chunk):
        return self._future(lib.fdb_transaction_get_range_split_points(
            self.handle, begin, len(begin), end, len(end), chunk))

    def set(self, key, value):
        lib.fdb_transaction_set(self.handle, key, len(key), value, len(value))

    def clear(self, key):
        lib.fdb_transaction_clear(self.handle, key, len(key))

    def clear_range(self, begin, end):
        lib.fdb_transaction_clear_range(self.handle, begin, len(begin), end, len(end))

    def atomic(self, operation, key, operand):
        lib.fdb_transaction_atomic_op(self.handle, key, len(key), operand, len(operand), operation)

    def conflict_range(self, begin, end, kind):
        return lib.fdb_transaction_add_conflict_range(self.handle, begin, len(begin), end,
                                                      len(end), kind)

    def watch(self, key):
        return self._future(lib.fdb_transaction_watch(self.handle, key, len(key)))

    def commit(self):
        return self._future(lib.fdb_transaction_commit(self.handle))

    def on_error(self, code):
        return self._future(lib.fdb_transaction_on_error(self.handle, code))

    def cancel(self):
        lib.fdb_transaction_cancel(self.handle)

    def reset(self):
        lib.fdb_transaction_reset(self.handle)

    def committed_version(self):
        version = ctypes.c_int64(-7)
        check(lib.fdb_transaction_get_committed_version(self.handle, ctypes.byref(version)))
        return version.value

    def versionstamp(self):
        return self._future(lib.fdb_transaction_get_versionstamp(self.handle))

    def approximate_size(self):
        return self._future(lib.fdb_transaction_get_approximate_size(self.handle))

    def total_cost(self):
        return self._future(lib.fdb_transaction_get_total_cost(self.handle))


class Database:
    """Owns an FDBDatabase."""

    def __init__(self, handle):
        self.handle = handle

    def __del__(self):
        self.destroy()

    def destroy(self):
        if self.handle is not None:
            lib.fdb_database_destroy(self.handle)
            self.handle = None

    def option(self, code, value=None):
        check(lib.fdb_database_set_option(self.handle, code, *option_value(value)))

    def transaction(self):
        handle = ctypes.c_void_p()
        check(lib.fdb_database_create_transaction(self.handle, ctypes.byref(handle)))
        return Transaction(handle.value)

    def run(self, work):
        """The ordinary retry loop."""
        transaction = self.transaction()
        while True:
            try:
                result = work(transaction)
                transaction.commit().wait()
                return result
            except FDBError as error:
                transaction.on_error(error.code).wait()


def open_database(path):
    handle = ctypes.c_void_p()
    check(lib.fdb_create_database(path, ctypes.byref(handle)))
    return Database(handle.value)


def open_url(url):
    handle = ctypes.c_void_p()
    check(lib.fdb_create_database_from_connection_string(b"plinth " + url.encode(),
                                                         ctypes.byref(handle)))
    return Database(handle.value)


def start(version=730, header=730):
    """All that comes before the first database."""
    check(lib.fdb_select_api_version_impl(version, header))
    return start_network()


def start_network():
    """A thread in fdb_run_network; what comes back ends it, and gives fdb_run_network's result."""
    check(lib.fdb_setup_network())
    result = []
    thread = threading.Thread(target=lambda: result.append(lib.fdb_run_network()), daemon=True)
    thread.start()

    def stop():
        check(lib.fdb_stop_network())
        thread.join(SECONDS_MAX)
        return result[0]

    return stop


class TestCase(unittest.TestCase):
    def folder(self):
        path = tempfile.mkdtemp(prefix="plinth-capi-")
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return path

    def assert_code(self, code, work):
        with self.assertRaises(FDBError) as caught:
            work()
        self.assertEqual(caught.exception.code, code, caught.exception)


def main(version=730):
    """Runs the tests of the program in this process. usage: PROGRAM LIBRARY [TEST…]"""
    global lib
    lib = load(sys.argv.pop(1))
    check(lib.fdb_select_api_version_impl(version, 730))
    stop = start_network()
    successful = unittest.main(module="__main__", exit=False).result.wasSuccessful()
    if stop() != 0:
        print("fdb_run_network failed", file=sys.stderr)
        return 1
    return 0 if successful else 1


def main_of_cases(cases):
    """Runs the tests of the program; each begins processes of its own by run_case().
    usage: PROGRAM LIBRARY [TEST… | --case NAME]"""
    global lib, library_path
    library_path = sys.argv.pop(1)
    if sys.argv[1:2] == ["--case"]:
        lib = load(library_path)
        cases[sys.argv[2]](*sys.argv[3:])
        return 0
    return 0 if unittest.main(module="__main__", exit=False).result.wasSuccessful() else 1


library_path = None


def run_case(name, *arguments, **changes):
    """Runs cases[name](*arguments), which must not fail, in a process of its own, with these
    variables in its environment (None removes one). Returns what it has printed."""
    environment = dict(os.environ)
    for variable, value in changes.items():
        environment.pop(variable, None)
        if value is not None:
            environment[variable] = value
    done = subprocess.run(
        [sys.executable, "-B", sys.argv[0], library_path, "--case", name, *arguments],
        env=environment, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{name} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout
