// Estimated sizes and split points, on ten megabytes that lie in all places where data can be.
#include <map>
#include <random>

#include "support/each_database.hpp"
#include "support/seed.hpp"

namespace plinth::test {
namespace {

class Sizes : public EachDatabase {
 protected:
  static constexpr std::int64_t kTotal = 10'000'000;
  static constexpr double kWithin = 0.01;

  // Rows of all sizes, of which some are overwritten, some cleared, and half are in the store.
  Sizes() {
    write_until(kTotal / 2);
    db.checkpoint().get();
    write_until(kTotal);
    for (int i = 0; i < 20; ++i) {
      const Bytes begin = some_key();
      const Bytes end = begin + "~";
      db.run([&](Transaction& tx) { tx.clear_range(begin, end); });
      rows_.erase(rows_.lower_bound(begin), rows_.lower_bound(end));
    }
    write_until(kTotal);
  }

  void SetUp() override {
    if (on_real_cluster()) GTEST_SKIP() << "its sizes are of samples";
  }

  void write_until(std::int64_t bytes) {
    while (bytes_between("", "\xff") < bytes) {
      db.run([&](Transaction& tx) {
        for (int i = 0; i < 200; ++i) {
          const Bytes key = some_key();
          const std::size_t size = random_() % 1000;
          tx.set(key, Bytes(size, 'v'));
          rows_[key] = size;
        }
      });
    }
  }
  Bytes some_key() { return "k" + std::to_string(random_() % 30'000); }

  std::int64_t bytes_between(const Bytes& begin, const Bytes& end) const {
    std::int64_t bytes = 0;
    for (auto it = rows_.lower_bound(begin); it != rows_.end() && it->first < end; ++it)
      bytes += static_cast<std::int64_t>(it->first.size() + it->second);
    return bytes;
  }

  const std::uint64_t seed_ = seed_or(20261123);
  testing::ScopedTrace trace_{__FILE__, __LINE__, seed_trace(seed_)};
  std::mt19937_64 random_{seed_};
  std::map<Bytes, std::size_t> rows_;  // the sizes of the values
};
PLINTH_ON_EACH_DATABASE(Sizes);

TEST_P(Sizes, AreRightWithinOnePercent) {
  const auto check = [&](const Bytes& begin, const Bytes& end) {
    Transaction tx = db.begin();  // each its own: all together may take more than five seconds
    const auto expected = static_cast<double>(bytes_between(begin, end));
    EXPECT_NEAR(static_cast<double>(tx.estimated_size(begin, end).get()), expected,
                expected * kWithin)
        << begin << " to " << end;
  };
  check("", "\xff");
  for (int i = 0; i < 50; ++i) {
    const Bytes a = some_key(), b = some_key();
    check(std::min(a, b), std::max(a, b));
  }
}

TEST_P(Sizes, OfEmptyRangesAreZero) {
  db.run([](Transaction& tx) { tx.clear_range("k2", "k3"); });
  Transaction tx = db.begin();
  EXPECT_EQ(tx.estimated_size("", "k").get(), 0);
  EXPECT_EQ(tx.estimated_size("l", "\xff").get(), 0);
  EXPECT_EQ(tx.estimated_size("k1", "k1").get(), 0);
  EXPECT_EQ(tx.estimated_size("k2", "k3").get(), 0) << "all of it is cleared";
}

TEST_P(Sizes, PiecesAreRightWithinOnePercent) {
  Transaction tx = db.begin();
  constexpr std::int64_t kPiece = 500'000;
  const std::vector<Bytes> points = tx.split_points("", "\xff", kPiece).get();
  ASSERT_GE(points.size(), 20u);
  EXPECT_EQ(points.front(), "");
  EXPECT_EQ(points.back(), "\xff");
  for (std::size_t i = 1; i < points.size(); ++i) {
    ASSERT_LT(points[i - 1], points[i]);
    const auto bytes = static_cast<double>(bytes_between(points[i - 1], points[i]));
    if (i + 1 == points.size()) {
      EXPECT_LE(bytes, kPiece * (1 + kWithin)) << "the last one";
    } else {
      EXPECT_NEAR(bytes, kPiece, kPiece * kWithin);
    }
  }
}

}  // namespace
}  // namespace plinth::test
