// A damaged commit log: in the middle, at its end, empty, missing, of another database or format.
#include <cstring>

#include "bad_input/scene.hpp"
#include "base/crc32c.hpp"

namespace plinth::test {
namespace {

class BadLog : public Scene {
 protected:
  // Changes four bytes of the segment's header and makes its checksum right (docs/log-format.md).
  void change_header(std::size_t offset, std::uint32_t number) {
    damage(segment(), [&](std::string& bytes) {
      std::memcpy(&bytes[offset], &number, sizeof number);
      const std::uint32_t checksum = base::crc32c(std::string_view(bytes).substr(0, 72));
      std::memcpy(&bytes[72], &checksum, sizeof checksum);
    });
  }
};
PLINTH_FOR_EACH_STORE(BadLog);

std::string offset(std::size_t at) {
  return "at offset " + std::to_string(at);
}

TEST_P(BadLog, DamageInTheMiddleIsRefusedWithItsPlace) {
  const std::vector<std::size_t> at = records();
  ASSERT_GT(at.size(), 10u);
  const std::size_t middle = at[at.size() - 10];
  for (const std::size_t byte : {middle, middle + 5, middle + 20, middle + 36}) {
    SCOPED_TRACE(byte);
    flip_bit(segment(), byte);
    expect_refused_after_store(ErrorCode::file_corrupt,
                               {path(segment()), offset(middle), "Restore a backup"});
    flip_bit(segment(), byte);
  }
  expect_whole();
}

TEST_P(BadLog, DamageOfTheLastButOneIsRefused) {
  const std::vector<std::size_t> at = records();
  flip_bit(segment(), at[at.size() - 2] + 36);
  expect_refused_after_store(ErrorCode::file_corrupt, {path(segment()), offset(at[at.size() - 2])});
  mend();
}

TEST_P(BadLog, WhatWasNeverWrittenWholeIsCutOff) {
  // As after a power loss: the beginning of one more record.
  const std::size_t last = records().back();
  damage(segment(), [&](std::string& bytes) {
    std::uint32_t payload = 0;
    std::memcpy(&payload, &bytes[last + 8], sizeof payload);
    const std::size_t end = last + (32 + payload + 7) / 8 * 8;
    bytes.replace(end, 20, bytes, last, 20);
  });
  expect_whole();
  Database db = open(url());
  db.run([](Transaction& tx) { tx.set("after", "it"); });
  EXPECT_EQ(db.read([](ReadTransaction& tx) { return tx.get("after").get(); }), "it");
}

// The one loss that cannot be told from a torn write (docs/log-format.md): nothing but the last
// record goes, whole.
TEST_P(BadLog, ADamagedLastRecordCostsThatOneOnly) {
  flip_bit(segment(), records().back() + 36);
  rows_.erase(std::prev(rows_.end()));
  expect_whole();
}

TEST_P(BadLog, AnEmptySegmentIsRefused) {
  damage(segment(), [](std::string& bytes) { bytes.clear(); });
  expect_refused_after_store(ErrorCode::file_corrupt, {path(segment()), "is empty"});
  mend();
  damage(segment(), [](std::string& bytes) { bytes.assign(bytes.size(), '\0'); });
  expect_refused_after_store(ErrorCode::file_corrupt, {path(segment()), "header is missing"});
  mend();
}

// One that was being made, or was not begun, when the process ended.
TEST_P(BadLog, AnEmptySegmentBehindTheLastDoesNoHarm) {
  write_file(path("log/0000000000000002.log"), "");
  expect_whole();
  mend();
  write_file(path("log/0000000000000002.log"), std::string(100'000, '\0'));
  write_file(path("log/0000000000000003.new"), "");
  expect_whole();
}

TEST_P(BadLog, ADamagedHeaderIsRefused) {
  for (const std::size_t byte : {0, 20, 30, 40, 70, 75}) {
    SCOPED_TRACE(byte);
    flip_bit(segment(), byte);
    expect_refused_after_store(ErrorCode::file_corrupt, {path(segment()), offset(0)});
    flip_bit(segment(), byte);
  }
  expect_whole();
}

TEST_P(BadLog, ANewerFormatIsRefused) {
  change_header(16, 2);
  expect_refused_after_store(ErrorCode::format_too_new,
                             {path(segment()), "format 2", "open it with that version"});
  mend();
}

TEST_P(BadLog, TheLogOfAnotherDatabaseIsRefused) {
  change_header(32, 12345);
  expect_refused_after_store(ErrorCode::file_corrupt, {path(segment()), "belongs to database"});
  mend();
}

TEST_P(BadLog, ARenamedSegmentIsRefused) {
  std::filesystem::rename(path(segment()), path("log/0000000000000009.log"));
  expect_refused_after_store(ErrorCode::file_corrupt,
                             {path("log/0000000000000009.log"), "was it renamed?"});
  mend();
}

TEST_P(BadLog, AMissingSegmentIsRefused) {
  std::filesystem::remove(path(segment()));
  expect_refused_after_store(ErrorCode::file_corrupt, {path("log"), "missing"});
  mend();
}

TEST_P(BadLog, AMissingFolderIsRefused) {
  std::filesystem::remove_all(path("log"));
  expect_refused(ErrorCode::file_corrupt, {path("log"), "is missing"});
  write_file(path("log"), "a file");
  expect_refused(ErrorCode::file_corrupt, {path("log"), "is a file"});
  std::filesystem::remove(path("log"));
  mend();
}

// Cut in the middle of what was durable: what is left behind the cut says nothing, but a log
// that the store is ahead of, or that has records behind, does.
TEST_P(BadLog, AWipedPageIsRefused) {
  const std::vector<std::size_t> at = records();
  damage(segment(), [&](std::string& bytes) {
    std::fill(bytes.begin() + at[3], bytes.begin() + at[6], '\0');
  });
  expect_refused_after_store(ErrorCode::file_corrupt, {path(segment()), offset(at[3])});
  mend();
}

}  // namespace
}  // namespace plinth::test
