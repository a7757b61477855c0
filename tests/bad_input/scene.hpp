// A database with something in each of its files, which the tests damage, open, and mend again.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "bad_input/file_tree.hpp"
#include "plinth/plinth.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::test {

using Contents = std::map<Bytes, Bytes>;

// All rows of a database.
Contents contents_of(Database& db);

// `work` must throw an Error of this code whose text has all of `words`.
void expect_error(ErrorCode code, const std::vector<std::string>& words,
                  const std::function<void()>& work);

// For each store: the database `db` in a fresh directory, as a process that was killed leaves it:
// some rows are in the store, others only in the log.
class Scene : public testing::TestWithParam<Store> {
 protected:
  Scene();

  std::string path(const std::string& name) const { return db_ + "/" + name; }
  std::string url() const { return "file:" + db_; }
  bool is_rocksdb() const { return GetParam() == Store::rocksdb; }

  // The only segment of the log, from `db`.
  std::string segment() const { return "log/0000000000000001.log"; }
  // Offsets of the records in it (docs/log-format.md); the last one is the newest.
  std::vector<std::size_t> records() const;

  // Replaces a file of the database by what `change` makes of its content.
  void damage(const std::string& name, const std::function<void(std::string&)>& change);
  void flip_bit(const std::string& name, std::size_t offset);

  // Opening must fail with this code and these words, and change no file.
  void expect_refused(ErrorCode code, const std::vector<std::string>& words);
  // The same, but RocksDB was opened before the fault was found, and notes that in files of its
  // own; those with rows must be as they were.
  void expect_refused_after_store(ErrorCode code, const std::vector<std::string>& words);
  // Puts back what damage() changed; then nothing may be missing.
  void mend();
  // Nothing is missing, and nothing is damaged.
  void expect_whole();

  const TemporaryDirectory directory_;
  const std::string db_ = directory_ / "db";
  Contents rows_;
  FileTree whole_;

 private:
  void expect_refused(ErrorCode code, const std::vector<std::string>& words,
                      const std::function<bool(const std::string& path)>& may_change);
};

#define PLINTH_FOR_EACH_STORE(suite)                               \
  INSTANTIATE_TEST_SUITE_P(                                        \
      Stores, suite, testing::Values(Store::lmdb, Store::rocksdb), \
      [](const auto& test) { return test.param == Store::lmdb ? "lmdb" : "rocksdb"; })

}  // namespace plinth::test
