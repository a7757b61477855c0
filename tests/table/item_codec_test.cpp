#include "layers/table/item_codec.hpp"

#include <gtest/gtest.h>

#include <string>

#include "support/seed.hpp"
#include "table/random_item.hpp"
#include "tuple/expect_error.hpp"

namespace plinth::layers::table {
namespace {

using plinth::test::expect_error;
using namespace std::string_literals;

TEST(ItemCodec, HasItsDocumentedBytes) {
  const Item item{{"a", nullptr},
                  {"b", false},
                  {"c", true},
                  {"d", 12},
                  {"e", "text"},
                  {"f", ByteString{"\xff"}},
                  {"g", List{1, List{}}},
                  {"h", Map{{"k", "v"}, {"", 0}}},
                  {"i", StringSet{"b", "a"}},
                  {"j", NumberSet{2, -1}},
                  {"k", BinarySet{ByteString{"xy"}}},
                  {std::string(130, 'n'), true}};
  const Bytes wanted =
      "\x01\x0c"
      "\x01"s
      "a\x00"s
      "\x01"s
      "b\x01"
      "\x01"s
      "c\x02"
      "\x01"s
      "d\x03\x03\x83\x18"
      "\x01"s
      "e\x04\x04text"
      "\x01"s
      "f\x05\x01\xff"
      "\x01"s
      "g\x06\x02\x03\x03\x82\x14\x06\x00"s
      "\x01"s
      "h\x07\x02\x00\x03\x02\x01"s
      "k\x04\x01v"
      "\x01"s
      "i\x08\x02\x01"s
      "a\x01"s
      "b"
      "\x01"s
      "j\x09\x02\x01\x7d\xeb\x03\x82\x28"
      "\x01"s
      "k\x0a\x01\x02xy"
      "\x82\x01"s +
      std::string(130, 'n') + "\x02";
  EXPECT_EQ(printable(encode_item(item), 1000), printable(wanted, 1000));
  EXPECT_EQ(decode_item(wanted), item);
  EXPECT_EQ(encode_item({}), "\x01\x00"s);
}

TEST(ItemCodec, OfRandomItemsReadsBack) {
  const std::uint64_t seed = plinth::test::seed_or(1);
  SCOPED_TRACE(plinth::test::seed_trace(seed));
  plinth::test::RandomItems random(seed);
  for (int i = 0; i < 3'000 * plinth::test::long_factor(); ++i) {
    const Item item = random.item();
    ASSERT_EQ(decode_item(encode_item(item)), item) << to_json(item);
  }
}

TEST(ItemCodec, WhatIsCutOffIsRefused) {
  plinth::test::RandomItems random(2);
  for (int i = 0; i < 200; ++i) {
    const Bytes bytes = encode_item(random.item());
    for (std::size_t size = 0; size < bytes.size(); ++size)
      expect_error(ErrorCode::layer_data_damaged, {"of an item, before byte"},
                   [&] { decode_item(ByteView(bytes).substr(0, size)); });
    expect_error(ErrorCode::layer_data_damaged, {"behind its end"},
                 [&] { decode_item(bytes + 'x'); });
  }
}

// What is read in spite of damage is what has these bytes.
TEST(ItemCodec, DamageIsRefusedOrAnotherItem) {
  const std::uint64_t seed = plinth::test::seed_or(3);
  SCOPED_TRACE(plinth::test::seed_trace(seed));
  plinth::test::RandomItems random(seed);
  int refused = 0;
  for (int i = 0; i < 20'000 * plinth::test::long_factor(); ++i) {
    Bytes bytes = encode_item(random.item());
    for (int damage = 1 + random.below(3); damage > 0; --damage)
      bytes[static_cast<std::size_t>(random.below(static_cast<int>(bytes.size())))] =
          static_cast<char>(random.below(2) == 0 ? random.below(16) : random.below(256));
    try {
      const Item item = decode_item(bytes);
      ASSERT_EQ(encode_item(item), bytes);
    } catch (const Error& error) {
      ASSERT_EQ(error, ErrorCode::layer_data_damaged);
      ++refused;
    }
  }
  EXPECT_GT(refused, 1'000);
}

TEST(ItemCodec, HostileBytesAreRefused) {
  const std::vector<std::pair<Bytes, std::string>> cases = {
      {"", "cut off"},
      {"\x02\x00"s, "version"},
      {"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "count"},
      {"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "count"},
      {"\x01\x80\x00"s, "count"},
      {"\x01\x02\x01"s
       "b\x00\x01"s
       "a\x00"s,
       "order"},
      {"\x01\x02\x01"s
       "a\x00\x01"s
       "a\x00"s,
       "order"},
      {"\x01\x01\x01"s
       "a\x0b",
       "type"},
      {"\x01\x01\x01"s
       "a\x08\x00"s,
       "empty"},
      {"\x01\x01\x01"s
       "a\x08\x02\x01"s
       "b\x01"s
       "a",
       "order"},
      {"\x01\x01\x01"s
       "a\x09\x02\x02\x02",
       "order"},
      {"\x01\x01\x01"s
       "a\x03\x04",
       "number"},
  };
  for (const auto& [bytes, reason] : cases)
    expect_error(ErrorCode::layer_data_damaged, {reason},
                 [&, &text = bytes] { decode_item(text); });
  Bytes deep = "\x01\x01\x01"s + "a";
  for (int i = 0; i < kMaxItemNesting; ++i) deep += "\x06\x01";
  EXPECT_EQ(decode_item(deep + Bytes(1, '\0')).size(), 1u);
  expect_error(ErrorCode::layer_data_damaged, {"deep"},
               [&] { decode_item(deep + "\x06\x01" + Bytes(1, '\0')); });
}

}  // namespace
}  // namespace plinth::layers::table
