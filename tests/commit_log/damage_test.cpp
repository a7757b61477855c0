// Damage to files: what had been durable is never lost in silence, and never a wrong payload comes
// back; when the open is refused, the error names file and offset and nothing was changed.
#include <gtest/gtest.h>

#include <cstring>

#include "base/crc32c.hpp"
#include "log_script.hpp"

namespace plinth::test {
namespace {

using engine::kSegmentHeaderBytes;
using engine::record_bytes;

std::string path_of(int number) {
  return kLogDirectory + "/000000000000000" + std::to_string(number) + ".log";
}

struct Outcome {
  bool refused = false;
  std::string message;          // refused
  std::vector<Record> records;  // not refused
};

// Opens a copy. A refusal must be file_corrupt and must not have changed anything.
Outcome open_copy(const MemoryFiles& files, Version after_version = 0) {
  MemoryFiles copy(files);
  const auto before = copy.contents();
  Outcome outcome;
  try {
    outcome.records = recover(copy, after_version).records;
  } catch (const Error& error) {
    outcome.refused = true;
    outcome.message = error.what();
    EXPECT_EQ(error.name(), "file_corrupt") << error.what();
    EXPECT_EQ(copy.calls(), 0) << "a refused open must not write: " << error.what();
    EXPECT_EQ(copy.contents(), before);
  }
  return outcome;
}

// Three segments; the last record is the only one that no later record proves to be durable.
class Damage : public testing::Test {
 protected:
  Damage() {
    create_log(files);
    script.run("a100 s a200 s a700 s a100 s a300 s a500 s a50 s");
    EXPECT_EQ(files.list(kLogDirectory).size(), 3u);
  }

  std::vector<Record> all_but_last() const {
    return {script.appended().begin(), script.appended().end() - 1};
  }

  // Opens a copy with one bit of the byte flipped, each time another one.
  Outcome with_byte_changed(const std::string& path, std::size_t offset) {
    std::string bytes = files.get(path);
    bytes[offset] = static_cast<char>(bytes[offset] ^ (1 << (offset % 8)));
    MemoryFiles damaged(files);
    damaged.put(path, bytes);
    return open_copy(damaged);
  }

  void expect_refused(const std::vector<std::string>& words, Version after_version = 0) {
    const Outcome outcome = open_copy(files, after_version);
    EXPECT_TRUE(outcome.refused);
    for (const std::string& word : words) {
      EXPECT_NE(outcome.message.find(word), std::string::npos) << word << " in " << outcome.message;
    }
  }

