// Databases that released versions have written must open, with all that is in them.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "formats/corpus.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::test {
namespace {

const std::filesystem::path kCorpus = PLINTH_FORMATS_CORPUS;

std::vector<std::string> archives() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kCorpus))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

void unpack_archive(const std::string& archive, const std::string& directory) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execl("/bin/tar", "tar", "-xzf", archive.c_str(), "-C", directory.c_str(), nullptr);
    ::_exit(127);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0) << "tar could not unpack " << archive;
}

Contents contents_of(Database& db) {
  return db.read([](ReadTransaction& tx) {
    Contents contents;
    for (const auto& [key, value] : tx.range({"", "\xff"}).collect().get())
      contents.emplace(key, value);
    return contents;
  });
}

void expect_rows(Database& db, const Contents& rows) {
  const Contents found = contents_of(db);
  EXPECT_EQ(found.size(), rows.size());
  for (const auto& [key, value] : rows) {
    const auto row = found.find(key);
    ASSERT_NE(row, found.end()) << printable(key) << " is missing";
    EXPECT_TRUE(row->second == value) << printable(key) << " has another value";
  }
  EXPECT_EQ(db.verify(), std::vector<std::string>{});
}

class Formats : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Corpus, Formats, testing::ValuesIn(archives()), [](const auto& test) {
  std::string name = test.param.substr(0, test.param.find(".tar"));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
  return name;
});

TEST_P(Formats, OpensWithAllThatIsInIt) {
  const TemporaryDirectory directory;
  unpack_archive(kCorpus / GetParam(), directory.path());
  if (HasFatalFailure()) return;
  const std::string url = "file:" + (directory / "db") + "?create=0";
  Contents rows = all_rows();
  {
    Database db = open(url);
    expect_rows(db, rows);
  }
  {
    // It can be written to, by this version's code.
    Database db = open(url);
    db.run([](Transaction& tx) { tx.set(pack("row", 7), "new"); });
    db.checkpoint().get();
    db.run([](Transaction& tx) { tx.clear(pack("row", 8)); });
  }
  rows[pack("row", 7)] = "new";
  rows.erase(pack("row", 8));
  Database db = open(url);
  expect_rows(db, rows);
}

// Else the test above could pass without any database.
TEST(FormatsCorpus, HasEachStoreCleanAndKilled) {
  const std::vector<std::string> names = archives();
  for (const char* kind : {"lmdb-clean", "lmdb-killed", "rocksdb-clean", "rocksdb-killed"})
    EXPECT_TRUE(std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      return name.find(kind) != std::string::npos;
    })) << kind;
}

}  // namespace
}  // namespace plinth::test
