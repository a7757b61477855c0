"""What a transaction means, through the ABI: limits, legality, reading one's own writes, conflicts,
atomic operations, versionstamps. (reads_test.py has the rest.)

usage: transactions_test.py LIBRARY [TEST…]
"""

import struct
import sys
import threading
import time

import binding
from binding import (ADD, APPEND_IF_FITS, BIT_AND, BIT_OR, BIT_XOR, BYTE_MAX, BYTE_MIN,
                     COMPARE_AND_CLEAR, EXACT, ITERATOR, MAX, MIN, READ, STAMPED_KEY, STAMPED_VALUE,
                     WRITE)
from scene import (ACCESS_SYSTEM_KEYS, BYPASS_UNREADABLE, CAUSAL_WRITE_RISKY,
                   NEXT_WRITE_NO_CONFLICT, READ_SYSTEM_KEYS, REPORT_CONFLICTING_KEYS, RYW_DISABLE,
                   SIZE_LIMIT, SNAPSHOT_RYW_DISABLE, SNAPSHOT_RYW_ENABLE, Transactions, URL)


def number(value):
    return struct.pack("<q", value)


class Limits(Transactions):
    def test_sizes(self):
        set_sizes = lambda key, value: lambda tr: tr.set(b"k" * key, b"v" * value)
        self.assertEqual(self.commit_code(set_sizes(10_000, 100_000)), 0)
        self.assertEqual(self.commit_code(set_sizes(10_001, 0)), 2102)
        self.assertEqual(self.commit_code(set_sizes(1, 100_001)), 2103)
        self.assertEqual(self.commit_code(lambda tr: tr.atomic(ADD, b"k", b"v" * 100_001)), 2103)
        self.assertEqual(self.commit_code(lambda tr: tr.atomic(ADD, b"k" * 10_001, b"")), 2102)

    def test_long_keys_are_absent(self):
        tr = self.begin()
        self.assertIsNone(tr.get(b"k" * 10_001).value())
        tr.clear(b"k" * 10_001)
        tr.clear_range(b"a", b"b" * 20_000)
        self.assertEqual(tr.commit().block(), 0)
        self.assertEqual(self.begin().watch(b"k" * 10_001).block(), 2102)

    def test_transaction_size(self):
        def write(count):
            def work(tr):
                for i in range(count):
                    tr.set(b"%04d" % i, b"v" * 99_000)
            return work
        self.assertEqual(self.commit_code(write(100)), 0)
        self.assertEqual(self.commit_code(write(102)), 2101)

    def test_size_limit_counts_conflict_ranges(self):
        self.assertEqual(self.commit_code(lambda tr: tr.set(b"k", b"v" * 800), (SIZE_LIMIT, 1000)), 0)
        self.assertEqual(self.commit_code(lambda tr: tr.set(b"k", b"v" * 1100), (SIZE_LIMIT, 1000)),
                         2101)
        self.assertEqual(self.commit_code(
            lambda tr: (tr.set(b"k", b""), tr.conflict_range(b"a" * 600, b"b" * 600, READ)),
            (SIZE_LIMIT, 1000)), 2101)
        for bad in (31, 10_000_001, -1):
            self.assertEqual(self.commit_code(lambda tr: None, (SIZE_LIMIT, bad)), 2006, bad)

    def test_approximate_size(self):
        tr = self.begin()
        self.assertEqual(tr.approximate_size().int64(), 0)
        tr.set(b"kkk", b"vvvvv")
        self.assertEqual(tr.approximate_size().int64(), 3 + 5 + 44 + 24 + 6 + 1)
        tr = self.begin()
        tr.clear(b"kkk")
        self.assertEqual(tr.approximate_size().int64(), 2 * 7 + 48)
        tr = self.begin()
        tr.clear_range(b"a", b"bb")
        self.assertEqual(tr.approximate_size().int64(), 2 * 3 + 68)
        tr = self.begin()
        tr.get(b"kkk").wait()
        self.assertEqual(tr.approximate_size().int64(), 31)
        tr.get(b"other", snapshot=True).wait()
        self.assertEqual(tr.approximate_size().int64(), 31)

    def test_total_cost(self):
        tr = self.begin()
        self.assertEqual(tr.total_cost().int64(), 0)
        tr.get(b"a").wait()
        self.assertEqual(tr.total_cost().int64(), 4096)
        tr.set(b"a", b"v" * 5000)
        self.assertEqual(tr.total_cost().int64(), 4096 + 4 * 2 * 4096)
        tr.reset()
        self.assertEqual(tr.total_cost().int64(), 0)
        throttled = binding.lib.fdb_transaction_get_tag_throttled_duration(tr.handle)
        self.assertEqual(binding.Future(throttled).double(), 0)

    def test_five_seconds(self):
        self.begin().read_version().wait()
        tr = self.begin()
        tr.set_read_version(1)  # a database begins with versions that make this too old
        self.assertEqual(tr.get(b"a").block(), 1007)
        self.assertEqual(tr.commit().block(), 1007)
        blind = self.begin()
        blind.set_read_version(1)
        blind.set(b"a", b"1")
        self.assertEqual(blind.commit().block(), 1007)
        risky = self.begin(CAUSAL_WRITE_RISKY)
        risky.set_read_version(1)
        risky.set(b"a", b"1")
        self.assertEqual(risky.commit().block(), 0)


