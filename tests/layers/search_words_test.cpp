// How texts and queries are cut into words, without a database.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "layers/search/analyzer.hpp"
#include "layers/search/layout.hpp"
#include "layers/search/plan.hpp"
#include "layers/search/searcher.hpp"
#include "layers/search/snippet.hpp"
#include "layers/search/unicode.hpp"
#include "plinth/error.hpp"
#include "support/seed.hpp"

namespace plinth::layers::search {
namespace {

using namespace std::string_literals;
using Terms = std::vector<std::string>;

Terms terms_of(const std::vector<Word>& words) {
  Terms terms;
  for (const Word& word : words) terms.push_back(word.term + (word.beginning ? "*" : ""));
  return terms;
}
Terms of_document(std::string_view text, const SearchOptions& options = {}) {
  return terms_of(Analyzer("test", options).words_of_document(text));
}
Terms of_query(std::string_view text, bool beginning = false, const SearchOptions& options = {}) {
  return terms_of(Analyzer("test", options).words_of_query(text, beginning));
}

TEST(SearchWords, AreThoseOfUnicode) {
  EXPECT_EQ(of_document("The quick, brown (fox) can't jump 32.3 feet, right?"),
            (Terms{"the", "quick", "brown", "fox", "can't", "jump", "32.3", "feet", "right"}));
  EXPECT_EQ(of_document("libssl1.1 foo-bar foo_bar C++ e.g. a@b.de"),
            (Terms{"libssl1.1", "foo", "bar", "foo_bar", "c", "e.g", "a@b.de"}));
  EXPECT_EQ(of_document("Привет, мир! Ελλάδα 한국어 שלום"),
            (Terms{"привет", "мир", "ελλάδα", "한국어", "שלום"}));
  EXPECT_EQ(of_document(""), Terms{});
  EXPECT_EQ(of_document(" \t\n -- !? \u2026 \U0001F600"), Terms{});
}

TEST(SearchWords, AreFolded) {
  EXPECT_EQ(of_document("Straße STRASSE ﬁne ＷＩＤＥ ℌi İ"),
            (Terms{"strasse", "strasse", "fine", "wide", "hi", "i\u0307"}));
  EXPECT_EQ(of_document("caf\u00e9 cafe\u0301"), (Terms{"caf\u00e9", "caf\u00e9"}));
  EXPECT_EQ(of_document("don\u2019t DON'T"), (Terms{"don't", "don't"}));
}

TEST(SearchWords, OfInvalidTextAreWhatIsLeft) {
  EXPECT_EQ(of_document("good\xff\xfe"
                        "bad\xc3 end\0zero"s),
            (Terms{"good", "bad", "end", "zero"}));
  EXPECT_EQ(of_document("\xff\xff\xff"), Terms{});
  EXPECT_EQ(of_document("\0"s), Terms{});
}

TEST(SearchWords, OfHugeLengthAreCutBetweenCharacters) {
  EXPECT_EQ(of_document(std::string(100'000, 'A')), Terms{std::string(200, 'a')});
  EXPECT_EQ(of_query(std::string(100'000, 'a')), Terms{std::string(200, 'a')});
  std::string accents;
  for (int i = 0; i < 1'000; ++i) accents += "é";
  EXPECT_EQ(of_document("a" + accents).front().size(), 199u);
}

TEST(SearchWords, WithoutSpacesAreOverlappingPairs) {
  EXPECT_EQ(of_document("東京都に住む"), (Terms{"東京", "京都", "都に", "に住", "住む", "む"}));
  EXPECT_EQ(of_query("東京都"), (Terms{"東京", "京都"}));
  EXPECT_EQ(of_query("都"), Terms{"都*"});
  EXPECT_EQ(of_document("猫。犬"), (Terms{"猫", "犬"})) << "no pair over punctuation";
  EXPECT_EQ(of_document("Tokyo東京Tower"), (Terms{"tokyo", "東京", "京", "tower"}));
  // Thai, with vowels and tone marks that belong to the consonant before.
  EXPECT_EQ(of_document("ที่นี่"), (Terms{"ที่นี่", "นี่"}));
  // Half-width katakana is the same as full-width.
  EXPECT_EQ(of_document("ｶﾞｽ"), of_document("ガス"));
}

TEST(SearchWords, HavePositionsAndPlaces) {
  SearchOptions options;
  options.stop_words = {"the"};
  const Analyzer analyzer("test", options);
  const std::string text = "See the 東京都 tower";
  const std::vector<Word> words = analyzer.words_of_document(text);
  Terms places;
  std::vector<std::uint32_t> positions;
  for (const Word& word : words) {
    places.push_back(text.substr(word.begin, word.end - word.begin));
    positions.push_back(word.position);
  }
  EXPECT_EQ(places, (Terms{"See", "東京", "京都", "都", "tower"}));
  EXPECT_EQ(positions, (std::vector<std::uint32_t>{0, 2, 3, 4, 5}));
  EXPECT_EQ(text.substr(words[1].begin, words[1].first_end - words[1].begin), "東");
}

TEST(SearchWords, CanBeStemmedAndStopped) {
  SearchOptions english;
  english.language = "english";
  english.stop_words = common_stop_words("english");
  EXPECT_EQ(of_document("The Runner was RUNNING with the dog's horses", english),
            (Terms{"runner", "run", "dog", "hors"}));
  EXPECT_EQ(of_query("horse", false, english), Terms{"hors"});
  EXPECT_EQ(of_query("the", false, english), Terms{});
  EXPECT_EQ(of_query("horses the", true, english), (Terms{"hors", "the*"}))
      << "a beginning has no stem and is no stop word";
  EXPECT_EQ(of_query("horses 東京", true, english), (Terms{"hors", "東京"}));
  SearchOptions german;
  german.language = "de";
  EXPECT_EQ(of_document("Häuser", german), of_document("haus", german));
  SearchOptions upper;
  upper.stop_words = {"ÜBER"};
  EXPECT_EQ(of_document("über uns", upper), Terms{"uns"});
}

TEST(SearchWords, OfUnknownLanguagesAreAnError) {
  SearchOptions options;
  options.language = "klingon";
  try {
    const Analyzer analyzer("pages", options);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), 7043);
    EXPECT_NE(std::string(error.what()).find("klingon"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("pages"), std::string::npos);
  }
  EXPECT_THROW(common_stop_words("klingon"), Error);
  for (const char* language : {"english", "fr", "german", "it", "portuguese", "es"})
    EXPECT_GT(common_stop_words(language).size(), 40u);
}

// Whatever a text is, its words are found again: each is cut alike when it stands alone.
TEST(SearchWords, OfAnyTextStandAlone) {
  const std::uint64_t seed = plinth::test::seed_or(1);
  SCOPED_TRACE(plinth::test::seed_trace(seed));
  std::mt19937_64 random(seed);
  const Terms pieces{"a",   "Z",      "9",        ".", "'",      " ",      "_",  ",",
                     "\0"s, "\xff",   "\xe3\x81", "é", "ß",      "猫",     "ん", "ไ",
                     "ท",   "\u0301", "\u200d",   "İ", "ﷺ",      "\u00ad", "한", "\n",
                     ":",   "-",      "⑳",        "ｶ", "\uff9e", "ကို",      "ខ្",  "𝒜"};
  const Analyzer analyzer("test", {});
  for (int i = 0; i < 3'000; ++i) {
    std::string text;
    for (std::size_t length = random() % 12; text.size() < length;)
      text += pieces[random() % pieces.size()];
    std::size_t before = 0;
    for (const Word& word : analyzer.words_of_document(text)) {
      ASSERT_FALSE(word.term.empty()) << printable(text);
      ASSERT_LE(word.begin, word.first_end) << printable(text);
      ASSERT_LE(word.first_end, word.end) << printable(text);
      ASSERT_LE(before, word.begin) << printable(text);
      before = word.begin;
      if (word.is_pair) continue;
      const auto again =
          analyzer.words_of_query(text.substr(word.begin, word.end - word.begin), false);
      ASSERT_EQ(again.size(), 1u) << printable(text);
      ASSERT_EQ(again[0].term, word.term) << printable(text);
    }
  }
}

// --- Queries -------------------------------------------------------------------------------------

SearchItem prefix(const char* text) {
  return SearchItem::prefix(text);
}
using Groups = std::vector<std::vector<SearchItem>>;

TEST(SearchQueries, AreReadAsPeopleTypeThem) {
  const SearchQuery query = SearchQuery::parse("cats \"big dog\" -mouse pre* a OR b -\"x y\" -q*");
  EXPECT_EQ(query.groups, (Groups{{"cats"}, {"big dog"}, {prefix("pre")}, {"a", "b"}}));
  EXPECT_EQ(query.excluded, (std::vector<SearchItem>{"mouse", "x y", prefix("q")}));
  EXPECT_EQ(SearchQuery::parse("a OR b OR \"c d\" e").groups, (Groups{{"a", "b", "c d"}, {"e"}}));
  EXPECT_EQ(SearchQuery::parse("foo-bar o'neil a*b").groups,
            (Groups{{"foo-bar"}, {"o'neil"}, {"a*b"}}));
  EXPECT_EQ(SearchQuery::parse("\"big do\"*").groups, (Groups{{prefix("big do")}}));
  EXPECT_EQ(SearchQuery::parse("猫　犬").groups, (Groups{{"猫"}, {"犬"}}));
}

TEST(SearchQueries, HaveNoWrongForm) {
  EXPECT_EQ(SearchQuery::parse("OR a OR").groups, (Groups{{"a"}}));
  EXPECT_EQ(SearchQuery::parse("a OR OR b").groups, (Groups{{"a", "b"}}));
  EXPECT_EQ(SearchQuery::parse("a or ORB b").groups, (Groups{{"a"}, {"or"}, {"ORB"}, {"b"}}));
  EXPECT_EQ(SearchQuery::parse("-x OR b").groups, (Groups{{"b"}}));
  EXPECT_EQ(SearchQuery::parse("a OR -x b").groups, (Groups{{"a"}, {"b"}}));
  EXPECT_EQ(SearchQuery::parse("\"never closed").groups, (Groups{{"never closed"}}));
  EXPECT_EQ(SearchQuery::parse("a\"b\"c").groups, (Groups{{"a"}, {"b"}, {"c"}}));
  EXPECT_EQ(SearchQuery::parse("\"\" - * -\"\"").groups, Groups{});
  EXPECT_EQ(SearchQuery::parse("").groups, Groups{});
  std::mt19937_64 random(7);
  for (int i = 0; i < 2'000; ++i) {
    std::string text;
    for (int n = 0; n < 12; ++n) text += "ab \"-*OR\xff\0\t"[random() % 11];
    const SearchQuery query = SearchQuery::parse(text);
    for (const auto& group : query.groups) ASSERT_FALSE(group.empty()) << printable(text);
  }
}

TEST(SearchQueries, WithoutWordsAreAnError) {
  SearchOptions options;
  options.stop_words = {"the"};
  const Analyzer analyzer("pages", options);
  for (const char* text : {"", "   ", "-cats", "!!!", "the", "the OR the -x"}) {
    try {
      make_plan(SearchQuery::parse(text), analyzer, "pages");
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), 7040) << text;
      EXPECT_NE(std::string(error.what()).find("pages"), std::string::npos);
    }
  }
  EXPECT_EQ(make_plan(SearchQuery::parse("the cat !!!"), analyzer, "pages").groups.size(), 1u);
  EXPECT_THROW(make_plan(SearchQuery::all_of({std::string(100'001, 'a')}), analyzer, "pages"),
               Error);
}

// --- Values --------------------------------------------------------------------------------------

TEST(SearchPhrases, AreCounted) {
  const auto count = [](std::vector<std::pair<std::vector<std::uint32_t>, std::uint32_t>> lists) {
    std::vector<Bytes> encoded;
    for (const auto& [positions, offset] : lists) encoded.push_back(encode_positions(positions));
    std::vector<PhrasePart> parts;
    for (std::size_t i = 0; i < lists.size(); ++i) parts.push_back({encoded[i], lists[i].second});
    return phrase_count(parts);
  };
  EXPECT_EQ(count({{{1, 5, 9}, 0}, {{2, 6, 11}, 1}}), 2);
  EXPECT_EQ(count({{{1, 5, 9}, 0}, {{0, 4}, 1}}), 0);
  EXPECT_EQ(count({{{1, 5, 9}, 0}, {{3, 4, 11}, 2}}), 2);
  EXPECT_EQ(count({{{0, 1, 2}, 0}, {{0, 1, 2}, 1}}), 2) << "the same word twice";
  EXPECT_EQ(phrase_count({{"\x80", 0}}), std::nullopt);
}

TEST(SearchValues, ComeBackAndDamageIsSeen) {
  const std::vector<std::uint32_t> positions{0, 1, 127, 128, 300, UINT32_MAX};
  std::vector<std::uint32_t> decoded;
  ASSERT_TRUE(decode_positions(encode_positions(positions), decoded));
  EXPECT_EQ(decoded, positions);
  EXPECT_FALSE(decode_positions("\x05\xff\xff\xff\xff\x0f", decoded)) << "above 32 bits";
  EXPECT_FALSE(decode_positions(Bytes(11, '\xff'), decoded));

  const Bytes value = encode_posting(3, 1'000'000, Positions::inside, "\x01\x02\x03");
  const auto posting = decode_posting(value);
  ASSERT_TRUE(posting);
  EXPECT_EQ(posting->count, 3);
  EXPECT_EQ(posting->length, 1'000'000);
  EXPECT_EQ(posting->kind, Positions::inside);
  EXPECT_EQ(posting->positions, "\x01\x02\x03");
  EXPECT_FALSE(decode_posting(""));
  EXPECT_FALSE(decode_posting("\x04"));
  EXPECT_FALSE(decode_posting("\x07\x01")) << "a kind that there is not";
  EXPECT_FALSE(decode_posting("\x01\x01")) << "no occurrence";

  ListedDocument document{7, {{"a", false}, {"b\0c"s, true}, {Bytes(500, 'z'), false}}};
  const Bytes bytes = encode_document(document);
  const auto listed = decode_document(bytes);
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->length, 7);
  ASSERT_EQ(listed->terms.size(), 3u);
  EXPECT_EQ(listed->terms[1].term, "b\0c"s);
  EXPECT_TRUE(listed->terms[1].positions_outside);
  EXPECT_FALSE(decode_document(ByteView(bytes).substr(0, bytes.size() - 1)));
  EXPECT_FALSE(decode_document(""));
}

TEST(SearchKeys, AreTakenApart) {
  const Layout layout(Subspace(Tuple::of("x")));
  for (const Bytes& term : {"a"s, "a\0b"s, "\0"s, "\0\xff"s, ""s, "\xff\xff"s}) {
    const Bytes id = Tuple::of(5).pack();
    const Bytes key = layout.postings_prefix(term) + id;
    const auto parts = layout.split_posting_key(key);
    ASSERT_TRUE(parts) << printable(term);
    EXPECT_EQ(Layout::term_of(*parts), term);
    EXPECT_EQ(parts->id, id);
  }
  EXPECT_FALSE(layout.split_posting_key("elsewhere"));
}

// --- Snippets ------------------------------------------------------------------------------------

std::string snippet(std::string_view text, std::string_view query) {
  const Analyzer analyzer("test", {});
  return make_snippet(text, make_plan(SearchQuery::parse(query), analyzer, "test"), analyzer)
      .marked();
}

TEST(SearchSnippets, ShowWhatWasFound) {
  EXPECT_EQ(snippet("The cat sat on the mat.", "CAT mat"), "The [cat] sat on the [mat].");
  EXPECT_EQ(snippet("cats and catalogues", "cat*"), "[cats] and [catalogues]");
  EXPECT_EQ(snippet("a\n\tb\0c\xff"s, "b"), "a [b] c\uFFFD");
  EXPECT_EQ(snippet("nothing here", "elsewhere -here"), "nothing here");
  EXPECT_EQ(snippet("我住在東京都。", "東京都"), "我住在[東京都]。");
  EXPECT_EQ(snippet("我住在東京都。", "京"), "我住在東[京]都。");
}

TEST(SearchSnippets, AreTheBestPartOfALongText) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "filler" + std::to_string(i) + " ";
  text += "one cat alone ";
  for (int i = 0; i < 300; ++i) text += "filler" + std::to_string(i) + " ";
  text += "the cat and the dog";
  for (int i = 0; i < 300; ++i) text += " filler" + std::to_string(i);
  const std::string shown = snippet(text, "cat dog");
  EXPECT_NE(shown.find("the [cat] and the [dog]"), std::string::npos) << shown;
  EXPECT_TRUE(shown.starts_with("…filler")) << shown;
  EXPECT_TRUE(shown.ends_with("…")) << shown;
  EXPECT_LT(shown.size(), 250u);
}

}  // namespace
}  // namespace plinth::layers::search
