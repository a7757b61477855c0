// Random histories of all operations in one transaction, against ReferenceTransaction: what each
// read gives, what it adds to the read conflicts, and what the commit leaves in the database.
#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <random>

#include "reference_transaction.hpp"
#include "support/seed.hpp"
#include "world.hpp"

namespace plinth::test {
namespace {

const Bytes kReadConflicts("\xff\xff/transaction/read_conflict_range/");

class RandomHistory {
 public:
  // `model`: null on the real engine.
  RandomHistory(Database db, std::shared_ptr<ModelService> model, std::uint64_t seed)
      : db_(std::move(db)), model_(std::move(model)), random_(seed) {}

  void run() {
    fill();
    Transaction tx = db_.begin();
    tx_ = &tx;
    stamps_ = one_in(3);
    if (model_ && one_in(2)) model_->slow = true;
    const int steps = 5 + static_cast<int>(random_() % 60);
    for (int i = 0; i < steps && !testing::Test::HasFatalFailure(); ++i) step();
    settle();
    if (!testing::Test::HasFatalFailure()) check_conflicts();
    if (!testing::Test::HasFatalFailure()) check_commit();
    if (model_) model_->slow = false;
  }

 private:
  // --- Random things ---------------------------------------------------------------------------
  bool one_in(int n) { return random_() % static_cast<unsigned>(n) == 0; }
  Bytes key() {
    Bytes key;
    for (std::size_t n = random_() % 3; n > 0; --n) key.push_back("abc"[random_() % 3]);
    if (one_in(12)) key.push_back('\0');
    return key;
  }
  Bytes value() { return Bytes(random_() % 12, static_cast<char>('0' + random_() % 10)); }
  Bytes place(std::size_t at) { return Bytes{static_cast<char>(at), 0, 0, 0}; }
  KeySelector selector() {
    if (one_in(2)) return {key(), false, 1};
    return {key(), one_in(2), static_cast<int>(random_() % 9) - 4};
  }
  // Keys to look at: all that key() makes, and those just after.
  static std::vector<Bytes> probes() {
    std::vector<Bytes> keys{""};
    for (std::size_t i = 0; i < keys.size(); ++i)
      if (keys[i].size() < 3)
        for (const char c : {'a', 'b', 'c'}) keys.push_back(keys[i] + c);
    const std::size_t count = keys.size();
    for (std::size_t i = 0; i < count; ++i) keys.push_back(key_after(keys[i]));
    keys.push_back("\xfe");
    return keys;
  }

  void fill() {
    db_.run([&](Transaction& tx) {
      tx.clear_range("", "\xff");
      base_.clear();
      for (std::size_t n = random_() % 20; n > 0; --n) {
        const Bytes k = key();
        const Bytes v = value();
        tx.set(k, v);
        base_[k] = v;
      }
    });
    reference_.emplace(base_);
  }

  // --- Steps -----------------------------------------------------------------------------------
  void step() {
    switch (random_() % 12) {
      case 0:
      case 1:
        return set();
      case 2:
        return clear();
      case 3:
        return operate();
      case 4:
        return stamps_ ? stamp() : set();
      case 5:
        return add_conflict();
      case 6:
      case 7:
        return get();
      case 8:
        return get_key();
      case 9:
      case 10:
        return range();
      case 11:
        if (model_) model_->release_one();
        return;
    }
  }

