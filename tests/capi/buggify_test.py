"""Client buggify: errors where nothing is wrong, which an ordinary retry loop survives; and options
of the network from the environment.

usage: buggify_test.py LIBRARY [TEST…]
"""

import struct
import sys

import binding
from binding import ADD, FDBError, run_case

ENABLE, DISABLE, ACTIVATED, FIRED = 80, 81, 82, 83
RETRYABLE = {1007, 1009, 1020, 1021, 1037, 1042, 1051, 1078}


def set_option(code, value=None):
    return binding.lib.fdb_network_set_option(code, *binding.option_value(value))


def counted(db, rounds):
    """Errors met while a counter is raised by transactions that look whether they were there."""
    met, tr = set(), db.transaction()
    for i in range(rounds):
        while True:
            try:
                # Idempotent, as a transaction that may meet 1021 has to be.
                if tr.get(b"done%d" % i).value() is None:
                    tr.set(b"done%d" % i, b"")
                    tr.atomic(ADD, b"sum", struct.pack("<q", 1))
                tr.commit().wait()
                break
            except FDBError as error:
                met.add(error.code)
                tr.on_error(error.code).wait()
        tr.reset()
        tr.option(502, 0)
    return met


def check_sum(db, rounds):
    tr = db.transaction()
    found = struct.unpack("<q", tr.get(b"sum").value())[0]
    if found != rounds:
        raise AssertionError(f"{found} of {rounds}")


def survives():
    stop = binding.start()
    db = binding.open_url("memory:")
    if counted(db, 20):
        raise AssertionError("errors without buggify")
    for code, value in ((ACTIVATED, 100), (FIRED, 20), (ENABLE, None)):
        binding.check(set_option(code, value))
    met = counted(db, 400)
    binding.check(set_option(DISABLE))
    check_sum(db, 400)
    if not met <= RETRYABLE or not {1020, 1021, 1007} <= met:
        raise AssertionError(f"met {met}")
    if counted(db, 20):
        raise AssertionError("errors after buggify")
    # A commit that was refused is over, as a real one.
    for code, value in ((FIRED, 100), (ENABLE, None)):
        binding.check(set_option(code, value))
    tr = db.transaction()
    tr.set(b"a", b"1")
    if tr.commit().block() not in (1020, 1007, 1042) or tr.get(b"a").block() != 2017:
        raise AssertionError("a commit")
    stop()


def not_activated():
    stop = binding.start()
    db = binding.open_url("memory:")
    for code, value in ((ACTIVATED, 0), (FIRED, 100), (ENABLE, None)):
        binding.check(set_option(code, value))
    if counted(db, 50):
        raise AssertionError("errors with no place activated")
    stop()


def option_values():
    codes = [set_option(9999), set_option(ACTIVATED, 101), set_option(FIRED, -1), set_option(FIRED),
             binding.lib.fdb_network_set_option(ENABLE, b"x", 1), set_option(ACTIVATED, 50),
             set_option(63, b"/some/folder"), set_option(30, b"/tmp"), set_option(43, b"cert.pem")]
    if codes != [2007, 2006, 2006, 2006, 2006, 0, 0, 0, 0]:
        raise AssertionError(codes)


def from_the_environment():
    stop = binding.start()
    db = binding.open_url("memory:")
    met = set()
    for _ in range(50):
        met.add(db.transaction().get(b"a").block())
    print(sorted(met)[0] != 0)
    stop()


def bad_environment():
    print(binding.lib.fdb_select_api_version_impl(730, 730), binding.lib.fdb_setup_network())


CASES = {case.__name__: case for case in (survives, not_activated, option_values,
                                          from_the_environment, bad_environment)}
PREFIX = "FDB_NETWORK_OPTION_CLIENT_BUGGIFY_"


class Buggify(binding.TestCase):
    def test_retry_loops_survive(self):
        run_case("survives")

    def test_no_place_activated(self):
        run_case("not_activated")

    def test_option_values(self):
        run_case("option_values")

    def test_options_from_the_environment(self):
        on = {PREFIX + "ENABLE": "", PREFIX + "SECTION_ACTIVATED_PROBABILITY": "100",
              PREFIX + "SECTION_FIRED_PROBABILITY": "100"}
        self.assertEqual(run_case("from_the_environment", **on), "True\n")
        self.assertEqual(run_case("from_the_environment"), "False\n")
        bad = {PREFIX + "SECTION_FIRED_PROBABILITY": "many"}
        self.assertEqual(run_case("bad_environment", **bad), "0 2022\n")
        self.assertEqual(run_case("bad_environment"), "0 0\n")


if __name__ == "__main__":
    sys.exit(binding.main_of_cases(CASES))
