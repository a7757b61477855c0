// How much a page of a range has in each streaming mode.
#include "support/each_database.hpp"

namespace plinth::test {
namespace {

class Pages : public EachDatabase {
 protected:
  // 200 rows, in store and window, that count 1,000 bytes each: 4 + 972 + 24.
  Pages() {
    for (const int first : {100, 200}) {
      db.run([&](Transaction& tx) {
        for (int i = first; i < first + 100; ++i) tx.set("k" + std::to_string(i), Bytes(972, 'v'));
      });
      if (first == 100) db.checkpoint().get();
    }
  }
  void SetUp() override {
    if (on_real_cluster()) GTEST_SKIP() << "its pages count the tests' prefix, too";
  }
  static std::size_t page(Transaction& tx, RangeOptions options, int iteration = 1) {
    return tx.get_page("k", "l", options, iteration).get().size();
  }
  static void check(Transaction& tx) {
    EXPECT_EQ(page(tx, {.mode = StreamingMode::small}), 1u) << "at least one row";
    EXPECT_EQ(page(tx, {.mode = StreamingMode::medium}), 1u);
    EXPECT_EQ(page(tx, {.mode = StreamingMode::large}), 5u);
    EXPECT_EQ(page(tx, {.mode = StreamingMode::serial}), 80u);
    EXPECT_EQ(page(tx, {.mode = StreamingMode::want_all}), 80u);
    EXPECT_EQ(page(tx, {.reverse = true, .mode = StreamingMode::serial}), 80u);
    EXPECT_EQ(page(tx, {.limit = 150, .mode = StreamingMode::exact}), 150u);
    EXPECT_EQ(code_of([&] { page(tx, {.mode = StreamingMode::exact}); }), 2210);
    // Rows that reach 4,096, 6,144, 9,216 … bytes.
    const std::vector<std::size_t> growing{5, 7, 10, 14, 21, 32, 47, 70, 80, 120, 120};
    for (std::size_t i = 0; i < growing.size(); ++i)
      EXPECT_EQ(page(tx, {.mode = StreamingMode::iterator}, static_cast<int>(i) + 1), growing[i])
          << "iteration " << i + 1;
  }
};
PLINTH_ON_EACH_DATABASE(Pages);

TEST_P(Pages, EndWithTheRowThatReachesTheModesBytes) {
  Transaction tx = db.begin();
  check(tx);
}

TEST_P(Pages, DoSoAmongOwnWritesToo) {
  Transaction tx = db.begin();
  for (int i = 100; i < 300; i += 3) tx.set("k" + std::to_string(i), Bytes(972, 'o'));
  tx.set("k1500", "");
  tx.clear("k1500");
  check(tx);
}

}  // namespace
}  // namespace plinth::test
