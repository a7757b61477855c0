// What a commit log does when nothing crashes.
#include "engine/log/commit_log.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "log_script.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::test {
namespace {

using engine::CommitLog;

std::vector<std::string> log_files(MemoryFiles& files) {
  return files.list(kLogDirectory);
}

TEST(CommitLog, ANewLogIsEmpty) {
  MemoryFiles files;
  create_log(files);
  EXPECT_EQ(log_files(files), std::vector<std::string>{"0000000000000001.log"});
  const Recovered recovered = recover(files);
  EXPECT_TRUE(recovered.records.empty());
  EXPECT_EQ(recovered.log->stats().last_version, 0);
}

TEST(CommitLog, RecordsComeBackInOrder) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a0 a1 a7 a8 a9 a100 a500 a499 a3 s");
  const Recovered recovered = recover(files);
  EXPECT_EQ(recovered.records, script.appended());
  EXPECT_EQ(recovered.log->stats().last_version, 90);
  EXPECT_EQ(recovered.log->stats().synced_version, 90);
}

TEST(CommitLog, OnlyRecordsBeyondTheStoreComeBack) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a400 a400 a400 a400 a400 s");  // two in a segment
  for (Version after = 0; after <= 60; after += 5) {
    std::vector<Record> expected;
    for (const Record& record : script.appended()) {
      if (record.version > after) expected.push_back(record);
    }
    EXPECT_EQ(recover(files, after).records, expected) << after;
  }
}

TEST(CommitLog, GoesOnInTheSameSegmentWhenItsEndIsBlank) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a10 s r a10 s r a10 s");
  EXPECT_EQ(log_files(files).size(), 1u);
  EXPECT_EQ(recover(files).records, script.appended());
}

TEST(CommitLog, FullSegmentsAreFollowedByNewOnes) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a900 a900 a900 s");
  EXPECT_EQ(log_files(files),
            (std::vector<std::string>{"0000000000000001.log", "0000000000000002.log",
                                      "0000000000000003.log"}));
  EXPECT_EQ(script.log().stats().segments, 3u);
  EXPECT_EQ(recover(files).records, script.appended());
}

TEST(CommitLog, ALargeRecordGetsALargeSegment) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a10 a100000 a10 s");
  EXPECT_EQ(recover(files).records, script.appended());
  EXPECT_EQ(log_files(files).size(), 2u);  // there was room for the last one
  script.run("a30000 s d");                // dropped, but not kept: too large
  EXPECT_EQ(files.get("/db/log/0000000000000001.old").size(), kSmallSegment);
  EXPECT_FALSE(files.exists("/db/log/0000000000000002.old"));
}

TEST(CommitLog, APreparedSegmentIsUsed) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a100");
  EXPECT_FALSE(script.log().wants_next());
  script.run("a600");
  EXPECT_TRUE(script.log().wants_next());
  script.run("p p");
  EXPECT_FALSE(script.log().wants_next());
  EXPECT_EQ(log_files(files).size(), 2u);
  const int calls = files.calls();
  script.run("a900 s");
  EXPECT_EQ(files.calls() - calls, 3);  // sync of the old segment, write, sync
  EXPECT_EQ(log_files(files).size(), 2u);
  EXPECT_EQ(recover(files).records, script.appended());
}

TEST(CommitLog, AnAppendIsOneWrite) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.open();
  const int calls = files.calls();
  script.run("a100");
  EXPECT_EQ(files.calls() - calls, 1);
  script.run("s");
  EXPECT_EQ(files.calls() - calls, 2);
  script.run("s s");
  EXPECT_EQ(files.calls() - calls, 2);  // nothing new to sync
}

TEST(CommitLog, DroppedSegmentsAreUsedAgainAndTheirOldRecordsStayDead) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  for (int round = 0; round < 20; ++round) {
    script.run("a450 s a450 s a450 s d");
    ASSERT_EQ(recover(files, script.store_version()).records, script.beyond_store()) << round;
    ASSERT_LE(log_files(files).size(), 5u);
  }
  EXPECT_EQ(script.log().stats().segments, 1u);
  EXPECT_EQ(script.log().stats().disk_bytes, 3 * kSmallSegment);
}

TEST(CommitLog, OnlyWholeSegmentsBelowTheVersionAreDropped) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a900 a900 a900 s");  // 10 | 20 | 30
  script.log().drop_before(9);
  EXPECT_EQ(script.log().stats().segments, 3u);
  script.log().drop_before(19);
  EXPECT_EQ(script.log().stats().segments, 2u);
  script.log().drop_before(1000);  // the last stays
  EXPECT_EQ(script.log().stats().segments, 1u);
}

TEST(CommitLog, StatsTellWhatIsDurable) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a10 s a10");
  EXPECT_EQ(script.log().stats().last_version, 20);
  EXPECT_EQ(script.log().stats().synced_version, 10);
}

TEST(CommitLog, ALogStartsAfterTheGivenVersion) {
  MemoryFiles files;
  CommitLog::create(files, kLogDirectory, test_database(), 5'000'000);
  EXPECT_EQ(recover(files, 5'000'000).log->stats().last_version, 5'000'000);
}

TEST(CommitLog, ASegmentSizeOutOfBoundsIsBroughtInto) {
  MemoryFiles files;
  create_log(files, 0);
  EXPECT_EQ(files.get("/db/log/0000000000000001.log").size(), engine::kMinSegmentBytes);
  LogScript script(files);
  script.run("a100 s");
  EXPECT_EQ(recover(files, 0, UINT64_MAX).records, script.appended());
}

