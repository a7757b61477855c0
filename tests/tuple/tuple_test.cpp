// Tuples as values: building, typed access, concatenation, ranges.
#include <gtest/gtest.h>

#include <limits>

#include "../base/counting_new.hpp"
#include "expect_error.hpp"
#include "plinth/tuple.hpp"

namespace plinth {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using test::expect_error;

TEST(Tuple, BuiltFromValues) {
  Tuple tuple = Tuple::of("user", 42, nullptr);
  EXPECT_EQ(tuple.size(), 3u);
  EXPECT_FALSE(tuple.empty());
  EXPECT_EQ(tuple[1], Element(42));
  EXPECT_TRUE(tuple[2].is_null());
  tuple.push_back(true);
  tuple += Tuple::of(1.5);
  EXPECT_EQ(tuple, Tuple::of("user", 42, nullptr, true, 1.5));
  tuple += tuple;
  EXPECT_EQ(tuple.size(), 10u);
  EXPECT_EQ(Tuple::of(1) + Tuple::of(2), Tuple::of(1, 2));
  EXPECT_EQ(Tuple(std::vector<Element>{1, "a"}), Tuple::of(1, "a"));
  EXPECT_TRUE(Tuple().empty());
  EXPECT_EQ(std::vector<Element>(tuple.begin(), tuple.begin() + 2),
            (std::vector<Element>{"user", 42}));
}

TEST(Tuple, AMovedFromTupleIsEmpty) {
  Tuple tuple;
  for (int i = 0; i < kMaxTupleNesting; ++i) tuple = Tuple::of(tuple);
  Tuple taken = std::move(tuple);
  EXPECT_EQ(taken.nesting(), kMaxTupleNesting);
  EXPECT_EQ(tuple, Tuple());          // NOLINT: that is what is tested
  EXPECT_NO_THROW(Tuple::of(tuple));  // its nesting went too
}

TEST(Tuple, NestingIsKnownHoweverATupleCameAbout) {
  const Tuple twice = Tuple::of(1, Tuple::of(Tuple::of(2)));
  EXPECT_EQ(twice.nesting(), 2);
  EXPECT_EQ((Tuple::of(1) + twice).nesting(), 2);
  EXPECT_EQ((twice + Tuple::of(1)).nesting(), 2);
  EXPECT_EQ(Tuple(std::vector<Element>{1, Tuple::of(2)}).nesting(), 1);
  EXPECT_EQ(Tuple::unpack(twice.pack()).nesting(), 2);
  EXPECT_EQ(Tuple::of("a").nesting(), 0);
}

TEST(Tuple, TypesOfElements) {
  const std::vector<std::pair<Element, ElementType>> types = {
      {nullptr, ElementType::null},
      {ByteString{"a"}, ElementType::bytes},
      {ByteStringView{"a"}, ElementType::bytes},
      {"a", ElementType::string},
      {"a"s, ElementType::string},
      {"a"sv, ElementType::string},
      {Tuple(), ElementType::tuple},
      {1, ElementType::integer},
      {1u, ElementType::integer},
      {~std::uint64_t{0}, ElementType::integer},
      {BigInt::parse("99999999999999999999"), ElementType::integer},
      {1.0f, ElementType::float32},
      {1.0, ElementType::float64},
      {true, ElementType::boolean},
      {Uuid(), ElementType::uuid},
      {Versionstamp(), ElementType::versionstamp},
  };
  for (const auto& [element, type] : types) EXPECT_EQ(element.type(), type) << element;
  static_assert(!std::constructible_from<Element, char>, "a character is no number");
  static_assert(!std::constructible_from<Element, const void*>, "a pointer is no bool");
  static_assert(!std::constructible_from<Element, long double>, "no silent loss of precision");
}

// However it came in, an integer is one element.
TEST(Tuple, IntegersHaveOneForm) {
  EXPECT_EQ(Element(5u), Element(5));
  EXPECT_EQ(Element(BigInt(5)), Element(5));
  EXPECT_EQ(Element(BigInt::parse("18446744073709551615")), Element(~std::uint64_t{0}));
  EXPECT_TRUE(std::holds_alternative<std::int64_t>(Element(BigInt(-5)).value()));
  EXPECT_TRUE(std::holds_alternative<BigInt>(Element(std::uint64_t{1} << 63).value()));
  EXPECT_NE(Element(1), Element(1.0));
  EXPECT_NE(Element("a"), Element(ByteString{"a"}));
}

TEST(Tuple, TypedAccess) {
  const Uuid uuid = Uuid::parse("550e8400-e29b-41d4-a716-446655440000");
  const Tuple tuple = Tuple::of("text", ByteString{"\xff"}, 300, -1, ~std::uint64_t{0}, 1.5f, 2.5,
                                true, uuid, Versionstamp(1, 2, 3), Tuple::of("in"), nullptr);
  EXPECT_EQ(tuple.get<std::string>(0), "text");
  EXPECT_EQ(tuple.get<std::string_view>(0).data(), tuple[0].get_if<std::string_view>()->data());
  EXPECT_EQ(tuple.get<ByteString>(1).bytes, "\xff");
  EXPECT_EQ(tuple.get<ByteStringView>(1).bytes, "\xff");
  EXPECT_EQ(tuple.get<int>(2), 300);
  EXPECT_EQ(tuple.get<std::uint16_t>(2), 300);
  EXPECT_EQ(tuple.get<BigInt>(2), BigInt(300));
  EXPECT_EQ(tuple.get<std::int8_t>(3), -1);
  EXPECT_EQ(tuple.get<std::uint64_t>(4), ~std::uint64_t{0});
  EXPECT_EQ(tuple.get<BigInt>(4), BigInt(~std::uint64_t{0}));
  EXPECT_EQ(tuple.get<float>(5), 1.5f);
  EXPECT_EQ(tuple.get<double>(6), 2.5);
  EXPECT_EQ(tuple.get<bool>(7), true);
  EXPECT_EQ(tuple.get<Uuid>(8), uuid);
  EXPECT_EQ(tuple.get<Versionstamp>(9), Versionstamp(1, 2, 3));
  EXPECT_EQ(tuple.get<Tuple>(10), Tuple::of("in"));
  EXPECT_EQ(tuple.get<Element>(11), Element(nullptr));
  EXPECT_EQ(tuple[2].as<int>(), 300);
}

TEST(Tuple, TypedAccessToAnotherType) {
  const Tuple tuple = Tuple::of("text", 300, -1, ~std::uint64_t{0}, 1.5f);
  const auto wrong = [&](std::initializer_list<std::string> texts, const auto& f) {
    expect_error(ErrorCode::client_invalid_operation, texts, f);
  };
  wrong({"element 0 of the tuple (\"text\", 300", "is not an integer from -2147483648"},
        [&] { tuple.get<int>(0); });
  wrong({"element 0", "is not bytes"}, [&] { tuple.get<ByteString>(0); });
  wrong({"element 1", "an integer from 0 to 255"}, [&] { tuple.get<std::uint8_t>(1); });
  wrong({"element 1", "an integer from -128 to 127"}, [&] { tuple.get<std::int8_t>(1); });
  wrong({"element 1", "a string"}, [&] { tuple.get<std::string>(1); });
  wrong({"element 2", "from 0 to 18446744073709551615"}, [&] { tuple.get<std::uint64_t>(2); });
  wrong({"element 3", "to 9223372036854775807"}, [&] { tuple.get<std::int64_t>(3); });
  wrong({"element 4", "a double"}, [&] { tuple.get<double>(4); });
  wrong({"no element 5 in the tuple"}, [&] { tuple.get<int>(5); });
  wrong({"no element 5 in the tuple"}, [&] { (void)tuple[5]; });
  wrong({"1.5f is not a boolean"}, [&] { tuple[4].as<bool>(); });
  EXPECT_EQ(tuple[0].get_if<int>(), std::nullopt);
  EXPECT_EQ(tuple[1].get_if<std::uint8_t>(), std::nullopt);
  EXPECT_EQ(Element(nullptr).get_if<bool>(), std::nullopt);
}

TEST(Tuple, UnpackToValues) {
  const Bytes key = pack("user", 42, 1.5);
  const auto [kind, id, score] = unpack<std::string, int, double>(key);
  EXPECT_EQ(kind, "user");
  EXPECT_EQ(id, 42);
  EXPECT_EQ(score, 1.5);
  EXPECT_EQ(unpack(key), Tuple::of("user", 42, 1.5));
  EXPECT_EQ(std::get<0>(unpack<Element>(pack(nullptr))), Element());
  const auto wrong = [](std::initializer_list<std::string> texts, const auto& f) {
    expect_error(ErrorCode::client_invalid_operation, texts, f);
  };
  wrong({"(\"user\", 42, 1.5) has 3 elements, not 2"}, [&] { unpack<std::string, int>(key); });
  wrong({"element 1"}, [&] { unpack<std::string, std::string, double>(key); });
  expect_error(ErrorCode::invalid_tuple, {"offset 0"}, [] { unpack<int>("\xff"); });
}

TEST(Tuple, MessagesShowOnlyTheBeginningOfALongTuple) {
  std::string text = "a";
  while (text.size() < 100'000) text += "é";  // so that byte 200 is within a character
  try {
    Tuple::of(text).get<int>(0);
    ADD_FAILURE();
  } catch (const Error& error) {
    const std::string_view what = error.what();
    EXPECT_LT(what.size(), 500u);
    EXPECT_NE(what.find("éé… is not"), std::string_view::npos) << what;
  }
}

TEST(Tuple, PackAlone) {
  // A tuple alone is the tuple; among others, or as an element, it is nested.
  const Tuple tuple = Tuple::of("a", 1);
  EXPECT_EQ(pack(tuple), pack("a", 1));
  EXPECT_EQ(pack(Tuple::of("a", 1)), pack("a", 1));
  EXPECT_EQ(pack(Element(tuple)),
            "\x05\x02"
            "a\x00\x15\x01\x00"s);
  EXPECT_EQ(pack(tuple, 2), pack(Element(tuple), 2));
  EXPECT_EQ(Tuple::of(tuple).pack(), pack(Element(tuple)));
}

TEST(Tuple, PackToAppends) {
  Bytes out = "prefix";
  pack_to(out, "a", 1);
  EXPECT_EQ(out, "prefix" + pack("a", 1));
  pack_to(out, Tuple::of(2));
  Tuple::of(3).pack_to(out);
  EXPECT_EQ(out, "prefix" + pack("a", 1, 2, 3));
}

TEST(Tuple, PackingToAUsedBufferCostsNoAllocation) {
  const std::string name = "longer than a std::string keeps in itself";
  const Tuple nested = Tuple::of(name, ByteString{name}, nullptr);
  Bytes out;
  out.reserve(1000);
  const std::size_t before = allocations_here();
  pack_to(out, "user", std::int64_t{42}, name, ByteStringView{name}, 1.5, nested, Uuid());
  nested.pack_to(out);
  EXPECT_EQ(allocations_here(), before);
  EXPECT_LT(out.size(), 1000u);
}

TEST(Tuple, PackToLeavesTheBufferUnchangedOnErrors) {
  Bytes out = "prefix";
  expect_error(ErrorCode::invalid_tuple, {"UTF-8"}, [&] { pack_to(out, "a", "\xff"); });
  EXPECT_EQ(out, "prefix");
  expect_error(ErrorCode::client_invalid_operation, {"versionstamp"},
               [&] { pack_to(out, "a", Versionstamp()); });
  EXPECT_EQ(out, "prefix");
  expect_error(ErrorCode::client_invalid_operation, {"versionstamp"},
               [&] { Tuple::of("a", Versionstamp()).pack_to(out); });
  EXPECT_EQ(out, "prefix");
}

TEST(Tuple, RangeHoldsTheLongerTuples) {
  const Tuple tuple = Tuple::of("user", 42);
  const KeyRange range = tuple.range();
  EXPECT_EQ(range.begin, tuple.pack() + "\x00"s);
  EXPECT_EQ(range.end, tuple.pack() + "\xff");
  const auto inside = [&](const Bytes& key) { return range.begin <= key && key < range.end; };
  for (const Element& element : std::vector<Element>{
           nullptr, ByteString{""}, "", Tuple(), 0, BigInt::parse("-99999999999999999999"), 1.5f,
           1.5, true, Uuid(), Versionstamp(std::numeric_limits<Version>::max(), 65535, 65535)}) {
    EXPECT_TRUE(inside((tuple + Tuple::of(element)).pack())) << element;
    EXPECT_TRUE(inside((tuple + Tuple::of(element, "more")).pack())) << element;
  }
  EXPECT_FALSE(inside(tuple.pack()));
  EXPECT_FALSE(inside(pack("user", 41, "x")));
  EXPECT_FALSE(inside(pack("user", 43)));
  EXPECT_FALSE(inside(pack("user\x00"sv, 42, 1)));
  EXPECT_FALSE(inside(pack("usera", 42)));
  EXPECT_EQ(Tuple().range(), (KeyRange{"\x00"s, "\xff"}));
}

TEST(Tuple, AShorterTupleComesBeforeThoseItBegins) {
  EXPECT_LT(Tuple(), Tuple::of(nullptr));
  EXPECT_LT(Tuple::of("a"), Tuple::of("a", nullptr));
  EXPECT_LT(Tuple::of("a", 5), Tuple::of("b"));
  EXPECT_LT(Tuple::of(Tuple::of("a"), 9), Tuple::of(Tuple::of("a", nullptr), 1));
}

}  // namespace
}  // namespace plinth
