// OverlayCursor against std::map: random rows below, random sets and clears above.
#include "engine/overlay_cursor.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "storage/store.hpp"
#include "support/seed.hpp"

namespace plinth::engine {
namespace {

using Model = std::map<Bytes, Bytes>;

class MapSource final : public storage::ChangeSource {
 public:
  explicit MapSource(const Model& model) : model_(model), it_(model_.begin()) {}
  std::optional<storage::Change> next() override {
    if (it_ == model_.end()) return std::nullopt;
    const auto& [key, value] = *it_++;
    return storage::Change{storage::Change::Kind::set, key, value};
  }
  void rewind() override { it_ = model_.begin(); }

 private:
  const Model& model_;
  Model::const_iterator it_;
};

void expect_walks_equal(storage::Cursor& cursor, const Model& model, const Bytes& key) {
  cursor.seek(key);
  for (auto it = model.lower_bound(key); it != model.end(); ++it, cursor.next()) {
    ASSERT_TRUE(cursor.valid());
    ASSERT_EQ(cursor.key(), it->first);
    ASSERT_EQ(cursor.value(), it->second);
  }
  ASSERT_FALSE(cursor.valid());
  cursor.seek_before(key);
  for (auto it = model.lower_bound(key); it != model.begin(); cursor.prev()) {
    --it;
    ASSERT_TRUE(cursor.valid());
    ASSERT_EQ(cursor.key(), it->first);
    ASSERT_EQ(cursor.value(), it->second);
  }
  ASSERT_FALSE(cursor.valid());
}

void check_one(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto key = [&] {
    Bytes k(random() % 3, 'a');
    for (char& c : k) c = static_cast<char>('a' + random() % 6);
    return k;
  };
  Model model;
  for (std::size_t i = random() % 20; i > 0; --i) model[key()] = "below";
  const auto store = storage::open_store(storage::StoreKind::memory, "");
  MapSource source(model);
  store->apply(source, 1);
  const auto below = store->snapshot();
  const auto memtable = Memtable::create();
  for (std::size_t i = random() % 12; i > 0; --i) {
    if (random() % 2 == 0) {
      const Bytes k = key();
      memtable->set(k, "above");
      model[k] = "above";
    } else {
      Bytes begin = key(), end = key();
      if (begin > end) std::swap(begin, end);
      if (begin == end) end = key_after(begin);
      memtable->clear(begin, end);
      model.erase(model.lower_bound(begin), model.lower_bound(end));
    }
  }
  const MemtableImage image = memtable->publish();
  OverlayCursor cursor(image, below->cursor());
  for (int i = 0; i < 10; ++i) {
    expect_walks_equal(cursor, model, key());
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(OverlayCursor, EqualsModel) {
  const std::uint64_t first = test::seed_or(1);
  for (std::uint64_t seed = first; seed < first + 2000u * test::long_factor(); ++seed) {
    SCOPED_TRACE(test::seed_trace(seed));
    check_one(seed);
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace plinth::engine
