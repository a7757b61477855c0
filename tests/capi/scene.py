"""What tests of transactions through the ABI have in common: a database, and short words for it."""

import os

import binding

# shared_test.py has the tests run on another one.
URL = os.environ.get("PLINTH_TEST_URL", "memory:")

# Options of a transaction, by their codes.
CAUSAL_WRITE_RISKY, NEXT_WRITE_NO_CONFLICT, RYW_DISABLE = 10, 30, 51
ACCESS_SYSTEM_KEYS, READ_SYSTEM_KEYS = 301, 302
TIMEOUT, RETRY_LIMIT, MAX_RETRY_DELAY, SIZE_LIMIT = 500, 501, 502, 503
SNAPSHOT_RYW_ENABLE, SNAPSHOT_RYW_DISABLE, REPORT_CONFLICTING_KEYS = 600, 601, 712
SPECIAL_KEYS_RELAXED, SPECIAL_KEYS_WRITES, TAG, BYPASS_UNREADABLE = 713, 714, 800, 1100


class Transactions(binding.TestCase):
    def setUp(self):
        self.db = binding.open_url(URL)
        self.db.run(lambda tr: tr.clear_range(b"", b"\xff"))

    def begin(self, *options):
        tr = self.db.transaction()
        for option in options:
            tr.option(*option) if isinstance(option, tuple) else tr.option(option)
        return tr

    def put(self, **rows):
        def write(tr):
            for key, value in rows.items():
                tr.set(key.encode(), value if isinstance(value, bytes) else value.encode())
        self.db.run(write)

    def value(self, key):
        return self.db.transaction().get(key).value()

    def commit_code(self, work, *options):
        tr = self.begin(*options)
        work(tr)
        return tr.commit().block()
