"""The runner itself: what is not as written must not pass."""

import contextlib
import io
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import text_tests  # noqa: E402


def differences(text, name="case.txt"):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        with contextlib.redirect_stdout(io.StringIO()):
            return text_tests.run_file(path, folder)


class Runner(unittest.TestCase):
    def test_what_is_as_written_passes(self):
        for text in ["$ echo a\na\n", "# remark\n\n$ echo a\na\n\n# remark\n", "$ true\n",
                     "$ false\n[exit code 1]\n", "$ echo a; echo b >&2; exit 3\na\nb\n[exit code 3]\n",
                     "$ echo abc\na<any>c\n", "$ seq 5\n1\n<lines>\n5\n", "$ seq 2\n<lines>\n1\n2\n",
                     "$ cat <<'END'\n> a\n> b\n> END\na\nb\n", "$ printf 'a\\n\\nb\\n'\na\n\nb\n"]:
            self.assertEqual(differences(text), (1, 0), text)

    def test_what_is_not_as_written_fails(self):
        for text in ["$ echo a\nb\n", "$ echo a\n", "$ true\na\n", "$ false\n",
                     "$ true\n[exit code 1]\n", "$ false\n[exit code 2]\n", "$ echo a.c\na<any>d\n",
                     "$ echo abc\na.c\n", "$ seq 5\n1\n<lines>\n6\n", "$ seq 3\n1\n3\n"]:
            self.assertEqual(differences(text), (1, 1), text)

    def test_commands_share_a_folder(self):
        self.assertEqual(differences("$ echo a > file\n$ cat file\na\n$ ls\nfile\n"), (3, 0))

    def test_markdown(self):
        text = "# title\n```\n$ false\n```\n```console\n$ echo a\na\n```\ntext\n```console\n$ echo b\nc\n```\n"
        self.assertEqual(differences(text, "page.md"), (2, 1))


if __name__ == "__main__":
    unittest.main()
