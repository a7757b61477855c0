"""The library exports the functions of the header, and nothing else; docs/foundationdb.md has them all.

usage: symbols_test.py SOURCE_FOLDER LIBRARY
"""

import pathlib
import re
import subprocess
import sys


def difference(what, found, wanted):
    for name in sorted(found - wanted):
        print(f"{what}: {name} should not be there")
    for name in sorted(wanted - found):
        print(f"{what}: {name} is missing")
    return found != wanted


def main():
    root, library = pathlib.Path(sys.argv[1]), sys.argv[2]
    listed = set((root / "src/capi/functions.txt").read_text(encoding="utf-8").split())
    symbols = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True,
                             text=True, check=True).stdout
    exported = {line.split()[-1] for line in symbols.splitlines()}
    header = (root / "include/foundationdb/fdb_c.h").read_text(encoding="utf-8")
    code = re.sub(r"/\*.*?\*/", "", header, flags=re.DOTALL)
    # Of fdb_select_api_version and its kin there are only macros.
    declared = set(re.findall(r"\bfdb_\w+(?=\()", code)) - {
        "fdb_select_api_version", "fdb_select_api_version_capped"}
    guide = (root / "docs/foundationdb.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`(fdb_\w+)`", guide))
    failed = [difference("exported", exported, listed), difference("declared", declared, listed),
              difference("documented", documented, listed)]
    if len(listed) != 105:
        print(f"FoundationDB 7.3 has 105 functions, not {len(listed)}")
        return 1
    return 1 if any(failed) else 0


if __name__ == "__main__":
    sys.exit(main())