  void set() {
    const Bytes k = key();
    const Bytes v = value();
    tx_->set(k, v);
    reference_->set(k, v);
  }
  void clear() {
    Bytes begin = key();
    Bytes end = one_in(3) ? key_after(begin) : key();
    if (begin > end) std::swap(begin, end);
    if (end == key_after(begin)) {
      tx_->clear(begin);
    } else {
      tx_->clear_range(begin, end);
    }
    reference_->clear_range(begin, end);
  }
  void operate() {
    static constexpr MutationType kTypes[] = {MutationType::add,
                                              MutationType::bit_and,
                                              MutationType::bit_or,
                                              MutationType::bit_xor,
                                              MutationType::append_if_fits,
                                              MutationType::max,
                                              MutationType::min,
                                              MutationType::byte_min,
                                              MutationType::byte_max,
                                              MutationType::compare_and_clear};
    const MutationType type = kTypes[random_() % std::size(kTypes)];
    const Bytes k = key();
    Bytes operand = value();
    // Lest it never finds its match.
    if (type == MutationType::compare_and_clear && base_.contains(k) && one_in(2))
      operand = base_[k];
    tx_->atomic_op(type, k, operand);
    reference_->operate(type, k, operand);
  }
  void stamp() {
    if (one_in(2)) {
      const Bytes k = key();
      const Bytes operand = value() + Bytes(10, 's') + value();
      const Bytes placed = operand + place(random_() % (operand.size() - 9));
      tx_->set_versionstamped_value(k, placed);
      reference_->set_stamped_value(k, placed);
    } else {
      const Bytes prefix = key();
      const Bytes k = prefix + Bytes(10, '\0') + key() + place(prefix.size());
      const Bytes v = value();
      tx_->set_versionstamped_key(k, v);
      reference_->set_stamped_key(k, v);
    }
  }
  void add_conflict() {
    Bytes begin = key();
    Bytes end = key();
    if (begin > end) std::swap(begin, end);
    if (one_in(3)) {
      tx_->add_conflict_range(begin, end, ConflictRangeType::write);
      return;
    }
    tx_->add_conflict_range(begin, end, ConflictRangeType::read);
    expect_conflict({{begin, end}});
  }

  // --- Reads: what comes is compared when it is ready --------------------------------------------
  using Answer = ReferenceTransaction::Answer;

  template <class T>
  void expect(Future<T> future, std::optional<Answer> answer, bool snapshot,
              std::function<void(T, const Answer&)> compare) {
    if (answer && !snapshot) expect_conflict(answer->looked_at);
    if (!answer) poisoned_ = true;
    auto shared = std::make_shared<Future<T>>(std::move(future));
    auto check = [shared, answer = std::move(answer), compare = std::move(compare)] {
      if (!answer) {
        EXPECT_EQ(code_of([&] { shared->get(); }), 1036);
      } else {
        ASSERT_NO_THROW(compare(shared->get(), *answer));
      }
    };
    if (shared->ready()) {
      check();
    } else if (!db_.url().starts_with("unix:") && one_in(4)) {
      // Nobody waits for it; it counts all the same. (Behind a socket, where it is ready by itself,
      // nobody would know when it is seen in the special keys.)
    } else {
      waiting_.push_back(std::move(check));
    }
  }

  void get() {
    const Bytes k = key();
    const bool snapshot = one_in(3);
    auto future = snapshot ? tx_->snapshot().get(k) : tx_->get(k);
    expect<std::optional<Bytes>>(std::move(future), reference_->get(k, true), snapshot,
                                 [k](std::optional<Bytes> got, const Answer& answer) {
                                   std::optional<Bytes> expected;
                                   if (!answer.rows.empty()) expected = answer.rows[0].value;
                                   EXPECT_EQ(got, expected) << printable(k);
                                 });
  }
  void get_key() {
    const KeySelector s = selector();
    const bool snapshot = one_in(3);
    auto future = snapshot ? tx_->snapshot().get_key(s) : tx_->get_key(s);
    expect<Bytes>(std::move(future), reference_->get_key(s, true), snapshot,
                  [](Bytes got, const Answer& answer) { EXPECT_EQ(got, answer.rows[0].key); });
  }
  void range() {
    const KeySelector begin = selector();
    const KeySelector end = one_in(3) ? KeySelector("\xff") : selector();
    const bool snapshot = one_in(3);
    RangeOptions options;
    options.reverse = one_in(2);
    options.limit = one_in(2) ? 0 : 1 + static_cast<int>(random_() % 6);
    const bool page = one_in(2);
    options.target_bytes = page && one_in(2) ? 1 + static_cast<int>(random_() % 150) : 0;
    const ReadTransaction reads = snapshot ? tx_->snapshot() : *tx_;
    auto future = page ? reads.get_page(begin, end, options) : reads.get_range(begin, end, options);
    const std::size_t rows = options.limit > 0 ? options.limit : SIZE_MAX;
    const std::size_t bytes = options.target_bytes > 0 ? options.target_bytes
                              : page                   ? 4096
                                                       : SIZE_MAX;
    expect<Rows>(std::move(future),
                 reference_->range(begin, end, rows, bytes, options.reverse, true), snapshot,
                 [](Rows got, const Answer& answer) { EXPECT_EQ(got.to_vector(), answer.rows); });
  }