class Legality(Transactions):
    def test_system_keys(self):
        for key in (b"\xff", b"\xff/x", b"\xff\xff"):
            tr = self.begin()
            self.assertIn(tr.get(key).block(), (2004, 2113), key)
            self.assertEqual(self.commit_code(lambda tr: tr.set(key, b"")),
                             2114 if key == b"\xff\xff" else 2004, key)
        self.assertEqual(self.begin().range(b"a", b"\xff\xff").block(), 2004)
        self.assertEqual(self.begin(READ_SYSTEM_KEYS).get(b"\xff/x").block(), 0)
        self.assertEqual(self.commit_code(lambda tr: tr.set(b"\xff/x", b""), READ_SYSTEM_KEYS), 2004)
        self.assertEqual(self.commit_code(lambda tr: tr.set(b"\xff/x", b""), ACCESS_SYSTEM_KEYS), 0)
        self.assertEqual(self.commit_code(lambda tr: tr.clear_range(b"\xff", b"\xff\xff"),
                                          ACCESS_SYSTEM_KEYS), 0)

    def test_illegal_reads_do_not_poison_the_commit(self):
        tr = self.begin()
        self.assertEqual(tr.get(b"\xff/x").block(), 2004)
        self.assertEqual(tr.range(b"a", b"b", limit=-2).block(), 2012)
        self.assertEqual(tr.commit().block(), 0)

    def test_ranges(self):
        self.assertEqual(self.commit_code(lambda tr: tr.clear_range(b"b", b"a")), 2005)
        self.assertEqual(self.begin().range(b"b", b"a").rows(), ([], False))
        for limit, target, code in ((-2, 0, 2012), (0, -2, 2012), (-1, -1, 0), (0, 0, 0)):
            self.assertEqual(self.begin().range(b"a", b"b", limit, target).block(), code)
        self.assertEqual(self.begin().range(b"a", b"b", mode=EXACT).block(), 2210)
        self.assertEqual(self.begin().range(b"a", b"b", mode=EXACT, target=10).block(), 0)
        self.assertEqual(self.begin().range(b"a", b"b", mode=5).block(), 2000)
        self.assertEqual(self.begin().range(b"a", b"b", mode=-3).block(), 2000)
        self.assertEqual(self.begin().range(b"a", b"b", mode=ITERATOR, iteration=0).block(), 2000)

    def test_read_versions(self):
        for version in (0, -1):
            tr = self.begin()
            tr.set_read_version(version)
            self.assertEqual(tr.get(b"a").block(), 2011)
            self.assertEqual(tr.commit().block(), 2011)
        tr = self.begin()
        version = tr.read_version().int64()
        self.assertGreater(version, 0)
        tr.set_read_version(version)
        self.assertEqual(tr.get(b"a").block(), 2010)
        tr = self.begin()
        tr.set_read_version(version)
        self.assertEqual(tr.read_version().int64(), version)
        self.assertEqual(tr.get(b"a").block(), 0)

    def test_future_version(self):
        tr = self.begin()
        tr.set_read_version(self.begin().read_version().int64() + 100_000_000)
        read = tr.get(b"a")
        self.assertFalse(read.ready())
        begun = time.monotonic()
        self.assertEqual(read.block(), 1009)
        self.assertGreater(time.monotonic() - begun, 0.5)
        self.assertEqual(tr.commit().block(), 1009)  # a read that failed makes the commit fail

    def test_unknown_mutation(self):
        for operation in (3, 4, 5, 10, 11, 18, 19, 21, -1, 1000):
            self.assertEqual(self.commit_code(lambda tr: tr.atomic(operation, b"k", b"")), 2018)

    def test_conflict_ranges(self):
        tr = self.begin()
        self.assertEqual(tr.conflict_range(b"b", b"a", READ), 2005)
        self.assertEqual(tr.conflict_range(b"a", b"b", 2), 2000)
        self.assertEqual(tr.commit().block(), 0)
        tr.reset()
        self.assertEqual(tr.conflict_range(b"\xff", b"\xff\xff", WRITE), 0)
        self.assertEqual(tr.get(b"a").block(), 2004)  # later
        tr.reset()
        self.assertEqual(tr.conflict_range(b"a", b"a", WRITE), 0)
        tr.commit().wait()
        self.assertEqual(tr.committed_version(), -1)  # empty ones are nothing
        tr.reset()
        tr.conflict_range(b"a", b"b", WRITE)
        tr.commit().wait()
        self.assertGreater(tr.committed_version(), 0)

    def test_after_commit(self):
        for write in (lambda tr: None, lambda tr: tr.set(b"a", b"1")):
            tr = self.begin()
            write(tr)
            tr.commit().wait()
            codes = [tr.get(b"a").block(), tr.commit().block(), tr.range(b"a", b"b").block(),
                     tr.watch(b"a").block(), tr.versionstamp().block()]
            self.assertEqual(codes, [2017] * 5)
            tr.on_error(1020).wait()  # works after a good commit
            self.assertEqual(tr.get(b"a").block(), 0)
            tr.set(b"a", b"2")
            tr.commit().wait()
            tr.set(b"a", b"3")
            tr.reset()
            self.assertEqual(tr.get(b"a").block(), 0)

    def test_read_version_after_commit_is_the_commit_s(self):
        tr = self.begin()
        version = tr.read_version().int64()
        tr.set(b"a", b"1")
        tr.commit().wait()
        self.assertEqual(tr.read_version().int64(), version)
        blind = self.begin()
        blind.set(b"a", b"2")
        blind.commit().wait()
        self.assertGreaterEqual(blind.read_version().int64(), version)

    def test_cancelled(self):
        tr = self.begin()
        tr.cancel()
        self.assertEqual([tr.get(b"a").block(), tr.read_version().block(), tr.commit().block(),
                          tr.on_error(1020).block()], [1025] * 4)
        tr.set(b"a", b"1")  # told later, too
        tr.reset()
        self.assertEqual(tr.get(b"a").block(), 0)


