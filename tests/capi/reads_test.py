"""What a transaction means, through the ABI: selectors, pages, watches, retry, special keys, options.
(transactions_test.py has the rest.)

usage: reads_test.py LIBRARY [TEST…]
"""

import itertools
import json
import pathlib
import sys
import time

import binding
import options_header
from binding import EXACT, ITERATOR, LARGE, MEDIUM, SERIAL, SMALL, WANT_ALL
from scene import (MAX_RETRY_DELAY, READ_SYSTEM_KEYS, RETRY_LIMIT, RYW_DISABLE, SPECIAL_KEYS_RELAXED,
                   SPECIAL_KEYS_WRITES, TAG, TIMEOUT, Transactions, URL)

TABLE = pathlib.Path(__file__).resolve().parents[2] / options_header.TABLE
CLIENT_BUGGIFY_DISABLE = 81
RETRYABLE = (1007, 1009, 1020, 1021, 1037, 1038, 1042, 1051, 1078, 1079, 1213, 1223)


class Selectors(Transactions):
    def test_against_a_model(self):
        keys = [b"b", b"d", b"f", b"h"]
        self.put(**{key.decode(): "v" for key in keys})
        for own in (None, b"e"):
            tr = self.begin()
            if own:
                tr.set(own, b"own")
            there = sorted(keys + ([own] if own else []))
            for key, or_equal, offset in itertools.product(
                    [b"", b"a", b"b", b"c", b"e", b"h", b"i"], (0, 1), range(-3, 5)):
                at = sum(k < key or (or_equal and k == key) for k in there) - 1 + offset
                wanted = b"" if at < 0 else there[at] if at < len(there) else b"\xff"
                self.assertEqual(tr.get_key(key, or_equal, offset).key(), wanted,
                                 (key, or_equal, offset))

    def test_range_ends(self):
        self.put(a="1", b="2", c="3", d="4")
        tr = self.begin()
        rows, _ = tr.range((b"a", 1, 1), (b"d", 0, 0)).rows()  # after a; the last before d
        self.assertEqual([key for key, _ in rows], [b"b"])
        rows, _ = tr.range((b"a", 0, 1), (b"d", 1, 1)).rows()
        self.assertEqual([key for key, _ in rows], [b"a", b"b", b"c", b"d"])


