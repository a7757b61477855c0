// What is particular to the LMDB store: the map that grows, files that are not its own, and what
// verify() finds that a checksum cannot.
#include <lmdb.h>

#include <fstream>
#include <future>
#include <thread>

#include "storage/lmdb_file.hpp"
#include "storage/lmdb_format.hpp"
#include "store_fixture.hpp"

namespace plinth::storage {
namespace {

class LmdbStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> open(const StoreOptions& options = {}) {
    return open_store(StoreKind::lmdb, directory.path(), options);
  }
  std::string file() const { return directory.path() + "/store.lmdb"; }
  std::string file_contents() const {
    std::ifstream in(file(), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write_file(std::string_view contents) const {
    std::ofstream(file(), std::ios::binary | std::ios::trunc) << contents;
  }
  // Opening must fail so, name the file, and leave it as it is.
  void expect_refused(ErrorCode code) {
    const std::string before = file_contents();
    try {
      open();
      ADD_FAILURE() << "it was opened";
    } catch (const Error& error) {
      EXPECT_EQ(error.error_code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(file()), std::string::npos) << error.what();
    }
    EXPECT_EQ(file_contents(), before);
  }

  TemporaryDirectory directory;
};

Batch many_rows(int count, char fill = 'v') {
  Batch batch;
  for (int i = 0; i < count; ++i) batch.set("key " + std::to_string(i), Bytes(100, fill));
  return batch;
}

// --- the map

StoreOptions tiny_map(std::uint32_t patience_ms) {
  StoreOptions options;
  options.initial_map_bytes = 1 << 18;
  options.old_snapshot_patience_ms = patience_ms;
  return options;
}

TEST_F(LmdbStoreTest, TheMapGrowsUnderTheNewestSnapshotAndItsCursors) {
  const auto store = open(tiny_map(0));
  apply(*store, many_rows(500), 1);
  const auto snapshot = store->snapshot();
  const auto cursor = snapshot->cursor();
  cursor->seek("key 2");
  const Rows rows = rows_forward(*snapshot);
  const Bytes key(cursor->key());
  Rows expected = rows;
  for (int i = 0; i < 20'000; ++i) expected["key " + std::to_string(i)] = Bytes(100, 'w');
  apply(*store, many_rows(20'000, 'w'), 2);  // 2 MB: the map doubles several times
  EXPECT_EQ(rows_forward(*store->snapshot()), expected);
  EXPECT_EQ(store->version(), 2);
  // The snapshot was the newest when the map grew, so it is still there, and so is the cursor's
  // place.
  EXPECT_EQ(rows_forward(*snapshot), rows);
  EXPECT_EQ(cursor->key(), key);
  auto at = rows.find(key);
  while (++at != rows.end()) {
    cursor->next();
    ASSERT_TRUE(cursor->valid());
    ASSERT_EQ(cursor->key(), at->first);
  }
  expect_whole(*store);
}

TEST_F(LmdbStoreTest, AnOldSnapshotIsGivenUpWhenTheMapMustGrow) {
  const auto store = open(tiny_map(0));
  apply(*store, many_rows(500), 1);
  const auto old = store->snapshot();
  const auto cursor = old->cursor();
  cursor->seek("");
  apply(*store, Batch().set("a", "b"), 2);
  apply(*store, many_rows(20'000), 3);
  const auto expect_too_old = [](const std::function<void()>& read) {
    try {
      read();
      ADD_FAILURE() << "it was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.error_code(), ErrorCode::transaction_too_old) << error.what();
    }
  };
  expect_too_old([&] { old->get("key 1"); });
  expect_too_old([&] { old->cursor()->seek(""); });
  expect_too_old([&] {
    for (int i = 0; i < 500; ++i) cursor->next();  // the first are already in its hands
  });
  EXPECT_EQ(store->snapshot()->get("a"), "b");
}

TEST_F(LmdbStoreTest, TheMapWaitsForAnOldSnapshotToEnd) {
  const auto store = open(tiny_map(60'000));
  apply(*store, many_rows(500), 1);
  auto old = store->snapshot();
  apply(*store, Batch().set("a", "b"), 2);
  auto applied = std::async(std::launch::async, [&] { apply(*store, many_rows(20'000), 3); });
  // It either waits for us, or has not come so far yet: both ways the old one must be readable.
  EXPECT_EQ(rows_forward(*old).size(), 500u);
  old.reset();
  applied.get();
  EXPECT_EQ(store->version(), 3);
}

TEST_F(LmdbStoreTest, TheMapGrowsWhileOthersRead) {
  const auto store = open(tiny_map(60'000));
  apply(*store, many_rows(500), 1);
  std::atomic<bool> done{false};
  std::vector<std::thread> readers;
  for (int i = 0; i < 3; ++i)
    readers.emplace_back([&] {
      while (!done) {
        const auto snapshot = store->snapshot();
        EXPECT_EQ(snapshot->get("key 7"), Bytes(100, 'v'));
        EXPECT_GE(rows_forward(*snapshot).size(), 500u);
      }
    });
  for (Version version = 2; version < 8; ++version)
    apply(*store, many_rows(500 << version), version);
  done = true;
  for (std::thread& reader : readers) reader.join();
  expect_whole(*store);
}

TEST_F(LmdbStoreTest, AFileLargerThanTheMapAskedForIsOpened) {
  apply(*open(), many_rows(20'000), 1);
  const auto store = open(tiny_map(0));
  EXPECT_EQ(rows_forward(*store->snapshot()).size(), 20'000u);
  apply(*store, many_rows(40'000), 2);
}

// --- snapshots

TEST_F(LmdbStoreTest, ManySnapshotsMayBeAlive) {
  const auto store = open();
  std::vector<std::shared_ptr<Snapshot>> kept;
  for (Version version = 1; version <= 200; ++version) {
    apply(*store, Batch().set("version", std::to_string(version)), version);
    kept.push_back(store->snapshot());
  }
  EXPECT_EQ(store->stats().live_snapshots, 199u);  // the newest is the store's own
  for (const auto& snapshot : kept)
    EXPECT_EQ(snapshot->get("version"), std::to_string(snapshot->version()));
  kept.clear();
  EXPECT_EQ(store->stats().live_snapshots, 0u);
}

TEST_F(LmdbStoreTest, SpaceOfClearedRowsIsUsedAgain) {
  const auto store = open();
  for (Version version = 1; version <= 20; ++version) apply(*store, many_rows(5'000), version);
  const auto after_some = store->stats();
  for (Version version = 21; version <= 60; ++version) apply(*store, many_rows(5'000), version);
  EXPECT_LE(store->stats().disk_bytes, after_some.disk_bytes * 11 / 10);
  apply(*store, Batch().clear("", "\xff"), 61);
  EXPECT_GT(store->stats().free_bytes, store->stats().disk_bytes / 2);
}

// Many long keys with one prefix: each is found in logarithmic, not linear, time, or this would
// take minutes.
TEST_F(LmdbStoreTest, ManyLongKeysShareAPrefix) {
  const auto store = open();
  const Bytes prefix(3'000, 'p');
  constexpr int kRows = 20'000;
  Batch batch;
  for (int i = 0; i < kRows; ++i) batch.set(prefix + std::to_string(1'000'000 + i), "v");
  apply(*store, batch, 1);
  const auto snapshot = store->snapshot();
  for (int i = 0; i < kRows; i += 7)
    ASSERT_EQ(snapshot->get(prefix + std::to_string(1'000'000 + i)), "v");
  const auto cursor = snapshot->cursor();
  for (int i = 0; i < kRows; i += 7) {
    cursor->seek(prefix + std::to_string(1'000'000 + i));
    ASSERT_EQ(cursor->key(), prefix + std::to_string(1'000'000 + i));
  }
  apply(*store, Batch().clear(prefix + "1", prefix + "2"), 2);
  EXPECT_EQ(store->stats().rows, 0u);
  expect_whole(*store);
}

// --- files that cannot be opened

TEST_F(LmdbStoreTest, ATruncatedFileIsRefused) {
  apply(*open(), many_rows(2'000), 1);
  const std::string whole = file_contents();
  const std::size_t pages = whole.size() - kLmdbHoleBytes;
  for (const std::size_t size : {pages - 1, pages - 4096, pages / 2, std::size_t{8192},
                                 std::size_t{5000}, std::size_t{100}}) {
    SCOPED_TRACE(size);
    write_file(whole.substr(0, size));
    expect_refused(ErrorCode::file_corrupt);
  }
  write_file(whole);
  EXPECT_EQ(rows_forward(*open()->snapshot()).size(), 2'000u);
}

// LMDB does not write pages that it took and freed in one transaction: a crash before the store
// makes the file longer leaves one that ends early, but lacks nothing.
TEST_F(LmdbStoreTest, AFileThatLacksOnlyFreePagesIsOpened) {
  {
    const auto store = open();
    Batch batch = many_rows(2'000);
    for (std::size_t i = 600; i < 10'000; i += 400) batch.set(Bytes(i, 'k'), "v");
    apply(*store, batch, 1);
    apply(*store, Batch().clear("", "\xff"), 2);
  }
  const std::string whole = file_contents();
  int opened = 0;
  int refused = 0;
  for (std::size_t size = whole.size() - 4096; size >= 4096; size -= 4096) {
    SCOPED_TRACE(size);
    write_file(whole.substr(0, size));
    try {
      const auto store = open();
      EXPECT_EQ(rows_forward(*store->snapshot()), Rows{});
      expect_whole(*store);
      apply(*store, many_rows(100), 3);
      expect_whole(*store);
      ++opened;
    } catch (const Error& error) {
      EXPECT_EQ(error.error_code(), ErrorCode::file_corrupt) << error.what();
      ++refused;
    }
  }
  EXPECT_GT(opened, 0);
  EXPECT_GT(refused, 0);
}

TEST_F(LmdbStoreTest, AForeignFileIsRefused) {
  for (const std::string_view contents :
       {std::string_view("this is a text, which is longer than the headers that are looked at, "
                         "else it would be said to be too short; so it goes on for a while, up to "
                         "the hundred and fifty-second byte and a little beyond that"),
        std::string_view("short")}) {
    write_file(contents);
    expect_refused(ErrorCode::file_corrupt);
  }
  write_file(std::string(10'000, '\0'));
  expect_refused(ErrorCode::file_corrupt);
  write_file("");
  expect_refused(ErrorCode::file_corrupt);
}

TEST_F(LmdbStoreTest, ADirectoryInPlaceOfTheFileIsRefused) {
  std::filesystem::create_directories(file());
  EXPECT_THROW(open(), Error);
}

TEST_F(LmdbStoreTest, AFileInPlaceOfTheDirectoryIsRefused) {
  const std::string path = directory.path() + "/file";
  std::ofstream(path) << "x";
  try {
    open_store(StoreKind::lmdb, path);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
  }
}

// The file as LMDB itself sees it, behind the store's back.
class RawFile {
 public:
  explicit RawFile(const std::string& file) {
    check(mdb_env_create(&env_));
    check(mdb_env_set_maxdbs(env_, 3));
    check(mdb_env_open(env_, file.c_str(), MDB_NOSUBDIR, 0644));
    check(mdb_txn_begin(env_, nullptr, 0, &txn_));
  }
  ~RawFile() {
    if (txn_ != nullptr) check(mdb_txn_commit(txn_));
    mdb_env_close(env_);
  }
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;

  MDB_dbi table(const char* name) {
    MDB_dbi table = 0;
    check(mdb_dbi_open(txn_, name, MDB_CREATE, &table));
    return table;
  }
  void put(const char* name, ByteView key, ByteView value) {
    MDB_val k = to_val(key);
    MDB_val v = to_val(value);
    check(mdb_put(txn_, table(name), &k, &v, 0));
  }
  Bytes get(const char* name, ByteView key) {
    MDB_val k = to_val(key);
    MDB_val v{};
    check(mdb_get(txn_, table(name), &k, &v));
    return Bytes(view(v));
  }
  void del(const char* name, ByteView key) {
    MDB_val k = to_val(key);
    check(mdb_del(txn_, table(name), &k, nullptr));
  }
  // As if the store itself had committed this.
  void claim(const std::function<void(StoreState&)>& change = [](StoreState&) {}) {
    StoreState state = StoreState::decode(get("meta", kStateKey), "");
    state.lmdb_txn = mdb_txn_id(txn_);
    change(state);
    const auto record = state.encode();
    put("meta", kStateKey, {record.data(), record.size()});
  }

 private:
  static void check(int rc) { ASSERT_EQ(rc, 0) << mdb_strerror(rc); }
  MDB_env* env_ = nullptr;
  MDB_txn* txn_ = nullptr;
};

TEST_F(LmdbStoreTest, AnLmdbFileOfSomebodyElseIsRefused) {
  RawFile(file()).put("theirs", "key", "value");
  expect_refused(ErrorCode::file_corrupt);
}

TEST_F(LmdbStoreTest, ANewerFormatIsRefused) {
  open();
  {
    RawFile raw(file());
    Bytes record = raw.get("meta", kStateKey);
    record[0] = 2;
    record.resize(record.size() - 8);
    record += "something new";
    Bytes checksum(8, '\0');
    put_number(checksum.data(), bytes_checksum(record));
    raw.put("meta", kStateKey, record + checksum);
  }
  expect_refused(ErrorCode::format_too_new);
}

TEST_F(LmdbStoreTest, ACommitBehindTheStoresBackIsRefused) {
  apply(*open(), many_rows(100), 1);
  RawFile(file()).del("data", "key 7");
  expect_refused(ErrorCode::file_corrupt);
}

TEST_F(LmdbStoreTest, AMissingStateRecordIsRefused) {
  open();
  RawFile(file()).del("meta", kStateKey);
  expect_refused(ErrorCode::file_corrupt);
}

// --- rows

TEST_F(LmdbStoreTest, VerifyFindsARowThatIsGone) {
  apply(*open(), many_rows(100), 1);
  {
    RawFile raw(file());
    raw.del("data", "key 7");
    raw.claim();
  }
  const VerifyReport report = open()->verify({});
  EXPECT_EQ(report.rows, 99u);
  ASSERT_EQ(report.damage.size(), 1u);
  EXPECT_NE(report.damage[0].find(file()), std::string::npos);
  EXPECT_NE(report.damage[0].find("99"), std::string::npos);
}

TEST_F(LmdbStoreTest, VerifyFindsAnOldValueInTheNewOnesPlace) {
  apply(*open(), Batch().set("a", "old").set("b", "1"), 1);
  Bytes old;
  {
    RawFile raw(file());
    old = raw.get("data", "a");
    raw.claim();
  }
  apply(*open(), Batch().set("a", "new"), 2);
  {
    RawFile raw(file());
    raw.put("data", "a", old);  // its checksum is right
    raw.claim();
  }
  const auto store = open();
  EXPECT_EQ(store->snapshot()->get("a"), "old");
  EXPECT_EQ(store->verify({}).damage.size(), 1u);
}

TEST_F(LmdbStoreTest, ARowWithAnothersValueIsNotShown) {
  apply(*open(), Batch().set("a", "1").set("b", "2"), 1);
  {
    RawFile raw(file());
    raw.put("data", "a", raw.get("data", "b"));
    raw.claim();
  }
  const auto store = open();
  const auto snapshot = store->snapshot();
  const auto expect_corrupt = [&](const std::function<void()>& read) {
    try {
      read();
      ADD_FAILURE() << "it was read";
    } catch (const Error& error) {
      EXPECT_EQ(error.error_code(), ErrorCode::file_corrupt);
      EXPECT_NE(std::string(error.what()).find("key a"), std::string::npos) << error.what();
      EXPECT_NE(std::string(error.what()).find(file()), std::string::npos) << error.what();
    }
  };
  expect_corrupt([&] { snapshot->get("a"); });
  expect_corrupt([&] { snapshot->cursor()->seek("a"); });
  EXPECT_EQ(snapshot->get("b"), "2");
  // Neither overwritten nor cleared unseen, nor copied.
  expect_corrupt([&] { apply(*store, Batch().set("a", "3"), 2); });
  expect_corrupt([&] { apply(*store, Batch().clear("a"), 2); });
  expect_corrupt([&] { store->compact({}); });
  EXPECT_EQ(store->version(), 1);
  EXPECT_EQ(store->verify({}).damage.size(), 1u);
}

TEST_F(LmdbStoreTest, ACursorShowsAllRowsBeforeADamagedOne) {
  apply(*open(), many_rows(1'000), 1);
  Rows before;
  {
    RawFile raw(file());
    raw.put("data", "key 500", raw.get("data", "key 501"));
    raw.claim();
    for (int i = 0; i < 1'000; ++i) before["key " + std::to_string(i)];
    before.erase(before.find("key 500"), before.end());
  }
  const auto store = open();
  const auto snapshot = store->snapshot();
  const auto cursor = snapshot->cursor();
  std::size_t shown = 0;
  try {
    for (cursor->seek(""); cursor->valid(); cursor->next()) ++shown;
    ADD_FAILURE() << "the damaged row was shown";
  } catch (const Error& error) {
    EXPECT_EQ(error.error_code(), ErrorCode::file_corrupt);
    EXPECT_NE(std::string(error.what()).find("key 500"), std::string::npos) << error.what();
  }
  EXPECT_EQ(shown, before.size());
  cursor->seek(key_after("key 500"));  // what is behind it can be read
  ASSERT_TRUE(cursor->valid());
  EXPECT_EQ(cursor->key(), "key 501");
}

TEST_F(LmdbStoreTest, ALinkOfLongKeysThatLeadsAstrayIsFound) {
  apply(*open(), Batch().set(Bytes(600, 'a'), "1").set(Bytes(600, 'b'), "2"), 1);
  {
    RawFile raw(file());
    const Bytes link_a = Bytes(500, 'a') + Bytes(1, '\0');
    const Bytes link_b = Bytes(500, 'b') + Bytes(1, '\0');
    raw.put("data", link_a, raw.get("data", link_b));
    raw.claim();
  }
  const auto store = open();
  EXPECT_THROW(store->snapshot()->get(Bytes(600, 'a')), Error);
  EXPECT_THROW(store->snapshot()->cursor()->seek(""), Error);
  EXPECT_EQ(store->snapshot()->get(Bytes(600, 'b')), "2");
  EXPECT_EQ(store->verify({}).damage.size(), 1u);
}

// --- compaction

TEST_F(LmdbStoreTest, WhatAnInterruptedCompactionLeftIsRemoved) {
  apply(*open(), many_rows(100), 1);
  const std::string left = file() + ".new";
  std::ofstream(left) << "half a copy";
  std::ofstream(left + "-lock") << "x";
  const auto store = open();
  EXPECT_FALSE(std::filesystem::exists(left));
  EXPECT_FALSE(std::filesystem::exists(left + "-lock"));
  EXPECT_EQ(rows_forward(*store->snapshot()).size(), 100u);
}

TEST_F(LmdbStoreTest, CompactingFreesTheTrieAndLeavesNoOtherFile) {
  const auto store = open();
  Batch batch;
  for (int i = 0; i < 500; ++i) batch.set(Bytes(700, 'l') + std::to_string(i), Bytes(100, 'v'));
  apply(*store, batch, 1);
  apply(*store, Batch().clear(Bytes(700, 'l') + "1", Bytes(700, 'l') + "9"), 2);
  const Rows rows = rows_forward(*store->snapshot());
  ASSERT_TRUE(store->compact({}));
  EXPECT_EQ(rows_forward(*store->snapshot()), rows);
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path()))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{"store.lmdb", "store.lmdb-lock"}));
  expect_whole(*store);
}

}  // namespace
}  // namespace plinth::storage
