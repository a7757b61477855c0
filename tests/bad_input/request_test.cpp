// Keys, values, transactions and tuples that are too large or malformed: an error that says which,
// and nothing of them is written.
#include "bad_input/scene.hpp"

namespace plinth::test {
namespace {

class BadRequest : public Scene {
 protected:
  Database db = open(url());
};
PLINTH_FOR_EACH_STORE(BadRequest);

TEST_P(BadRequest, OversizeKeysAndValuesAreRefusedAtOnce) {
  const Bytes key(10'001, 'k');
  const Bytes value(100'001, 'v');
  Transaction tx = db.begin();
  expect_error(ErrorCode::key_too_large, {"10001", "10,000", "kkk"}, [&] { tx.set(key, ""); });
  expect_error(ErrorCode::key_too_large, {"10001"}, [&] { tx.add(key, std::int64_t{1}); });
  expect_error(ErrorCode::value_too_large, {"100001", "100,000", "\"the key\"", "split it"},
               [&] { tx.set("the key", value); });
  // The transaction goes on without them, and what is just not too large goes in.
  tx.set(key.substr(1), value.substr(1));
  tx.commit_and_wait();
  rows_[key.substr(1)] = value.substr(1);
  EXPECT_TRUE(contents_of(db) == rows_);
  EXPECT_EQ(db.verify(), std::vector<std::string>{});
}

TEST_P(BadRequest, AnOversizeTransactionWritesNothing) {
  Transaction tx = db.begin();
  for (int i = 0; i < 101; ++i) tx.set(pack("large", i), Bytes(100'000, 'x'));
  expect_error(ErrorCode::transaction_too_large, {"101", "10000000 are allowed", "split the work"},
               [&] { tx.commit_and_wait(); });
  EXPECT_TRUE(contents_of(db) == rows_);
  db.run([](Transaction& other) { other.set("next", "goes on"); });
  rows_["next"] = "goes on";
  EXPECT_TRUE(contents_of(db) == rows_);
}

TEST_P(BadRequest, KeysOutsideTheLegalRangeAreRefused) {
  Transaction tx = db.begin();
  expect_error(ErrorCode::key_outside_legal_range, {"\\xff", "read_system_keys"},
               [&] { tx.set("\xff", ""); });
  expect_error(ErrorCode::inverted_range, {"\"b\"", "\"a\""}, [&] {
    tx.clear_range(KeyRange{"b", "a"});
  });
  tx.commit_and_wait();
  EXPECT_TRUE(contents_of(db) == rows_);
}

TEST(BadTuple, PackedIsRefusedWithItsPlace) {
  const struct {
    Bytes packed;
    std::vector<std::string> words;
  } kTuples[] = {
      {Bytes("\x02"
             "abc",
             4),
       {"offset 4"}},                                    // no end of the text
      {Bytes("\x16\x01", 2), {"offset 1"}},              // an integer cut off
      {Bytes("\x15\x01\x21\x00\x00", 5), {"offset 3"}},  // a double cut off
      {Bytes("\x15\x01\xfe", 3), {"offset 2", "fe"}},    // no such type
      {Bytes("\x02\xff\x00", 3), {"UTF-8"}},             // not UTF-8
      {Bytes("\x05\x15\x01", 3), {"offset 0"}},          // no end of the tuple
      {Bytes("a key that is none"), {"offset 0"}},
  };
  for (const auto& [packed, words] : kTuples) {
    SCOPED_TRACE(printable(packed));
    expect_error(ErrorCode::invalid_tuple, words, [&, p = packed] { Tuple::unpack(p); });
  }
}

TEST(BadTuple, TextIsRefusedWithItsPlace) {
  const struct {
    std::string text;
    std::vector<std::string> words;
  } kTexts[] = {
      {"", {"offset 0"}},         {"(1, 2", {"offset 5"}},     {"(1 2)", {"offset 3"}},
      {"(\"open)", {"offset"}},   {"(1) more", {"offset 4"}},  {"(12x)", {"offset"}},
      {"(b\"\\q\")", {"offset"}}, {"(nothing)", {"offset 1"}},
  };
  for (const auto& [text, words] : kTexts) {
    SCOPED_TRACE(text);
    expect_error(ErrorCode::invalid_tuple, words, [&, t = text] { Tuple::parse(t); });
  }
}

TEST(BadTuple, AForeignKeyOfASubspaceIsRefused) {
  const Subspace users(Tuple::of("user"));
  EXPECT_THROW(users.unpack(pack("order", 1)), Error);
}

}  // namespace
}  // namespace plinth::test
