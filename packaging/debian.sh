# shellcheck shell=bash disable=SC2034
# For ./run and ./test: installs what is missing on a Debian 12 machine. To be sourced.

# What Plinth is built of; docs/dependencies.md says why each.
build_packages=(
  g++ cmake ninja-build pkg-config
  liblmdb-dev librocksdb-dev libxxhash-dev
  libboost1.81-dev libboost-json1.81-dev libfmt-dev libcli11-dev libedit-dev libb2-dev
  libicu-dev libstemmer-dev libre2-dev
)
# What its tests and benchmarks need besides.
test_packages=(
  libgtest-dev librapidcheck-dev libbenchmark-dev libleveldb-dev libsqlite3-dev
  clang libclang-rt-14-dev clang-format-14 python3
)
# Node may also be there from elsewhere, with npm in the same package.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  test_packages+=(nodejs npm)
fi

step() { printf '\n==> %s\n' "$*"; }

install_missing() {
  local missing
  missing=$(comm -23 <(printf '%s\n' "$@" | sort -u) \
    <(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
      sed -n 's/^installed //p' | sort -u))
  [ -n "$missing" ] || return 0
  missing=$(tr '\n' ' ' <<<"$missing")
  step "Installing: $missing"
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
      echo "Neither root nor sudo is here. As root, run:" >&2
      echo "  apt-get install --no-install-recommends $missing" >&2
      return 1
    fi
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  # One source of packages that cannot be reached need not matter: the next step tells.
  "${as_root[@]}" apt-get update -q || true
  # shellcheck disable=SC2086  # a list of words
  "${as_root[@]}" apt-get install -q -y --no-install-recommends $missing
}