class OwnWrites(Transactions):
    def test_seen_by_reads_and_snapshot_reads(self):
        self.put(a="1", b="2", c="3")
        tr = self.begin()
        tr.set(b"b", b"two")
        tr.clear(b"a")
        tr.set(b"d", b"4")
        tr.atomic(APPEND_IF_FITS, b"c", b"!")
        wanted = [(b"b", b"two"), (b"c", b"3!"), (b"d", b"4")]
        for snapshot in (False, True):
            self.assertEqual(tr.range(b"a", b"z", snapshot=snapshot).rows()[0], wanted)
            self.assertEqual(tr.range(b"a", b"z", snapshot=snapshot, reverse=True).rows()[0],
                             wanted[::-1])
            self.assertIsNone(tr.get(b"a", snapshot).value())
            self.assertEqual(tr.get_key(b"a", 0, 1, snapshot).key(), b"b")

    def test_need_no_version(self):
        tr = self.begin()
        self.begin().read_version().wait()
        tr.set_read_version(1)  # too old for the database
        tr.set(b"a", b"own")
        tr.clear_range(b"b", b"c")
        self.assertEqual(tr.get(b"a").value(), b"own")
        self.assertIsNone(tr.get(b"b").value())
        self.assertEqual(tr.get(b"c").block(), 1007)

    def test_switched_off(self):
        self.put(a="1")
        tr = self.begin(RYW_DISABLE)
        tr.set(b"a", b"2")
        self.assertEqual(tr.get(b"a").value(), b"1")
        tr = self.begin(SNAPSHOT_RYW_DISABLE)
        tr.set(b"a", b"2")
        self.assertEqual(tr.get(b"a", snapshot=True).value(), b"1")
        self.assertEqual(tr.get(b"a").value(), b"2")
        tr.option(SNAPSHOT_RYW_ENABLE)
        self.assertEqual(tr.get(b"a", snapshot=True).value(), b"2")
        late = self.begin()
        late.set(b"a", b"2")
        late.option(RYW_DISABLE)
        self.assertEqual(late.get(b"a").block(), 2000)

    def test_writes_are_gone_after_reset_and_on_error(self):
        for end in (lambda tr: tr.reset(), lambda tr: tr.on_error(1020).wait()):
            tr = self.begin()
            tr.set(b"a", b"1")
            end(tr)
            self.assertIsNone(tr.get(b"a").value())
            tr.commit().wait()
            self.assertEqual(tr.committed_version(), -1)


