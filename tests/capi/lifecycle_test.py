"""From fdb_select_api_version to the end of the process: the order of calls, threads, forks.

usage: lifecycle_test.py LIBRARY [TEST…]
"""

import ctypes
import os
import sys
import threading

import binding
from binding import Hook, SECONDS_MAX, run_case


def threads():
    return len(os.listdir("/proc/self/task"))


def expect(found, wanted):
    if found != wanted:
        raise AssertionError(f"{found!r}, not {wanted!r}")


def version_errors():
    select = binding.lib.fdb_select_api_version_impl
    expect(binding.lib.fdb_setup_network(), 2200)
    expect(select(730, 720), 2202)
    expect(select(731, 731), 2203)
    expect(select(509, 730), 2203)
    expect(select(509, 509), 2203)
    expect(binding.lib.fdb_get_max_api_version(), 730)
    expect(select(620, 730), 0)  # a binding may ask for less than its header's
    expect(select(620, 730), 2201)
    expect(binding.lib.fdb_setup_network(), 0)


def oldest_and_latest(version):
    expect(binding.lib.fdb_select_api_version_impl(int(version), int(version)), 0)


def network_errors():
    lib, database = binding.lib, ctypes.c_void_p()
    binding.check(lib.fdb_select_api_version_impl(730, 730))
    hook = Hook(lambda _: None)
    expect(lib.fdb_run_network(), 2008)
    expect(lib.fdb_stop_network(), 2008)
    expect(lib.fdb_add_network_thread_completion_hook(hook, None), 2008)
    expect(lib.fdb_create_database(b"", ctypes.byref(database)), 2008)
    expect(lib.fdb_create_database_from_connection_string(b"plinth memory:",
                                                          ctypes.byref(database)), 2008)
    stop = binding.start_network()
    expect(lib.fdb_setup_network(), 2009)
    expect(stop(), 0)
    expect(lib.fdb_run_network(), 2025)
    expect(lib.fdb_setup_network(), 2009)
    expect(lib.fdb_stop_network(), 0)


def stop_before_run():
    binding.check(binding.lib.fdb_select_api_version_impl(730, 730))
    binding.check(binding.lib.fdb_setup_network())
    expect(binding.lib.fdb_stop_network(), 0)
    expect(binding.lib.fdb_run_network(), 0)  # returns at once
    expect(binding.lib.fdb_run_network(), 2025)


def hooks():
    binding.check(binding.lib.fdb_select_api_version_impl(730, 730))
    stop = binding.start_network()
    ran = []
    calls = [Hook(lambda parameter: ran.append((parameter, threading.get_ident())))
             for _ in range(3)]
    for i, call in enumerate(calls):
        binding.check(binding.lib.fdb_add_network_thread_completion_hook(call, i + 1))
    expect(ran, [])
    stop()
    expect([parameter for parameter, _ in ran], [1, 2, 3])
    expect({thread for _, thread in ran} & {threading.get_ident()}, set())


def no_thread_before_setup():
    before = threads()
    binding.lib.fdb_get_client_version()
    binding.check(binding.lib.fdb_network_set_option(30, b"/tmp", 4))
    binding.check(binding.lib.fdb_select_api_version_impl(730, 730))
    expect(threads(), before)
    child = os.fork()
    if child == 0:
        # The child is as good as new: it has its own network and database.
        stop = binding.start_network()
        db = binding.open_url("memory:")
        db.run(lambda tr: tr.set(b"a", b"child"))
        code = 0 if db.transaction().get(b"a").value() == b"child" and stop() == 0 else 1
        os._exit(code)
    stop = binding.start_network()
    db = binding.open_url("memory:")
    db.run(lambda tr: tr.set(b"a", b"parent"))
    expect(db.transaction().get(b"a").value(), b"parent")
    expect(os.waitpid(child, 0)[1], 0)
    expect(stop(), 0)


def use_after_stop(folder):
    stop = binding.start()
    db = binding.open_url("file:" + folder)
    tr = db.transaction()
    read = tr.get(b"a")
    watch = tr.watch(b"a")
    stamp = tr.versionstamp()
    tr.set(b"a", b"1")
    tr.commit().wait()
    other = db.transaction()
    pending = other.watch(b"a")
    expect(stop(), 0)
    # All may be destroyed, in any order; futures end as they do before.
    other.destroy()
    expect(pending.error(), 1025)
    for handle in (db, tr, read, watch, stamp, pending):
        handle.destroy()


def callbacks_before_stop():
    """What was cancelled before the stop has told it when fdb_run_network returns."""
    stop = binding.start()
    db = binding.open_url("memory:")
    watches, told = [], []
    for _ in range(100):
        tr = db.transaction()
        watch = tr.watch(b"w")
        tr.commit().wait()
        watch.on_ready(lambda handle: told.append(binding.lib.fdb_future_get_error(handle)))
        watches.append(watch)
    for watch in watches:
        watch.destroy()
    expect(stop(), 0)
    expect(told, [1101] * 100)


def buffered_is_flushed(folder):
    """Commits that are not on disk yet are when fdb_run_network returns, handles or no handles."""
    stop = binding.start()
    db = binding.open_url(f"file:{folder}?durability=buffered&flush_interval_ms=100000")
    db.run(lambda tr: tr.set(b"a", b"kept"))
    expect(stop(), 0)
    sys.stdout.flush()
    os._exit(0)  # nothing is destroyed, no destructor runs


def read_back(folder):
    stop = binding.start()
    print(binding.open_url("file:" + folder).transaction().get(b"a").value())
    stop()


def exit_with_all_open(folder):
    binding.start()
    db = binding.open_url("file:" + folder)
    tr = db.transaction()
    tr.watch(b"a").on_ready(lambda _: None)
    tr.set(b"a", b"1")
    tr.commit().wait()
    binding.check(binding.lib.fdb_stop_network())
    globals()["kept"] = (db, tr)


CASES = {case.__name__: case for case in (
    version_errors, oldest_and_latest, network_errors, stop_before_run, hooks,
    no_thread_before_setup, use_after_stop, callbacks_before_stop, buffered_is_flushed, read_back,
    exit_with_all_open)}


class Lifecycle(binding.TestCase):
    def test_version_errors(self):
        run_case("version_errors")

    def test_oldest_and_latest_version(self):
        run_case("oldest_and_latest", "510")
        run_case("oldest_and_latest", "730")

    def test_network_errors(self):
        run_case("network_errors")

    def test_stop_before_run(self):
        run_case("stop_before_run")

    def test_hooks_run_in_order_of_addition_on_the_network_thread(self):
        run_case("hooks")

    def test_no_thread_and_so_forks_before_setup(self):
        run_case("no_thread_before_setup")

    def test_destroying_after_the_stop(self):
        run_case("use_after_stop", self.folder())

    def test_callbacks_of_what_was_destroyed_before_the_stop(self):
        run_case("callbacks_before_stop")

    def test_buffered_commits_are_on_disk_after_the_stop(self):
        folder = self.folder()
        run_case("buffered_is_flushed", folder)
        self.assertEqual(run_case("read_back", folder), "b'kept'\n")

    def test_exit_with_all_open(self):
        run_case("exit_with_all_open", self.folder())


if __name__ == "__main__":
    sys.exit(binding.main_of_cases(CASES))
