// Bytes that are no packed tuple: an error that says where and why, never a wrong value. Many of
// these are the malformed sequences of the Java binding's tests.
#include <gtest/gtest.h>

#include "expect_error.hpp"
#include "plinth/tuple.hpp"

namespace plinth {
namespace {

using namespace std::string_literals;
using test::expect_error;

void expect_malformed(const Bytes& bytes, std::initializer_list<std::string> texts) {
  SCOPED_TRACE(printable(bytes));
  expect_error(ErrorCode::invalid_tuple, texts, [&] { Tuple::unpack(bytes); });
}

TEST(TupleMalformed, BytesAndStringsWithoutEnd) {
  expect_malformed("\x01\xde\xad\xc0\xde"s, {"offset 5", "end of the bytes from offset 1"});
  expect_malformed("\x01\xde\xad\x00\xff\xc0\xde"s, {"offset 7", "end of the bytes"});
  expect_malformed("\x02hello"s, {"offset 6", "end of the string from offset 1"});
  expect_malformed("\x02hel\x00\xfflo"s, {"offset 8", "end of the string"});
  expect_malformed("\x02"s, {"offset 1", "end of the string"});
  expect_malformed("\x15\x01\x01"s, {"offset 3", "from offset 3"});
}

TEST(TupleMalformed, StringsThatAreNotUtf8) {
  for (const Bytes& text : {
           "utf\x08\x80"s,                      // a continuation byte first
           "utf\x08\xc0\x01"s,                  // no continuation byte second
           "utf\x10\xed\xa0\xbd"s,              // half a surrogate pair
           "utf\x10\xed\xb4\xa5"s,              // the other half
           "utf\x10\xed\xa0\xbd\xed\xb4\xa5"s,  // both
           "\xc0\x80"s,                         // overlong
           "\xc1\xbf"s,
           "\xe0\x9f\xbf"s,
           "\xf0\x8f\xbf\xbf"s,
           "\xf4\x90\x80\x80"s,  // above U+10FFFF
           "\xf5\x80\x80\x80"s,
           "\xff"s,
           "long enough \xc3"s,  // cut off
           "\xe2\x82"s,
           "\xf0\x9f\x94"s,
           "\xe2\x82\x28"s,
           "\xf0\x9f\x28\x80"s,
       }) {
    expect_malformed("\x02" + text + "\x00"s, {"offset 1", "not valid UTF-8"});
    expect_error(ErrorCode::invalid_tuple, {"not valid UTF-8 at byte", "ByteString"},
                 [&] { pack(text); });
    expect_error(ErrorCode::invalid_tuple, {"not valid UTF-8"}, [&] { Tuple::of(text); });
  }
  // Cut off, though the byte that belongs there follows in memory.
  expect_error(ErrorCode::invalid_tuple, {"not valid UTF-8 at byte 0"},
               [] { pack(std::string_view("\xc3\xa9").substr(0, 1)); });
  for (const Bytes& text : {"\xc2\x80"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s, "\xee\x80\x80"s,
                            "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s, "12345678\xc3\xa9"s})
    EXPECT_EQ(Tuple::unpack("\x02" + text + "\x00"s), Tuple::of(text));
}

TEST(TupleMalformed, CutOff) {
  expect_malformed("\x16\x01"s, {"offset 1", "an integer is cut off", "2 bytes", "1 left"});
  expect_malformed("\x12\x01"s, {"offset 1", "an integer is cut off"});
  expect_malformed("\x1d"s, {"offset 1", "length of an integer"});
  expect_malformed("\x1d\x09\x01\x02\x03\x04\x05\x06\x07\x08"s, {"offset 2", "9 bytes", "8 left"});
  expect_malformed("\x0b\xf6\x01\x02\x03\x04\x05\x06\x07\x08"s, {"offset 2", "9 bytes", "8 left"});
  expect_malformed("\x20\x01\x02\x03"s, {"offset 1", "a float is cut off"});
  expect_malformed("\x21\x01\x02\x03\x04\x05\x06\x07"s, {"a double is cut off"});
  expect_malformed("\x30" + Bytes(15, '\x01'), {"a UUID is cut off"});
  expect_malformed("\x33" + Bytes(11, '\x01'), {"a versionstamp is cut off"});
}

TEST(TupleMalformed, NestedWithoutEnd) {
  expect_malformed("\x05"s, {"offset 1", "end of the tuple nested from offset 0"});
  expect_malformed("\x05\x02hello\x00"s, {"offset 8", "end of the tuple nested from offset 0"});
  expect_malformed("\x05\x02hello\x00\x00\xff\x02there\x00"s, {"end of the tuple nested"});
  expect_malformed("\x15\x01\x05\x00\xff"s, {"offset 5", "nested from offset 2"});
  expect_malformed("\x05\x05\x00"s, {"offset 3", "nested from offset 0"});
}

TEST(TupleMalformed, UnknownTypeCodes) {
  int unknown = 0;
  for (int code = 0; code < 256; ++code) {
    const bool known = code == 0x00 || code == 0x01 || code == 0x02 || code == 0x05 ||
                       (code >= 0x0b && code <= 0x1d) || code == 0x20 || code == 0x21 ||
                       code == 0x26 || code == 0x27 || code == 0x30 || code == 0x33;
    // Long enough for an element of each kind, were it one.
    const Bytes bytes = static_cast<char>(code) + "\x00"s + Bytes(300, '\x14');
    if (known) continue;
    ++unknown;
    expect_malformed(bytes, {"offset 0", "is not the type code of an element"});
    expect_malformed("\x15\x01" + bytes, {"offset 2"});
  }
  EXPECT_EQ(unknown, 256 - 29);
  expect_malformed("\x32" + Bytes(10, '\x01'), {"0x32"});
}

// Cut within an element, a packed tuple is none any more; but a zero byte looks like an end when
// the escape byte after it is cut off.
TEST(TupleMalformed, EveryCut) {
  const Tuple tuple =
      Tuple::of("text",
                ByteString{"a\x00"
                           "b"s},
                -70000, BigInt::parse("123456789012345678901234567890"),
                BigInt::parse("-123456789012345678901234567890"), 1.5f, 2.5, Uuid(),
                Versionstamp(5, 6, 7), Tuple::of("nested", nullptr, Tuple::of(1)), true);
  const Bytes packed = tuple.pack();
  std::size_t whole = 0;
  for (std::size_t size = 0; size < packed.size(); ++size) {
    // In memory of its own size, so that a sanitizer sees a read past its end.
    const std::vector<char> cut(packed.begin(), packed.begin() + size);
    try {
      const Tuple start = Tuple::unpack({cut.data(), cut.size()});
      ++whole;
      EXPECT_EQ(start.pack(), packed.substr(0, size));
    } catch (const Error& error) {
      EXPECT_EQ(error.error_code(), ErrorCode::invalid_tuple);
    }
  }
  // After none, one, two … elements but not all, and at the two escaped zeros.
  EXPECT_EQ(whole, tuple.size() + 2);
}

TEST(TupleMalformed, NestingIsBoundedBothWays) {
  const auto nested_bytes = [](int times) { return Bytes(times, '\x05') + Bytes(times, '\x00'); };
  EXPECT_EQ(Tuple::unpack(nested_bytes(kMaxTupleNesting)).nesting(), kMaxTupleNesting);
  expect_malformed(nested_bytes(kMaxTupleNesting + 1), {"offset 100", "deeper than 100"});
  expect_malformed(Bytes(1'000'000, '\x05'), {"deeper than 100"});

  Tuple deepest;
  for (int i = 0; i < kMaxTupleNesting; ++i) deepest = Tuple::of(deepest);
  EXPECT_EQ(deepest.nesting(), kMaxTupleNesting);
  EXPECT_EQ(deepest.pack(), nested_bytes(kMaxTupleNesting));
  EXPECT_EQ(pack(deepest), deepest.pack());
  const auto too_deep = [](const auto& f) {
    expect_error(ErrorCode::invalid_tuple, {"deeper than 100"}, f);
  };
  too_deep([&] { Tuple::of(deepest); });
  too_deep([&] { Element element(deepest); });
  too_deep([&] { pack("a", deepest); });
  too_deep([&] {
    Tuple tuple;
    tuple.push_back(deepest);
  });
}

}  // namespace
}  // namespace plinth
