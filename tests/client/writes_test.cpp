// Which writes are legal, and the limits.
#include "world.hpp"

namespace plinth::test {
namespace {

class Writes : public EachService {};
PLINTH_ON_EACH_SERVICE(Writes);

TEST_P(Writes, KeysAndValuesUpToTheirLimits) {
  const Bytes key(kMaxKeyBytes, 'k');
  const Bytes value(kMaxValueBytes, 'v');
  Transaction tx = db.begin();
  tx.set(key, value);
  tx.set("", "");
  EXPECT_EQ(code_of([&] { tx.set(key + "k", "v"); }), 2102);
  EXPECT_EQ(code_of([&] { tx.set("k", value + "v"); }), 2103);
  EXPECT_EQ(code_of([&] { tx.add(key + "k", "v"); }), 2102);
  EXPECT_EQ(code_of([&] { tx.append_if_fits("k", value + "v"); }), 2103);
  tx.commit().get();
  Transaction again = db.begin();
  EXPECT_EQ(again.get(key).get(), value);
  EXPECT_EQ(again.get("").get(), "");
}

TEST_P(Writes, AMessageNamesTheKeyAndItsSize) {
  Transaction tx = db.begin();
  try {
    tx.set("user" + Bytes(kMaxKeyBytes, 'k'), "v");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("10004"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("user"), std::string::npos) << error.what();
  }
}

TEST_P(Writes, OversizeClearsDoNothingAndRangesAreCut) {
  const Bytes longest(kMaxKeyBytes, 'k');
  db.run([&](Transaction& tx) {
    tx.set(longest, "1");
    tx.set("z", "1");
  });
  db.run([&](Transaction& tx) { tx.clear(longest + "k"); });
  EXPECT_TRUE(db.begin().get(longest).get());
  db.run([&](Transaction& tx) { tx.clear_range(longest + "kkk", "y"); });
  EXPECT_TRUE(db.begin().get(longest).get());
  db.run([&](Transaction& tx) { tx.clear_range("a", longest + "kkk"); });
  EXPECT_FALSE(db.begin().get(longest).get());
  EXPECT_TRUE(db.begin().get("z").get());
}

TEST_P(Writes, SystemKeysAndInvertedRanges) {
  Transaction tx = db.begin();
  EXPECT_EQ(code_of([&] { tx.set("\xff", "1"); }), 2004);
  EXPECT_EQ(code_of([&] { tx.clear("\xff/x"); }), 2004);
  EXPECT_EQ(code_of([&] { tx.add("\xff/x", "1"); }), 2004);
  EXPECT_EQ(code_of([&] { tx.clear_range("a", "\xff\x01"); }), 2004);
  EXPECT_EQ(code_of([&] { tx.clear_range("b", "a"); }), 2005);
  EXPECT_EQ(code_of([&] { tx.add_conflict_range("b", "a", ConflictRangeType::read); }), 2005);
  EXPECT_EQ(code_of([&] { tx.add_conflict_range("a", "\xff\x01", ConflictRangeType::read); }),
            2004);
  EXPECT_EQ(code_of([&] { tx.add_conflict_range("a", "\xff\x01", ConflictRangeType::write); }),
            2004);
  EXPECT_EQ(code_of([&] { tx.add_conflict_range("a", "b", static_cast<ConflictRangeType>(7)); }),
            2000);
  tx.clear_range("a", "\xff");
  tx.set("ok", "1");
  tx.commit().get();  // nothing of what was refused is left behind
}

TEST_P(Writes, UnknownMutations) {
  Transaction tx = db.begin();
  for (const int type : {0, 1, 3, 4, 5, 10, 11, 18, 19, 21, 99, -1})
    EXPECT_EQ(code_of([&] { tx.atomic_op(static_cast<MutationType>(type), "k", "v"); }), 2018)
        << type;
}

TEST_P(Writes, AddTakesANumber) {
  db.run([](Transaction& tx) { tx.add("n", 5); });
  db.run([](Transaction& tx) { tx.add("n", -7); });
  EXPECT_EQ(db.begin().get("n").get(), Bytes("\xfe\xff\xff\xff\xff\xff\xff\xff"));
}

TEST_P(Writes, EachMethodIsItsMutation) {
  db.run([](Transaction& tx) {
    for (const char* key : {"and", "or", "xor", "max", "min", "bmax", "bmin", "app", "cac"})
      tx.set(key, "\x0c");
  });
  db.run([](Transaction& tx) {
    tx.bit_and("and", "\x0a");
    tx.bit_or("or", "\x0a");
    tx.bit_xor("xor", "\x0a");
    tx.max("max", "\x0d");
    tx.min("min", "\x0b");
    tx.byte_max("bmax", "\x0d");
    tx.byte_min("bmin", "\x0b");
    tx.append_if_fits("app", "x");
    tx.compare_and_clear("cac", "\x0c");
  });
  Transaction tx = db.begin();
  EXPECT_EQ(tx.get("and").get(), "\x08");
  EXPECT_EQ(tx.get("or").get(), "\x0e");
  EXPECT_EQ(tx.get("xor").get(), "\x06");
  EXPECT_EQ(tx.get("max").get(), "\x0d");
  EXPECT_EQ(tx.get("min").get(), "\x0b");
  EXPECT_EQ(tx.get("bmax").get(), "\x0d");
  EXPECT_EQ(tx.get("bmin").get(), "\x0b");
  EXPECT_EQ(tx.get("app").get(), "\x0cx");
  EXPECT_EQ(tx.get("cac").get(), std::nullopt);
}

// --- Size of the transaction -------------------------------------------------------------------

TEST_P(Writes, TooLargeATransaction) {
  Transaction tx = db.begin();
  for (int i = 0; i < 99; ++i) tx.set("k" + std::to_string(i), Bytes(kMaxValueBytes, 'v'));
  tx.commit().get();
  Transaction larger = db.begin();
  for (int i = 0; i < 100; ++i) larger.set("k" + std::to_string(i), Bytes(kMaxValueBytes, 'v'));
  EXPECT_EQ(code_of([&] { larger.commit().get(); }), 2101);
  EXPECT_FALSE(db.begin().get("k99").get());
  EXPECT_EQ(code_of([&] { larger.set("a", "b"); }), 2017);
}

TEST_P(Writes, WhatIsOverwrittenDoesNotCount) {
  Transaction tx = db.begin();
  for (int i = 0; i < 300; ++i) tx.set("k", Bytes(kMaxValueBytes, 'v'));
  for (int i = 0; i < 300; ++i) tx.set("cleared" + std::to_string(i), Bytes(kMaxValueBytes, 'v'));
  tx.clear_range("cleared", "d");
  tx.set("k", "last");
  EXPECT_GT(tx.approximate_size(), 50'000'000);
  tx.commit().get();
  EXPECT_EQ(db.begin().get("k").get(), "last");
  EXPECT_TRUE(db.begin().get_range("cleared", "d").get().empty());
}

TEST_P(Writes, SizeLimitOption) {
  const auto commit = [&](std::int64_t limit) {
    Transaction tx = db.begin();
    tx.set_option(TransactionOption::size_limit, limit);
    tx.set("key", Bytes(100, 'v'));  // counts 3 + 100 + 44 + 31
    return code_of([&] { tx.commit().get(); });
  };
  EXPECT_EQ(commit(178), 0);
  EXPECT_EQ(commit(177), 2101);
  const auto set = [&](std::int64_t limit) {
    Transaction tx = db.begin();
    return code_of([&] { tx.set_option(TransactionOption::size_limit, limit); });
  };
  EXPECT_EQ(set(31), 2006);
  EXPECT_EQ(set(32), 0);
  EXPECT_EQ(set(10'000'000), 0);
  EXPECT_EQ(set(10'000'001), 2006);
}

TEST_P(Writes, SizeLimitCountsConflictRanges) {
  Transaction tx = db.begin();
  tx.set_option(TransactionOption::size_limit, 300);
  tx.set("k", "v");
  for (int i = 0; i < 10; ++i)
    tx.add_conflict_key("conflict" + std::to_string(i), ConflictRangeType::read);
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 2101);
}

TEST_P(Writes, SizeLimitAsDatabaseDefault) {
  db.set_option(DatabaseOption::transaction_size_limit, 100);
  Transaction tx = db.begin();
  tx.set("k", Bytes(200, 'v'));
  EXPECT_EQ(code_of([&] { tx.commit().get(); }), 2101);
}

}  // namespace
}  // namespace plinth::test
