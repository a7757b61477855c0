// A damaged store: pages of LMDB, tables and manifest of RocksDB, files cut or gone.
#include "bad_input/scene.hpp"

namespace plinth::test {
namespace {

class BadStore : public Scene {
 protected:
  // The file that has the rows, from `db`.
  std::string data_file() const {
    return is_rocksdb() ? file_like("store/rocksdb", ".sst") : "store/store.lmdb";
  }
  // One file of a folder whose name has `part`.
  std::string file_like(const std::string& folder, const std::string& part) const {
    for (const auto& entry : std::filesystem::directory_iterator(path(folder)))
      if (entry.path().filename().string().find(part) != std::string::npos)
        return folder + "/" + entry.path().filename().string();
    ADD_FAILURE() << "no file like " << part << " in " << folder;
    return "";
  }
};
PLINTH_FOR_EACH_STORE(BadStore);

class BadLmdb : public BadStore {};
INSTANTIATE_TEST_SUITE_P(, BadLmdb, testing::Values(Store::lmdb));
class BadRocksDb : public BadStore {};
INSTANTIATE_TEST_SUITE_P(, BadRocksDb, testing::Values(Store::rocksdb));

// LMDB stores rows as they are, so that one can be found in the file.
TEST_P(BadLmdb, ADamagedRowIsNotServedAndTheOthersAre) {
  const Bytes key = pack("row", 123);
  damage(data_file(), [&](std::string& bytes) {
    const std::size_t at = bytes.rfind(key);
    ASSERT_NE(at, std::string::npos);
    bytes[at + key.size() + 20] ^= 1;
  });
  {
    Database db = open(url());
    expect_error(ErrorCode::file_corrupt, {path(data_file()), "row", "fails its checksum"},
                 [&] { db.read([&](ReadTransaction& tx) { return tx.get(key).get(); }); });
    expect_error(ErrorCode::file_corrupt, {path(data_file()), "fails its checksum"},
                 [&] { contents_of(db); });
    for (const auto& [other, value] : rows_) {
      if (other == key) continue;
      EXPECT_EQ(db.read([&, o = other](ReadTransaction& tx) { return tx.get(o).get(); }), value);
    }
    const std::vector<std::string> damage = db.verify();
    ASSERT_EQ(damage.size(), 1u);
    EXPECT_NE(damage[0].find(path(data_file())), std::string::npos) << damage[0];
    EXPECT_NE(damage[0].find(printable(key)), std::string::npos) << damage[0];
  }
  mend();
}

TEST_P(BadLmdb, ADamagedPageIsFoundByVerify) {
  const std::string whole = read_file(path(data_file()));
  const std::size_t page = whole.rfind(pack("row", 123)) / 4096;
  ASSERT_GT(page, 1u);
  flip_bit(data_file(), page * 4096);  // its number
  {
    Database db = open(url());
    const std::vector<std::string> damage = db.verify();
    ASSERT_FALSE(damage.empty());
    EXPECT_NE(damage[0].find(path(data_file()) + ": page " + std::to_string(page)),
              std::string::npos)
        << damage[0];
  }
  mend();
}

TEST_P(BadRocksDb, ADamagedBlockIsRefused) {
  // The first block has the record of the store's version.
  flip_bit(data_file(), 10);
  expect_refused(ErrorCode::file_corrupt,
                 {path(data_file()), "checksum mismatch", "offset 0", "Restore a backup"});
  mend();
}

TEST_P(BadStore, ACutFileIsRefused) {
  for (const int part : {0, 3, 10}) {
    SCOPED_TRACE(part);
    damage(data_file(), [&](std::string& bytes) { bytes.resize(bytes.size() / 32 * part / 10); });
    expect_refused(ErrorCode::file_corrupt, {path(data_file())});
    mend();
  }
}

TEST_P(BadStore, AForeignFileIsRefused) {
  damage(data_file(), [&](std::string& bytes) { bytes.assign(bytes.size(), 'x'); });
  // RocksDB names only the manifest that lists the file.
  expect_refused(ErrorCode::file_corrupt, {path(is_rocksdb() ? "store/rocksdb" : data_file())});
  mend();
}

TEST_P(BadStore, ADamagedBeginningIsRefused) {
  if (is_rocksdb()) {
    flip_bit(file_like("store/rocksdb", "MANIFEST"), 20);
    expect_refused(ErrorCode::file_corrupt, {path(file_like("store/rocksdb", "MANIFEST"))});
    mend();
    damage("store/rocksdb/CURRENT", [](std::string& bytes) { bytes = "nothing"; });
    expect_refused(ErrorCode::file_corrupt, {path("store/rocksdb"), "CURRENT"});
    mend();
  } else {
    for (const std::size_t meta : {0, 4096}) {
      flip_bit(data_file(), meta + 16);  // LMDB's mark
      expect_refused(ErrorCode::file_corrupt, {path(data_file())});
      mend();
    }
  }
}

// It must not be taken for a store that is yet to be made: that would be an empty one.
TEST_P(BadStore, AMissingFileIsRefused) {
  std::vector<std::string> missing = {is_rocksdb() ? ".sst" : "store.lmdb", "store"};
  if (is_rocksdb()) missing.insert(missing.end(), {"rocksdb", "CURRENT", "MANIFEST"});
  for (const std::string& name : missing) {
    SCOPED_TRACE(name);
    const std::string folder = is_rocksdb() ? "store/rocksdb" : "store";
    const std::string found = name == "store"     ? name
                              : name == "rocksdb" ? folder
                                                  : file_like(folder, name);
    std::filesystem::remove_all(path(found));
    expect_refused(ErrorCode::file_corrupt, {path("store")});
    mend();
  }
}

TEST_P(BadStore, AFileInPlaceOfItsFolderIsRefused) {
  std::filesystem::remove_all(path("store"));
  write_file(path("store"), "a file");
  expect_refused(ErrorCode::file_corrupt, {path("store"), "is missing"});
  std::filesystem::remove(path("store"));
  mend();
}

// Of another time: the log would have a gap.
TEST_P(BadStore, AnOldStoreWithANewLogIsRefused) {
  const std::string backup = directory_ / "backup";
  std::filesystem::copy(path("store"), backup, std::filesystem::copy_options::recursive);
  {
    // Fills segments, which go once the store has their records.
    Database db = open(url() + "?log_segment_bytes=65536");
    for (int i = 0; i < 40; ++i)
      db.run([&](Transaction& tx) { tx.set(pack("more", i), Bytes(60'000, 'm')); });
    db.checkpoint().get();
    db.run([&](Transaction& tx) { tx.set("last", "one"); });
    rows_ = contents_of(db);
  }
  const std::string newer = directory_ / "newer";
  std::filesystem::rename(path("store"), newer);
  std::filesystem::rename(backup, path("store"));
  expect_refused_after_store(ErrorCode::file_corrupt, {path("log"), "the store is at version"});
  std::filesystem::remove_all(path("store"));
  std::filesystem::rename(newer, path("store"));
  expect_whole();
}

}  // namespace
}  // namespace plinth::test
