// The superblock: damaged, of another program, of a newer format, gone.
#include "bad_input/scene.hpp"
#include "base/crc32c.hpp"

namespace plinth::test {
namespace {

class BadSuperblock : public Scene {};
PLINTH_FOR_EACH_STORE(BadSuperblock);

// With a checksum that is right.
std::string sealed(const std::string& lines) {
  char last[32];
  std::snprintf(last, sizeof last, "checksum: %08x\n", base::crc32c(lines));
  return lines + last;
}

TEST_P(BadSuperblock, EachFlippedBitIsRefused) {
  const std::string whole = read_file(path("PLINTH"));
  const FileTree before = read_tree(db_);
  for (std::size_t at = 0; at < whole.size(); ++at) {
    SCOPED_TRACE(at);
    flip_bit("PLINTH", at);
    try {
      open(url());
      ADD_FAILURE() << "it was opened";
    } catch (const Error& error) {
      EXPECT_TRUE(error == ErrorCode::file_corrupt || error == ErrorCode::not_a_database);
      EXPECT_NE(std::string(error.what()).find(path("PLINTH")), std::string::npos) << error.what();
    }
    flip_bit("PLINTH", at);
  }
  EXPECT_EQ(differences(before, read_tree(db_)), std::vector<std::string>{});
  expect_whole();
}

TEST_P(BadSuperblock, CutOffIsRefused) {
  damage("PLINTH", [](std::string& bytes) { bytes.resize(bytes.size() / 2); });
  expect_refused(ErrorCode::file_corrupt, {path("PLINTH"), "Restore a backup"});
  mend();
  damage("PLINTH", [](std::string& bytes) { bytes.clear(); });
  expect_refused(ErrorCode::file_corrupt, {path("PLINTH"), "cut off after 0 bytes"});
  mend();
}

TEST_P(BadSuperblock, OfAnotherProgramIsRefused) {
  write_file(path("PLINTH"), "A file of something else\n");
  expect_refused(ErrorCode::not_a_database, {path("PLINTH"), "does not begin with"});
  mend();
}

TEST_P(BadSuperblock, GoneIsNotTakenForANewDatabase) {
  std::filesystem::remove(path("PLINTH"));
  expect_refused(ErrorCode::not_a_database, {db_, "restore its file PLINTH"});
  mend();
}

TEST_P(BadSuperblock, ANewerFormatIsRefused) {
  damage("PLINTH", [](std::string& bytes) {
    bytes = sealed("Plinth database\nformat: 7\nsomething: new\n");
  });
  expect_refused(ErrorCode::format_too_new,
                 {path("PLINTH"), "format 7", "open it with that version"});
  mend();
}

// A store of another kind than the superblock says is not there.
TEST_P(BadSuperblock, TheOtherStoresNameIsRefused) {
  damage("PLINTH", [&](std::string& bytes) {
    const std::string mine = is_rocksdb() ? "rocksdb" : "lmdb";
    bytes.resize(bytes.find("checksum: "));
    bytes.replace(bytes.find(mine), mine.size(), is_rocksdb() ? "lmdb" : "rocksdb");
    bytes = sealed(bytes);
  });
  expect_refused(ErrorCode::file_corrupt, {path("store"), "is missing"});
  mend();
}

}  // namespace
}  // namespace plinth::test
