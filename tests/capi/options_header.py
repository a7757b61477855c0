"""fdb_c_options.g.h is made of the table of options, include/plinth/detail/options.inc.

usage: options_header.py SOURCE_FOLDER          fails unless the header is what the table says
       options_header.py SOURCE_FOLDER --write  makes it so
"""

import difflib
import pathlib
import re
import sys

TABLE = "include/plinth/detail/options.inc"
HEADER = "include/foundationdb/fdb_c_options.g.h"
ROW = re.compile(r'PLINTH_(NETWORK|DATABASE|TRANSACTION)_OPTION\((\d+), (\w+), (\w+), (\w+), "(.*)"\)')
VALUES = {"none": "", "integer": "int64. ", "text": "text. ", "bytes": "bytes. "}

INTRODUCTION = """\
/* The options and other numbers of FoundationDB's C API. Made by tests/capi/options_header.py of
   include/plinth/detail/options.inc, which says more: change that one. An option's comment says of
   which kind its value is, if it has one: an int64 is 8 bytes, little-endian. */
#pragma once
"""

ENUMS = [
    ("NETWORK", "FDBNetworkOption", "FDB_NET_OPTION_"),
    ("DATABASE", "FDBDatabaseOption", "FDB_DB_OPTION_"),
    ("TRANSACTION", "FDBTransactionOption", "FDB_TR_OPTION_"),
]

# Second names that FoundationDB's header has.
ALIASES = {"NETWORK": [(71, "enable_slow_task_profiling")]}

OTHERS = """
/* How much a page of a range read brings. */
typedef enum {
  FDB_STREAMING_MODE_WANT_ALL = -2,
  FDB_STREAMING_MODE_ITERATOR = -1,
  FDB_STREAMING_MODE_EXACT = 0,
  FDB_STREAMING_MODE_SMALL = 1,
  FDB_STREAMING_MODE_MEDIUM = 2,
  FDB_STREAMING_MODE_LARGE = 3,
  FDB_STREAMING_MODE_SERIAL = 4
} FDBStreamingMode;

/* Atomic operations. */
typedef enum {
  FDB_MUTATION_TYPE_ADD = 2,
  FDB_MUTATION_TYPE_AND = 6,
  FDB_MUTATION_TYPE_BIT_AND = 6,
  FDB_MUTATION_TYPE_OR = 7,
  FDB_MUTATION_TYPE_BIT_OR = 7,
  FDB_MUTATION_TYPE_XOR = 8,
  FDB_MUTATION_TYPE_BIT_XOR = 8,
  FDB_MUTATION_TYPE_APPEND_IF_FITS = 9,
  FDB_MUTATION_TYPE_MAX = 12,
  FDB_MUTATION_TYPE_MIN = 13,
  FDB_MUTATION_TYPE_SET_VERSIONSTAMPED_KEY = 14,
  FDB_MUTATION_TYPE_SET_VERSIONSTAMPED_VALUE = 15,
  FDB_MUTATION_TYPE_BYTE_MIN = 16,
  FDB_MUTATION_TYPE_BYTE_MAX = 17,
  FDB_MUTATION_TYPE_COMPARE_AND_CLEAR = 20
} FDBMutationType;

typedef enum {
  FDB_CONFLICT_RANGE_TYPE_READ = 0,
  FDB_CONFLICT_RANGE_TYPE_WRITE = 1
} FDBConflictRangeType;

/* Classes of errors, for fdb_error_predicate. */
typedef enum {
  FDB_ERROR_PREDICATE_RETRYABLE = 50000,
  FDB_ERROR_PREDICATE_MAYBE_COMMITTED = 50001,
  FDB_ERROR_PREDICATE_RETRYABLE_NOT_COMMITTED = 50002
} FDBErrorPredicate;
"""


def read_table(text):
    rows = {"NETWORK": [], "DATABASE": [], "TRANSACTION": []}
    for line in text.split("\n"):
        match = ROW.fullmatch(line)
        if match:
            kind, code, name, value, _, meaning = match.groups()
            rows[kind].append((int(code), name, value, meaning.replace("\\\\", "\\")))
        elif re.match(r"PLINTH_\w+_OPTION\(", line):
            raise ValueError(f"{TABLE}: not understood: {line}")
    return rows


def comment(text):
    lines, line = [], "  /*"
    for word in f"{text}. */".split():
        if len(line) + 1 + len(word) > 100:
            lines.append(line)
            line = "    "
        line += " " + word
    return "\n".join(lines + [line])


def header(rows):
    text = INTRODUCTION
    for kind, name, prefix in ENUMS:
        aliases = dict((code, alias) for code, alias in ALIASES.get(kind, []))
        entries = []
        for code, option, value, meaning in rows[kind]:
            entries.append(f"{comment(VALUES[value] + meaning)}\n  {prefix}{option.upper()} = {code}")
            if code in aliases:
                entries.append(f"  {prefix}{aliases[code].upper()} = {code}")
        text += "\ntypedef enum {\n" + ",\n".join(entries) + f"\n}} {name};\n"
    return text + OTHERS


def main():
    root = pathlib.Path(sys.argv[1])
    wanted = header(read_table((root / TABLE).read_text(encoding="utf-8")))
    if sys.argv[2:] == ["--write"]:
        (root / HEADER).write_text(wanted, encoding="utf-8")
        return 0
    found = (root / HEADER).read_text(encoding="utf-8")
    if found == wanted:
        return 0
    sys.stdout.writelines(difflib.unified_diff(found.splitlines(True), wanted.splitlines(True),
                                               HEADER, "what the table says"))
    return 1


if __name__ == "__main__":
    sys.exit(main())
