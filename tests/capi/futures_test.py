"""Futures: readiness, callbacks and their threads, cancelling, memory, wrong uses.

usage: futures_test.py LIBRARY [TEST…]
"""

import ctypes
import json
import sys
import threading

import binding
from binding import SECONDS_MAX, Callback, Future

HERE = threading.get_ident


class Event:
    """What a callback has seen."""

    def __init__(self):
        self.calls, self.happened = [], threading.Event()

    def __call__(self, handle):
        self.calls.append((HERE(), binding.lib.fdb_future_get_error(handle)))
        self.happened.set()

    def wait(self):
        assert self.happened.wait(SECONDS_MAX), "no callback came"
        return self.calls


class Futures(binding.TestCase):
    def setUp(self):
        self.db = binding.open_url("memory:")

    def pending_watch(self, key=b"watched"):
        tr = self.db.transaction()
        watch = tr.watch(key)
        tr.commit().wait()
        return watch

    def fire(self, key=b"watched"):
        tr = self.db.transaction()
        tr.set(key, (tr.get(key).value() or b"") + b"x")
        tr.commit().wait()

    # --- Callbacks

    def test_callback_of_a_ready_future_runs_at_once_in_the_caller(self):
        event = Event()
        future = self.db.transaction().get(b"a")
        self.assertEqual(future.on_ready(event), 0)
        self.assertEqual(event.calls, [(HERE(), 0)])
        future.on_ready(event)
        self.assertEqual(len(event.calls), 2)

    def test_callback_of_a_pending_future_runs_on_the_network_thread(self):
        watches, events = [self.pending_watch() for _ in range(10)], [Event() for _ in range(10)]
        for watch, event in zip(watches, events):
            watch.on_ready(event)
            self.assertEqual(event.calls, [])
        self.fire()
        calls = [event.wait() for event in events]
        self.assertEqual({len(call) for call in calls}, {1})
        threads = {call[0][0] for call in calls}
        self.assertEqual(len(threads), 1)
        self.assertNotIn(HERE(), threads)
        self.assertEqual({call[0][1] for call in calls}, {0})

    def test_several_callbacks_run_last_added_first(self):
        watch, order, last = self.pending_watch(), [], Event()
        watch.on_ready(last)
        for i in range(5):
            watch.on_ready(lambda _, i=i: order.append(i))
        self.fire()
        last.wait()
        self.assertEqual(order, [4, 3, 2, 1, 0])

    def test_callback_may_destroy_its_future(self):
        for _ in range(100):
            watch, event = self.pending_watch(), Event()
            handle, watch.handle = watch.handle, None

            def destroy(future, event=event):
                event(future)
                binding.lib.fdb_future_destroy(future)

            owner = Future(handle)
            owner.on_ready(destroy)
            owner.handle = None
            self.fire()
            event.wait()
        # and so may one that runs at once
        ready = self.db.transaction().get(b"a")
        ready.on_ready(binding.lib.fdb_future_destroy)
        ready.handle = None

    def test_callback_may_use_everything(self):
        """It starts a transaction, whose callbacks run in turn."""
        watch, event, got = self.pending_watch(), Event(), []

        def go_on(_):
            tr = self.db.transaction()
            tr.set(b"from callback", b"1")
            commit = tr.commit()

            def committed(handle):
                got.append(self.db.transaction().get(b"from callback").value())
                event(handle)

            commit.on_ready(committed)
            kept.append((tr, commit))

        kept = []
        watch.on_ready(go_on)
        self.fire()
        event.wait()
        self.assertEqual(got, [b"1"])

    def test_blocking_on_the_network_thread(self):
        watch, other, event, codes = self.pending_watch(), self.pending_watch(b"other"), Event(), []

        def block(handle):
            lib = binding.lib
            codes.append(lib.fdb_future_block_until_ready(other.handle))
            ready = self.db.transaction().get(b"a")
            codes.append(lib.fdb_future_block_until_ready(ready.handle))
            event(handle)

        watch.on_ready(block)
        self.fire()
        event.wait()
        self.assertEqual(codes, [2026, 0])  # on a ready one: nothing to wait for

    # --- Cancelling and destroying

    def test_cancelling_a_pending_future(self):
        watch, event = self.pending_watch(), Event()
        watch.on_ready(event)
        watch.cancel()
        self.assertTrue(watch.ready())
        self.assertEqual(watch.error(), 1101)
        (thread, code), = event.wait()
        self.assertEqual(code, 1101)
        self.assertNotEqual(thread, HERE())
        self.fire()
        self.assertEqual(watch.error(), 1101)
        self.assertEqual(len(event.calls), 1)

    def test_destroying_a_pending_future(self):
        watch, event = self.pending_watch(), Event()
        watch.on_ready(event)
        watch.destroy()
        (_, code), = event.wait()
        self.assertEqual(code, 1101)

    def test_cancelling_a_ready_future_does_nothing(self):
        self.db.run(lambda tr: tr.set(b"a", b"1"))
        future = self.db.transaction().get(b"a")
        future.cancel()
        self.assertEqual(future.value(), b"1")

    def test_cancelling_wakes_who_blocks(self):
        watch, codes = self.pending_watch(), []
        thread = threading.Thread(target=lambda: codes.append(watch.block()))
        thread.start()
        watch.cancel()
        thread.join(SECONDS_MAX)
        self.assertEqual(codes, [1101])

    def test_end_of_a_transaction_ends_its_futures(self):
        far = self.db.transaction().read_version().int64() + 100_000_000
        for end in ("cancel", "reset", "destroy"):
            with self.subTest(end):
                tr, event = self.db.transaction(), Event()
                tr.set_read_version(far)
                reads = [tr.get(b"a"), tr.range(b"a", b"b"), tr.get_key(b"a", 0, 1)]
                self.assertFalse(any(read.ready() for read in reads))
                reads[0].on_ready(event)
                getattr(tr, end)()
                self.assertEqual([read.block() for read in reads], [1025] * 3)
                (_, code), = event.wait()
                self.assertEqual(code, 1025)

    def test_2500_pending_futures(self):
        count, fired = 2500, []
        watches = [self.pending_watch(b"w%d" % i) for i in range(count)]
        done = threading.Event()

        def on_ready(handle):
            fired.append(binding.lib.fdb_future_get_error(handle))
            if len(fired) == count:
                done.set()

        callback = Callback(lambda handle, _: on_ready(handle))
        for watch in watches:
            binding.check(binding.lib.fdb_future_set_callback(watch.handle, callback, None))
        self.assertFalse(any(watch.ready() for watch in watches))
        tr = self.db.transaction()
        for i in range(0, count, 2):
            tr.set(b"w%d" % i, b"x")
        tr.commit().wait()
        for watch in watches[1::2]:
            watch.cancel()
        self.assertTrue(done.wait(SECONDS_MAX))
        self.assertEqual(sorted(fired), [0] * (count // 2) + [1101] * (count // 2))

    # --- Values and memory

    def test_unready_future_has_no_value(self):
        watch, number = self.pending_watch(), ctypes.c_int64(-7)
        self.assertEqual(watch.error(), 2015)
        self.assertEqual(binding.lib.fdb_future_get_int64(watch.handle, ctypes.byref(number)), 2015)
        present, pointer, size = ctypes.c_int(-7), ctypes.c_void_p(1), ctypes.c_int(-7)
        arguments = [ctypes.byref(present), ctypes.byref(pointer), ctypes.byref(size)]
        self.assertEqual(binding.lib.fdb_future_get_value(watch.handle, *arguments), 2015)
        self.assertEqual((number.value, present.value, pointer.value, size.value), (-7, -7, 1, -7))

    def test_absent_value_leaves_the_pointer_alone(self):
        future = self.db.transaction().get(b"absent")
        present, pointer, size = ctypes.c_int(-7), ctypes.c_void_p(1), ctypes.c_int(-7)
        binding.check(binding.lib.fdb_future_get_value(
            future.handle, ctypes.byref(present), ctypes.byref(pointer), ctypes.byref(size)))
        self.assertEqual((present.value, pointer.value, size.value), (0, 1, -7))

    def test_empty_value_is_not_absent(self):
        tr = self.db.transaction()
        binding.lib.fdb_transaction_set(tr.handle, b"empty", 5, None, 0)  # NULL is legal
        binding.lib.fdb_transaction_set(tr.handle, None, 0, b"v", 1)
        tr.commit().wait()
        self.assertEqual(self.db.transaction().get(b"empty").value(), b"")
        self.assertEqual(self.db.transaction().get(b"").value(), b"v")
        self.db.run(lambda tr: tr.clear(b""))

    def test_value_of_another_type(self):
        future, number = self.db.transaction().get(b"a"), ctypes.c_int64(-7)
        self.assertEqual(binding.lib.fdb_future_get_int64(future.handle, ctypes.byref(number)), 2000)
        for name, code in (("bool", 2000), ("uint64", 2000), ("double", 2000)):
            function = getattr(binding.lib, "fdb_future_get_" + name)
            self.assertEqual(function(future.handle, ctypes.byref(ctypes.c_int64())), code)
        out, count = ctypes.c_void_p(), ctypes.c_int()
        for name in ("keyrange_array", "granule_summary_array", "string_array", "key_array"):
            function = getattr(binding.lib, "fdb_future_get_" + name)
            self.assertEqual(function(future.handle, ctypes.byref(out), ctypes.byref(count)), 2000)

    def test_errors_are_the_future_s_own(self):
        tr = self.db.transaction()
        tr.cancel()
        future, number = tr.read_version(), ctypes.c_int64(-7)
        self.assertEqual(future.block(), 1025)  # blocking itself succeeds
        self.assertEqual(binding.lib.fdb_future_get_int64(future.handle, ctypes.byref(number)), 1025)
        self.assertEqual(number.value, -7)

    def test_released_memory(self):
        self.db.run(lambda tr: tr.set(b"a", b"1"))
        future = self.db.transaction().get(b"a")
        future.release()  # of nothing: no use of the memory yet
        self.assertEqual(future.value(), b"1")
        self.assertEqual(future.value(), b"1")
        future.release()
        self.assertEqual(future.value(), b"1")  # once as often as it was read
        future.release()
        future.release()
        self.assertEqual(future.error(), 1102)
        self.assert_code(1102, future.value)

    def test_memory_holds_until_it_is_released(self):
        self.db.run(lambda tr: [tr.set(b"m%03d" % i, b"v" * i) for i in range(200)])
        tr = self.db.transaction()
        future = tr.range(b"m", b"n")
        future.wait()
        pointer, count, more = ctypes.POINTER(binding.KeyValue)(), ctypes.c_int(), ctypes.c_int()
        arguments = [ctypes.byref(pointer), ctypes.byref(count), ctypes.byref(more)]
        binding.check(binding.lib.fdb_future_get_keyvalue_array(future.handle, *arguments))
        tr.destroy()
        self.db.run(lambda tr: tr.clear_range(b"m", b"n"))
        rows = binding.rows_of(pointer, count.value)
        self.assertEqual(rows, [(b"m%03d" % i, b"v" * i) for i in range(200)])
        future.release()
        self.assert_code(1102, future.rows)

    def test_inputs_are_copied(self):
        tr, key, value = self.db.transaction(), *(ctypes.create_string_buffer(b) for b in (b"kk", b"vv"))
        binding.lib.fdb_transaction_set(tr.handle, ctypes.cast(key, ctypes.c_char_p), 2,
                                        ctypes.cast(value, ctypes.c_char_p), 2)
        ctypes.memset(key, 0, 2)
        ctypes.memset(value, 0, 2)
        tr.commit().wait()
        self.assertEqual(self.db.transaction().get(b"kk").value(), b"vv")

    # --- Handles

    def test_destroy_through_the_wrong_function(self):
        lib = binding.lib
        for destroy in (lib.fdb_transaction_destroy, lib.fdb_database_destroy,
                        lib.fdb_future_destroy, lib.fdb_tenant_destroy, lib.fdb_result_destroy,
                        lib.fdb_cluster_destroy):
            future, watch, tr = self.db.transaction().get(b"a"), self.pending_watch(), \
                self.db.transaction()
            event = Event()
            watch.on_ready(event)
            database = binding.open_url("memory:")
            for handle in (future, watch, tr, database):
                destroy(handle.handle)
                handle.handle = None
            (_, code), = event.wait()
            self.assertEqual(code, 1101)
            destroy(None)

    def test_late_destroys_in_any_order(self):
        database = binding.open_url("memory:")
        tr = database.transaction()
        reads, watch, commit = [tr.get(b"never") for _ in range(3)], tr.watch(b"a"), tr.commit()
        database.destroy()
        commit.wait()
        tr.destroy()
        self.assertIsNone(reads[0].value())
        self.assertFalse(watch.ready())
        watch.destroy()
        commit.destroy()

    # --- What a database tells of itself

    def test_client_status(self):
        status = json.loads(Future(binding.lib.fdb_database_get_client_status(self.db.handle)).key())
        self.assertIs(status["Healthy"], True)
        self.assertEqual(status["InitializationState"], "created")
        self.assertEqual(status["ProtocolVersion"], "fdb00b073000000")
        missing = binding.open_database(b"/nonexistent/fdb.cluster")
        status = json.loads(Future(binding.lib.fdb_database_get_client_status(missing.handle)).key())
        self.assertIs(status["Healthy"], False)
        self.assertEqual(status["InitializationError"], 1515)

    def test_server_protocol(self):
        ask = binding.lib.fdb_database_get_server_protocol
        protocol = Future(ask(self.db.handle, 0)).uint64()
        self.assertEqual(protocol >> 12, 0xFDB00B073000)
        self.assertEqual(Future(ask(self.db.handle, protocol ^ 1)).uint64(), protocol)
        never = Future(ask(self.db.handle, protocol))
        self.assertFalse(never.ready())
        never.cancel()
        self.assertEqual(never.error(), 1101)

    def test_busyness(self):
        busyness = binding.lib.fdb_database_get_main_thread_busyness(self.db.handle)
        self.assertTrue(0 <= busyness <= 1, busyness)

    def test_versions_and_errors_have_texts(self):
        self.assertRegex(binding.lib.fdb_get_client_version(), rb"^\d+\.\d+\.\d+,.+,.+$")
        texts = {code: binding.lib.fdb_get_error(code) for code in (0, 1007, 1020, 2101, 7000, 123456)}
        self.assertEqual(len(set(texts.values())), len(texts))
        self.assertTrue(all(texts.values()))

    def test_error_predicates(self):
        def of_class(predicate):
            return {code for code in range(0, 8000) if
                    binding.lib.fdb_error_predicate(predicate, code)}

        maybe = {1021, 1039}
        not_committed = {1007, 1009, 1020, 1037, 1038, 1042, 1051, 1078, 1079, 1213, 1223}
        self.assertEqual(of_class(50000), maybe | not_committed)
        self.assertEqual(of_class(50001), maybe)
        self.assertEqual(of_class(50002), not_committed)
        self.assertEqual(of_class(50003), set())

    # --- What is exported and refused

    def test_outside_of_a_machine(self):
        lib, db = binding.lib, self.db.handle
        self.assertEqual(Future(lib.fdb_database_reboot_worker(db, b"1.2.3.4:1", 9, 0, 0)).int64(), 0)
        for future in (lib.fdb_database_force_recovery_with_data_loss(db, b"", 0),
                       lib.fdb_database_create_snapshot(db, b"u", 1, b"c", 1)):
            self.assertEqual(Future(future).block(), 2108)

    def test_blob_granules(self):
        lib, tr = binding.lib, self.db.transaction()
        keys = [ctypes.c_char_p(b"a"), 1, ctypes.c_char_p(b"b"), 1]
        number = ctypes.c_int64(0)
        calls = {
            "database_purge_blob_granules": keys + [number, 0],
            "database_wait_purge_granules_complete": keys[:2],
            "database_blobbify_range": keys, "database_blobbify_range_blocking": keys,
            "database_unblobbify_range": keys, "database_list_blobbified_ranges": keys + [1],
            "database_verify_blob_range": keys + [number],
            "database_flush_blob_range": keys + [0, number],
            "transaction_get_blob_granule_ranges": keys + [1],
            "transaction_summarize_blob_granules": keys + [number, 1],
            "transaction_read_blob_granules_description": keys + [number, number, None],
        }
        for name, arguments in calls.items():
            function = getattr(lib, "fdb_" + name)
            function.restype = ctypes.c_void_p
            handle = tr.handle if name.startswith("transaction") else self.db.handle
            self.assertEqual(Future(function(ctypes.c_void_p(handle), *arguments)).block(), 2108, name)
        for name in ("snapshot", "delta"):
            parse = getattr(lib, f"fdb_readbg_parse_{name}_file")
            parse.restype = ctypes.c_void_p
            result = ctypes.c_void_p(parse(ctypes.c_char_p(b""), 0, None, None))
            out, count, more = ctypes.c_void_p(), ctypes.c_int(), ctypes.c_int()
            self.assertEqual(lib.fdb_result_get_keyvalue_array(
                result, ctypes.byref(out), ctypes.byref(count), ctypes.byref(more)), 2108)
            self.assertEqual(lib.fdb_result_get_bg_mutations_array(
                result, ctypes.byref(out), ctypes.byref(count)), 2108)
            lib.fdb_result_destroy(result)


if __name__ == "__main__":
    sys.exit(binding.main())
