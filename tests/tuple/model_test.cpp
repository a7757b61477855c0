// Random tuples: packing and the text form give back the same tuple, and the order of tuples is
// that of their packed bytes, and the same bytes mean the same tuple.
#include <gtest/gtest.h>

#include "plinth/tuple.hpp"
#include "random_tuple.hpp"
#include "support/seed.hpp"

namespace plinth {
namespace {

constexpr int kTuples = 10'000;

class TupleModel : public testing::Test {
 protected:
  std::uint64_t seed = test::seed_or(std::random_device{}());
  testing::ScopedTrace trace{__FILE__, __LINE__, test::seed_trace(seed)};
  test::RandomTuples random{seed};
};

TEST_F(TupleModel, UnpackUndoesPack) {
  for (int i = 0; i < kTuples * test::long_factor() && !HasFailure(); ++i) {
    const Tuple tuple = random.tuple();
    const Bytes packed = tuple.pack();
    ASSERT_EQ(Tuple::unpack(packed), tuple);
    ASSERT_EQ(Tuple::unpack(packed).pack(), packed) << tuple;
    Bytes by_element;
    for (const Element& element : tuple) pack_to(by_element, element);
    ASSERT_EQ(by_element, packed) << tuple;
  }
}

TEST_F(TupleModel, ParseUndoesPrint) {
  for (int i = 0; i < kTuples * test::long_factor() && !HasFailure(); ++i) {
    const Tuple tuple = random.tuple();
    ASSERT_EQ(Tuple::parse(tuple.to_string()), tuple);
  }
}

TEST_F(TupleModel, TuplesCompareAsTheirBytesDo) {
  int equal = 0;
  for (int i = 0; i < kTuples * test::long_factor() && !HasFailure(); ++i) {
    const Tuple a = random.tuple();
    const Tuple b = random.below(4) == 0 ? random.tuple() : random.neighbour(a);
    ASSERT_EQ(a <=> b, a.pack() <=> b.pack()) << a << " and " << b;
    ASSERT_EQ(b <=> a, b.pack() <=> a.pack()) << a << " and " << b;
    if (a == b) ++equal;
  }
  EXPECT_GT(equal, 0);
}

// A tuple's range holds exactly the longer tuples that it begins.
TEST_F(TupleModel, RangesHoldExtensions) {
  for (int i = 0; i < kTuples * test::long_factor() && !HasFailure(); ++i) {
    const Tuple a = random.tuple();
    const Tuple b = random.below(2) == 0 ? a + random.tuple() : random.neighbour(a);
    const KeyRange range = a.range();
    const Bytes key = b.pack();
    const bool extends = b.size() > a.size() && std::equal(a.begin(), a.end(), b.begin());
    ASSERT_EQ(range.begin <= key && key < range.end, extends) << a << " and " << b;
  }
}

}  // namespace
}  // namespace plinth
