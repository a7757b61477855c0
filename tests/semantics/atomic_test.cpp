// Atomic operations of transactions that overlap: none is refused for another one, and none is
// lost.
#include "support/each_database.hpp"

namespace plinth::test {
namespace {

constexpr int kConflict = 1020;

struct Operation {
  const char* name;
  MutationType type;
  Bytes before, first, second;
  Value after;
};

const std::vector<Operation>& operations() {
  using M = MutationType;
  static const std::vector<Operation> all{
      {"add", M::add, "\x01", "\x02", "\x03", "\x06"},
      {"bit_and", M::bit_and, "\x0f", "\x0e", "\x07", "\x06"},
      {"bit_or", M::bit_or, "\x01", "\x02", "\x04", "\x07"},
      {"bit_xor", M::bit_xor, "\x01", "\x03", "\x04", "\x06"},
      {"max", M::max, "\x01", "\x85", "\x03", "\x85"},
      {"min", M::min, "\x85", "\x03", "\x04", "\x03"},
      {"byte_max", M::byte_max, "b", "d", "cc", "d"},
      {"byte_min", M::byte_min, "d", "b", "cc", "b"},
      {"append_if_fits", M::append_if_fits, "a", "b", "c", "abc"},
      {"compare_and_clear", M::compare_and_clear, "a", "a", "other", std::nullopt},
  };
  return all;
}

class Atomic : public EachDatabase {};
PLINTH_ON_EACH_DATABASE(Atomic);

// Both have a read version from before the other's commit.
TEST_P(Atomic, TwoOfAKindNeverConflict) {
  for (const Operation& operation : operations()) {
    SCOPED_TRACE(operation.name);
    put("k", operation.before);
    Transaction first = db.begin();
    Transaction second = db.begin();
    for (Transaction* tx : {&first, &second}) tx->read_version().get();
    first.atomic_op(operation.type, "k", operation.first);
    second.atomic_op(operation.type, "k", operation.second);
    EXPECT_EQ(commit_code(first), 0);
    EXPECT_EQ(commit_code(second), 0);
    EXPECT_EQ(stored("k"), operation.after);
  }
}

TEST_P(Atomic, AnyTwoNeverConflict) {
  for (const Operation& one : operations()) {
    for (const Operation& other : operations()) {
      Transaction first = db.begin();
      Transaction second = db.begin();
      for (Transaction* tx : {&first, &second}) tx->read_version().get();
      first.atomic_op(one.type, "k", one.first);
      second.atomic_op(other.type, "k", other.second);
      EXPECT_EQ(commit_code(first), 0);
      EXPECT_EQ(commit_code(second), 0) << other.name << " after " << one.name;
    }
  }
}

TEST_P(Atomic, StampsNeverConflict) {
  const Bytes stamp_at_0(14, '\0');
  const Bytes stamp_at_2 = "q/" + Bytes(10, '\0') + Bytes("\x02\0\0\0", 4);
  Transaction first = db.begin();
  Transaction second = db.begin();
  for (Transaction* tx : {&first, &second}) {
    tx->read_version().get();
    tx->set_versionstamped_value("k", stamp_at_0);
    tx->set_versionstamped_key(stamp_at_2, "v");
  }
  Future<CommitStamp> stamp = second.versionstamp();
  EXPECT_EQ(commit_code(first), 0);
  EXPECT_EQ(commit_code(second), 0);
  EXPECT_EQ(stored("k"), stamp.get());
  EXPECT_EQ(db.begin().get_range("q/", "q0").get().size(), 2u);
}

// They apply to what is there at the commit, whoever wrote it meanwhile.
TEST_P(Atomic, AppliesToTheNewestValue) {
  for (const Operation& operation : operations()) {
    SCOPED_TRACE(operation.name);
    put("k", "meanwhile replaced");
    Transaction tx = db.begin();
    tx.read_version().get();
    tx.atomic_op(operation.type, "k", operation.first);
    tx.atomic_op(operation.type, "k", operation.second);
    put("k", operation.before);
    EXPECT_EQ(commit_code(tx), 0);
    EXPECT_EQ(stored("k"), operation.after);
  }
}

// But a reader of the key conflicts with them.
TEST_P(Atomic, ReadersConflictWithEach) {
  for (const Operation& operation : operations()) {
    SCOPED_TRACE(operation.name);
    put("k", operation.before);
    Transaction reader = db.begin();
    EXPECT_EQ(value_of(reader, "k"), operation.before);
    reader.set("other", "");
    Transaction tx = db.begin();
    tx.atomic_op(operation.type, "k", operation.first);
    EXPECT_EQ(commit_code(tx), 0);
    EXPECT_EQ(commit_code(reader), kConflict);
  }
}

TEST_P(Atomic, NoneIsLost) {
  constexpr int kThreads = 4;
  constexpr int kEach = 50;
  on_threads(kThreads, [&](int thread) {
    for (int i = 0; i < kEach; ++i) {
      const auto number = static_cast<char>(thread * kEach + i);  // 0 … 199
      Bytes bit(25, '\0');
      bit[static_cast<unsigned char>(number) / 8] =
          static_cast<char>(1 << static_cast<unsigned char>(number) % 8);
      Transaction tx = db.begin();
      tx.append_if_fits("append", "x");
      tx.bit_or("or", bit);
      tx.bit_xor("xor", bit);
      tx.max("max", Bytes(1, number));
      tx.byte_min("byte_min", Bytes(1, number));
      ASSERT_EQ(commit_code(tx), 0);
    }
  });
  EXPECT_EQ(stored("append"), Bytes(kThreads * kEach, 'x'));
  EXPECT_EQ(stored("or"), Bytes(25, '\xff'));
  EXPECT_EQ(stored("xor"), Bytes(25, '\xff'));
  EXPECT_EQ(stored("max"), Bytes(1, static_cast<char>(kThreads * kEach - 1)));
  EXPECT_EQ(stored("byte_min"), Bytes(1, '\0'));
}

}  // namespace
}  // namespace plinth::test
