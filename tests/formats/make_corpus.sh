#!/bin/sh
# make_corpus.sh PROGRAM VERSION: writes the archives corpus/VERSION-*.tar.gz with the program
# make_corpus of that version of Plinth. Archives that exist are never made again.
set -eu
program=$(realpath "$1")
corpus=$(realpath "$(dirname "$0")/corpus")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for store in lmdb rocksdb; do
  for end in clean killed; do
    archive=$corpus/$2-$store-$end.tar.gz
    [ ! -e "$archive" ] || { echo "$archive is there"; continue; }
    rm -rf "$work/db"
    "$program" "$work/db" $store $end || [ $end = killed ]
    tar --create --sparse --sort=name --owner=0 --group=0 --numeric-owner --directory="$work" db |
      gzip -9n > "$archive"
    ls -l "$archive"
  done
done