TEST(CommitLog, CreationRemovesWhatAnInterruptedOneLeft) {
  MemoryFiles files;
  create_log(files);
  LogScript(files).run("a900 a900 s");
  files.put("/db/log/0000000000000007.old", "x");
  files.put("/db/log/0000000000000008.new", "x");
  create_log(files);
  EXPECT_EQ(log_files(files), std::vector<std::string>{"0000000000000001.log"});
  EXPECT_TRUE(recover(files).records.empty());
}

TEST(CommitLog, FilesOfOthersAreLeftAlone) {
  MemoryFiles files;
  create_log(files);
  for (const char* name : {"README", "1.log", "0000000000000000.log", "000000000000002x.log",
                           "0000000000000002.logs", "00000000000000002.log"}) {
    files.put(kLogDirectory + "/" + name, "x");
  }
  const auto before = files.contents();
  recover(files);
  EXPECT_EQ(files.contents(), before);
}

TEST(CommitLog, LeftoversOfACrashAreCleared) {
  MemoryFiles files;
  create_log(files);
  LogScript(files).run("a10 s p");
  files.put("/db/log/0000000000000005.new", "x");
  files.put("/db/log/0000000000000006.old", std::string(kSmallSegment, 'x'));
  files.put("/db/log/0000000000000007.old", std::string(10, 'x'));
  const Recovered recovered = recover(files);
  EXPECT_EQ(log_files(files),
            (std::vector<std::string>{"0000000000000001.log", "0000000000000002.old",
                                      "0000000000000006.old"}));
  recovered.log->prepare_next();
  EXPECT_TRUE(files.exists("/db/log/0000000000000008.log"));  // above all numbers ever seen
}

TEST(CommitLog, AnEmptyLastSegmentIsFine) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{100}, std::size_t{kSmallSegment}}) {
    MemoryFiles files;
    create_log(files);
    LogScript script(files);
    script.run("a10 a20 s");
    files.put("/db/log/0000000000000002.log", std::string(size, '\0'));
    EXPECT_EQ(recover(files).records, script.appended()) << size;
  }
}

TEST(CommitLog, VerifyFindsNothingWrongAndChangesNothing) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a900 a900 s d a100 s a200");
  const auto before = files.contents();
  const engine::LogReport report = script.log().verify();
  EXPECT_EQ(report.damage, std::vector<std::string>{});
  EXPECT_EQ(report.records, 3u);
  EXPECT_EQ(report.segments, 2u);
  EXPECT_EQ(files.contents(), before);
}

TEST(CommitLog, VerifyNamesFileAndOffset) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a100 a100 a900 a100 s");  // the third is in the second segment
  const std::string first = "/db/log/0000000000000001.log";
  const std::string second = "/db/log/0000000000000002.log";
  std::string bytes = files.get(first);
  bytes[engine::kSegmentHeaderBytes + engine::record_bytes(100) + 50] ^= 1;  // in the second record
  files.put(first, bytes);
  bytes = files.get(second);
  bytes[20] ^= 1;
  files.put(second, bytes);
  const engine::LogReport report = script.log().verify();
  ASSERT_EQ(report.damage.size(), 2u);
  EXPECT_NE(report.damage[0].find(first + " at offset 4232: the record's payload does not match"),
            std::string::npos)
      << report.damage[0];
  EXPECT_NE(report.damage[1].find(second + " at offset 0: the segment's header is damaged"),
            std::string::npos)
      << report.damage[1];
  files.remove(second);
  EXPECT_NE(script.log().verify().damage[1].find(second), std::string::npos);
}

// On the real file system, with a thread that prepares, one that drops and one that verifies.
TEST(CommitLog, ThreadsBesideTheWriter) {
  const TemporaryDirectory temporary;
  const std::string& folder = temporary.path();
  base::FileSystem& files = base::Environment::real().files();
  constexpr std::uint64_t kSegment = std::uint64_t{64} << 10;
  constexpr Version kLast = 2000;
  {
    const auto log = CommitLog::create(files, folder, test_database(), 0, {kSegment});
    std::atomic<bool> done = false;
    base::Thread prepares("prepares", [&] {
      while (!done) {
        if (log->wants_next()) log->prepare_next();
        std::this_thread::yield();
      }
    });
    base::Thread drops("drops", [&] {
      while (!done) {
        log->drop_before(log->stats().synced_version / 2);
        std::this_thread::yield();
      }
    });
    base::Thread verifies("verifies", [&] {
      while (!done) {
        const engine::LogReport report = log->verify();
        EXPECT_TRUE(report.damage.empty()) << report.damage.front();
      }
    });
    for (Version version = 1; version <= kLast; ++version) {
      log->append(version, payload_of(version, 1000));
      if (version % 50 == 0) log->sync();
    }
    done = true;
  }
  Version next = kLast / 2 + 1;
  const auto visitor = [&](Version version, ByteView payload) {
    EXPECT_EQ(version, next++);
    EXPECT_EQ(payload, payload_of(version, 1000));
  };
  CommitLog::open(files, folder, test_database(), kLast / 2, visitor, {kSegment});
  EXPECT_EQ(next, kLast + 1);
}

}  // namespace
}  // namespace plinth::test
