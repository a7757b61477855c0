// make_corpus DIRECTORY lmdb|rocksdb clean|killed: writes one database of the corpus with this
// version of Plinth; `killed` ends as after kill -9.
#include <signal.h>

#include <cstdio>
#include <string_view>

#include "formats/corpus.hpp"

int main(int argc, char** argv) {
  using namespace plinth;
  if (argc != 4) {
    std::fprintf(stderr, "usage: make_corpus DIRECTORY lmdb|rocksdb clean|killed\n");
    return 2;
  }
  const bool killed = std::string_view(argv[3]) == "killed";
  DatabaseOptions options;
  options.store = std::string_view(argv[2]) == "rocksdb" ? Store::rocksdb : Store::lmdb;
  options.log_segment_bytes = 32 << 10;
  Database db = open(argv[1], options);
  db.run([](Transaction& tx) {
    for (const auto& [key, value] : test::stored_rows()) tx.set(key, value);
  });
  db.checkpoint().get();
  for (int i = 0; i < test::kLoggedCommits; ++i)
    db.run([&](Transaction& tx) { test::logged_commit(tx, i); });
  if (killed) raise(SIGKILL);
  db.checkpoint().get();
}
