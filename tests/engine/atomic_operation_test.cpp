#include "engine/atomic_operation.hpp"

#include <gtest/gtest.h>

#include "engine/versionstamp_place.hpp"
#include "plinth/error.hpp"

namespace plinth::engine {
namespace {

using M = MutationType;
using Value = std::optional<Bytes>;

Value apply(M type, const std::optional<ByteView>& old, ByteView operand) {
  return apply_atomic(type, old, operand);
}

TEST(AtomicOperation, Add) {
  EXPECT_EQ(apply(M::add, "\x01", "\x02"), "\x03");
  EXPECT_EQ(apply(M::add, std::nullopt, "\x02"), "\x02");
  EXPECT_EQ(apply(M::add, ByteView("\xff\x00", 2), ByteView("\x01\x00", 2)), Bytes("\x00\x01", 2));
  EXPECT_EQ(apply(M::add, "\xff", "\x01"), Bytes("\x00", 1));  // wraps around
  EXPECT_EQ(apply(M::add, "\x01\x02\x03", "\x01"), "\x02");    // old value is cut
  EXPECT_EQ(apply(M::add, "\x01", ByteView("\x01\x05", 2)), Bytes("\x02\x05", 2));
  EXPECT_EQ(apply(M::add, "\x01", ""), "");
}

TEST(AtomicOperation, Bits) {
  EXPECT_EQ(apply(M::bit_and, "\x0c", "\x0a"), "\x08");
  EXPECT_EQ(apply(M::bit_and, std::nullopt, "\x0a"), "\x0a");
  EXPECT_EQ(apply(M::bit_and, "\xff", ByteView("\x0f\xff", 2)), Bytes("\x0f\x00", 2));
  EXPECT_EQ(apply(M::bit_or, "\x0c", "\x0a"), "\x0e");
  EXPECT_EQ(apply(M::bit_or, std::nullopt, "\x0a"), "\x0a");
  EXPECT_EQ(apply(M::bit_xor, "\x0c", "\x0a"), "\x06");
  EXPECT_EQ(apply(M::bit_xor, "\x0c\x0c", "\x0a"), "\x06");
}

TEST(AtomicOperation, MaxAndMinAreUnsignedLittleEndian) {
  EXPECT_EQ(apply(M::max, ByteView("\x00\x01", 2), ByteView("\xff\x00", 2)), Bytes("\x00\x01", 2));
  EXPECT_EQ(apply(M::max, std::nullopt, ByteView("\x00", 1)), Bytes("\x00", 1));
  EXPECT_EQ(apply(M::max, "\xff", "\x01"), "\xff");
  EXPECT_EQ(apply(M::max, "\x05\x05", "\x04"), "\x05");  // cut to the operand's length
  EXPECT_EQ(apply(M::min, ByteView("\x00\x01", 2), ByteView("\xff\x00", 2)), Bytes("\xff\x00", 2));
  EXPECT_EQ(apply(M::min, std::nullopt, "\x07"), "\x07");
  EXPECT_EQ(apply(M::min, "\x01", ByteView("\x02\x00", 2)), Bytes("\x01\x00", 2));
}

TEST(AtomicOperation, ByteMinAndMaxAreLexicographic) {
  EXPECT_EQ(apply(M::byte_min, "b", "abc"), "abc");
  EXPECT_EQ(apply(M::byte_min, std::nullopt, "x"), "x");
  EXPECT_EQ(apply(M::byte_max, "b", "abc"), "b");
  EXPECT_EQ(apply(M::byte_max, "b", "ba"), "ba");
  EXPECT_EQ(apply(M::byte_max, std::nullopt, ""), "");
}

TEST(AtomicOperation, AppendIfFits) {
  EXPECT_EQ(apply(M::append_if_fits, "ab", "cd"), "abcd");
  EXPECT_EQ(apply(M::append_if_fits, std::nullopt, "cd"), "cd");
  const Bytes full(kMaxValueBytes - 1, 'x');
  EXPECT_EQ(apply(M::append_if_fits, full, "y"), full + "y");
  EXPECT_EQ(apply(M::append_if_fits, full, "yz"), full);
}

TEST(AtomicOperation, CompareAndClear) {
  EXPECT_EQ(apply(M::compare_and_clear, "a", "a"), std::nullopt);
  EXPECT_EQ(apply(M::compare_and_clear, "a", "b"), "a");
  EXPECT_EQ(apply(M::compare_and_clear, "a", ByteView("a\0", 2)), "a");
  EXPECT_EQ(apply(M::compare_and_clear, std::nullopt, ""), std::nullopt);
  EXPECT_EQ(apply(M::compare_and_clear, "", ""), std::nullopt);
}

TEST(Versionstamp, GoesWhereTheOffsetSays) {
  const Bytes in = "ab" + Bytes(10, '?') + "cd" + Bytes("\x02\0\0\0", 4);
  EXPECT_EQ(with_versionstamp(in, 0x0102030405060708, 0x090a),
            "ab" + Bytes("\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a", 10) + "cd");
  for (const Bytes& bad : {Bytes("abc"), Bytes(14, '\xff'), Bytes(9, '?') + Bytes(4, '\0')})
    EXPECT_THROW(with_versionstamp(bad, 1, 1), Error);
}

}  // namespace
}  // namespace plinth::engine
