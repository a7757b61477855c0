// All layers in one transaction.
#include "all_layers.hpp"
#include "support/each_database.hpp"

namespace plinth::test {
namespace {

using Items = std::set<std::int64_t>;

class OneTransaction : public EachDatabase {
 protected:
  Items items() { return layers_.items(db); }
  const AllLayers layers_;
};
PLINTH_ON_EACH_DATABASE(OneTransaction);

TEST_P(OneTransaction, AllAppearOrNone) {
  EXPECT_EQ(items(), Items{});
  {
    Transaction given_up = db.begin();
    layers_.add(given_up, 1);
  }
  EXPECT_EQ(items(), Items{});
  db.run([&](Transaction& tx) { layers_.add(tx, 1); });
  EXPECT_EQ(items(), Items{1});
  // Neither of two that met is there in part.
  Transaction one = db.begin(), other = db.begin();
  for (Transaction* tx : {&one, &other}) {
    tx->get("met").get();
    tx->set("met", "");
  }
  layers_.add(one, 2);
  layers_.add(other, 3);
  one.commit_and_wait();
  EXPECT_EQ(commit_code(other), 1020);
  EXPECT_EQ(items(), (Items{1, 2}));
  db.run([&](Transaction& tx) {
    layers_.remove(tx, 1);
    layers_.add(tx, 4);
  });
  EXPECT_EQ(items(), (Items{2, 4}));
}

TEST_P(OneTransaction, OfConcurrentWriters) {
  on_threads(3, [&](int number) {
    for (int i = 0; i < 4; ++i)
      db.run([&](Transaction& tx) {
        layers_.add(tx, 10 * number + i);
        if (i > 0) layers_.remove(tx, 10 * number + i - 1);
      });
  });
  EXPECT_EQ(items(), (Items{3, 13, 23}));
}

}  // namespace
}  // namespace plinth::test
