"""tidy.py ROOT: checks the tree at ROOT by all rules; prints what breaks one and exits with 1."""

import pathlib
import sys

import rules
import tree


def main():
    root = tree.Tree(pathlib.Path(sys.argv[1]))
    complaints = [complaint for rule in rules.ALL for complaint in rule(root)]
    for complaint in complaints:
        print(complaint)
    print(f"{len(rules.ALL)} rules, {len(root.files)} files, {len(complaints)} complaints")
    return 1 if complaints or not root.files else 0


sys.exit(main())
