"""The command on a terminal, a pseudo one: prompt, editing, history, completion, progress bar.

usage: terminal_test.py BIN_FOLDER [TEST…]
"""

import os
import pty
import re
import select
import shutil
import signal
import sys
import tempfile
import time
import unittest

SECONDS_MAX = 60
PLINTH = ""


class Terminal:
    """A process on a pseudo terminal of 80 columns."""

    def __init__(self, folder, *arguments, standard_output=None):
        self.seen = ""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            environment = {"PATH": os.environ["PATH"], "HOME": folder, "TERM": "xterm",
                           "LC_ALL": "C.UTF-8"}
            environment |= {name: value for name, value in os.environ.items()
                            if name.endswith("SAN_OPTIONS")}
            os.chdir(folder)
            if standard_output is not None:
                os.dup2(os.open(standard_output, os.O_WRONLY | os.O_CREAT, 0o600), 1)
            os.execve(PLINTH, [PLINTH, *arguments], environment)

    def type(self, text):
        os.write(self.master, text.encode())

    def read(self, seconds):
        """What comes within that time; nothing at the end."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        if not ready:
            raise TimeoutError(f"nothing more was printed; it was {self.seen!r}")
        try:
            text = os.read(self.master, 65536).decode("utf-8", "replace")
        except OSError:  # the other side is gone
            return ""
        self.seen += text
        return text

    def expect(self, pattern):
        """Waits until `pattern` is printed, and forgets all up to its end."""
        end = time.monotonic() + SECONDS_MAX
        while not (match := re.search(pattern, self.seen)):
            if not self.read(end - time.monotonic()):
                raise AssertionError(f"{pattern!r} was not printed, but {self.seen!r}")
        self.seen = self.seen[match.end():]
        return match

    def end(self):
        """Waits for the end of the process. Returns what was printed, and the exit code."""
        while self.read(SECONDS_MAX):
            pass
        os.close(self.master)
        _, status = os.waitpid(self.pid, 0)
        return self.seen, os.waitstatus_to_exitcode(status)


class OnTerminal(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="plinth-cli-")
        self.addCleanup(shutil.rmtree, self.folder)

    def test_prompt_and_commands(self):
        shell = Terminal(self.folder, "shell")
        shell.expect(r"Plinth on \./plinth\.db")
        shell.expect(r"plinth> ")
        shell.type("set (\"user\", 42) Ada\n")
        shell.expect(r"plinth> ")
        shell.type("range\n")
        shell.expect(r'\("user", 42\) = Ada\r\n')
        shell.expect(r"plinth> ")
        shell.type("nonsense\n")
        shell.expect(r"plinth: there is no command 'nonsense'")
        shell.expect(r"plinth> ")
        shell.type("exit\n")
        _, code = shell.end()
        self.assertEqual(code, 0)

    def test_prompt_shows_open_transaction(self):
        shell = Terminal(self.folder, "shell")
        shell.expect(r"plinth> ")
        shell.type("begin\n")
        shell.expect(r"plinth\*> ")
        shell.type("set a 1\n")
        shell.expect(r"plinth\*> ")
        shell.type("commit\n")
        shell.expect(r"Committed at version \d+\.\r\n")
        shell.expect(r"plinth> ")
        shell.type("begin\n")
        shell.expect(r"plinth\*> ")
        shell.type("\x04")  # end of input
        shell.expect("The open transaction was not committed")
        self.assertEqual(shell.end()[1], 0)

    def test_completion(self):
        shell = Terminal(self.folder, "shell")
        shell.expect(r"plinth> ")
        shell.type("clearr\t")
        shell.expect(r"ange ")
        shell.type("a b\n")
        shell.expect(r"plinth> ")
        shell.type("re\t")  # only one: reset
        shell.expect(r"set ")
        shell.type("\n")
        shell.expect(r"no transaction is open")
        shell.expect(r"plinth> ")
        shell.type("s\t")
        shell.expect(r"set +size +status")
        shell.type("\x15exit\n")
        self.assertEqual(shell.end()[1], 0)

    def test_history_outlives_the_shell(self):
        shell = Terminal(self.folder, "shell")
        shell.expect(r"plinth> ")
        shell.type("set remembered yes\n")
        shell.expect(r"plinth> ")
        shell.type("exit\n")
        shell.end()
        history = os.path.join(self.folder, ".plinth_history")
        self.assertEqual(os.stat(history).st_mode & 0o077, 0, "others can read the history")

        shell = Terminal(self.folder, "shell")
        shell.expect(r"plinth> ")
        shell.type("\x1b[A\x1b[A")  # up, up: behind exit
        shell.expect(r"remembered")
        shell.type("\x15get remembered\n")
        shell.expect(r"yes\r\n")
        shell.expect(r"plinth> ")
        shell.type("\x04")
        self.assertEqual(shell.end()[1], 0)

    def test_interrupt_gives_a_new_prompt(self):
        shell = Terminal(self.folder, "shell")
        shell.expect(r"plinth> ")
        shell.type("set a nonse")
        shell.expect(r"nonse")
        shell.type("\x03")
        shell.expect(r"plinth> ")
        shell.type("set b 1\n")
        shell.expect(r"plinth> ")
        shell.type("get a\n")
        shell.expect(r"there is no key a")
        shell.expect(r"plinth> ")
        shell.type("watch a\n")
        shell.expect(r"plinth> ")
        # An interrupt may come when the line is there, but not the command's turn: then it is the
        # line that is forgotten.
        found = ""
        for _ in range(100):
            shell.type("wait\n")
            shell.expect(r"wait\r\n")
            os.kill(shell.pid, signal.SIGINT)
            found = shell.expect(r"interrupted|\^C").group()
            shell.expect(r"plinth> ")
            if found == "interrupted":
                break
        self.assertEqual(found, "interrupted")
        shell.type("exit\n")
        self.assertEqual(shell.end()[1], 0)

    def write_packages(self, count):
        path = os.path.join(self.folder, "status")
        with open(path, "w", encoding="ascii") as file:
            for i in range(count):
                file.write(f"Package: package{i}\nVersion: 1\nStatus: install ok installed\n"
                           f"Section: s{i % 7}\nDepends: package{i // 2}\n\n")
        return path

    def test_progress_bar(self):
        demo = Terminal(self.folder, "demo", "--status", self.write_packages(3000))
        output, code = demo.end()
        self.assertEqual(code, 0)
        bars = re.findall(r"\r\x1b\[K(load \[[#.]*\] +\d+ % +[\d,]+ of 3,000 packages)", output)
        self.assertTrue(bars, output)
        self.assertTrue(all(len(bar) < 80 for bar in bars), "a bar is wider than the terminal")
        self.assertIn("100 %", bars[-1])
        # It is wiped off before anything else is printed.
        self.assertRegex(output, r"\r\x1b\[KLoaded 3,000 packages")

    def test_no_progress_bar_elsewhere(self):
        # Only standard error decides; the demo's output goes into a file here.
        target = os.path.join(self.folder, "output")
        demo = Terminal(self.folder, "demo", "--status", self.write_packages(3000),
                        standard_output=target)
        output, code = demo.end()
        self.assertEqual(code, 0)
        self.assertIn("\r\x1b[Kload [", output)
        with open(target, encoding="utf-8") as file:
            self.assertNotIn("\r", file.read())


if __name__ == "__main__":
    PLINTH = os.path.abspath(os.path.join(sys.argv.pop(1), "plinth"))
    unittest.main()
