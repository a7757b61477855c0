"""The rules of the house. Each is a function of a Tree that yields a sentence for each breach,
beginning with the place: "src/base/bytes.cpp:12: …". rules_test.py shows that each can fail."""

import concurrent.futures
import os
import re
import subprocess

LINES_MAX = 800

# Which folders under src/ a folder may include besides itself. Arrows go downward only. A folder
# within another that is named here is a room below it: the outer one includes it, not it the outer.
ARROWS = {
    "base": set(),
    "tuple": {"base"},
    "storage": {"base"},
    "engine/log": {"base"},
    "engine": {"base", "storage", "engine/log"},
    "client": {"base", "storage", "engine", "tuple"},
    "layers": {"base", "tuple", "client"},
    "remote": {"base", "engine"},
    "cluster": {"base", "engine", "client"},
    "urls": {"base", "storage", "engine", "client", "remote", "cluster"},
    "capi": {"base", "client", "urls"},
    "cli": {"base", "storage", "engine", "tuple", "client", "layers", "urls"},
}

# Which folders may include a foreign library; docs/dependencies.md says what for.
LIBRARIES = {
    "lmdb.h": ["src/storage/"],
    "rocksdb/": ["src/storage/"],
    "xxhash.h": ["src/storage/"],
    "boost/circular_buffer.hpp": ["src/engine/"],
    "boost/json/": ["src/engine/", "src/client/", "src/capi/", "src/cli/",
                    "src/layers/table/"],
    "boost/multiprecision/": ["src/tuple/"],
    "blake2.h": ["src/layers/"],
    "unicode/": ["src/layers/search/"],
    "libstemmer.h": ["src/layers/search/"],
    "re2/": ["src/layers/table/"],
    "boost/asio": ["include/plinth/asio.hpp"],
    "foundationdb/": ["src/cluster/", "src/capi/", "include/foundationdb/"],
    "fmt/": ["src/cli/"],
    "CLI/": ["src/cli/"],
    "histedit.h": ["src/cli/"],
}
SYSTEM_HEADER = re.compile(r"[a-z_]+|(?:(?:sys|linux|netinet|arpa)/)?[a-z_0-9]+\.h")

# Public headers in which a library besides the standard one may be included.
PUBLIC_FOREIGN = {"include/plinth/asio.hpp": "<boost/"}

# Texts with the exact output of programs.
EXACT_OUTPUT = "tests/cli/cases/"

# What src/engine and src/client must not use but through base/sync.hpp and base/environment.hpp,
# lest the simulator not know of it.
BESIDE_THE_SEAM = re.compile(
    r"\bstd::(?:recursive_|shared_|timed_)*mutex\b|\bstd::condition_variable|\bstd::j?thread\b"
    r"|\bstd::(?:this_thread|async|filesystem|random_device|counting_semaphore|latch|barrier"
    r"|[io]?fstream|time|rand|fopen)\b|\bstd::chrono::\w+_clock::now\b|(?<![\w>])::[a-z]\w*\s*\("
    r"|(?<![\w.>])(?:pread|pwrite|fsync|fdatasync|ftruncate|mmap|fopen"
    r"|usleep|nanosleep|clock_gettime|gettimeofday|getrandom|rand)\s*\("
    r"|#\s*include\s*<(?:unistd\.h|fcntl\.h|pthread\.h|sys/[a-z]+\.h|thread|fstream"
    r"|filesystem|condition_variable|random|ctime)>")

# A lambda in the expression that is awaited; what it captures is the group.
AWAITED_LAMBDA = re.compile(r"\bco_await\b[^;{}]*?(?<![\w\])])\[([^\[\]]*)\]\s*[({]")
# Aggregates of this repository that own memory.
AWAITED_AGGREGATE = re.compile(r"\bco_await\b[^;]*?\bByteString\{")
AWAIT_IN_BRACES = re.compile(r"[\w>]\{[^;{}]*\bco_await\b")

# Built of pieces, so that this file keeps its own rules.
MACHINE_PATH = re.compile(r"(?<![\w.~}])/(?:home|root|work|Users)/[\w.-]")
REGISTRY_HOST = re.compile(
    r"(?:deb|security|snapshot)\.debian\.org|registry\.npm[j]s|\bpypi[.]org|pythonhosted[.]org"
    r"|\bcrates[.]io|proxy\.golan[g]|rubygems[.]org|repo[.]maven|conan[.]io|archive\.ubuntu[.]com")
UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")


def in_parallel(work, items):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from pool.map(work, items)


