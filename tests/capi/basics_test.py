"""A first round through the ABI: reads, writes, ranges, commit, retry, watch, options.

usage: basics_test.py LIBRARY [TEST…]
"""

import sys
import threading

import binding
from binding import SECONDS_MAX


class Basics(binding.TestCase):
    def setUp(self):
        self.db = binding.open_url("memory:")

    def test_set_get_clear(self):
        tr = self.db.transaction()
        tr.set(b"a", b"1")
        self.assertEqual(tr.get(b"a").value(), b"1")
        tr.commit().wait()
        self.assertGreater(tr.committed_version(), 0)
        tr = self.db.transaction()
        future = tr.get(b"a")
        self.assertTrue(future.ready())  # in this process: at once
        self.assertEqual(future.value(), b"1")
        tr.clear(b"a")
        tr.commit().wait()
        self.assertIsNone(self.db.transaction().get(b"a").value())

    def test_ranges(self):
        self.db.run(lambda tr: [tr.set(b"k%03d" % i, b"v%d" % i) for i in range(100)])
        tr = self.db.transaction()
        rows, more = tr.range(b"k", b"l").rows()
        self.assertEqual(rows, [(b"k%03d" % i, b"v%d" % i) for i in range(100)])
        self.assertFalse(more)
        rows, more = tr.range(b"k", b"l", limit=3, reverse=True).rows()
        self.assertEqual([key for key, _ in rows], [b"k099", b"k098", b"k097"])
        self.assertTrue(more)
        self.assertEqual(tr.get_key(b"k050", 0, 1).key(), b"k050")
        self.assertEqual(tr.get_key(b"k050", 1, 1).key(), b"k051")
        self.assertEqual(tr.get_key(b"k050", 1, 1).value(), b"k051")  # a key is also a value

    def test_conflict_and_retry(self):
        first, second = self.db.transaction(), self.db.transaction()
        for tr in (first, second):
            tr.get(b"c").wait()
            tr.set(b"c", b"x")
        first.commit().wait()
        self.assertEqual(second.commit().block(), 1020)
        second.on_error(1020).wait()
        self.assertEqual(second.get(b"c").value(), b"x")
        second.set(b"c", b"y")
        second.commit().wait()

    def test_watch_fires_on_the_network_thread(self):
        tr = self.db.transaction()
        watch = tr.watch(b"w")
        tr.commit().wait()
        tr.destroy()
        self.assertFalse(watch.ready())
        fired, threads = threading.Event(), []
        watch.on_ready(lambda _: (threads.append(threading.get_ident()), fired.set()))
        self.db.run(lambda tr: tr.set(b"w", b"1"))
        self.assertTrue(fired.wait(SECONDS_MAX))
        self.assertNotEqual(threads, [threading.get_ident()])
        self.assertEqual(watch.error(), 0)

    def test_options(self):
        tr = self.db.transaction()
        self.assert_code(2007, lambda: tr.option(9999))
        tr.option(503, 10)  # size_limit: too small, told later
        self.assertEqual(tr.get(b"a").block(), 2006)
        self.assertEqual(tr.commit().block(), 2006)
        tr.reset()
        tr.option(500, 100_000)
        tr.get(b"a").wait()
        self.assert_code(2007, lambda: self.db.option(9999))


if __name__ == "__main__":
    sys.exit(binding.main())
