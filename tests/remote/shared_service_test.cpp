// Sharing a directory, seen from one process whose handles stand for several.
#include "remote/shared_service.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <thread>

#include "client/native_database.hpp"
#include "plinth/database.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::test {
namespace {

class SharedDirectory : public testing::Test {
 protected:
  Database open_shared() const { return open(url); }
  static std::optional<Bytes> get(Database& db, ByteView key) {
    return db.read([&](ReadTransaction& tx) { return tx.get(key); });
  }
  static void set(Database& db, ByteView key, ByteView value) {
    db.run([&](Transaction& tx) { tx.set(key, value); });
  }
  int code_of_opening(const std::string& which, base::Micros patience) const {
    try {
      engine::EngineOptions options;
      options.path = which;
      options.options.create = false;
      const remote::SharedService service(options, patience);
      return 0;
    } catch (const Error& error) {
      message = error.what();
      return error.code();
    }
  }

  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  const std::string url = "file:" + path + "?shared";
  mutable std::string message;
};

TEST_F(SharedDirectory, IsOneDatabaseForAll) {
  Database first = open_shared();
  Database second = open_shared();
  set(first, "a", "1");
  EXPECT_EQ(get(second, "a"), "1");
  set(second, "a", "2");
  EXPECT_EQ(get(first, "a"), "2");
}

TEST_F(SharedDirectory, IsHandedOverWhenItsHolderCloses) {
  std::optional<Database> first = open_shared();
  Database second = open_shared();
  Database third = open_shared();
  set(*first, "a", "1");
  Transaction of_old = second.begin();
  of_old.get("a").get();
  const auto watch =
      third.run([](Transaction& tx) { return std::make_shared<Watch>(tx.watch("a")); });
  first.reset();
  EXPECT_EQ(get(second, "a"), "1");
  // What was read from the old holder is not taken for the new one's.
  of_old.set("b", "x");
  try {
    of_old.commit().get();
    ADD_FAILURE() << "committed";
  } catch (const Error& error) {
    EXPECT_EQ(error, ErrorCode::transaction_too_old);
  }
  EXPECT_FALSE(watch->ready());
  set(second, "a", "2");
  watch->get();
  EXPECT_EQ(get(third, "a"), "2");
}

TEST_F(SharedDirectory, IsHandedOnAndOn) {
  std::optional<Database> holder = open_shared();
  for (int i = 0; i < 5; ++i) {
    std::optional<Database> next = open_shared();
    set(*holder, "n", std::to_string(i));
    holder.reset();
    EXPECT_EQ(get(*next, "n"), std::to_string(i));
    holder = std::move(next);
  }
}

// A conflict is one whoever holds the database meanwhile.
TEST_F(SharedDirectory, JudgesConflictsOfHolderAndClients) {
  Database holder = open_shared();
  Database client = open_shared();
  for (Database* loser : {&holder, &client}) {
    Database& winner = loser == &holder ? client : holder;
    Transaction tx = loser->begin();
    tx.get("k").get();
    set(winner, "k", "changed");
    tx.set("other", "x");
    try {
      tx.commit_and_wait();
      ADD_FAILURE() << "committed";
    } catch (const Error& error) {
      EXPECT_EQ(error, ErrorCode::not_committed);
    }
  }
}

TEST_F(SharedDirectory, MustBeSharedByAll) {
  const Database alone = open(path);
  EXPECT_EQ(code_of_opening(path, 50'000), 7000);
  EXPECT_NE(message.find(path + " is held by a process that does not share it"), std::string::npos)
      << message;
}

TEST_F(SharedDirectory, MustBeThere) {
  EXPECT_EQ(code_of_opening(path, 50'000), 7004);
}

}  // namespace
}  // namespace plinth::test
