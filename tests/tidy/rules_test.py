"""Each rule against a small tree that keeps it and against trees that break it."""

import pathlib
import tempfile
import unittest

import rules
import tree

GOOD = {
    ".clang-format": "BasedOnStyle: Google\nColumnLimit: 100\n",
    "include/plinth/bytes.hpp": "// Words.\n#pragma once\n#include <string>\n",
    "include/plinth/asio.hpp": "#pragma once\n#include \"plinth/bytes.hpp\"\n",
    "include/plinth/plinth.hpp": "#pragma once\n#include \"plinth/bytes.hpp\"\n",
    "src/base/README.md": "What lives here is what all other folders stand on; what must not be "
                          "here is anything that knows of the database itself.\n",
    "src/base/words.cpp": "#include <tuple>\n\n#include \"plinth/bytes.hpp\"\nint x;\n",
    "src/engine/README.md": "What lives here is the engine, on the seam of base; what must not be "
                            "here is anything that knows of transactions as users see them.\n",
    "src/engine/log.cpp": "#include \"base/bytes.hpp\"\n"
                          "// std::mutex, open(\n"
                          "void f(File& file) {\n"
                          "  file.open(1);\n"
                          "  engine::open(1);\n"
                          "  reopen(\"std::thread\");\n"
                          "}\n",
    "src/base/awaits.cpp": "Future<int> f() {\n"
                           "  co_return co_await g([this, &a](int x) { h(x); });\n"
                           "}\n"
                           "Future<int> k() { co_return co_await rows[i](x); }\n",
    "examples/hello.cpp": "#include \"plinth/bytes.hpp\"\nint main() { return 0; }\n",
    "README.md": "Words, /usr/lib, https://example.org/home/x, [x](src/base/) [y](#y).\n"
                 "```\n[&](no) {}\n```\n",
}

