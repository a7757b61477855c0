// Versionstamps in tuples: complete, incomplete, and where the commit fills them in.
#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "plinth/tuple.hpp"

namespace plinth {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using test::expect_error;

constexpr std::string_view kTransaction = "\x00\x00\x00\x00\x00\x4c\x4b\x41\x00\x07"sv;

TEST(Versionstamp, Parts) {
  const Versionstamp stamp(kTransaction, 9);
  EXPECT_TRUE(stamp.is_complete());
  EXPECT_EQ(stamp.version(), 5'000'001);
  EXPECT_EQ(stamp.batch_order(), 7);
  EXPECT_EQ(stamp.user_order(), 9);
  EXPECT_EQ(stamp, Versionstamp(5'000'001, 7, 9));
  EXPECT_EQ(stamp.transaction_bytes(), kTransaction);
  EXPECT_EQ(stamp.bytes(), Bytes(kTransaction) + "\x00\x09"s);
  EXPECT_EQ(Versionstamp::from_bytes(stamp.bytes()), stamp);
  EXPECT_EQ(Versionstamp(1, 2, 0x1234).bytes(),
            "\x00\x00\x00\x00\x00\x00\x00\x01\x00\x02\x12\x34"sv);
}

TEST(Versionstamp, Incomplete) {
  const Versionstamp stamp = Versionstamp::incomplete(3);
  EXPECT_FALSE(stamp.is_complete());
  EXPECT_EQ(stamp.user_order(), 3);
  EXPECT_EQ(stamp.version(), kInvalidVersion);
  EXPECT_EQ(stamp.bytes(), Bytes(10, '\xff') + "\x00\x03"s);
  EXPECT_EQ(stamp.completed(kTransaction), Versionstamp(kTransaction, 3));
  EXPECT_EQ(Versionstamp(), Versionstamp::incomplete(0));
  EXPECT_EQ(Versionstamp(Bytes(10, '\xff'), 3), stamp);
  // One byte that is not 0xFF is enough.
  for (std::size_t i = 0; i < 10; ++i) {
    Bytes bytes(10, '\xff');
    bytes[i] = '\xfe';
    EXPECT_TRUE(Versionstamp(bytes).is_complete());
    EXPECT_LT(Versionstamp(bytes, 65535), Versionstamp::incomplete(0));
  }
}

TEST(Versionstamp, WrongLengths) {
  const auto wrong = [](std::initializer_list<std::string> texts, const auto& f) {
    expect_error(ErrorCode::client_invalid_operation, texts, f);
  };
  wrong({"10 bytes, not 9"}, [] { Versionstamp(Bytes(9, 'a')); });
  wrong({"10 bytes, not 12"}, [] { Versionstamp(Bytes(12, 'a')); });
  wrong({"12 bytes, not 10"}, [] { Versionstamp::from_bytes(Bytes(10, 'a')); });
  wrong({"10 bytes, not 0"}, [] { (void)Versionstamp().completed(""); });
}

TEST(Versionstamp, PackTellsTheCommitWhereToWrite) {
  const Bytes unset(10, '\xff');
  EXPECT_EQ(Tuple::of(Versionstamp::incomplete(1)).pack_with_versionstamp(),
            "\x33" + unset + "\x00\x01"s + "\x01\x00\x00\x00"s);
  EXPECT_EQ(Tuple::of("foo", Versionstamp::incomplete(), 5).pack_with_versionstamp(),
            "\x02"
            "foo\x00\x33"s +
                unset + "\x00\x00\x15\x05"s + "\x06\x00\x00\x00"s);
  // The place counts from the start of the prefix.
  EXPECT_EQ(Tuple::of("foo", Versionstamp::incomplete()).pack_with_versionstamp("prefix"),
            "prefix\x02"
            "foo\x00\x33"s +
                unset + "\x00\x00"s + "\x0c\x00\x00\x00"s);
  // In nested tuples, beside complete ones, behind escaped bytes.
  EXPECT_EQ(
      Tuple::of(ByteString{"\x00"s}, Tuple::of(nullptr, Tuple::of(Versionstamp::incomplete(2))))
          .pack_with_versionstamp(),
      "\x01\x00\xff\x00\x05\x00\xff\x05\x33"s + unset + "\x00\x02\x00\x00"s + "\x09\x00\x00\x00"s);
  // Little-endian, of more than two bytes.
  const Bytes far = Tuple::of(Versionstamp()).pack_with_versionstamp(Bytes(0x012345, 'x'));
  EXPECT_EQ(far.substr(far.size() - 4), "\x46\x23\x01\x00"s);
}

TEST(Versionstamp, TheCompletedKeyUnpacks) {
  const Tuple tuple = Tuple::of("log", Tuple::of(Versionstamp::incomplete(4)), nullptr);
  Bytes key = tuple.pack_with_versionstamp();
  // What a commit does.
  std::uint32_t place = 0;
  for (int i = 3; i >= 0; --i)
    place = place << 8 | static_cast<unsigned char>(key[key.size() - 4 + i]);
  key.resize(key.size() - 4);
  EXPECT_EQ(Tuple::unpack(key), tuple);
  key.replace(place, 10, kTransaction);
  EXPECT_EQ(Tuple::unpack(key),
            Tuple::of("log", Tuple::of(Versionstamp(kTransaction, 4)), nullptr));
}

TEST(Versionstamp, ExactlyOneMustBeIncomplete) {
  const Versionstamp incomplete;
  const Versionstamp complete(1, 2);
  const std::vector<std::pair<Tuple, std::string>> wrong = {
      {Tuple(), "has 0"},
      {Tuple::of("a", complete), "has 0"},
      {Tuple::of(incomplete, incomplete), "has 2"},
      {Tuple::of(incomplete, 3, Tuple::of(incomplete)), "has 2"},
      {Tuple::of(Tuple::of(incomplete), Tuple::of(incomplete), incomplete), "has 3"},
  };
  for (const auto& one : wrong)
    expect_error(ErrorCode::client_invalid_operation, {"exactly one incomplete", one.second},
                 [&] { (void)one.first.pack_with_versionstamp("prefix"); });
  EXPECT_NO_THROW((void)Tuple::of(complete, incomplete).pack_with_versionstamp());
}

TEST(Versionstamp, PlainPackWantsNoIncompleteOne) {
  for (const Tuple& tuple :
       {Tuple::of(Versionstamp()), Tuple::of("a", Tuple::of(Versionstamp()))}) {
    EXPECT_TRUE(tuple.has_incomplete_versionstamp());
    expect_error(ErrorCode::client_invalid_operation, {"pack_with_versionstamp"},
                 [&] { (void)tuple.pack(); });
    expect_error(ErrorCode::client_invalid_operation, {"pack_with_versionstamp"},
                 [&] { pack("x", Element(tuple)); });
    expect_error(ErrorCode::client_invalid_operation, {"pack_with_versionstamp"},
                 [&] { (void)tuple.range(); });
  }
  EXPECT_FALSE(Tuple::of(Versionstamp(1, 2), Tuple::of(nullptr)).has_incomplete_versionstamp());
  EXPECT_FALSE(Tuple().has_incomplete_versionstamp());
}

}  // namespace
}  // namespace plinth
