// What survives a restart, and what happens when the disk fails.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "service_client.hpp"
#include "support/faulty_environment.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::engine {
namespace {

using test::FileCall;

class RecoveryTest : public testing::Test {
 protected:
  std::shared_ptr<Service> open() {
    EngineOptions options;
    options.path = directory_ / "db";
    options.environment = &environment_;
    options.options = options_;
    return open_engine(options);
  }
  test::TemporaryDirectory directory_;
  test::FaultyEnvironment environment_;
  DatabaseOptions options_;
};

TEST_F(RecoveryTest, CommitsSurviveReopening) {
  Version version = 0;
  {
    const auto service = open();
    for (int i = 0; i < 100; ++i) version = set(*service, std::to_string(i), "v").version;
    commit(*service, Request().clear("1", "2"));
  }
  const auto service = open();
  EXPECT_EQ(all_rows(*service).size(), 89u);
  EXPECT_GE(newest(*service)->version(), version);
  EXPECT_GT(set(*service, "x", "y").version, version);
}

TEST_F(RecoveryTest, CheckpointAndLogTogether) {
  {
    const auto service = open();
    set(*service, "a", "store");
    set(*service, "b", "store");
    service->checkpoint().get();
    set(*service, "b", "log");
    set(*service, "c", "log");
  }
  const auto service = open();
  const std::vector<KeyValue> want{{"a", "store"}, {"b", "log"}, {"c", "log"}};
  EXPECT_EQ(all_rows(*service), want);
}

TEST_F(RecoveryTest, VersionsRiseAcrossRestartsEvenWhenTheWallClockFallsBack) {
  Version last = set(*open(), "a", "1").version;
  for (int i = 0; i < 3; ++i) {
    environment_.wall_offset = -i * 3'600'000'000;
    const auto service = open();
    const Version version = set(*service, "a", "1").version;
    EXPECT_GT(version, last);
    last = version;
  }
}

TEST_F(RecoveryTest, ASecondOpenerIsTurnedAwayAndTold) {
  const auto service = open();
  try {
    open();
    FAIL() << "opened twice";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), 7000);
    EXPECT_NE(std::string(error.what()).find(std::to_string(getpid())), std::string::npos)
        << error.what();
  }
}

TEST_F(RecoveryTest, NotCreatedUnlessWanted) {
  options_.create = false;
  EXPECT_EQ(code_of([&] { open(); }), 7004);
  EXPECT_FALSE(std::filesystem::exists(directory_ / "db"));
}

TEST_F(RecoveryTest, AForeignDirectoryIsLeftAlone) {
  std::filesystem::create_directory(directory_ / "db");
  std::ofstream(directory_ / "db/letter.txt") << "hello";
  EXPECT_EQ(code_of([&] { open(); }), 7004);
  int files = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(directory_ / "db"))
    ++files;
  EXPECT_EQ(files, 1);
}

TEST_F(RecoveryTest, AFailedSyncMakesItReadOnly) {
  auto service = open();
  set(*service, "a", "1");
  environment_.set_fault([](FileCall call, const std::string& path) {
    if (call == FileCall::sync) throw Error(ErrorCode::io_error, "injected: " + path);
  });
  EXPECT_EQ(code_of([&] { set(*service, "b", "2"); }), 1021);
  environment_.set_fault(nullptr);
  EXPECT_EQ(code_of([&] { set(*service, "c", "3"); }), 7001);
  EXPECT_EQ(get(*service, "a"), "1");
  EXPECT_EQ(get(*service, "b"), std::nullopt);
  EXPECT_NE(service->status_json().find("read-only"), std::string::npos);
  service.reset();
  EXPECT_EQ(get(*open(), "a"), "1");
}

TEST_F(RecoveryTest, AFullDiskFailsCommitsUntilThereIsRoom) {
  options_.log_segment_bytes = 1 << 16;
  auto service = open();
  set(*service, "a", "1");
  environment_.set_fault([](FileCall call, const std::string&) {
    if (call == FileCall::write) throw Error(ErrorCode::disk_full, "injected");
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(code_of([&] { set(*service, "b", "2"); }), 7002);
  EXPECT_EQ(get(*service, "a"), "1");
  EXPECT_EQ(get(*service, "b"), std::nullopt);
  environment_.set_fault(nullptr);
  // Nobody meets a conflict with what never happened.
  EXPECT_EQ(commit(*service, Request().at(newest(*service)).read("b").set("c", "3")).status,
            CommitStatus::committed);
  service.reset();
  const std::vector<KeyValue> want{{"a", "1"}, {"c", "3"}};
  EXPECT_EQ(all_rows(*open()), want);
}

TEST_F(RecoveryTest, BufferedCommitsAnswerBeforeTheyAreOnDisk) {
  options_.durability = Durability::buffered;
  options_.flush_interval_ms = 1'000'000;
  std::atomic<int> syncs{0};
  const auto service = open();
  environment_.set_fault([&](FileCall call, const std::string&) {
    if (call == FileCall::sync) ++syncs;
  });
  for (int i = 0; i < 10; ++i) set(*service, std::to_string(i), "v");
  EXPECT_EQ(syncs, 0);
  service->flush().get();
  EXPECT_EQ(syncs, 1);
  commit(*service, Request().set("durable", "v").with(Durability::durable));
  EXPECT_EQ(syncs, 2);
}

TEST_F(RecoveryTest, BufferedCommitsAreFlushedByTimeAndByBytes) {
  options_.durability = Durability::buffered;
  options_.flush_interval_ms = 50;
  options_.buffer_bytes = 100'000;
  std::atomic<int> syncs{0};
  const auto service = open();
  environment_.set_fault([&](FileCall call, const std::string&) {
    if (call == FileCall::sync) ++syncs;
  });
  set(*service, "a", "v");
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (syncs == 0 && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
  EXPECT_GE(syncs, 1);
  const int before = syncs;
  for (int i = 0; i < 4; ++i) set(*service, "b", Bytes(50'000, 'x'));
  EXPECT_GT(syncs, before);
}

TEST_F(RecoveryTest, AFullWindowIsReplayed) {
  options_.durability = Durability::buffered;
  options_.checkpoint_bytes = 64 << 20;
  {
    const auto service = open();
    for (int i = 0; i < 200; ++i) {
      Request request;
      for (int j = 0; j < 100; ++j)
        request.set("key" + std::to_string(i * 100 + j), Bytes(100, 'v'));
      commit(*service, request);
    }
  }
  EXPECT_EQ(all_rows(*open()).size(), 20'000u);
}

TEST_F(RecoveryTest, CommitsAreSlowedNotRefusedWhenTheWindowIsFull) {
  options_.durability = Durability::none;
  options_.window_bytes = 8 << 20;
  options_.checkpoint_bytes = 2 << 20;
  const auto service = open();
  for (int i = 0; i < 400; ++i)
    ASSERT_EQ(set(*service, std::to_string(i), Bytes(100'000, 'x')).status,
              CommitStatus::committed);
  EXPECT_EQ(all_rows(*service).size(), 400u);
}

}  // namespace
}  // namespace plinth::engine