# rule → trees that break it: {path: text} put over GOOD (None: taken away), and what is said.
BAD = {
    rules.arrows_go_downward: [
        ({"src/base/up.cpp": "#include \"engine/log.hpp\"\n"}, "src/base/up.cpp:1: src/base must"),
        ({"src/storage/x.hpp": "#pragma once\n#include \"engine/log.hpp\"\n"}, "src/storage must"),
        ({"src/tuple/x.cpp": "#include <storage/store.hpp>\n"}, "src/tuple must not"),
        ({"src/engine/x.cpp": "#include \"log.hpp\"\n"}, "named from src/"),
        ({"src/attic/x.cpp": "int x;\n"}, "src/attic has no place"),
        ({"src/engine/log/x.cpp": "#include \"engine/log.hpp\"\n"}, "src/engine/log must not"),
        ({"src/client/x.cpp": "#include \"engine/log/x.hpp\"\n"}, "src/client must not"),
    ],
    rules.libraries_stay_in_their_room: [
        ({"src/engine/x.cpp": "#include <lmdb.h>\n"}, "x.cpp:1: <lmdb.h> belongs to src/storage/"),
        ({"src/base/x.cpp": "#include <rocksdb/db.h>\n"}, "belongs to src/storage/"),
        ({"include/plinth/x.hpp": "#pragma once\n#include <boost/asio.hpp>\n"}, "x.hpp:2"),
        ({"src/base/x.cpp": "#include <absl/strings/cord.h>\n"}, "of no library"),
    ],
    rules.public_headers_stand_alone: [
        ({"include/plinth/x.hpp": "#pragma once\n#include \"base/sync.hpp\"\n"}, "x.hpp:2"),
        ({"include/plinth/x.hpp": "#pragma once\n#include <unistd.h>\n"}, "x.hpp:2"),
        ({"include/plinth/x.hpp": "#pragma once\n#include <boost/asio.hpp>\n"}, "x.hpp:2"),
        ({"include/plinth/asio.hpp": "#pragma once\n#include <lmdb.h>\n"}, "asio.hpp:2"),
        ({"include/foundationdb/x.h": "#pragma once\n#include <stdio.h>\n"}, "x.h:2"),
        ({"examples/x.cpp": "#include \"engine/log.hpp\"\n"}, "examples/x.cpp:1"),
    ],
    rules.one_header_includes_all: [
        ({"include/plinth/x.hpp": "#pragma once\n"}, "does not include plinth/x.hpp"),
    ],
    rules.public_headers_compile_alone: [
        ({"include/plinth/x.hpp": "#pragma once\ninline std::string x;\n"}, "x.hpp: does not"),
        ({"include/plinth/x.hpp": "#pragma once\ninline int f(int unused) { return 1; }\n"},
         "unused parameter"),
    ],
    rules.headers_are_guarded: [
        ({"src/base/x.hpp": "// Words.\nint x;\n"}, "x.hpp: #pragma once"),
        ({"tests/x.hpp": "#include <string>\n#pragma once\n"}, "x.hpp: #pragma once"),
        ({"tests/x.hpp": "// #pragma once\n"}, "x.hpp: #pragma once"),
    ],
    rules.code_is_formatted: [
        ({"src/base/x.cpp": "int  x;\n"}, "x.cpp: run clang-format"),
        ({"tests/x.hpp": "#pragma once\nint* a(){return 0;}\n"}, "x.hpp: run clang-format"),
    ],
    rules.text_is_clean: [
        ({"README.md": "words \n"}, "README.md:1: a tab"),
        ({"run": "words\n\twords\n"}, "run:2: a tab"),
        ({"run": "words"}, "run: the last line"),
    ],
    rules.files_are_short: [
        ({"src/base/x.cpp": "\n" * 801}, "801 lines"),
    ],
    rules.names_are_snake_case: [
        ({"src/base/CommitLog.cpp": "int x;\n"}, "CommitLog.cpp"),
        ({"src/Base/x.cpp": "int x;\n"}, "lower case: Base"),
    ],
    rules.nothing_of_one_machine: [
        ({"docs/x.md": "see /ho" + "me/ann/notes\n"}, "docs/x.md:1: a path"),
        ({"src/base/x.cpp": "// \"/wor" + "k/main\"\n"}, "x.cpp:1: a path"),
        ({"run": "curl https://registry.npm" + "js.org/\n"}, "run:1: a host"),
        ({".ci/run": "echo deb.debian" + ".org\n"}, "run:1: a host"),
    ],
    rules.nothing_unfinished: [
        ({"src/base/x.cpp": "// TO" + "DO: more\n"}, "x.cpp:1: TO"),
        ({"README.md": "words\nFIX" + "ME\n"}, "README.md:2: FIX"),
    ],
    rules.links_lead_somewhere: [
        ({"docs/x.md": "[x](../README.md#x) [y](y.md)\n"}, "docs/x.md:1: no such file: y.md"),
    ],
    rules.folders_say_what_lives_there: [
        ({"src/base/README.md": None}, "src/base/README.md: must say"),
        ({"src/base/README.md": "Things.\n"}, "src/base/README.md: must say"),
        ({"src/base/deep/x.cpp": "int x;\n"}, "src/base/deep/README.md: must say"),
    ],
    rules.no_await_in_braces: [
        ({"tests/x.cpp": "Found found{co_await page, {}};\n"}, "x.cpp:1: co_await first"),
    ],
    rules.no_copies_in_awaited_lambdas: [
        ({"tests/x.cpp": "int n = co_await db.run_async([" + captures + "](Transaction& tx) {\n"
                         "  return f(tx); });\n"}, "x.cpp:1: give the lambda a name")
        for captures in ["name", "&a, name", "=", "name = std::move(name)"]
    ],
    rules.no_aggregates_in_awaited_calls: [
        ({"tests/x.cpp": "const Rows rows =\n  co_await f(pack(ByteString{prefix}));\n"},
         "x.cpp:2: give it a name"),
    ],
    rules.engine_uses_the_seam: [
        ({"src/engine/x.cpp": line + "\n"}, "x.cpp:1: the simulator")
        for line in ["std::mutex m;", "std::shared_mutex m;", "std::thread t;", "std::jthread t;",
                     "auto t = std::chrono::steady_clock::now();", "#include <unistd.h>",
                     "int f = ::open(\"x\", 0);", "fdatasync(f);",
                     "std::this_thread::yield();", "std::ofstream out;", "int r = rand();",
                     "std::random_device d;", "std::condition_variable c;"]
    ] + [({"src/client/x.hpp": "#pragma once\nstd::mutex m;\n"}, "x.hpp:2: the simulator")],
}


def complaints(rule, files):
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for path, text in files.items():
            if text is not None:
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text, encoding="utf-8")
        return list(rule(tree.Tree(root)))


class Rules(unittest.TestCase):
    def test_each_rule_is_tested(self):
        self.assertEqual(set(rules.ALL), set(BAD))

    def test_a_good_tree_keeps_each(self):
        for rule in rules.ALL:
            with self.subTest(rule.__name__):
                self.assertEqual(complaints(rule, GOOD), [])

    def test_each_rule_can_fail(self):
        for rule, trees in BAD.items():
            for change, said in trees:
                with self.subTest(rule.__name__, change=change):
                    found = complaints(rule, GOOD | change)
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(said, found[0])

    def test_build_folders_and_corpora_are_no_sources(self):
        found = complaints(rules.nothing_unfinished, GOOD | {
            "build/x.cpp": "// FIX" + "ME\n", "tests/fuzz/corpus/log/1": "FIX" + "ME\n",
            ".git/x": "FIX" + "ME\n"})
        self.assertEqual(found, [])


if __name__ == "__main__":
    unittest.main()
