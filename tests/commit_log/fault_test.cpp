// Errors of the file system while the log is used: a full disk is survived, all others are final.
#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <sstream>

#include "log_script.hpp"

namespace plinth::test {
namespace {

std::string name_of_error(const std::function<void()>& step) {
  try {
    step();
  } catch (const Error& error) {
    return std::string(error.name());
  }
  return "none";
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

void expect_durable(MemoryFiles& files, const LogScript& script) {
  std::mt19937_64 random(1);
  files.for_each_power_loss(30, random, [&](MemoryFiles& state) {
    EXPECT_EQ(script.problem_with(recover(state, script.store_version()).records), "");
  });
}

constexpr char kScript[] =
    "a100 s a600 a600 s p a900 a900 s d a10 a10 a10 s a3000 s a10 p d a900 s";

// Runs the script's words; of those that fail, an append that met a full disk must leave nothing.
void run_with_failures(MemoryFiles& files, LogScript& script) {
  for (const std::string& word : words_of(kScript)) {
    try {
      script.run(word);
    } catch (const Error& error) {
      if (script.log().failed()) return;
      ASSERT_EQ(error.name(), "disk_full");
      ASSERT_NE(word[0], 's');
      if (word[0] == 'a') script.forget_last();
      expect_durable(files, script);
    }
  }
}

// At each call that changes something the disk is full once; a write has then written nothing, some
// or all of its bytes.
TEST(FullDisk, AtEachCall) {
  std::size_t survived = 0;
  for (const std::size_t written : {0, 10, 90, 600, 4096 + 5, 1 << 20}) {
    for (int call = 1;; ++call) {
      SCOPED_TRACE("call " + std::to_string(call) + ", bytes written: " + std::to_string(written));
      MemoryFiles files;
      create_log(files);
      LogScript script(files);
      script.open();
      files.set_fault({files.calls() + call, Fault::Kind::fail, ErrorCode::disk_full, written});
      run_with_failures(files, script);
      ASSERT_FALSE(testing::Test::HasFailure());
      expect_durable(files, script);
      if (!files.fault_reached()) break;
      files.clear_fault();
      if (script.log().failed()) continue;
      ++survived;
      script.run("a100 s a900 s a10 s");  // there is room again
      expect_durable(files, script);
      ASSERT_EQ(recover(files, script.store_version()).records, script.beyond_store());
    }
  }
  EXPECT_GT(survived, 60u);
}

// A record is written up to where only zeros remain, and zeros were there before: so it is whole.
TEST(FullDisk, ARecordThatIsWholeByChanceIsCutAllTheSame) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a100 s");
  files.set_fault({files.calls() + 1, Fault::Kind::fail, ErrorCode::disk_full, 40});
  EXPECT_EQ(name_of_error([&] { script.log().append(20, std::string(500, '\0')); }), "disk_full");
  expect_durable(files, script);
  EXPECT_EQ(recover(files).records, script.appended());
  script.run("a10 s");
  EXPECT_EQ(files.list(kLogDirectory).size(), 2u) << "the cut segment is not written any more";
}

TEST(FullDisk, WhileItLastsEachAppendIsRefusedAndNoneIsLost) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a900 s");
  for (int call = 1; call <= 5; ++call) {  // of the making of a segment
    files.set_fault({files.calls() + call, Fault::Kind::fail, ErrorCode::disk_full, 100});
    EXPECT_EQ(name_of_error([&] { script.run("a900"); }), "disk_full");
    script.forget_last();
  }
  EXPECT_EQ(files.list(kLogDirectory).size(), 1u) << "what was begun to be made is removed";
  script.run("a900 s a10 s");
  EXPECT_EQ(recover(files).records, script.appended());
}

// Each error but a full disk is final, wherever it comes: nothing is written any more, all that was
// acknowledged is there, and a new opening goes on.
TEST(IoError, AtEachCall) {
  for (int call = 1;; ++call) {
    SCOPED_TRACE("call " + std::to_string(call));
    MemoryFiles files;
    create_log(files);
    LogScript script(files);
    script.open();
    files.set_fault({files.calls() + call, Fault::Kind::fail, ErrorCode::io_error, 100});
    std::string error = "none";
    for (const std::string& word : words_of(kScript)) {
      // Recycling does not touch what is durable.
      error = name_of_error([&] { script.run(word); });
      if (error != "none" && word[0] != 'd') break;
    }
    if (!files.fault_reached()) break;
    if (error == "io_error") {
      ASSERT_TRUE(script.log().failed());
      const int calls = files.calls();
      EXPECT_EQ(name_of_error([&] { script.log().append(100'000, "x"); }), "database_read_only");
      EXPECT_EQ(name_of_error([&] { script.log().sync(); }), "database_read_only");
      EXPECT_EQ(name_of_error([&] { script.log().prepare_next(); }), "database_read_only");
      EXPECT_EQ(files.calls(), calls);
    }
    expect_durable(files, script);
    files.clear_fault();
    const Recovered recovered = recover(files, script.store_version());
    ASSERT_EQ(script.problem_with(recovered.records), "");
    recovered.log->append(100'000, "goes on");
    recovered.log->sync();
    std::vector<Record> expected = recovered.records;
    expected.push_back({100'000, "goes on"});
    EXPECT_EQ(recover(*files.durable_only(), script.store_version()).records, expected)
        << "what a recovery showed must be durable, even after a failed sync";
    ASSERT_FALSE(testing::Test::HasFailure());
  }
}

TEST(IoError, TheReasonIsTold) {
  MemoryFiles files;
  create_log(files);
  LogScript script(files);
  script.run("a100");
  files.set_fault({files.calls() + 1, Fault::Kind::fail, ErrorCode::io_error, 0});
  EXPECT_EQ(name_of_error([&] { script.log().sync(); }), "io_error");
  try {
    script.log().append(100, "x");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("sync /db/log/0000000000000001.log: injected"),
              std::string::npos)
        << error.what();
  }
}

// Errors while a log is opened: the open fails, and the next one finds all.
TEST(IoError, AtEachCallOfARecovery) {
  for (const ErrorCode code : {ErrorCode::io_error, ErrorCode::disk_full}) {
    for (int call = 1;; ++call) {
      MemoryFiles files;
      create_log(files);
      LogScript script(files);
      script.run("a900 s a900 s a900 p d a10");
      files.set_fault({files.calls() + call, Fault::Kind::fail, code, 50});
      const std::string error = name_of_error([&] { recover(files, script.store_version()); });
      if (!files.fault_reached()) break;
      const bool recycling = code == ErrorCode::disk_full && error == "none";
      EXPECT_TRUE(recycling || error == error_name(static_cast<int>(code))) << error;
      expect_durable(files, script);
      files.clear_fault();
      EXPECT_EQ(recover(files, script.store_version()).records, script.beyond_store());
    }
  }
}

}  // namespace
}  // namespace plinth::test