class Pages(Transactions):
    ROWS = 400

    def setUp(self):
        super().setUp()
        self.row = 10 + 90 + 24  # bytes that count
        self.all = [(b"p%09d" % i, b"v" * 90) for i in range(self.ROWS)]
        self.db.run(lambda tr: [tr.set(key, value) for key, value in self.all])

    def first(self, target):
        return min(self.ROWS, -(-target // self.row))  # the row that reaches it is the last

    def test_modes(self):
        for mode, target in ((SMALL, 256), (MEDIUM, 1000), (LARGE, 4096), (SERIAL, 80_000),
                             (WANT_ALL, 80_000)):
            rows, more = self.begin().range(b"p", b"q", mode=mode).rows()
            self.assertEqual(len(rows), self.first(target), mode)
            self.assertEqual(more, len(rows) < self.ROWS)
        for iteration, target in enumerate((4096, 6144, 9216, 13824, 20736, 31104, 46656, 69984,
                                            80_000, 120_000, 120_000), 1):
            rows, _ = self.begin().range(b"p", b"q", mode=ITERATOR, iteration=iteration).rows()
            self.assertEqual(len(rows), self.first(target), iteration)
        rows, more = self.begin().range(b"p", b"q", limit=7, mode=EXACT).rows()
        self.assertEqual((len(rows), more), (7, True))
        rows, more = self.begin().range(b"p", b"q", target=1, mode=WANT_ALL).rows()
        self.assertEqual((len(rows), more), (1, True))

    def test_reading_on(self):
        for mode, reverse, own in itertools.product((ITERATOR, SMALL, LARGE), (0, 1), (0, 1)):
            tr, wanted = self.begin(), self.all
            if own:
                tr.set(b"p5", b"own")
                wanted = sorted(wanted + [(b"p5", b"own")])
            got, begin, end, more, iteration = [], (b"p", 0, 1), (b"q", 0, 1), True, 1
            while more:
                rows, more = tr.range(begin, end, mode=mode, iteration=iteration,
                                      reverse=reverse).rows()
                got += rows
                iteration += 1
                if rows and reverse:
                    end = (rows[-1][0], 0, 1)
                elif rows:
                    begin = (rows[-1][0], 1, 1)
            self.assertEqual(got, wanted[::-1] if reverse else wanted)

    def test_sizes_of_ranges(self):
        tr = self.begin()
        size = tr.estimated_size(b"p", b"q").int64()
        self.assertAlmostEqual(size, self.ROWS * 100, delta=self.ROWS)
        points = tr.split_points(b"p", b"q", 10_000).keys()
        self.assertEqual((points[0], points[-1]), (b"p", b"q"))
        self.assertGreater(len(points), 2)
        self.assertEqual(points, sorted(points))
        self.assertEqual(tr.split_points(b"p", b"q", 2**40).keys(), [b"p", b"q"])
        self.assertEqual(tr.split_points(b"p", b"q", 0).block(), 2000)
        self.assertEqual(tr.split_points(b"q", b"p", 10).block(), 2005)
        self.assertEqual(tr.estimated_size(b"q", b"p").block(), 2005)
        self.assertTrue(all(address for address in tr.addresses(b"p").strings()))


class Watches(Transactions):
    def armed(self, key):
        tr = self.begin()
        watch = tr.watch(key)
        tr.commit().wait()
        return watch

    def test_fires_on_a_change_alone(self):
        self.put(a="1")
        watch = self.armed(b"a")
        self.put(a="1", b="2")
        self.assertFalse(watch.ready())
        self.put(a="2")
        self.assertEqual(watch.block(), 0)

    def test_change_between_read_and_commit(self):
        tr = self.begin()
        watch = tr.watch(b"a")
        self.put(a="new")
        tr.commit().wait()
        self.assertEqual(watch.block(), 0)

    def test_own_write_fires_at_once(self):
        self.put(a="1")
        tr = self.begin()
        same, other = tr.watch(b"a"), tr.watch(b"b")
        tr.set(b"a", b"1")
        self.assertFalse(same.ready())
        tr.set(b"a", b"2")
        self.assertEqual(same.block(), 0)
        self.assertFalse(other.ready())

    def test_ends_before_commit(self):
        for end in ("reset", "destroy"):
            tr = self.begin()
            watch = tr.watch(b"a")
            getattr(tr, end)()
            self.assertEqual(watch.block(), 1025, end)
        tr = self.begin()
        watch = tr.watch(b"a")
        tr.on_error(1020).wait()
        self.assertEqual(watch.block(), 1025)
        tr = self.begin()
        watch = tr.watch(b"a")
        tr.get(b"a").wait()  # and so the watch has read, too
        tr.cancel()
        self.assertFalse(watch.ready())
        tr = self.begin()
        watch = tr.watch(b"w")
        self.put(w="1")
        tr.set(b"a", b"")
        self.assertEqual(tr.commit().block(), 1020)  # a watch conflicts on its key
        self.assertEqual(watch.block(), 1020)

    def test_too_many(self):
        db = binding.open_url(URL)
        db.option(20, 3)
        tr = db.transaction()
        watches = [tr.watch(b"%d" % i) for i in range(4)]
        self.assertEqual([watch.error() for watch in watches], [2015] * 3 + [1032])
        watches[0].cancel()
        self.assertEqual(tr.watch(b"x").error(), 2015)

    def test_without_own_writes(self):
        self.assertEqual(self.begin(RYW_DISABLE).watch(b"a").block(), 1034)


class Retry(Transactions):
    def test_which_errors(self):
        for code in RETRYABLE:
            tr = self.begin((MAX_RETRY_DELAY, 1))
            tr.set(b"a", b"1")
            tr.on_error(code).wait()
            self.assertIsNone(tr.get(b"a").value(), code)
        for code in (2000, 2101, 1025, 1031, 2017, 7000, 4100, 99999):
            tr = self.begin()
            self.assertEqual(tr.on_error(code).block(), code)
            self.assertEqual(tr.get(b"a").block(), 1025)  # given up
            tr.reset()
            self.assertEqual(tr.get(b"a").block(), 0)
        self.assertEqual(self.begin().on_error(0).block(), 2000)

    def test_used_after_a_failed_commit(self):
        tr = self.begin()
        tr.get(b"a").wait()
        self.put(a="1")
        tr.set(b"b", b"")
        self.assertEqual(tr.commit().block(), 1020)
        self.assertEqual(tr.get(b"a").block(), 2017)
        self.assertEqual(tr.on_error(1020).block(), 2017)  # only reset helps
        tr.reset()
        self.assertEqual(tr.get(b"a").block(), 0)

    def test_retry_limit_survives(self):
        tr = self.begin((RETRY_LIMIT, 2), (MAX_RETRY_DELAY, 0))
        self.assertEqual([tr.on_error(1020).block() for _ in range(3)], [0, 0, 1020])

    def test_timeout(self):
        tr = self.begin((TIMEOUT, 20))
        tr.set_read_version(self.begin().read_version().int64() + 100_000_000)
        begun = time.monotonic()
        self.assertEqual(tr.get(b"a").block(), 1031)
        self.assertLess(time.monotonic() - begun, 0.9)
        self.assertEqual(tr.get(b"a").block(), 1031)
        self.assertEqual(tr.on_error(1031).block(), 1031)

    def test_versions(self):
        tr = self.begin()
        self.assertEqual(tr.committed_version(), -1)
        tr.set(b"a", b"1")
        tr.commit().wait()
        version = tr.committed_version()
        self.assertGreater(version, 5_000_000)
        tr.reset()
        self.assertEqual(tr.committed_version(), version)  # kept
        self.assertGreaterEqual(tr.read_version().int64(), version)


class SpecialKeys(Transactions):
    def test_status(self):
        status = json.loads(self.begin().get(b"\xff\xff/status/json").value())
        self.assertIsInstance(status, dict)

    def test_conflict_ranges_of_the_transaction(self):
        tr = self.begin()
        tr.get(b"a").wait()
        tr.set(b"b", b"1")
        for name, key in (("read", b"a"), ("write", b"b")):
            prefix = b"\xff\xff/transaction/%s_conflict_range/" % name.encode()
            self.assertEqual(tr.range(prefix, prefix + b"\xff").rows()[0],
                             [(prefix + key, b"1"), (prefix + key + b"\x00", b"0")])

    def test_modules(self):
        tr = self.begin()
        self.assertEqual(tr.get(b"\xff\xff/nothing/here").block(), 2113)
        self.assertEqual(tr.range(b"\xff\xff/nothing", b"\xff\xff/nothinh").block(), 2113)
        self.assertEqual(tr.range(b"\xff\xff/status/json", b"\xff\xff/transaction/x").block(), 2112)
        self.assertEqual(tr.range((b"\xff\xff/status/json", 0, 2), (b"\xff\xff/z", 0, 1)).block(), 2004)
        relaxed = self.begin(SPECIAL_KEYS_RELAXED)
        self.assertEqual(relaxed.range(b"\xff\xff/status/json", b"\xff\xff/transaction/x").block(), 0)
        self.assertEqual(self.commit_code(lambda tr: tr.set(b"\xff\xff/x", b"")), 2114)
        self.assertEqual(self.commit_code(lambda tr: tr.set(b"\xff\xff/x", b""), SPECIAL_KEYS_WRITES),
                         2115)


class Options(Transactions):
    def test_values(self):
        set_option = binding.lib.fdb_transaction_set_option
        for code, value, size, error in (
                (TIMEOUT, b"\x01", 1, 2006), (TIMEOUT, b"\x01" + bytes(3), 4, 2006),
                (TIMEOUT, b"\x01" + bytes(8), 9, 2006), (TIMEOUT, None, 0, 2006),
                (TIMEOUT, bytes(8), 8, 0), (RETRY_LIMIT, b"\xff" * 8, 8, 0),
                (RETRY_LIMIT, b"\xfe" + b"\xff" * 7, 8, 2006), (READ_SYSTEM_KEYS, b"x", 1, 2006),
                (READ_SYSTEM_KEYS, None, 0, 0), (READ_SYSTEM_KEYS, b"", 0, 0),
                (TAG, b"t" * 255, 255, 0), (TAG, b"t" * 256, 256, 2110)):
            tr = self.begin()
            self.assertEqual(set_option(tr.handle, code, value, size), 0)
            self.assertEqual(tr.get(b"a").block(), error, (code, value))
            self.assertEqual(tr.commit().block(), error)

    def test_every_option_by_its_code(self):
        table = options_header.read_table(TABLE.read_text(encoding="utf-8"))
        self.assertGreater(sum(map(len, table.values())), 100)
        right = {"none": None, "integer": 100, "text": b"text", "bytes": b"\x00\xff"}
        wrong = {"none": b"value", "integer": b"\x01\x00\x00\x00"}
        for code, name, kind, _ in table["TRANSACTION"]:
            for value, error in ((right[kind], 0), (wrong.get(kind, right[kind]),
                                                    2006 if kind in wrong else 0)):
                tr = self.begin((code, value))
                self.assertEqual(tr.get(b"a").block(), error, (name, value))
        for code, name, kind, _ in table["DATABASE"]:
            for value, error in ((right[kind], 0), (wrong.get(kind, right[kind]),
                                                    2006 if kind in wrong else 0)):
                db = binding.open_url(URL)
                db.option(code, value)
                self.assertEqual(db.transaction().get(b"a").block(), error, (name, value))
        set_option = binding.lib.fdb_network_set_option
        for code, name, kind, _ in table["NETWORK"]:
            self.assertEqual(set_option(code, *binding.option_value(right[kind])), 0, name)
            if kind in wrong:
                self.assertEqual(set_option(code, *binding.option_value(wrong[kind])), 2006, name)
        self.assertEqual(set_option(CLIENT_BUGGIFY_DISABLE, None, 0), 0)

    def test_sixth_tag(self):
        tr = self.begin(*((TAG, b"%d" % i) for i in range(5)))
        self.assertEqual(tr.get(b"a").block(), 0)
        tr.option(TAG, b"3")
        self.assertEqual(tr.get(b"a").block(), 0)
        tr.option(TAG, b"6")
        self.assertEqual(tr.get(b"a").block(), 2109)

    def test_ordinary_options_end_with_the_attempt(self):
        tr = self.begin(READ_SYSTEM_KEYS)
        self.assertEqual(tr.get(b"\xff/x").block(), 0)
        tr.on_error(1020).wait()
        self.assertEqual(tr.get(b"\xff/x").block(), 2004)

    def test_defaults_of_the_database(self):
        db = binding.open_url(URL)
        db.option(501, 1)  # transaction_retry_limit
        db.option(502, 0)
        db.option(27)  # snapshot_ryw_disable
        tr = db.transaction()
        tr.set(b"own", b"1")
        self.assertIsNone(tr.get(b"own", snapshot=True).value())
        self.assertEqual([tr.on_error(1020).block() for _ in range(2)], [0, 1020])
        other = self.begin((MAX_RETRY_DELAY, 0))  # of another handle, whose options are its own
        self.assertEqual([other.on_error(1020).block() for _ in range(3)], [0, 0, 0])


if __name__ == "__main__":
    sys.exit(binding.main())
