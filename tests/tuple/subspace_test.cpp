#include "plinth/subspace.hpp"

#include <gtest/gtest.h>

#include "expect_error.hpp"

namespace plinth {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using test::expect_error;

const Subspace kUsers(Tuple::of("app", "users"));

TEST(Subspace, Packs) {
  EXPECT_EQ(kUsers.key(), pack("app", "users"));
  EXPECT_EQ(kUsers.pack("alice", 42), pack("app", "users", "alice", 42));
  EXPECT_EQ(kUsers.pack(Tuple::of("alice", 42)), kUsers.pack("alice", 42));
  EXPECT_EQ(kUsers.pack(Element(Tuple::of("a"))), pack("app", "users", Tuple::of("a")));
  EXPECT_EQ(kUsers.pack(), kUsers.key());
  Bytes out = "x";
  kUsers.pack_to(out, 1);
  EXPECT_EQ(out, "x" + kUsers.pack(1));
  EXPECT_EQ(Subspace().pack("a"), pack("a"));
}

TEST(Subspace, RawPrefix) {
  const Subspace raw = Subspace::from_raw("\x15\xff");
  EXPECT_EQ(raw.pack(1), "\x15\xff\x15\x01"s);
  EXPECT_EQ(raw.unpack("\x15\xff\x15\x01"s), Tuple::of(1));
  EXPECT_EQ(Subspace(Tuple::of(1), "raw").key(), "raw" + pack(1));
}

TEST(Subspace, UnpacksWhatIsInside) {
  EXPECT_EQ(kUsers.unpack(kUsers.pack("alice", 42)), Tuple::of("alice", 42));
  EXPECT_EQ(kUsers.unpack(kUsers.key()), Tuple());
  const auto [name, id] = kUsers.unpack<std::string, int>(kUsers.pack("alice", 42));
  EXPECT_EQ(name, "alice");
  EXPECT_EQ(id, 42);
}

TEST(Subspace, KeysOutside) {
  for (const Bytes& key :
       {pack("app", "user", 1), pack("app"), Bytes(), pack("app", "userz", 1), pack("other")}) {
    EXPECT_FALSE(kUsers.contains(key));
    expect_error(ErrorCode::client_invalid_operation,
                 {"is not in the subspace with the prefix \\x02app\\x00\\x02users\\x00"},
                 [&] { kUsers.unpack(key); });
    expect_error(ErrorCode::client_invalid_operation, {"is not in the subspace"},
                 [&] { kUsers.unpack<int>(key); });
  }
  EXPECT_TRUE(kUsers.contains(kUsers.key()));
  EXPECT_TRUE(kUsers.contains(kUsers.pack(1)));
  expect_error(ErrorCode::invalid_tuple, {"offset 0"},
               [] { kUsers.unpack(kUsers.key() + "\xff"); });
}

TEST(Subspace, SubspacesWithin) {
  EXPECT_EQ(kUsers["alice"].key(), kUsers.pack("alice"));
  EXPECT_EQ(kUsers["alice"][0][Tuple::of(1)].key(), kUsers.pack("alice", 0, Tuple::of(1)));
  EXPECT_EQ(kUsers.subspace("alice", 0), kUsers["alice"][0]);
  EXPECT_EQ(kUsers["alice"].unpack(kUsers.pack("alice", 42)), Tuple::of(42));
  EXPECT_LT(kUsers["alice"], kUsers["bob"]);
}

TEST(Subspace, Range) {
  EXPECT_EQ(kUsers.range(), (KeyRange{kUsers.key() + "\x00"s, kUsers.key() + "\xff"}));
  EXPECT_EQ(kUsers.range("alice"), kUsers["alice"].range());
  EXPECT_EQ(kUsers.range(Tuple::of("alice", 1)), kUsers.range("alice", 1));
  EXPECT_EQ(kUsers.range(), Tuple::of("app", "users").range());
}

TEST(Subspace, PackWithVersionstamp) {
  const Bytes key = kUsers.pack_with_versionstamp(Tuple::of(Versionstamp::incomplete(1)));
  EXPECT_EQ(key, Tuple::of("app", "users", Versionstamp::incomplete(1)).pack_with_versionstamp());
}

TEST(Subspace, PackToLeavesTheBufferUnchangedOnErrors) {
  Bytes out = "prefix";
  expect_error(ErrorCode::invalid_tuple, {"UTF-8"}, [&] { kUsers.pack_to(out, "a", "\xff"); });
  EXPECT_EQ(out, "prefix");
}

// No element can leave its place: hostile values stay inside, and in their own element.
TEST(Subspace, HostileValuesStayInside) {
  const std::vector<Bytes> hostile = {""s,         "\x00"s,          "\x00\xff"s,
                                      "\xff"s,     "\xff\xff"s,      "\x00\x02x\x00"s,
                                      "\x00\x00"s, Bytes(5000, '\0')};
  for (const Bytes& a : hostile) {
    const KeyRange range = kUsers[ByteString{a}].range();
    for (const Bytes& b : hostile) {
      const Bytes key = kUsers.pack(ByteString{a}, ByteString{b});
      EXPECT_EQ(kUsers.unpack(key), Tuple::of(ByteString{a}, ByteString{b}));
      EXPECT_TRUE(range.begin <= key && key < range.end);
      const Bytes other = kUsers.pack(ByteString{b}, ByteString{a});
      EXPECT_EQ(range.begin <= other && other < range.end, a == b);
    }
  }
}

}  // namespace
}  // namespace plinth
