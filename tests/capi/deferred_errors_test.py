"""When errors appear: writes and options never fail where they are called.

usage: deferred_errors_test.py LIBRARY [TEST…]
"""

import sys

import binding
from binding import ADD
from scene import READ_SYSTEM_KEYS, SIZE_LIMIT, TIMEOUT, Transactions, URL

# What is wrong with a transaction, and the code that tells it later.
WRONG = {
    2102: lambda tr: tr.set(b"k" * 10_001, b""),
    2103: lambda tr: tr.set(b"k", b"v" * 100_001),
    2004: lambda tr: tr.clear(b"\xff/x"),
    2005: lambda tr: tr.clear_range(b"b", b"a"),
    2018: lambda tr: tr.atomic(999, b"k", b""),
    2011: lambda tr: tr.set_read_version(0),
    2006: lambda tr: tr.option(SIZE_LIMIT, 1),
    2110: lambda tr: tr.option(800, b"t" * 256),
    2114: lambda tr: tr.set(b"\xff\xff/x", b""),
}


def every_operation(tr):
    return [tr.get(b"a"), tr.get_key(b"a", 0, 1), tr.range(b"a", b"b"), tr.read_version(),
            tr.watch(b"a"), tr.estimated_size(b"a", b"b"), tr.split_points(b"a", b"b", 10),
            tr.addresses(b"a"), tr.versionstamp(), tr.approximate_size(), tr.commit()]


class DeferredErrors(Transactions):
    def test_told_by_every_later_operation(self):
        for code, wrong in WRONG.items():
            with self.subTest(code):
                tr = self.begin()
                wrong(tr)
                futures = every_operation(tr)
                self.assertTrue(all(future.ready() for future in futures))
                self.assertEqual([future.error() for future in futures], [code] * len(futures))

    def test_the_first_one_sticks(self):
        tr = self.begin()
        for wrong in WRONG.values():
            wrong(tr)
        first = next(iter(WRONG))
        self.assertEqual({future.error() for future in every_operation(tr)}, {first})
        tr.set(b"fine", b"")
        self.assertEqual(tr.commit().block(), first)

    def test_reset_and_a_successful_on_error_clear_it(self):
        for end in (lambda tr: tr.reset(), lambda tr: tr.on_error(1020).wait()):
            tr = self.begin()
            WRONG[2102](tr)
            end(tr)
            tr.set(b"a", b"1")
            self.assertEqual(tr.commit().block(), 0)

    def test_an_unsuccessful_on_error_does_not(self):
        tr = self.begin()
        WRONG[2102](tr)
        self.assertEqual(tr.on_error(2102).block(), 2102)
        self.assertEqual(tr.get(b"a").block(), 2102)

    def test_nothing_is_written(self):
        tr = self.begin()
        tr.set(b"good", b"1")
        WRONG[2103](tr)
        tr.set(b"better", b"1")
        self.assertEqual(tr.commit().block(), 2103)
        self.assertEqual(self.begin().range(b"", b"\xff").rows(), ([], False))

    def test_what_fails_at_once(self):
        tr = self.begin()
        self.assert_code(2007, lambda: tr.option(12345))
        self.assertEqual(tr.conflict_range(b"b", b"a", 0), 2005)
        self.assertEqual(tr.get(b"a").block(), 0)

    def test_write_during_commit(self):
        tr = self.begin()
        tr.set(b"a", b"1")
        commit = tr.commit()
        tr.set(b"a", b"2")
        tr.atomic(ADD, b"a", b"2")
        self.assertEqual(commit.block(), 0)
        self.assertEqual(tr.get(b"a").block(), 2017)
        self.assertEqual(self.value(b"a"), b"1")

    def test_bad_option_of_a_database_is_for_good(self):
        db = binding.open_url(URL)
        before = db.transaction()
        self.assert_code(2007, lambda: db.option(12345))
        db.option(500, 100_000)
        self.assertEqual(before.get(b"a").block(), 0)
        db.option(503, 1)  # transaction_size_limit
        for tr in (before, db.transaction()):
            self.assertEqual(tr.get(b"a").block(), 2006)
            tr.reset()
            self.assertEqual(tr.commit().block(), 2006)
        db.option(503, 1000)
        self.assertEqual(db.transaction().get(b"a").block(), 2006)
        self.assertEqual(self.begin().get(b"a").block(), 0)  # another handle is fine
        for code, value, size in ((500, b"\x01", 1), (26, b"x", 1)):
            other = binding.open_url(URL)
            binding.check(binding.lib.fdb_database_set_option(other.handle, code, value, size))
            self.assertEqual(other.transaction().get(b"a").block(), 2006)

    def test_options_of_one_attempt(self):
        tr = self.begin((TIMEOUT, 100_000))
        tr.option(READ_SYSTEM_KEYS)
        WRONG[2004](tr)
        self.assertEqual(tr.get(b"a").block(), 2004)


if __name__ == "__main__":
    sys.exit(binding.main())