def matching_lines(tree, paths, pattern, read):
    for path in paths:
        for number, line in enumerate(read(path).split("\n"), 1):
            match = pattern.search(line)
            if match:
                yield f"{path}:{number}", match.group().strip()


def room_of(path):
    """The longest beginning of a path (from src/) that has a place in ARROWS, or None."""
    folder = os.path.dirname(path)
    while folder and folder not in ARROWS:
        folder = os.path.dirname(folder)
    return folder or None


def arrows_go_downward(tree):
    for path in tree.cpp("src"):
        room = room_of(path.removeprefix("src/"))
        if room is None:
            yield f"{path}: {os.path.dirname(path)} has no place in ARROWS of tests/tidy/rules.py"
            continue
        for line, name in tree.includes(path):
            target = room_of(name.strip('"<>'))
            if target is not None and target != room and target not in ARROWS[room]:
                yield f"{path}:{line}: src/{room} must not include {name}"
            public = name.startswith(('"plinth/', '"foundationdb/'))
            if name.startswith('"') and target is None and not public:
                yield f"{path}:{line}: includes are named from src/ or include/, not {name}"


def libraries_stay_in_their_room(tree):
    for path in tree.cpp("src", "include"):
        for line, name in tree.includes(path):
            header = name.strip('"<>')
            rooms = next((r for library, r in LIBRARIES.items() if header.startswith(library)), None)
            if rooms is not None and not path.startswith(tuple(rooms)):
                yield f"{path}:{line}: {name} belongs to {', '.join(rooms)} alone"
            if rooms is None and name.startswith("<") and not SYSTEM_HEADER.fullmatch(header):
                yield f"{path}:{line}: {name} is of no library in LIBRARIES of tests/tidy/rules.py"


def public_headers_stand_alone(tree):
    """Users need nothing but include/plinth/ and the standard library; examples neither. The C ABI's
    header is FoundationDB's, which includes its parts from beside it."""
    for path in tree.cpp("include", "examples"):
        for line, name in tree.includes(path):
            if path.startswith("include/foundationdb/") and (
                    name == "<stdint.h>" or name.startswith('"fdb_c_')):
                continue
            standard = re.fullmatch(r"<[a-z_]+>", name)
            boost = name.startswith(PUBLIC_FOREIGN.get(path, "<boost/asio"))
            if not standard and not name.startswith('"plinth/') and not (
                    boost and (path in PUBLIC_FOREIGN or path.startswith("examples/"))):
                yield f"{path}:{line}: {name} is neither public nor standard"


def one_header_includes_all(tree):
    """plinth.hpp, but for those that need a foreign library."""
    whole = "include/plinth/plinth.hpp"
    included = {name.strip('"') for _, name in tree.includes(whole)} if whole in tree.files else set()
    for path in tree.cpp("include"):
        header = path.removeprefix("include/")
        if re.fullmatch(r"plinth/\w+\.hpp", header) and path not in PUBLIC_FOREIGN and (
                path != whole and header not in included):
            yield f"{whole}: does not include {header}"


def public_headers_compile_alone(tree):
    def compile_one(path):
        done = subprocess.run(
            [os.environ.get("CXX", "c++"), "-std=c++20", "-Wall", "-Wextra", "-fsyntax-only",
             "-I", tree.root / "include", "-x", "c++", "-"],
            input=f'#include "{path.removeprefix("include/")}"\n', capture_output=True, text=True)
        return path, done.returncode, done.stderr

    headers = [f for f in tree.cpp("include") if f.endswith(".hpp")]
    for path, code, errors in in_parallel(compile_one, headers):
        if code != 0 or errors:
            yield f"{path}: does not compile alone:\n{errors}"


def headers_are_guarded(tree):
    for path in tree.cpp():
        if path.endswith((".hpp", ".h")):
            first = next((line for line in tree.code(path).split("\n") if line.strip()), "")
            if first.strip() != "#pragma once":
                yield f"{path}: #pragma once must come before all other code"


def code_is_formatted(tree):
    def check(path):
        done = subprocess.run(["clang-format-14", "--dry-run", "-Werror", path], cwd=tree.root,
                              capture_output=True, text=True)
        return path, done.returncode, done.stderr

    sources = [f for f in tree.cpp() if not f.endswith(".inc")]
    for path, code, errors in in_parallel(check, sources):
        if code != 0:
            yield f"{path}: run clang-format-14 -i on it: {errors.splitlines()[0]}"


