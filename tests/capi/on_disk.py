"""Runs a program of the C ABI on a database in files that is gone afterwards.

usage: on_disk.py PROGRAM LIBRARY
"""

import subprocess
import sys
import tempfile

with tempfile.TemporaryDirectory(prefix="plinth-capi-") as folder:
    sys.exit(subprocess.run([*sys.argv[1:], f"file:{folder}/db"], check=False).returncode)
