"""Runs commands that a text file shows, and compares what they print with what the file says.

usage: text_tests.py BIN_FOLDER FILE…

A file (README.md here explains it to those who write one) is read line by line:

    # a remark
    $ plinth get hello          a command for bash, with BIN_FOLDER first in its PATH
    > goes on here              more lines of it
    world                       what it prints, standard output and standard error together
    [exit code 1]               left out when it is 0

<any> in such a line stands for any text, <lines> alone in a line for any lines. Of a Markdown file
the blocks marked as console are read. All commands of a file run in one empty folder, which is gone
afterwards; folders beside the file are in $CASES.
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile

SECONDS_MAX = 120  # for one command


class Step:
    def __init__(self, number, command):
        self.number, self.command, self.expected = number, command, []


def console_blocks(text):
    """The lines of a Markdown file's console blocks; other lines are blank, so that numbers fit."""
    inside = False
    for line in text.split("\n"):
        if line.startswith("```"):
            inside = line.strip() == "```console"
            yield ""
        else:
            yield line if inside else ""


def read_steps(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    lines = console_blocks(text) if path.endswith(".md") else text.split("\n")
    steps = []
    for number, line in enumerate(lines, 1):
        if line.startswith("$ "):
            steps.append(Step(number, line[2:]))
        elif line.startswith("> ") and steps and not steps[-1].expected:
            steps[-1].command += "\n" + line[2:]
        elif steps and not line.startswith("# "):
            steps[-1].expected.append(line)
    for step in steps:
        while step.expected and not step.expected[-1].strip():
            step.expected.pop()
    return steps


def pattern_of(expected):
    """A regular expression for the whole output."""
    pattern = ""
    for line in expected:
        if line == "<lines>":
            pattern += r"(?:.*\n)*?"
        else:
            pattern += ".*".join(re.escape(part) for part in line.split("<any>")) + r"\n"
    return pattern


def run_step(step, folder, environment):
    """Returns what was printed, with the exit code as the last line when it is not 0."""
    done = subprocess.run(["bash", "-c", step.command], cwd=folder, env=environment,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=SECONDS_MAX, check=False)
    output = done.stdout.decode("utf-8", "replace").rstrip("\n")
    lines = output.split("\n") if output else []
    if done.returncode != 0:
        lines.append(f"[exit code {done.returncode}]")
    return lines


def run_file(path, bin_folder):
    """Prints each difference; returns the number of commands and of those that differ."""
    steps = read_steps(path)
    failures = 0
    with tempfile.TemporaryDirectory(prefix="plinth-cli-") as folder:
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("PLINTH_")}
        environment |= {"PATH": bin_folder + os.pathsep + os.environ["PATH"], "HOME": folder,
                        "CASES": os.path.dirname(os.path.abspath(path)), "LC_ALL": "C.UTF-8"}
        for step in steps:
            output = run_step(step, folder, environment)
            text = "".join(line + "\n" for line in output)
            if re.fullmatch(pattern_of(step.expected), text):
                continue
            failures += 1
            print(f"{path}:{step.number}: $ {step.command}")
            for line in difflib.ndiff(step.expected, output):
                if not line.startswith("?"):
                    print("    " + line)
    return len(steps), failures


def main():
    bin_folder, paths = os.path.abspath(sys.argv[1]), sys.argv[2:]
    total = failed = 0
    for path in paths:
        steps, failures = run_file(path, bin_folder)
        if steps == 0:
            print(f"{path}: no command in it")
            failures += 1
        total += steps
        failed += failures
    print(f"{total} commands, {failed} of them not as written")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
