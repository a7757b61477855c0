#include "engine/superblock.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <set>

#include "base/crc32c.hpp"
#include "log_script.hpp"

namespace plinth::test {
namespace {

using engine::DirectoryState;
using engine::Superblock;

constexpr char kFile[] = "/db/PLINTH";

Superblock sample() {
  Superblock superblock;
  superblock.store = storage::StoreKind::rocksdb;
  superblock.id = test_database();
  superblock.created = 1'732'185'000'123'456;
  superblock.first_version = 5'000'001;
  return superblock;
}

void create(base::FileSystem& files, const Superblock& superblock) {
  files.create_directories("/db");
  engine::begin_creation(files, "/db", superblock);
  engine::finish_creation(files, "/db");
}

// The error of reading a superblock file with this content, which must not change.
std::string error_of(const std::string& content, ErrorCode expected) {
  MemoryFiles files;
  files.create_directories("/db");
  files.put(kFile, content);
  const int calls = files.calls();
  try {
    engine::read_superblock(files, "/db");
  } catch (const Error& error) {
    EXPECT_EQ(error.name(), error_name(static_cast<int>(expected))) << error.what();
    EXPECT_NE(std::string(error.what()).find(kFile), std::string::npos) << error.what();
    EXPECT_EQ(files.calls(), calls);
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

TEST(SuperblockFile, ComesBackAndTellsAPersonWhatItIs) {
  MemoryFiles files;
  create(files, sample());
  EXPECT_EQ(engine::read_superblock(files, "/db"), sample());
  EXPECT_EQ(files.get(kFile),
            "Plinth database\n"
            "format: 1\n"
            "store: rocksdb\n"
            "id: 0102030405060708090a0b0c0d0e0f10\n"
            "created: 1732185000123456 (2024-11-21 10:30:00 UTC)\n"
            "first version: 5000001\n"
            "checksum: a33e40c3\n");
  EXPECT_EQ(files.list("/db"), std::vector<std::string>{"PLINTH"});
}

TEST(SuperblockFile, EachFieldIsKept) {
  for (const base::Micros created : {base::Micros{0}, base::Micros{-1}, base::Micros{1} << 52}) {
    Superblock superblock = sample();
    superblock.store = storage::StoreKind::lmdb;
    superblock.created = created;
    superblock.first_version = Version{1} << 60;
    superblock.id = engine::DatabaseId::random(base::Environment::real());
    MemoryFiles files;
    create(files, superblock);
    EXPECT_EQ(engine::read_superblock(files, "/db"), superblock);
  }
}

TEST(SuperblockFile, AnyChangedOrMissingByteIsDetected) {
  MemoryFiles files;
  create(files, sample());
  const std::string good = files.get(kFile);
  const std::size_t title = good.find('\n') + 1;
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 1;
    const std::string message =
        error_of(bad, i < title ? ErrorCode::not_a_database : ErrorCode::file_corrupt);
    EXPECT_NE(message.find("damaged"), std::string::npos) << message;
    error_of(good.substr(0, i), ErrorCode::file_corrupt);
  }
  error_of(good + "\n", ErrorCode::file_corrupt);
  error_of(good + std::string(10'000, 'x'), ErrorCode::file_corrupt);
}

std::string with_checksum(const std::string& text) {
  char line[32];
  std::snprintf(line, sizeof line, "checksum: %08x\n", base::crc32c(text));
  return text + line;
}

TEST(SuperblockFile, ANewerFormatIsRefusedWithBothVersions) {
  const std::string message = error_of(with_checksum("Plinth database\nformat: 7\nnew: things\n"),
                                       ErrorCode::format_too_new);
  EXPECT_NE(message.find("format 7, this program knows formats up to 1"), std::string::npos)
      << message;
}

TEST(SuperblockFile, LinesThatThisFormatDoesNotHaveAreDamage) {
  MemoryFiles files;
  create(files, sample());
  const std::string good = files.get(kFile);
  const std::string lines = good.substr(0, good.find("checksum"));
  error_of(with_checksum(lines + "more: 1\n"), ErrorCode::file_corrupt);
  error_of(with_checksum("Plinth database\n"), ErrorCode::file_corrupt);
  error_of(with_checksum("Plinth database\nformat: 1\nstore: sqlite\n"), ErrorCode::file_corrupt);
}

TEST(SuperblockFile, AForeignFileIsNoDatabase) {
  for (const char* content : {"#!/bin/sh\n", "SQLite format 3", "plinth database\n"}) {
    error_of(content, ErrorCode::not_a_database);
  }
}

TEST(Directory, States) {
  MemoryFiles files;
  EXPECT_EQ(engine::check_directory(files, "/db"), DirectoryState::empty);
  files.create_directories("/db/lost+found");
  EXPECT_EQ(engine::check_directory(files, "/db"), DirectoryState::empty);
  files.put("/db/LOCK", "1\n");
  EXPECT_EQ(engine::check_directory(files, "/db"), DirectoryState::empty);
  engine::begin_creation(files, "/db", sample());
  EXPECT_EQ(engine::check_directory(files, "/db"), DirectoryState::half_created);
  engine::finish_creation(files, "/db");
  EXPECT_EQ(engine::check_directory(files, "/db"), DirectoryState::database);
}

TEST(Directory, ForeignOnesAreRefusedAndUntouched) {
  const auto refusal = [](MemoryFiles& files) {
    const int calls = files.calls();
    try {
      engine::check_directory(files, "/db");
      ADD_FAILURE();
    } catch (const Error& error) {
      EXPECT_EQ(error.name(), "not_a_database");
      EXPECT_EQ(files.calls(), calls);
      return std::string(error.what());
    }
    return std::string();
  };
  MemoryFiles with_files;
  with_files.create_directories("/db");
  with_files.put("/db/thesis.tex", "x");
  const std::string message = refusal(with_files);
  EXPECT_NE(message.find("/db holds other files (thesis.tex is one)"), std::string::npos)
      << message;
  MemoryFiles a_file;
  a_file.put("/db", "x");
  EXPECT_NE(refusal(a_file).find("/db is a file"), std::string::npos);
}

// A power loss at each call of a creation: afterwards there is a database that opens, or none, and
// then it can be created.
TEST(Directory, ACreationIsDoneOrCanBeBegunAgain) {
  const auto create_all = [](base::FileSystem& files) {
    files.create_directories("/db");
    engine::begin_creation(files, "/db", sample());
    EXPECT_FALSE(files.exists("/db/store/data")) << "of an interrupted creation";
    files.create_directories("/db/store");
    files.open("/db/store/data", base::OpenMode::create)->write(0, "half");
    engine::CommitLog::create(files, kLogDirectory, test_database(), 0, {kSmallSegment});
    engine::finish_creation(files, "/db");
  };
  std::mt19937_64 random(1);
  std::set<DirectoryState> seen;
  for (int call = 1;; ++call) {
    MemoryFiles files;
    files.set_fault({call, Fault::Kind::crash});
    try {
      create_all(files);
    } catch (const Crash&) {
    }
    files.for_each_power_loss(500, random, [&](MemoryFiles& state) {
      const DirectoryState found = engine::check_directory(state, "/db");
      seen.insert(found);
      EXPECT_TRUE(found == DirectoryState::database || files.fault_reached())
          << "a finished creation is durable";
      if (found != DirectoryState::database) {
        create_all(state);
      }
      EXPECT_EQ(engine::read_superblock(state, "/db"), sample());
      EXPECT_TRUE(recover(state).records.empty());
    });
    if (!files.fault_reached()) break;
  }
  EXPECT_EQ(seen.size(), 3u) << "all three states are left behind by some crash";
}

}  // namespace
}  // namespace plinth::test
