#include "world.hpp"

namespace plinth::test {
namespace {

class Basics : public EachService {};
PLINTH_ON_EACH_SERVICE(Basics);

TEST_P(Basics, WhatIsCommittedIsRead) {
  db.run([](Transaction& tx) {
    tx.set("a", "1");
    tx.set("b", "2");
  });
  EXPECT_EQ(db.run([](Transaction& tx) { return tx.get("a"); }), "1");
  db.run([](Transaction& tx) { tx.clear("a"); });
  EXPECT_EQ(db.run([](Transaction& tx) { return tx.get("a"); }), std::nullopt);
  EXPECT_EQ(db.read([](ReadTransaction& tx) { return tx.get("b"); }), "2");
}

TEST_P(Basics, RunRetriesAfterAConflict) {
  db.run([](Transaction& tx) { tx.set("n", "0"); });
  int tries = 0;
  const std::string seen = db.run([&](Transaction& tx) {
    std::string n = tx.get("n").get().value();
    if (++tries == 1) db.run([](Transaction& other) { other.set("n", "1"); });
    tx.set("copy", n);
    return n;
  });
  EXPECT_EQ(tries, 2);
  EXPECT_EQ(seen, "1");
}

}  // namespace
}  // namespace plinth::test
