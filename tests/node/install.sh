#!/bin/sh
# install.sh FOLDER: what package-lock.json names, into FOLDER/node_modules. No scripts of packages
# are run: foundationdb brings its addon ready-made and would only try to build another.
set -eu
here=$(dirname "$(realpath "$0")")
folder=$1
mkdir -p "$folder"
if cmp -s "$here/package-lock.json" "$folder/package-lock.json" && [ -f "$folder/complete" ]; then
  exit 0
fi
rm -f "$folder/complete"
cp "$here/package.json" "$here/package-lock.json" "$folder/"
cd "$folder"
npm ci --ignore-scripts --no-audit --no-fund
touch complete