  void settle() {
    if (model_) model_->release();
    for (const auto& check : waiting_) check();
    waiting_.clear();
  }

  // --- Conflicts -------------------------------------------------------------------------------
  void expect_conflict(const std::vector<KeyRange>& ranges) {
    static const std::vector<Bytes> all = probes();
    for (const KeyRange& range : ranges)
      for (const Bytes& probe : all)
        if (probe >= range.begin && probe < range.end && reference_->dependent(probe))
          expected_.insert(probe);
  }

  // From the special keys, or from the commit where reads were slow.
  std::vector<KeyRange> conflicts() {
    std::vector<KeyRange> ranges;
    Rows rows = tx_->get_range(kReadConflicts, next_prefix(kReadConflicts)).get();
    for (const KeyValueView row : rows) {
      const Bytes k(row.key.substr(kReadConflicts.size()));
      if (row.value == "1") {
        ranges.push_back({k, ""});
      } else {
        ranges.back().end = k;
      }
    }
    return ranges;
  }
  void compare_conflicts(const std::vector<KeyRange>& ranges) {
    for (const Bytes& probe : probes()) {
      const bool found = std::any_of(ranges.begin(), ranges.end(), [&](const KeyRange& range) {
        return probe >= range.begin && probe < range.end;
      });
      ASSERT_EQ(found, expected_.contains(probe)) << "\"" << printable(probe) << "\"";
    }
  }
  void check_conflicts() {
    if (!model_ || !model_->slow) compare_conflicts(conflicts());
  }

  void check_commit() {
    tx_->set("z", "");
    reference_->set("z", "");
    Future<CommitStamp> stamp = tx_->versionstamp();
    Future<void> commit = tx_->commit();
    if (model_) model_->release();
    if (poisoned_) {
      EXPECT_EQ(code_of([&] { commit.get(); }), 1036);
      return;
    }
    ASSERT_NO_THROW(commit.get());
    if (model_) compare_conflicts(model_->last_commit().reads);
    if (model_) model_->slow = false;
    std::map<Bytes, Bytes> rows;
    for (const KeyValue& row :
         db_.read([](ReadTransaction& tx) { return tx.get_range("", "\xff"); }).to_vector())
      rows[row.key] = row.value;
    EXPECT_EQ(rows, reference_->committed(stamp.get()));
  }

  Database db_;
  std::shared_ptr<ModelService> model_;
  std::mt19937_64 random_;
  std::map<Bytes, Bytes> base_;
  std::optional<ReferenceTransaction> reference_;
  Transaction* tx_ = nullptr;
  bool stamps_ = false;
  bool poisoned_ = false;
  std::vector<std::function<void()>> waiting_;
  std::set<Bytes> expected_;
};

class RandomHistories : public EachService {};
PLINTH_ON_EACH_SERVICE(RandomHistories);

TEST_P(RandomHistories, OneTransactionIsAsTheReferenceSays) {
  const std::uint64_t first = seed_or(1);
  const int count = std::getenv("PLINTH_SEED") != nullptr ? 1 : 1500 * long_factor();
  for (int i = 0; i < count && !HasFailure(); ++i) {
    SCOPED_TRACE(seed_trace(first + i));
    if (i % 100 == 99) renew();
    RandomHistory(db, model, first + i).run();
  }
}

}  // namespace
}  // namespace plinth::test
