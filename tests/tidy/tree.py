"""The files of a source tree, as the rules see them."""

import functools
import os
import re

# Build folders, and what editors and tools leave in hidden ones.
_SKIPPED_FOLDERS = re.compile(r"^(\..*|build.*|__pycache__|.*\.db)$")
_BINARY_FOLDERS = re.compile(r"(^|/)corpus/")
_COMMENT_OR_TEXT = re.compile(
    r"//[^\n]*|/\*.*?\*/|R\"(\w*)\(.*?\)\1\"|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)


class Tree:
    def __init__(self, root):
        self.root = root
        self.files = []  # paths relative to the root, with "/", sorted
        for folder, folders, names in os.walk(root):
            folders[:] = [f for f in folders if f == ".ci" or not _SKIPPED_FOLDERS.match(f)]
            for name in names:
                path = os.path.relpath(os.path.join(folder, name), root)
                if not _BINARY_FOLDERS.search(path):
                    self.files.append(path)
        self.files.sort()

    @functools.cache
    def text(self, path):
        return (self.root / path).read_text(encoding="utf-8")

    @functools.cache
    def code(self, path):
        """The text without comments and strings; lines keep their numbers, includes their names."""

        def blank(match):
            before = match.string[match.string.rfind("\n", 0, match.start()) + 1:match.start()]
            if before.strip() == "#include":
                return match.group()
            return "\n" * match.group().count("\n")

        return _COMMENT_OR_TEXT.sub(blank, self.text(path))

    def cpp(self, *folders):
        """The C++ files in these folders (all, with none given)."""
        return [f for f in self.files
                if f.endswith((".hpp", ".cpp", ".h", ".inc")) and
                (not folders or f.startswith(tuple(folder + "/" for folder in folders)))]

    def includes(self, path):
        """(line number, name) of each #include; a name keeps its quotes or angles."""
        for number, line in enumerate(self.code(path).split("\n"), 1):
            match = re.match(r"\s*#\s*include\s*([<\"][^>\"]+[>\"])", line)
            if match:
                yield number, match.group(1)
