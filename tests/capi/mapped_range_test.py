"""Mapped ranges: an index and the records that it points at, in one read.

usage: mapped_range_test.py LIBRARY [TEST…]
"""

import sys

import binding
from scene import RYW_DISABLE, Transactions


def pack(*elements):
    """The tuple encoding, of bytes, text and small integers."""
    packed = b""
    for element in elements:
        if isinstance(element, int):
            packed += b"\x14" if element == 0 else bytes([0x15, element])
        elif isinstance(element, str):
            packed += b"\x02" + element.encode().replace(b"\x00", b"\x00\xff") + b"\x00"
        else:
            packed += b"\x01" + element.replace(b"\x00", b"\x00\xff") + b"\x00"
    return packed


class MappedRange(Transactions):
    ROWS, PARTS = 20, 3

    def setUp(self):
        super().setUp()

        def write(tr):
            for i in range(1, self.ROWS + 1):
                tr.set(pack(b"index", b"color", i, b"id%d" % i), pack("value", i))
                for part in range(self.PARTS):
                    tr.set(pack(b"record", b"id%d" % i, part), b"data of %d, %d" % (i, part))
        self.db.run(write)
        self.begin_key, self.end_key = pack(b"index"), pack(b"index") + b"\xff"

    def record(self, i, parts=None):
        return [(pack(b"record", b"id%d" % i, part), b"data of %d, %d" % (i, part))
                for part in (range(self.PARTS) if parts is None else parts)]

    def mapped(self, *mapper, tr=None, **options):
        tr = tr or self.begin()
        return tr.mapped_range(self.begin_key, self.end_key, pack(*mapper), **options).mapped()

    def code(self, mapper, *options, **arguments):
        return self.begin(*options).mapped_range(self.begin_key, self.end_key, mapper,
                                                 **arguments).block()

    def test_records_of_an_index(self):
        rows, more = self.mapped(b"record", b"{K[3]}", b"{...}")
        self.assertFalse(more)
        self.assertEqual(rows, [(pack(b"index", b"color", i, b"id%d" % i), pack("value", i),
                                 self.record(i)) for i in range(1, self.ROWS + 1)])

    def test_limit_and_direction(self):
        rows, more = self.mapped(b"record", b"{K[3]}", b"{...}", limit=2)
        self.assertEqual(([found for _, _, found in rows], more), ([self.record(1), self.record(2)], True))
        rows, _ = self.mapped(b"record", b"{K[3]}", b"{...}", limit=2, reverse=True)
        self.assertEqual([found for _, _, found in rows],
                         [self.record(self.ROWS), self.record(self.ROWS - 1)])

    def test_single_keys_and_values(self):
        rows, _ = self.mapped(b"record", b"{K[3]}", 1)
        self.assertEqual([found for _, _, found in rows],
                         [self.record(i, [1]) for i in range(1, self.ROWS + 1)])
        rows, _ = self.mapped(b"record", b"{K[3]}", 9)
        self.assertEqual([found for _, _, found in rows], [[]] * self.ROWS)
        self.db.run(lambda tr: tr.set(pack("by value", 5), b"found"))
        rows, _ = self.mapped("by {{value}}", "{V[1]}", tr=self.begin())
        self.assertEqual([found for _, _, found in rows], [[]] * self.ROWS)
        rows, _ = self.mapped("by value", "{V[1]}")
        self.assertEqual([found for _, _, found in rows if found], [[(pack("by value", 5), b"found")]])

    def test_escaped_braces(self):
        self.db.run(lambda tr: tr.set(pack(b"{K[3]}", b"id7"), b"found"))
        rows, _ = self.mapped(b"{{K[3]}}", b"{K[3]}")
        self.assertEqual([found for _, _, found in rows if found], [[(pack(b"{K[3]}", b"id7"), b"found")]])

    def test_own_writes_are_seen(self):
        tr = self.begin()
        tr.clear_range(pack(b"record", b"id1"), pack(b"record", b"id1") + b"\xff")
        tr.set(pack(b"record", b"id2", 9), b"own")
        rows, _ = self.mapped(b"record", b"{K[3]}", b"{...}", tr=tr, limit=2)
        self.assertEqual([found for _, _, found in rows],
                         [[], self.record(2) + [(pack(b"record", b"id2", 9), b"own")]])

    def test_conflicts(self):
        for key, code in ((pack(b"record", b"id5", 1), 1020), (pack(b"record", b"id5", 7), 1020),
                          (pack(b"index", b"color", 5, b"other"), 1020), (pack(b"record", b"x"), 0)):
            tr = self.begin()
            self.mapped(b"record", b"{K[3]}", b"{...}", tr=tr)
            tr.set(b"unrelated", b"")
            self.db.run(lambda other: other.set(key, b"changed"))
            self.assertEqual(tr.commit().block(), code, key)
            self.db.run(lambda other: other.clear(key))
            self.setUp()

    def test_errors(self):
        self.assertEqual(self.code(b"\x99"), 2043)
        self.assertEqual(self.code(pack(b"record", b"{...}", b"{K[3]}")), 2032)
        self.assertEqual(self.code(pack(b"{K[4]}")), 2030)
        for bad in (b"{K[-1]}", b"{K[x]}", b"{K[]}", b"{K[1x]}", b"{V[99999999999999999999]}"):
            self.assertEqual(self.code(pack(bad)), 2030, bad)
        self.assertEqual(self.code(pack(b"record", b"{K[3]}"), snapshot=True), 2108)
        self.assertEqual(self.code(pack(b"record", b"{K[3]}"), RYW_DISABLE), 2108)
        self.db.run(lambda tr: tr.set(pack(b"index") + b"\x99", b""))
        self.assertEqual(self.code(pack(b"{K[0]}")), 2041)
        self.assertEqual(self.code(pack(b"literal")), 0)  # nothing to unpack
        self.db.run(lambda tr: tr.clear(pack(b"index") + b"\x99"))
        self.db.run(lambda tr: tr.set(pack(b"index", b"z"), b"\x99"))
        self.assertEqual(self.code(pack(b"{V[0]}")), 2042)

    def test_text_that_only_looks_like_a_reference(self):
        self.db.run(lambda tr: tr.set(pack(b"{Q[3]}", b"{K3}", b"{}"), b"found"))
        rows, _ = self.mapped(b"{Q[3]}", b"{K3}", b"{}")
        self.assertEqual(rows[0][2], [(pack(b"{Q[3]}", b"{K3}", b"{}"), b"found")])


if __name__ == "__main__":
    sys.exit(binding.main())