  MemoryFiles files;
  LogScript script{files};
};

constexpr std::size_t kHeaderFields = 76;  // magic to checksum
// In the last segment: records of 300, 500 and 50 bytes.
const std::size_t kLastRecord = kSegmentHeaderBytes + record_bytes(300) + record_bytes(500);
const std::size_t kEnd = kLastRecord + record_bytes(50);

TEST_F(Damage, AnyByteOfAnEarlierSegment) {
  for (const int segment : {1, 2}) {
    const std::size_t end =
        kSegmentHeaderBytes + (segment == 1 ? record_bytes(100) + record_bytes(200)
                                            : record_bytes(700) + record_bytes(100));
    for (std::size_t offset = 0; offset < kSmallSegment; ++offset) {
      const Outcome outcome = with_byte_changed(path_of(segment), offset);
      const bool alive = offset < kHeaderFields || (offset >= kSegmentHeaderBytes && offset < end);
      ASSERT_EQ(outcome.refused, alive) << segment << " " << offset << " " << outcome.message;
      if (alive) {
        ASSERT_NE(outcome.message.find(path_of(segment) + " at offset "), std::string::npos)
            << outcome.message;
      } else {
        ASSERT_EQ(outcome.records, script.appended());
      }
    }
  }
}

TEST_F(Damage, AnyByteOfTheLastSegment) {
  for (std::size_t offset = 0; offset < kSmallSegment; ++offset) {
    const Outcome outcome = with_byte_changed(path_of(3), offset);
    const bool durable =
        offset < kHeaderFields || (offset >= kSegmentHeaderBytes && offset < kLastRecord);
    ASSERT_EQ(outcome.refused, durable) << offset << " " << outcome.message;
    if (durable) {
      ASSERT_NE(outcome.message.find(path_of(3) + " at offset "), std::string::npos)
          << outcome.message;
    } else {
      const bool in_last = offset >= kLastRecord && offset < kEnd;
      ASSERT_EQ(outcome.records, in_last ? all_but_last() : script.appended()) << offset;
    }
  }
}

// A lost write of one or more sectors: they hold zeros.
TEST_F(Damage, AnySectorsWiped) {
  for (const int segment : {1, 2, 3}) {
    for (std::size_t from = 0; from < kSmallSegment; from += kSectorBytes) {
      for (std::size_t to = from + kSectorBytes; to <= kSmallSegment; to += kSectorBytes) {
        MemoryFiles damaged(files);
        std::string bytes = files.get(path_of(segment));
        std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(from),
                  bytes.begin() + static_cast<std::ptrdiff_t>(to), '\0');
        damaged.put(path_of(segment), bytes);
        const Outcome outcome = open_copy(damaged);
        if (outcome.refused || outcome.records == script.appended()) continue;
        // All that a wiped end cannot be told from is a record that was never written: no later
        // record tells of it.
        ASSERT_EQ(segment, 3);
        ASSERT_EQ(to, kSmallSegment) << from;
        ASSERT_LE(outcome.records.size(), script.appended().size());
        for (std::size_t i = 0; i < outcome.records.size(); ++i) {
          ASSERT_EQ(outcome.records[i], script.appended()[i]);
        }
      }
    }
  }
}

TEST_F(Damage, WhatTheStoreHasIsNotNeeded) {
  std::string bytes = files.get(path_of(1));
  bytes[kSegmentHeaderBytes + 50] ^= 1;
  files.put(path_of(1), bytes);
  expect_refused({path_of(1) + " at offset 4096"}, 19);
  EXPECT_EQ(open_copy(files, 20).records.size(), 5u);
}

TEST_F(Damage, AWipedHeaderIsNotANewSegment) {
  std::string bytes = files.get(path_of(3));
  std::fill_n(bytes.begin(), kSegmentHeaderBytes, '\0');
  files.put(path_of(3), bytes);
  expect_refused({path_of(3) + " at offset 0: the segment's header is missing",
                  "a record at offset " + std::to_string(kLastRecord - record_bytes(500))});
}

TEST_F(Damage, AMissingSegment) {
  files.remove(path_of(2));
  expect_refused({path_of(2) + " is missing", path_of(3) + " starts after version 40"});
  EXPECT_EQ(open_copy(files, 40).records.size(), 3u) << "the store has all that it held";
  expect_refused({path_of(2) + " is missing"}, 39);
}

TEST_F(Damage, AMissingBeginning) {
  files.remove(path_of(1));
  expect_refused({path_of(1) + " is missing", "the store is at version 0"});
  expect_refused({path_of(1) + " is missing"}, 19);
  EXPECT_EQ(open_copy(files, 20).records.size(), 5u);
}

TEST_F(Damage, NoSegmentAtAll) {
  for (const int segment : {1, 2, 3}) files.remove(path_of(segment));
  expect_refused({kLogDirectory, "missing"}, 70);
}

TEST_F(Damage, AStoreOlderThanTheLog) {
  MemoryFiles other;
  engine::CommitLog::create(other, kLogDirectory, test_database(), 1000);
  const Outcome outcome = open_copy(other, 999);
  EXPECT_TRUE(outcome.refused);
  EXPECT_NE(outcome.message.find("the store is older"), std::string::npos) << outcome.message;
}

TEST_F(Damage, ACutOffFile) {
  for (std::size_t size = 0; size < kSmallSegment; size += 8) {
    for (const int segment : {1, 2, 3}) {
      MemoryFiles damaged(files);
      damaged.put(path_of(segment), files.get(path_of(segment)).substr(0, size));
      const Outcome outcome = open_copy(damaged);
      if (segment < 3) {
        ASSERT_EQ(outcome.refused, outcome.records != script.appended());
      } else if (!outcome.refused) {
        ASSERT_EQ(outcome.records,
                  std::vector<Record>(script.appended().begin(),
                                      script.appended().begin() +
                                          static_cast<std::ptrdiff_t>(outcome.records.size())));
      }
    }
  }
}

TEST_F(Damage, FilesThatWereSwappedOrRenamed) {
  MemoryFiles swapped(files);
  swapped.put(path_of(1), files.get(path_of(2)));
  swapped.put(path_of(2), files.get(path_of(1)));
  EXPECT_NE(open_copy(swapped).message.find(path_of(1) + " says that it is segment 2"),
            std::string::npos);
}

TEST_F(Damage, AnotherDatabasesLog) {
  engine::DatabaseId other = test_database();
  other.bytes[0] ^= 1;
  const auto visitor = [](Version, ByteView) {};
  try {
    engine::CommitLog::open(files, kLogDirectory, other, 0, visitor);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.name(), "file_corrupt");
    EXPECT_NE(std::string(error.what()).find(test_database().hex()), std::string::npos)
        << error.what();
  }
}

TEST_F(Damage, ANewerFormatIsRefusedAsThat) {
  std::string bytes = files.get(path_of(3));
  bytes[16] = 2;
  const std::uint32_t checksum = base::crc32c({bytes.data(), 72});
  std::memcpy(bytes.data() + 72, &checksum, sizeof checksum);
  files.put(path_of(3), bytes);
  try {
    recover(files);
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_EQ(error.name(), "format_too_new");
    EXPECT_NE(std::string(error.what()).find("format 2"), std::string::npos) << error.what();
  }
  EXPECT_EQ(files.get(path_of(3)), bytes);
}

// An old segment with a record that is whole, but from a former life of the file.
TEST_F(Damage, AnOldVersionOfAFileIsDetected) {
  MemoryFiles old;
  create_log(old);
  LogScript(old).run("a100 s");
  files.put(path_of(1), old.get(path_of(1)));
  expect_refused(
      {path_of(1) + " at offset " + std::to_string(kSegmentHeaderBytes + record_bytes(100)),
       "no record is here"});
}