class Conflicts(Transactions):
    def outcome(self, read, write, prepare=lambda tr: None, *options):
        """Of a transaction that reads, while another writes."""
        tr = self.begin(*options)
        tr.read_version().wait()
        prepare(tr)
        read(tr)
        self.db.run(write)
        tr.set(b"unrelated", b"")
        return tr.commit().block()

    def test_who_conflicts(self):
        write = lambda tr: tr.set(b"b", b"x")
        self.put(a="1", b="2", c="3")
        conflicts = {
            "get": lambda tr: tr.get(b"b").wait(),
            "absent": lambda tr: tr.range(b"b", b"b\x00").wait(),
            "range": lambda tr: tr.range(b"a", b"c").wait(),
            "selector": lambda tr: tr.get_key(b"a", 1, 1).wait(),
            "explicit": lambda tr: tr.conflict_range(b"b", b"b\x00", READ),
            "dropped": lambda tr: tr.get(b"b").destroy(),
            "watch": lambda tr: tr.watch(b"b"),
        }
        for name, read in conflicts.items():
            self.assertEqual(self.outcome(read, write), 1020, name)
        harmless = {
            "nothing": lambda tr: None,
            "another key": lambda tr: tr.get(b"c").wait(),
            "snapshot": lambda tr: tr.get(b"b", snapshot=True).wait(),
            "snapshot range": lambda tr: tr.range(b"a", b"c", snapshot=True).wait(),
            "limited range": lambda tr: tr.range(b"a", b"c", limit=1).wait(),
            "empty explicit": lambda tr: tr.conflict_range(b"b", b"b", READ),
        }
        for name, read in harmless.items():
            self.assertEqual(self.outcome(read, write), 0, name)

    def test_own_writes(self):
        read, write = lambda tr: tr.get(b"b").wait(), lambda tr: tr.set(b"b", b"x")
        self.assertEqual(self.outcome(read, write, lambda tr: tr.set(b"b", b"own")), 0)
        self.assertEqual(self.outcome(read, write, lambda tr: tr.clear(b"b")), 0)
        self.assertEqual(self.outcome(read, write, lambda tr: tr.atomic(ADD, b"b", b"1")), 1020)
        self.assertEqual(self.outcome(read, write, lambda tr: tr.set(b"b", b"own"), RYW_DISABLE), 1020)

    def test_blind_writes_and_atomic_operations_never_conflict(self):
        first, second = self.begin(), self.begin()
        for tr in (first, second):
            tr.set(b"blind", b"x")
            tr.atomic(ADD, b"sum", number(1))
            tr.atomic(STAMPED_KEY, b"stamped/" + bytes(10) + struct.pack("<I", 8), b"")
        first.commit().wait()
        second.commit().wait()
        self.assertEqual(self.value(b"sum"), number(2))
        self.assertEqual(len(self.begin().range(b"stamped/", b"stamped0").rows()[0]), 2)

    def test_next_write_without_conflict_range(self):
        def write(tr):
            tr.option(NEXT_WRITE_NO_CONFLICT)
            tr.set(b"b", b"quiet")
            tr.set(b"c", b"loud")  # it counts once
        self.assertEqual(self.outcome(lambda tr: tr.get(b"b").wait(), write), 0)
        self.assertEqual(self.outcome(lambda tr: tr.get(b"c").wait(), write), 1020)

    def test_read_only_commits_succeed(self):
        tr = self.begin()
        tr.get(b"a").wait()
        self.put(a="x")
        self.assertEqual(tr.commit().block(), 0)
        self.assertEqual(tr.committed_version(), -1)

    def test_conflicting_keys(self):
        tr = self.begin(REPORT_CONFLICTING_KEYS)
        tr.get(b"fine").wait()
        tr.get(b"b").wait()
        tr.range(b"x", b"z").wait()
        self.put(b="1", y="1")
        tr.set(b"a", b"")
        self.assertEqual(tr.commit().block(), 1020)
        prefix = b"\xff\xff/transaction/conflicting_keys/"
        wanted = [(prefix + b"b", b"1"), (prefix + b"b\x00", b"0"), (prefix + b"x", b"1"),
                  (prefix + b"z", b"0")]
        self.assertEqual(tr.range(prefix, prefix + b"\xff").rows()[0], wanted)
        tr.on_error(1020).wait()
        self.assertEqual(tr.range(prefix, prefix + b"\xff").rows()[0], wanted)


