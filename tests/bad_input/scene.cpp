#include "bad_input/scene.hpp"

namespace plinth::test {
namespace {

constexpr int kStoredRows = 300;
constexpr int kLoggedRows = 20;

Bytes key_of(int i) {
  return pack("row", i);
}

struct Original {
  FileTree files;
  Contents rows;
};

Original make_original(Store store) {
  const TemporaryDirectory directory;
  const std::string live = directory / "db";
  DatabaseOptions options;
  options.store = store;
  Database db = open("file:" + live, options);
  db.run([](Transaction& tx) {
    for (int i = 0; i < kStoredRows; ++i) tx.set(key_of(i), Bytes(40, 'v') + std::to_string(i));
  });
  db.checkpoint().get();
  for (int i = 0; i < kLoggedRows; ++i)
    db.run([&](Transaction& tx) { tx.set(key_of(kStoredRows + i), "logged"); });
  // Files that are read while nothing is under way are what a killed process leaves.
  return {read_tree(live), contents_of(db)};
}

// Made once; each test gets its own copy of the files.
const Original& original(Store store) {
  static const Original lmdb = make_original(Store::lmdb);
  static const Original rocksdb = make_original(Store::rocksdb);
  return store == Store::lmdb ? lmdb : rocksdb;
}

void write_tree(const std::string& directory, const FileTree& tree) {
  for (const auto& [path, content] : tree) {
    const std::filesystem::path place = directory + "/" + path;
    std::filesystem::create_directories(place.parent_path());
    if (!path.ends_with("/")) write_file(place, content);
  }
}

}  // namespace

Contents contents_of(Database& db) {
  return db.read([](ReadTransaction& tx) {
    Contents contents;
    for (const auto& [key, value] : tx.range({"", "\xff"}).collect().get())
      contents.emplace(key, value);
    return contents;
  });
}

void expect_error(ErrorCode code, const std::vector<std::string>& words,
                  const std::function<void()>& work) {
  try {
    work();
    ADD_FAILURE() << "nothing was refused";
  } catch (const Error& error) {
    EXPECT_EQ(error.name(), error_name(static_cast<int>(code))) << error.what();
    for (const std::string& word : words)
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos)
          << "\"" << word << "\" is not said by: " << error.what();
  }
}

Scene::Scene() : rows_(original(GetParam()).rows), whole_(original(GetParam()).files) {
  write_tree(db_, whole_);
}

std::vector<std::size_t> Scene::records() const {
  const std::string bytes = read_file(path(segment()));
  std::vector<std::size_t> offsets;
  for (std::size_t at = 4096; at + 8 <= bytes.size(); at += 8)
    if (bytes.compare(at, 4, "Rec\n") == 0) offsets.push_back(at);
  return offsets;
}

void Scene::damage(const std::string& name, const std::function<void(std::string&)>& change) {
  std::string bytes = read_file(path(name));
  ASSERT_FALSE(bytes.empty()) << name;
  const std::string before = bytes;
  change(bytes);
  ASSERT_NE(bytes, before) << name;
  write_file(path(name), bytes);
}

void Scene::flip_bit(const std::string& name, std::size_t offset) {
  damage(name, [&](std::string& bytes) { bytes.at(offset) ^= 1; });
}

void Scene::expect_refused(ErrorCode code, const std::vector<std::string>& words,
                           const std::function<bool(const std::string&)>& may_change) {
  const FileTree before = read_tree(db_);
  // Twice: the first time must not make it worse.
  for (int i = 0; i < 2; ++i) expect_error(code, words, [&] { open(url()); });
  std::vector<std::string> changed = differences(before, read_tree(db_));
  std::erase_if(changed, may_change);
  EXPECT_EQ(changed, std::vector<std::string>{});
}

void Scene::expect_refused(ErrorCode code, const std::vector<std::string>& words) {
  expect_refused(code, words, [](const std::string&) { return false; });
}

void Scene::expect_refused_after_store(ErrorCode code, const std::vector<std::string>& words) {
  expect_refused(code, words, [](const std::string& path) {
    return path.starts_with("store/rocksdb/") && !path.ends_with(".sst");
  });
}

void Scene::mend() {
  std::filesystem::remove_all(db_);
  write_tree(db_, whole_);
  expect_whole();
}

void Scene::expect_whole() {
  Database db = open(url());
  EXPECT_TRUE(contents_of(db) == rows_) << "rows are missing, or others than before";
  EXPECT_EQ(db.verify(), std::vector<std::string>{});
}

}  // namespace plinth::test