// The same, with a record in the right place that has another version.
TEST_F(Damage, AnOldVersionOfAFileThatIsWholeIsDetected) {
  MemoryFiles old;
  const auto log = create_log(old);
  log->append(5, payload_of(5, 100));
  log->append(7, payload_of(7, 200));
  files.put(path_of(1), old.get(path_of(1)));
  expect_refused({path_of(1) + " ends with version 7", "says that it is 20"});
}

// A segment with one record has nothing behind it that tells of it.
TEST_F(Damage, AnyByteOfAHeaderThatOneRecordFollows) {
  script.run("a900 s");
  for (std::size_t offset = 0; offset < kHeaderFields; ++offset) {
    const Outcome outcome = with_byte_changed(path_of(4), offset);
    ASSERT_NE(outcome.message.find(path_of(4) + " at offset 0: the segment's header is damaged"),
              std::string::npos)
        << offset;
  }
}

// A write that went to the wrong place of its segment.
TEST(DamageOfPlaces, ARecordInAnothersPlaceIsNone) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a100 a100 a100");
  std::string bytes = files.get(path_of(1));
  const std::size_t size = record_bytes(100);
  bytes.replace(kSegmentHeaderBytes + size, size, bytes, kSegmentHeaderBytes + 2 * size, size);
  files.put(path_of(1), bytes);
  EXPECT_EQ(open_copy(files).records.size(), 1u) << "the third is not the second";
}

// The header of a segment did not reach the disk, but its records did. They are lost; when the file
// is used again, they lie behind its new records without a gap, and must not be taken for some.
TEST(DamageOfPlaces, RecordsOfAnUnbegunSegmentStayDeadWhenItsFileIsUsedAgain) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a900 s p a100 a100 a100");
  std::string bytes = files.get(path_of(2));
  std::fill_n(bytes.begin(), kSegmentHeaderBytes, '\0');
  files.put(path_of(2), bytes);
  std::vector<Record> expected = {script.appended()[0]};
  Recovered recovered = recover(files);
  ASSERT_EQ(recovered.records, expected);
  expected.push_back({15, payload_of(15, 100)});
  recovered.log->append(15, expected.back().payload);
  EXPECT_EQ(files.list(kLogDirectory).size(), 2u) << "the file is used again";
  recovered.log->sync();
  EXPECT_EQ(recover(files).records, expected);
}

// A value that holds the bytes of a log segment does not look like records.
TEST(DamageOfValues, ALogInsideAValueIsNoProof) {
  MemoryFiles files;
  create_log(files, 1 << 16);
  LogScript script(files);
  script.run("a100 s a100 s a100 s");
  const std::string copy = files.get(path_of(1)).substr(0, 4096 + 3 * record_bytes(100));
  script.log().append(40, copy.substr(4096));
  script.log().append(50, copy);
  // Both are torn: their headers are gone.
  std::string bytes = files.get(path_of(1));
  const std::size_t end = copy.size();
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(end), 32, '\0');
  files.put(path_of(1), bytes);
  EXPECT_EQ(open_copy(files).records, script.appended());
}

// The rule about bad records with good ones behind them, with each possible marker.
TEST(DamageProof, OnlyAMarkerProvesThatABadRecordHadBeenDurable) {
  for (const bool synced : {false, true}) {
    MemoryFiles files;
    create_log(files);
    LogScript script(files);
    script.run("a100 s a100");
    if (synced) script.run("s");
    script.run("a100 a100");
    std::string bytes = files.get(path_of(1));
    bytes[kSegmentHeaderBytes + record_bytes(100) + 40] ^= 1;  // the second of four
    files.put(path_of(1), bytes);
    const Outcome outcome = open_copy(files);
    EXPECT_EQ(outcome.refused, synced);
    if (synced) {
      EXPECT_NE(outcome.message.find("at offset 4232: the record's payload does not match its "
                                     "checksum, though a record at offset 4368 shows"),
                std::string::npos)
          << outcome.message;
    } else {
      EXPECT_EQ(outcome.records.size(), 1u) << "an unsynced suffix is cut from the bad one on";
    }
  }
}

// What is cut stays away, though its bytes are whole: also when what is written next has the same
// size, so that the old records would follow it without a gap.
TEST(DamageProof, WhatIsCutDoesNotComeBack) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a100 s a100 a100 a100");
  std::string bytes = files.get(path_of(1));
  bytes[kSegmentHeaderBytes + record_bytes(100) + 40] ^= 1;
  files.put(path_of(1), bytes);
  std::vector<Record> expected = {script.appended()[0]};
  for (Version version = 15; version < 20; ++version) {
    Recovered recovered = recover(files);
    ASSERT_EQ(recovered.records, expected);
    expected.push_back({version, payload_of(version, 100)});
    recovered.log->append(version, expected.back().payload);
    recovered.log->sync();
  }
  EXPECT_EQ(recover(files).records, expected);
}

}  // namespace
}  // namespace plinth::test