class AtomicOperations(Transactions):
    def after(self, operation, before, operand):
        def work(tr):
            tr.clear(b"k") if before is None else tr.set(b"k", before)
        self.db.run(work)
        own = self.begin()
        own.atomic(operation, b"k", operand)
        seen = own.get(b"k").value()
        own.commit().wait()
        self.assertEqual(self.value(b"k"), seen)  # as its own transaction had seen it
        return seen

    def test_results(self):
        for operation, before, operand, wanted in [
                (ADD, b"\x01\x00", b"\xff\x01", b"\x00\x02"), (ADD, None, b"\x05", b"\x05"),
                (ADD, b"\x01\x02\x03", b"\x01\x01", b"\x02\x03"), (ADD, b"\x01", b"", b""),
                (ADD, b"\xff\xff", b"\x01\x00", b"\x00\x00"),
                (BIT_AND, b"\x0f\x0f", b"\x3c", b"\x0c"), (BIT_AND, None, b"\x3c", b"\x3c"),
                (BIT_AND, b"\x0f", b"\xff\xff", b"\x0f\x00"),
                (BIT_OR, b"\x0f", b"\x30", b"\x3f"), (BIT_OR, None, b"\x30", b"\x30"),
                (BIT_XOR, b"\x0f", b"\x3c", b"\x33"), (BIT_XOR, None, b"\x3c", b"\x3c"),
                (MAX, b"\x00\x02", b"\xff\x01", b"\x00\x02"), (MAX, None, b"\x01", b"\x01"),
                (MIN, b"\x00\x02", b"\xff\x01", b"\xff\x01"), (MIN, None, b"\x05", b"\x05"),
                (BYTE_MAX, b"b", b"abc", b"b"), (BYTE_MAX, None, b"a", b"a"),
                (BYTE_MIN, b"b", b"abc", b"abc"), (BYTE_MIN, None, b"a", b"a"),
                (APPEND_IF_FITS, b"ab", b"c", b"abc"), (APPEND_IF_FITS, None, b"c", b"c"),
                (APPEND_IF_FITS, b"x" * 99_999, b"yz", b"x" * 99_999),
                (COMPARE_AND_CLEAR, b"a", b"a", None), (COMPARE_AND_CLEAR, b"a", b"b", b"a"),
                (COMPARE_AND_CLEAR, None, b"a", None)]:
            with self.subTest(operation=operation, before=before and before[:8], operand=operand):
                self.assertEqual(self.after(operation, before, operand), wanted)

    def test_no_lost_update_among_threads(self):
        count, each = 8, 100

        def work():
            db = binding.open_url(URL)
            for _ in range(each):
                db.run(lambda tr: tr.atomic(ADD, b"sum", number(1)))

        threads = [threading.Thread(target=work) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(self.value(b"sum"), number(count * each))


class Versionstamps(Transactions):
    def test_key_and_value(self):
        tr = self.begin()
        stamp = tr.versionstamp()
        tr.atomic(STAMPED_KEY, b"s/" + b"\xaa" * 10 + b"/end" + struct.pack("<I", 2), b"by key")
        tr.atomic(STAMPED_VALUE, b"v", b"ab" + bytes(10) + b"yz" + struct.pack("<I", 2))
        self.assertFalse(stamp.ready())
        self.assertEqual(tr.get(b"v").block(), 1036)
        tr.reset()
        self.assertEqual(stamp.block(), 1100)
        stamp = tr.versionstamp()
        tr.atomic(STAMPED_KEY, b"s/" + b"\xaa" * 10 + b"/end" + struct.pack("<I", 2), b"by key")
        tr.atomic(STAMPED_VALUE, b"v", b"ab" + bytes(10) + b"yz" + struct.pack("<I", 2))
        tr.commit().wait()
        stamp = stamp.key()
        self.assertEqual(len(stamp), 10)
        self.assertEqual(int.from_bytes(stamp[:8], "big"), tr.committed_version())
        self.assertEqual(self.value(b"v"), b"ab" + stamp + b"yz")
        self.assertEqual(self.value(b"s/" + stamp + b"/end"), b"by key")

    def test_bad_offsets(self):
        for offset, size in ((1, 10), (2**31, 10), (2**32 - 1, 10), (0, 9)):
            operand = bytes(size) + struct.pack("<I", offset)
            self.assertEqual(self.commit_code(lambda tr: tr.atomic(STAMPED_VALUE, b"v", operand)), 2000)
            self.assertEqual(self.commit_code(lambda tr: tr.atomic(STAMPED_KEY, operand, b"")), 2000)
        self.assertEqual(self.commit_code(lambda tr: tr.atomic(STAMPED_VALUE, b"v", b"abc")), 2000)

    def test_asked_in_vain(self):
        tr = self.begin()
        stamp = tr.versionstamp()
        tr.commit().wait()
        self.assertEqual(stamp.block(), 2021)
        tr = self.begin()
        stamp = tr.versionstamp()
        tr.get(b"a").wait()
        self.put(a="1")
        tr.set(b"b", b"")
        self.assertEqual(tr.commit().block(), 1020)
        self.assertEqual(stamp.block(), 2020)
        for end, code in (("cancel", 1025), ("destroy", 1025), ("reset", 1100)):
            tr = self.begin()
            stamp = tr.versionstamp()
            getattr(tr, end)()
            self.assertEqual(stamp.block(), code, end)

    def test_unreadable(self):
        tr = self.begin()
        tr.atomic(STAMPED_VALUE, b"v", bytes(10) + struct.pack("<I", 0))
        self.assertEqual(tr.range(b"a", b"z").block(), 1036)
        self.assertEqual(tr.range(b"a", b"v").block(), 0)  # beside it
        self.assertEqual(tr.commit().block(), 1036)
        tr = self.begin(BYPASS_UNREADABLE)
        tr.atomic(STAMPED_VALUE, b"v", bytes(10) + struct.pack("<I", 0))
        self.assertEqual(tr.get(b"v").block(), 0)
        tr = self.begin()
        tr.atomic(STAMPED_VALUE, b"v", bytes(10) + struct.pack("<I", 0))
        tr.clear(b"v")
        self.assertIsNone(tr.get(b"v").value())

    def test_metadata_version(self):
        key, operand = b"\xff/metadataVersion", bytes(14)
        self.assertEqual(self.commit_code(lambda tr: tr.atomic(STAMPED_VALUE, key, operand)), 0)
        first = self.value(key)
        self.assertEqual(self.commit_code(lambda tr: tr.atomic(STAMPED_VALUE, key, operand)), 0)
        self.assertGreater(self.value(key), first)
        self.assertEqual(self.commit_code(lambda tr: tr.set(key, b"x")), 2000)
        self.assertEqual(self.commit_code(lambda tr: tr.clear(key)), 2004)


if __name__ == "__main__":
    sys.exit(binding.main())