def text_is_clean(tree):
    pattern = re.compile(r"[ \t]+$|\t|\r")
    for path in tree.files:
        text = tree.text(path)
        if text and not text.endswith("\n"):
            yield f"{path}: the last line must end"
    paths = [f for f in tree.files if not f.startswith(EXACT_OUTPUT)]
    for place, _ in matching_lines(tree, paths, pattern, tree.text):
        yield f"{place}: a tab, or a space at the end of a line"


def files_are_short(tree):
    for path in tree.files:
        lines = tree.text(path).count("\n")
        if lines > LINES_MAX and path != "LICENSE":
            yield f"{path}: {lines} lines; more than {LINES_MAX} are two concepts"


def names_are_snake_case(tree):
    conventional = re.compile(r"README\.md|LICENSE|CHANGELOG\.md|CMakeLists\.txt|CMakePresets\.json"
                              r"|plinthConfig\.cmake|\.(?:clang-format|clang-tidy|gitignore)")
    for path in tree.files:
        for part in path.split("/"):
            if not conventional.fullmatch(part) and not re.fullmatch(r"\.?[a-z0-9_.-]+", part):
                yield f"{path}: names of files are in lower case: {part}"


def nothing_of_one_machine(tree):
    for place, found in matching_lines(tree, tree.files, MACHINE_PATH, tree.text):
        yield f"{place}: a path of one machine: {found}"
    for place, found in matching_lines(tree, tree.files, REGISTRY_HOST, tree.text):
        yield f"{place}: a host of a package registry: {found}"


def nothing_unfinished(tree):
    for place, found in matching_lines(tree, tree.files, UNFINISHED, tree.text):
        yield f"{place}: {found}: finish it, or file it where work is kept"


def links_lead_somewhere(tree):
    link = re.compile(r"\]\((?!https?://|#)([^)#\s]+)")
    for path in (f for f in tree.files if f.endswith(".md")):
        prose = re.sub(r"```.*?```", lambda m: "\n" * m.group().count("\n"), tree.text(path),
                       flags=re.DOTALL)
        for number, line in enumerate(prose.split("\n"), 1):
            for target in link.findall(line):
                if not (tree.root / os.path.dirname(path) / target).exists():
                    yield f"{path}:{number}: no such file: {target}"


def folders_say_what_lives_there(tree):
    folders = {os.path.dirname(f) for f in tree.cpp("src")}
    for folder in sorted(folders):
        readme = folder + "/README.md"
        if readme not in tree.files or len(tree.text(readme).split()) < 20:
            yield f"{readme}: must say in a paragraph what lives there and what must not"


def no_await_in_braces(tree):
    """g++ 12 destroys twice what a braced initializer makes of an awaited value."""
    for place, _ in matching_lines(tree, tree.cpp(), AWAIT_IN_BRACES, tree.code):
        yield f"{place}: co_await first, then initialize with the result"


def no_copies_in_awaited_lambdas(tree):
    """g++ 12 destroys twice what a lambda holds that is made in the expression that is awaited."""
    for path in tree.cpp():
        code = tree.code(path)
        for match in AWAITED_LAMBDA.finditer(code):
            captures = [capture.strip() for capture in match.group(1).split(",") if capture.strip()]
            if any(c != "this" and (c == "=" or not c.startswith("&")) for c in captures):
                line = code.count("\n", 0, match.start()) + 1
                yield f"{path}:{line}: give the lambda a name first, then await"


def no_aggregates_in_awaited_calls(tree):
    """g++ 12 destroys twice an aggregate that is initialized in the expression that is awaited."""
    for path in tree.cpp():
        code = tree.code(path)
        for match in AWAITED_AGGREGATE.finditer(code):
            line = code.count("\n", 0, match.end()) + 1
            yield f"{path}:{line}: give it a name first, or take ByteStringView"


def engine_uses_the_seam(tree):
    paths = tree.cpp("src/engine", "src/client")
    for place, found in matching_lines(tree, paths, BESIDE_THE_SEAM, tree.code):
        yield f"{place}: the simulator does not know of {found}; see src/base/sync.hpp, " \
              "environment.hpp"


ALL = [
    arrows_go_downward,
    libraries_stay_in_their_room,
    public_headers_stand_alone,
    one_header_includes_all,
    public_headers_compile_alone,
    headers_are_guarded,
    code_is_formatted,
    text_is_clean,
    files_are_short,
    names_are_snake_case,
    nothing_of_one_machine,
    nothing_unfinished,
    links_lead_somewhere,
    folders_say_what_lives_there,
    no_await_in_braces,
    no_copies_in_awaited_lambdas,
    no_aggregates_in_awaited_calls,
    engine_uses_the_seam,
]
