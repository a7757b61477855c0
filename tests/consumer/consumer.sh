#!/bin/bash
# consumer.sh BUILD PROGRAM COMPILER VERSION: installs what stands in the folder BUILD under a fresh
# prefix, and builds and runs the project PROGRAM on it: by find_package and by pkg-config, on the
# shared and on the static library. Nothing of BUILD or of the source tree is used but that.
set -euo pipefail
build=$1 program=$2 compiler=$3 version=$4
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
prefix=$folder/prefix

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

run() { # program, runs on the shared library or not
  mkdir "$1.data"
  "./$1" "$folder/$1.data" || fail "$1"
  local libraries linked=static
  libraries=$(ldd "./$1")  # not in a pipe: grep -q would end it early, which counts as a failure
  grep -q libplinth <<<"$libraries" && linked=shared
  [ "$linked" = "$2" ] || fail "$1 is linked $linked"
  [ "$linked" = static ] || grep -qF "$libdir/" <<<"$libraries" ||
    fail "$1 runs on another library"
}

cmake --install "$build" --prefix "$prefix" >install.log || { cat install.log && exit 1; }
library=$(find "$prefix" -name libplinth.so)
libdir=$(dirname "$library")
export PKG_CONFIG_PATH=$libdir/pkgconfig
export LD_LIBRARY_PATH=$libdir

echo "== find_package"
cmake -S "$program" -B cmake -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_BUILD_TYPE=Debug >cmake.log || { cat cmake.log && exit 1; }
cmake --build cmake -j 2
mv cmake/consumer_shared cmake/consumer_static .
run consumer_shared shared
run consumer_static static

echo "== pkg-config"
[ "$(pkg-config --modversion plinth)" = "$version" ] || fail "pkg-config gives another version"
[ -z "$(pkg-config --print-requires plinth)" ] || fail "the shared library asks for other packages"
# shellcheck disable=SC2046  # lists of words
"$compiler" $(pkg-config --cflags plinth) "$program/main.cpp" -o by_pkg_config \
  $(pkg-config --libs plinth)
run by_pkg_config shared
# shellcheck disable=SC2046
"$compiler" $(pkg-config --cflags plinth) "$program/main.cpp" -o by_pkg_config_static \
  $(pkg-config --static --libs plinth | sed 's/-lplinth\b/-l:libplinth.a/')
run by_pkg_config_static static

echo "== what is installed"
[ -x "$prefix/bin/plinth" ] || fail "no bin/plinth"
"$prefix/bin/plinth" --help >/dev/null || fail "the installed command does not run"
[ "$(readlink "$library")" = "libplinth.so.${version%.*}" ] || fail "no soname of ${version%.*}"
foreign=$(nm -DC --defined-only "$library" | cut -d' ' -f3- |
  grep -vE '^(plinth::|(typeinfo|typeinfo name|vtable|VTT|guard variable|construction vtable) for plinth::)' ||
  true)
[ -z "$foreign" ] || fail "names that are not Plinth's leave the library: ${foreign:0:2000}"
hidden=$(nm -DC --defined-only "$library" | grep -E ' plinth::(base|storage|engine|client)::' || true)
[ -z "$hidden" ] || fail "internals leave the library: ${hidden:0:2000}"
! grep -rlF "$build" "$prefix" --include='*.cmake' --include='*.pc' --include='*.hpp' ||
  fail "installed files name the build folder"
echo "installed, found and run"
