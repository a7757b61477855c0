// What the tests of the stores share: a fresh directory, batches from lists, rows by walking.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "plinth/error.hpp"
#include "storage/store.hpp"

namespace plinth::storage {

using Rows = std::map<Bytes, Bytes>;

// A directory of its own, gone at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "plinth-storage-XXXXXX";
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
    path_ = name;
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A batch out of memory. Sets and clears may be added in any order of keys, but must not overlap.
class Batch : public ChangeSource {
 public:
  Batch& set(Bytes key, Bytes value) {
    changes_[std::move(key)] = {Change::Kind::set, std::move(value)};
    return *this;
  }
  Batch& clear(Bytes begin, Bytes end) {
    changes_[std::move(begin)] = {Change::Kind::clear, std::move(end)};
    return *this;
  }
  Batch& clear(const Bytes& key) { return clear(key, key_after(key)); }

  // The views are into memory that the next call overwrites, as the contract allows.
  std::optional<Change> next() override {
    const auto it = begun_ ? changes_.upper_bound(last_) : changes_.begin();
    key_.assign(key_.size(), '?');
    operand_.assign(operand_.size(), '?');
    if (it == changes_.end()) return std::nullopt;
    begun_ = true;
    last_ = key_ = it->first;
    operand_ = it->second.operand;
    return Change{it->second.kind, key_, operand_};
  }
  void rewind() override { begun_ = false; }

 private:
  struct Kept {
    Change::Kind kind;
    Bytes operand;
  };
  std::map<Bytes, Kept> changes_;
  bool begun_ = false;
  Bytes last_;
  Bytes key_;
  Bytes operand_;
};

inline void apply(Store& store, Batch batch, Version version) {
  store.apply(batch, version);
}

inline Rows rows_forward(Snapshot& snapshot) {
  Rows rows;
  const auto cursor = snapshot.cursor();
  Bytes last;
  for (cursor->seek({}); cursor->valid(); cursor->next()) {
    if (!rows.empty()) {
      EXPECT_LT(last, cursor->key()) << "the cursor went back";
    }
    last = cursor->key();
    rows.emplace(cursor->key(), cursor->value());
  }
  return rows;
}

inline Rows rows_backward(Snapshot& snapshot) {
  Rows rows;
  const auto cursor = snapshot.cursor();
  Bytes last;
  for (cursor->seek_before(Bytes(20'000, '\xff')); cursor->valid(); cursor->prev()) {
    if (!rows.empty()) {
      EXPECT_GT(last, cursor->key()) << "the cursor went forward";
    }
    last = cursor->key();
    rows.emplace(cursor->key(), cursor->value());
  }
  return rows;
}

// Of a random test; PLINTH_SEED repeats one.
inline std::uint64_t test_seed() {
  if (const char* given = std::getenv("PLINTH_SEED")) return std::strtoull(given, nullptr, 10);
  return std::random_device{}();
}

inline void expect_whole(Store& store) {
  EXPECT_EQ(store.verify({}).damage, std::vector<std::string>{});
}

inline std::string kind_name(StoreKind kind) {
  return kind == StoreKind::lmdb ? "lmdb" : kind == StoreKind::rocksdb ? "rocksdb" : "memory";
}

// A test that runs on each kind of store.
class StoreTest : public ::testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override { reopen(); }
  void reopen(const StoreOptions& options = {}) {
    store.reset();
    store = open_store(GetParam(), directory.path(), options);
  }
  bool on_disk() const { return GetParam() != StoreKind::memory; }

  TemporaryDirectory directory;
  std::unique_ptr<Store> store;
};

}  // namespace plinth::storage
