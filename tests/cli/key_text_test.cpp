// Whatever is shown of keys and values can be written: the bytes come back.
#include "cli/key_text.hpp"

#include <gtest/gtest.h>

#include <random>

#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "plinth/error.hpp"
#include "plinth/tuple.hpp"
#include "support/seed.hpp"

namespace plinth::cli {
namespace {

using namespace std::string_literals;

// Bytes in which what is special to one of the forms is frequent.
class RandomBytes {
 public:
  explicit RandomBytes(std::uint64_t seed) : engine_(seed) {}

  Bytes next() {
    static const Bytes kPieces[] = {
        "(", "\\",       "\\x", "41",           "\x00"s, "\xff",         "\x02", "\x15",
        "a", "\xc3\xbc", "\"",  "\xe2\x80\xae", "\xc3",  "\xf0\x9f\x98", "'",    pack("user", 4)};
    Bytes bytes;
    for (std::size_t n = engine_() % 8; n > 0; --n) {
      const std::size_t piece = engine_() % (std::size(kPieces) + 1);
      if (piece < std::size(kPieces)) {
        bytes += kPieces[piece];
      } else {
        bytes.push_back(static_cast<char>(engine_()));
      }
    }
    return bytes;
  }

 private:
  std::mt19937_64 engine_;
};

TEST(KeyText, AnyBytesComeBack) {
  const std::uint64_t seed = test::seed_or(std::random_device{}());
  SCOPED_TRACE(test::seed_trace(seed));
  RandomBytes random(seed);
  for (int i = 0; i < 20'000 * test::long_factor(); ++i) {
    const Bytes bytes = random.next();
    ASSERT_EQ(parse_key_text(shown_text(bytes)), bytes) << shown_text(bytes);
    ASSERT_EQ(parse_key_text(shown_key(bytes)), bytes) << shown_key(bytes);
    // Only a leading parenthesis needs more than the one form of JSON.
    if (!bytes.starts_with('(')) {
      ASSERT_EQ(parse_key_text(escaped(bytes)), bytes) << escaped(bytes);
    }
  }
}

TEST(KeyText, EscapedFormIsPrintableAsciiWithoutAnotherMeaning) {
  const std::uint64_t seed = test::seed_or(std::random_device{}());
  SCOPED_TRACE(test::seed_trace(seed));
  RandomBytes random(seed);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = escaped(random.next());
    for (std::size_t at = 0; at < text.size(); ++at) {
      ASSERT_TRUE(text[at] >= ' ' && text[at] <= '~') << text;
      if (text[at] == '\\') {
        ASSERT_EQ(text.substr(at, 2), "\\x") << text;
      }
    }
  }
}

TEST(KeyText, TextThatSteersATerminalIsEscaped) {
  EXPECT_EQ(shown_text("Z\xc3\xbcrich"), "Z\xc3\xbcrich");
  EXPECT_EQ(shown_text("\xf0\x9f\x8c\xb2"), "\xf0\x9f\x8c\xb2");
  EXPECT_EQ(shown_text("\x1b[2J\x07\x7f"), "\\x1b[2J\\x07\\x7f");
  EXPECT_EQ(shown_text("\xc2\x9b"), "\\xc2\\x9b");                    // a control character of C1
  EXPECT_EQ(shown_text("\xe2\x80\xae"), "\\xe2\\x80\\xae");           // right-to-left override
  EXPECT_EQ(shown_text("\xe2\x80\x8b"), "\\xe2\\x80\\x8b");           // zero width
  EXPECT_EQ(shown_text("\xc0\xaf"), "\\xc0\\xaf");                    // overlong
  EXPECT_EQ(shown_text("\xe0\x80\xaf"), "\\xe0\\x80\\xaf");           // overlong
  EXPECT_EQ(shown_text("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // a surrogate
  EXPECT_EQ(shown_text("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond the last character
  EXPECT_EQ(shown_text("\xe2\x82"), "\\xe2\\x82");                    // cut off
}

TEST(KeyText, AKeyIsShownAsATupleOnlyIfThatGivesItBack) {
  EXPECT_EQ(shown_key(pack("user", 42)), "(\"user\", 42)");
  EXPECT_EQ(shown_key("'"), "'");                            // false, but printable
  EXPECT_EQ(shown_key("\x16\x00\x05"s), "\\x16\\x00\\x05");  // 5 in more bytes than it needs
  EXPECT_EQ(shown_key(""), "");
}

TEST(KeyText, NumbersAreLittleEndian) {
  EXPECT_EQ(number_of(""), 0);
  EXPECT_EQ(number_of("\x01\x02"), 0x0201);
  EXPECT_EQ(number_of(Bytes(8, '\xff')), -1);
  EXPECT_EQ(number_of(Bytes(7, '\xff')), 0xff'ffff'ffff'ffff);
  EXPECT_EQ(number_of(Bytes(9, '\0')), std::nullopt);
}

TEST(KeyText, JsonRowsAreAsPromised) {
  EXPECT_EQ(json_row("k\\\x01", "a\"b", ValueForm::text),
            R"({"key":"k\\x5c\\x01","value":"a\"b"})");
  EXPECT_EQ(json_row("k", std::nullopt, ValueForm::number), R"({"key":"k","value":null})");
}

TEST(Output, NumbersForPeople) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1000), "1,000");
  EXPECT_EQ(grouped(-1234567), "-1,234,567");
  EXPECT_EQ(grouped(INT64_MIN), "-9,223,372,036,854,775,808");
  EXPECT_EQ(byte_count(1), "1 byte");
  EXPECT_EQ(byte_count(999), "999 bytes");
  EXPECT_EQ(byte_count(1000), "1.0 kB");
  EXPECT_EQ(byte_count(999'999), "1.0 MB");
  EXPECT_EQ(byte_count(12'345'678), "12.3 MB");
}

}  // namespace
}  // namespace plinth::cli
