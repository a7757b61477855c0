"""The header compiles as C90 and as C++20 with every warning an error, for each API version that
changes it, and refuses versions and functions that it does not have.

usage: header_test.py SOURCE_FOLDER
"""

import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(sys.argv[1])
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-I", ROOT / "include"]
C90 = [os.environ.get("CC", "cc"), "-std=c90", "-x", "c"]
CPP20 = [os.environ.get("CXX", "c++"), "-std=c++20", "-x", "c++"]
PROGRAM = "#include <foundationdb/fdb_c.h>\nint main(void) { return 0; }\n"


def compile_with(language, options, text):
    return subprocess.run([*language, *STRICT, *options, "-"], input=text, capture_output=True,
                          text=True, check=False)


def main():
    program = (ROOT / "tests/capi/header.c").read_text(encoding="utf-8")
    failed = 0
    for language in (C90, CPP20):
        for version in (510, 600, 610, 620, 630, 700, 710, 720, 730):
            done = compile_with(language, [f"-DFDB_API_VERSION={version}"], program)
            if done.returncode != 0 or done.stderr:
                print(f"{language[1]}, API version {version}:\n{done.stderr}")
                failed += 1
        done = compile_with(language, ["-DFDB_USE_LATEST_API_VERSION"], program)
        failed += done.returncode != 0
        # Must not compile.
        removed = program.replace("fdb_setup_network()", "fdb_future_get_version(future, &version)")
        for options, text in (([], PROGRAM), (["-DFDB_API_VERSION=509"], PROGRAM),
                              (["-DFDB_API_VERSION=731"], PROGRAM),
                              (["-DFDB_API_VERSION=730"], removed)):
            if compile_with(language, options, text).returncode == 0:
                print(f"{language[1]}: compiles with {options}, and should not")
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
