#include "plinth/search_index.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "support/each_database.hpp"
#include "support/seed.hpp"

namespace plinth::test {
namespace {

using namespace std::string_literals;
using Results = std::vector<SearchResult>;
using Words = std::vector<std::string>;

std::string joined(const Words& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// What an index should do: documents are lists of words, everything is looked at.
class Model {
 public:
  // In the order of packed ids.
  std::map<Bytes, Words> documents;

  struct Hit {
    Bytes id;
    double score;
  };
  std::vector<Hit> search(const SearchQuery& query) const {
    std::vector<std::vector<double>> weights;
    for (const auto& group : query.groups) {
      weights.emplace_back();
      for (const SearchItem& item : group) weights.back().push_back(weight(item));
    }
    const double average =
        static_cast<double>(words()) / static_cast<double>(std::max(documents.size(), 1ul));
    std::vector<Hit> hits;
    for (const auto& [id, words] : documents) {
      double score = 0;
      bool matches = true;
      for (std::size_t g = 0; g < query.groups.size(); ++g) {
        bool any = false;
        for (std::size_t i = 0; i < query.groups[g].size(); ++i) {
          const int count = occurrences(words, query.groups[g][i]);
          any = any || count > 0;
          const double relative = static_cast<double>(words.size()) / average;
          score += weights[g][i] * count * 2.2 / (count + 1.2 * (0.25 + 0.75 * relative));
        }
        matches = matches && any;
      }
      for (const SearchItem& item : query.excluded)
        matches = matches && occurrences(words, item) == 0;
      if (matches) hits.push_back({id, score});
    }
    return hits;
  }
  std::int64_t words() const {
    std::int64_t sum = 0;
    for (const auto& [id, words] : documents) sum += static_cast<std::int64_t>(words.size());
    return sum;
  }
  std::int64_t frequency(const SearchItem& item) const {
    std::int64_t n = 0;
    for (const auto& [id, words] : documents) n += occurrences(words, item) > 0 ? 1 : 0;
    return n;
  }

 private:
  static Words split(const std::string& text) {
    Words words;
    std::size_t at = 0;
    while (at < text.size()) {
      const std::size_t end = std::min(text.find(' ', at), text.size());
      if (end > at) words.push_back(text.substr(at, end - at));
      at = end + 1;
    }
    return words;
  }
  static int occurrences(const Words& words, const SearchItem& item) {
    const Words wanted = split(item.text);
    int count = 0;
    for (std::size_t at = 0; at + wanted.size() <= words.size(); ++at) {
      bool here = true;
      for (std::size_t i = 0; i < wanted.size(); ++i) {
        const bool beginning = item.kind == SearchItem::Kind::prefix && i + 1 == wanted.size();
        here =
            here && (beginning ? words[at + i].starts_with(wanted[i]) : words[at + i] == wanted[i]);
      }
      count += here ? 1 : 0;
    }
    return count;
  }
  double weight(const SearchItem& item) const {
    const Words parts = split(item.text);
    double sum = 0;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const bool beginning = item.kind == SearchItem::Kind::prefix && i + 1 == parts.size();
      const auto n = static_cast<double>(
          frequency(beginning ? SearchItem::prefix(parts[i]) : SearchItem(parts[i])));
      const auto all = static_cast<double>(documents.size());
      sum += std::log(1 + (all - n + 0.5) / (n + 0.5));
    }
    return sum;
  }
};

// `results` are those of the model: the best `limit`, in order, with their scores.
void expect_best(const Model& model, const SearchQuery& query, std::size_t limit,
                 const Results& results) {
  std::vector<Model::Hit> hits = model.search(query);
  std::map<Bytes, double> scores;
  for (const Model::Hit& hit : hits) scores[hit.id] = hit.score;
  std::stable_sort(hits.begin(), hits.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  ASSERT_EQ(results.size(), std::min(limit, hits.size()));
  for (std::size_t i = 0; i < results.size(); ++i) {
    const Bytes id = Tuple::of(results[i].id).pack();
    ASSERT_TRUE(scores.contains(id)) << "at " << i;
    // Sums of the same numbers in another order may differ in their last bits.
    ASSERT_NEAR(results[i].score, scores[id], 1e-9) << "at " << i;
    ASSERT_NEAR(results[i].score, hits[i].score, 1e-9) << "at " << i;
    if (i == 0) continue;
    ASSERT_GE(results[i - 1].score, results[i].score);
    if (results[i - 1].score > results[i].score) continue;
    ASSERT_LT(Tuple::of(results[i - 1].id).pack(), id) << "ties go by id";
  }
}

class Search : public EachDatabase {
 protected:
  static SearchOptions with_text() {
    SearchOptions options;
    options.keep_text = true;
    return options;
  }
  void add(const Element& id, const std::string& text) {
    db.run([&](Transaction& tx) { return index.index_text(tx, id, text); });
  }
  bool remove(const Element& id) {
    return db.run([&](Transaction& tx) { return index.remove(tx, id); });
  }
  Results find(const SearchQuery& query, std::size_t limit = 10, bool snippets = false) {
    return db.read([&](ReadTransaction& tx) {
      return index.search(tx, query, {.limit = limit, .snippets = snippets});
    });
  }
  Results find(const char* query, std::size_t limit = 10) {
    return find(SearchQuery::parse(query), limit);
  }
  std::vector<std::string> ids(const Results& results) {
    std::vector<std::string> ids;
    for (const SearchResult& result : results) ids.push_back(Tuple::of(result.id).to_string());
    return ids;
  }
  std::vector<std::string> ids(const char* query) { return ids(find(query)); }
  SearchStatistics statistics() {
    return db.read([&](ReadTransaction& tx) { return index.statistics(tx); });
  }
  std::int64_t frequency(const std::string& term) {
    return db.read([&](ReadTransaction& tx) { return index.document_frequency(tx, term); });
  }
  std::vector<KeyValue> rows() {
    return db
        .read([](ReadTransaction& tx) {
          return tx.get_range("", "\xff", {.mode = StreamingMode::want_all});
        })
        .to_vector();
  }

  void expect_as_model(const Model& model, const SearchQuery& query, std::size_t limit) {
    expect_best(model, query, limit, find(query, limit));
  }

  const SearchIndex index{"test", Subspace(Tuple::of(42)), with_text()};
};
PLINTH_ON_EACH_DATABASE(Search);

// The layout that docs/search.md describes.
TEST_P(Search, GoldenKeys) {
  add(7, "a b a");
  const Bytes p = "\x15\x2a"s, id = "\x15\x07"s;
  const auto number = [](char n) { return Bytes(1, n) + Bytes(7, '\0'); };
  const std::vector<KeyValue> expected{
      {p + "\x14", number(1)},
      {p + "\x15\x01", number(3)},
      {p + "\x15\x02" + "\x01" + "a\0"s, number(1)},
      {p + "\x15\x02" + "\x01" + "b\0"s, number(1)},
      {p + "\x15\x03" + "\x01" + "a\0"s + id, "\x09\x03\0\x02"s},  // 2 · 4 + 1: positions inside
      {p + "\x15\x03" + "\x01" + "b\0"s + id, "\x05\x03\x01"s},
      {p + "\x15\x05" + id + "\x14",
       "\x03\x02"
       "a"
       "\x02"
       "b"},
      {p + "\x15\x06" + id + "\x14", "a b a"},
  };
  EXPECT_EQ(rows(), expected);
}

TEST_P(Search, FindsWhatWasIndexed) {
  add(1, "The cat sat on the mat");
  add(2, "A dog and a cat");
  add("three", "Dogs, big dogs, big dogs!");
  EXPECT_EQ(ids("cat"), (Words{"(2)", "(1)"})) << "the shorter text first";
  EXPECT_EQ(ids("CAT dog"), Words{"(2)"});
  EXPECT_EQ(ids("cat OR dogs"), (Words{"(\"three\")", "(2)", "(1)"}));
  EXPECT_EQ(ids("cat -dog"), Words{"(1)"});
  EXPECT_EQ(ids("\"big dogs\""), Words{"(\"three\")"});
  EXPECT_EQ(ids("\"dogs big\""), Words{"(\"three\")"});
  EXPECT_EQ(ids("\"cat dog\""), Words{});
  EXPECT_EQ(ids("do*"), (Words{"(\"three\")", "(2)"}));
  EXPECT_EQ(ids("\"the ma\"*"), Words{"(1)"});
  EXPECT_EQ(ids("unicorn"), Words{});
  EXPECT_EQ(ids("cat unicorn"), Words{});
  EXPECT_EQ(ids("cat OR unicorn"), (Words{"(2)", "(1)"}));
  EXPECT_EQ(ids("\"cat unicorn\""), Words{});
  EXPECT_EQ(ids("zz*"), Words{});
  EXPECT_EQ(ids("cat -unicorn"), (Words{"(2)", "(1)"}));
  EXPECT_EQ(ids(db.read([&](ReadTransaction& tx) {
              return index.search(tx, {"cat", "sat"}, 5);
            })),
            Words{"(1)"});
  EXPECT_EQ(find("cat", 0).size(), 0u);
  EXPECT_EQ(find("cat", 1).size(), 1u);
}

TEST_P(Search, StopWordsArePassedOver) {
  SearchOptions options;
  options.stop_words = {"the", "of"};
  const SearchIndex stopped("stopped", Subspace(Tuple::of(43)), options);
  db.run([&](Transaction& tx) {
    stopped.index_text(tx, 1, "King of Spain").get();
    stopped.index_text(tx, 2, "the king Spain").get();
  });
  const auto ask = [&](const char* query) {
    return ids(db.read(
        [&](ReadTransaction& tx) { return stopped.search(tx, SearchQuery::parse(query)); }));
  };
  EXPECT_EQ(ask("the king -of").size(), 2u);
  EXPECT_EQ(ask("\"the king of spain\""), Words{"(1)"}) << "they keep their place in phrases";
  EXPECT_EQ(ask("\"king spain\""), Words{"(2)"});
  EXPECT_EQ(code_of([&] { ask("the"); }), 7040);
}

TEST_P(Search, EmptyQueriesAreAnError) {
  add(1, "cat");
  for (const char* query : {"", " ", "-cat", "...", "\"\""})
    EXPECT_EQ(code_of([&] { find(query); }), 7040) << query;
  EXPECT_EQ(
      code_of([&] { db.read([&](ReadTransaction& tx) { return index.search(tx, Words{}, 10); }); }),
      7040);
}

TEST_P(Search, OfAnEmptyIndex) {
  EXPECT_EQ(ids("cat"), Words{});
  EXPECT_EQ(statistics().documents, 0);
  EXPECT_FALSE(remove(1));
  add(1, "");
  EXPECT_EQ(statistics().documents, 1);
  EXPECT_EQ(statistics().words, 0);
  EXPECT_EQ(ids("cat"), Words{});
  EXPECT_TRUE(db.read([&](ReadTransaction& tx) { return index.contains(tx, 1); }));
  EXPECT_TRUE(remove(1));
  EXPECT_EQ(rows(), std::vector<KeyValue>{});
}

TEST_P(Search, ReplacedAndRemovedDocumentsAreNotFound) {
  add(1, "old cat cat");
  add(2, "old dog");
  add(1, "new bird");
  EXPECT_EQ(ids("cat"), Words{});
  EXPECT_EQ(ids("old"), Words{"(2)"});
  EXPECT_EQ(ids("bird"), Words{"(1)"});
  EXPECT_EQ(statistics().documents, 2);
  EXPECT_EQ(statistics().words, 4);
  EXPECT_EQ(frequency("old"), 1);
  EXPECT_EQ(frequency("cat"), 0);
  add(1, "bird of prey bird");
  EXPECT_EQ(frequency("bird"), 1);
  EXPECT_TRUE(remove(1));
  EXPECT_FALSE(remove(1));
  EXPECT_EQ(ids("bird"), Words{});
  EXPECT_EQ(db.read([&](ReadTransaction& tx) { return index.text(tx, 1); }), std::nullopt);
  EXPECT_TRUE(remove(2));
  EXPECT_EQ(rows(), std::vector<KeyValue>{}) << "nothing is left";
}

TEST_P(Search, TermsOfTheCallers) {
  db.run([&](Transaction& tx) {
    return index.index(tx, 1, {{"tag:Red", 2}, {"\0\xff"s, 1}, {std::string(1'000, 'x'), 5}});
  });
  const auto term = [&](const std::string& text) {
    return find(SearchQuery::all_of({SearchItem::term(text)})).size();
  };
  EXPECT_EQ(term("tag:Red"), 1u);
  EXPECT_EQ(term("tag:red"), 0u);
  EXPECT_EQ(term("\0\xff"s), 1u);
  EXPECT_EQ(term("\0"s), 0u) << "a zero byte ends no term";
  EXPECT_EQ(term(std::string(1'000, 'x')), 1u);
  EXPECT_EQ(statistics().words, 8);
  EXPECT_EQ(find("\"tag red\"").size(), 0u) << "a phrase has no positions to go by";
  for (const auto& [bad, count] : std::map<std::string, std::int64_t>{
           {"", 1}, {std::string(1'001, 'x'), 1}, {"zero", 0}, {"many", 1LL << 31}, {"minus", -1}})
    EXPECT_EQ(code_of([&, term = bad, n = count] {
                db.run([&](Transaction& tx) { return index.index(tx, 2, {{"ok", 1}, {term, n}}); });
              }),
              7042)
        << printable(bad);
  EXPECT_EQ(statistics().documents, 1);
}

TEST_P(Search, IdsOfAnyKind) {
  const Tuple ids = Tuple::of(nullptr, ByteString{"\0\xff"s}, "text", Tuple::of("a", 1), -5, 1.5,
                              true, Uuid::parse("550e8400-e29b-41d4-a716-446655440000"));
  for (const Element& id : ids) add(id, "same words");
  const Results found = find("same", 100);
  ASSERT_EQ(found.size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i)
    EXPECT_EQ(Tuple::of(found[i].id), Tuple::of(ids[i])) << "equal scores go by id";
  EXPECT_EQ(code_of([&] { add(std::string(1'000, 'x'), "too long"); }), 2102);
  add(std::string(998, 'x'), "longest");
  EXPECT_EQ(find("longest").size(), 1u);
}

TEST_P(Search, ScriptsWithoutSpaces) {
  add("zh", "我们在北京大学学习中文。");
  add("ja", "東京都に住んでいます。カタカナも");
  add("th", "ฉันรักภาษาไทยมาก");
  add("mix", "Tokyo (東京) tower");
  EXPECT_EQ(ids("北京"), Words{"(\"zh\")"});
  EXPECT_EQ(ids("大学"), Words{"(\"zh\")"});
  EXPECT_EQ(ids("北大"), Words{}) << "not next to each other";
  EXPECT_EQ(ids("文"), Words{"(\"zh\")"}) << "the last character";
  EXPECT_EQ(ids("京").size(), 3u);
  EXPECT_EQ(ids("東京"), (Words{"(\"mix\")", "(\"ja\")"}));
  EXPECT_EQ(ids("東京都"), Words{"(\"ja\")"});
  EXPECT_EQ(ids("住んで カタ"), Words{"(\"ja\")"});
  EXPECT_EQ(ids("ภาษาไทย"), Words{"(\"th\")"});
  EXPECT_EQ(ids("รัก"), Words{"(\"th\")"});
  EXPECT_EQ(ids("รักไทย"), Words{});
  EXPECT_EQ(ids("\"東京 tower\""), Words{"(\"mix\")"});
}

// Any part of any run is found, and nothing else.
TEST_P(Search, PartsOfRunsAreFound) {
  const std::uint64_t seed = seed_or(3);
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  const Words characters{"东", "西", "南", "北", "ข้"};
  const auto run = [&](std::size_t length) {
    std::string text;
    for (; length > 0; --length) text += characters[random() % characters.size()];
    return text;
  };
  std::map<int, Words> documents;
  db.run([&](Transaction& tx) {
    for (int id = 0; id < 25; ++id) {
      documents[id] = {run(1 + random() % 6), run(1 + random() % 6)};
      index.index_text(tx, id, documents[id][0] + ", " + documents[id][1]).get();
    }
  });
  for (int i = 0; i < 40; ++i) {
    const std::string wanted = run(1 + random() % 4);
    std::set<int> expected, found;
    for (const auto& [id, runs] : documents)
      for (const std::string& text : runs)
        if (text.find(wanted) != std::string::npos) expected.insert(id);
    for (const SearchResult& result : find(SearchQuery::parse(wanted), 1'000))
      found.insert(result.id.as<int>());
    ASSERT_EQ(found, expected) << wanted;
  }
}

TEST_P(Search, HostileTexts) {
  const std::uint64_t seed = seed_or(4);
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20; ++i) {
    std::string text(random() % 400, '\0');
    for (char& byte : text) byte = "ab \0\xff\xc3\xa9\xe3\x81\x82.'0\n"[random() % 15];
    add(i, text);
    EXPECT_EQ(db.read([&](ReadTransaction& tx) { return index.text(tx, i); }), text);
    for (const std::string& term : index.terms_of(text)) {
      const Results found = find(SearchQuery::all_of({SearchItem::term(term)}), 100);
      ASSERT_TRUE(std::any_of(found.begin(), found.end(), [&](const SearchResult& result) {
        return result.id.as<int>() == i;
      })) << printable(term);
    }
  }
  const std::string huge(150'000, 'W');
  add("huge", huge + " small");
  EXPECT_EQ(find(SearchQuery::all_of({SearchItem(huge.substr(0, 90'000))})).size(), 1u)
      << "words are cut alike";
  EXPECT_EQ(ids("small"), Words{"(\"huge\")"});
  for (int i = 0; i < 20; ++i) remove(i);
  remove("huge");
  EXPECT_EQ(rows(), std::vector<KeyValue>{});
}

TEST_P(Search, ManyOccurrencesOfAWord) {
  std::string text;
  for (int i = 0; i < 150'000; ++i) text += "la ";
  add(1, text + "end");  // the positions do not fit into one value
  add(2, "la end");
  EXPECT_EQ(ids("\"la end\""), (Words{"(2)", "(1)"}));
  EXPECT_EQ(ids("\"la la\""), Words{"(1)"});
  EXPECT_EQ(ids("\"la en\"*"), (Words{"(2)", "(1)"}));
  EXPECT_EQ(ids("\"end l\"*"), Words{});
  EXPECT_EQ(ids("\"la l\"*"), Words{"(1)"});
  const std::size_t before = rows().size();
  add(1, "la");
  EXPECT_EQ(rows().size(), before - 2 - 1 - 4) << "positions, a term, chunks of the text";
  EXPECT_EQ(ids("\"la la\""), Words{});
  EXPECT_EQ(statistics().words, 3);
}

TEST_P(Search, SnippetsOfKeptTexts) {
  std::string text(120'000, '.');
  text += " A cat & a <b>dog</b>.";
  add(1, text);
  const Results found = find(SearchQuery::parse("dog cat"), 10, true);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].snippet.marked("{", "}"), "…A {cat} & a <b>{dog}</b>.");
  const SearchIndex without("without", Subspace(Tuple::of(43)));
  db.run([&](Transaction& tx) { return without.index_text(tx, 1, "cat"); });
  const Results plain = db.read([&](ReadTransaction& tx) {
    return without.search(tx, SearchQuery::parse("cat"), {.snippets = true});
  });
  ASSERT_EQ(plain.size(), 1u);
  EXPECT_EQ(plain[0].snippet.text, "");
}

TEST_P(Search, AppearWithTheirTransactionOrNotAtAll) {
  add(1, "cat");
  Transaction tx = db.begin();
  index.index_text(tx, 2, "cat cat").get();
  index.remove(tx, 1).get();
  EXPECT_EQ(ids(index.search(tx, SearchQuery::parse("cat")).get()), Words{"(2)"});
  EXPECT_EQ(index.document_frequency(tx, "cat").get(), 1);
  EXPECT_EQ(ids("cat"), Words{"(1)"});
  tx.reset();
  EXPECT_EQ(ids("cat"), Words{"(1)"});
}

TEST_P(Search, DifferentDocumentsDoNotConflict) {
  add(1, "cat dog bird");
  add(2, "cat dog bird");
  Transaction a = db.begin(), b = db.begin(), c = db.begin();
  index.index_text(a, 3, "cat dog fish").get();
  index.index_text(b, 1, "cat fish").get();
  index.remove(c, 2).get();
  EXPECT_EQ(commit_code(a), 0);
  EXPECT_EQ(commit_code(b), 0);
  EXPECT_EQ(commit_code(c), 0);
  EXPECT_EQ(frequency("cat"), 2);
  EXPECT_EQ(frequency("dog"), 1);
  EXPECT_EQ(frequency("fish"), 2);
  EXPECT_EQ(frequency("bird"), 0);
  EXPECT_EQ(statistics().documents, 2);
  EXPECT_EQ(statistics().words, 5);
}

TEST_P(Search, TheSameDocumentConflicts) {
  for (const bool exists : {false, true}) {
    Transaction a = db.begin(), b = db.begin();
    index.index_text(a, 1, "cat").get();
    index.index_text(b, 1, "dog").get();
    EXPECT_EQ(commit_code(a), 0);
    EXPECT_EQ(commit_code(b), 1020) << exists;
  }
  EXPECT_EQ(frequency("cat"), 1);
  EXPECT_EQ(frequency("dog"), 0);
}

TEST_P(Search, QuestionsConflictUnlessTheyAreSnapshots) {
  add(1, "cat");
  for (const bool snapshot : {false, true}) {
    Transaction tx = db.begin();
    index.search(snapshot ? tx.snapshot() : tx, SearchQuery::parse("cat")).get();
    tx.set("answer", "one");
    add(2, snapshot ? "cat and dog" : "cat");
    EXPECT_EQ(commit_code(tx), snapshot ? 0 : 1020);
  }
}

// Each question reads what every change of the index changes.
TEST_P(Search, WhatWasAskedConflictsWithEachChange) {
  const std::vector<std::function<void(Transaction&)>> questions{
      [&](Transaction& tx) { index.document_frequency(tx, "other").get(); },
      [&](Transaction& tx) { index.statistics(tx).get(); },
      [&](Transaction& tx) { index.search(tx, SearchQuery::parse("cat")).get(); },
      [&](Transaction& tx) { index.search(tx, SearchQuery::parse("ca*")).get(); }};
  const std::vector<std::function<void()>> changes{[&] { add(1, "cat"); }, [&] { add(1, "dog"); },
                                                   [&] { remove(1); }};
  for (const auto& ask : questions)
    for (const auto& change : changes) {
      Transaction tx = db.begin();
      ask(tx);
      tx.set("answer", "");
      change();
      EXPECT_EQ(commit_code(tx), 1020);
    }
}

TEST_P(Search, DamageIsFound) {
  add(1, "cat dog");
  const Bytes posting = Tuple::of(42, 3, ByteString{"cat"}, 1).pack();
  ASSERT_TRUE(stored(posting));
  put(posting, "");
  EXPECT_EQ(code_of([&] { find("cat"); }), 7012);
  EXPECT_EQ(code_of([&] { find("dog cat"); }), 7012);
  EXPECT_EQ(code_of([&] { find("ca*"); }), 7012);
  put(Tuple::of(42, 5, 1, 0).pack(), "\x02\xff");
  EXPECT_EQ(code_of([&] { remove(1); }), 7012);
}

TEST_P(Search, TwoIndexesDoNotMeet) {
  const SearchIndex deeper("deeper", Subspace(Tuple::of(42, 3)));
  add(1, "cat");
  db.run([&](Transaction& tx) { return deeper.index_text(tx, 2, "cat"); });
  EXPECT_EQ(ids("cat"), Words{"(1)"});
}

// By the size of transactions, which is the same on each database.
TEST(SearchLimits, DocumentsThatFitCanBeReplacedAndRemoved) {
  const SearchIndex index("test", Subspace(Tuple::of(42)));
  Database db = open("memory:");
  const auto text_of = [](int words, const std::string& word) {
    std::string text;
    for (int i = 0; i < words; ++i) text += word + std::to_string(i) + " ";
    return text;
  };
  const auto code_for = [&](int words) {
    Transaction tx = db.begin();
    return code_of([&] { index.index_text(tx, "large", text_of(words, "word")).get(); });
  };
  int fits = 1'000, too_many = 200'000;
  ASSERT_EQ(code_for(fits), 0);
  ASSERT_EQ(code_for(too_many), 7041);
  while (too_many - fits > 500) {
    const int middle = (fits + too_many) / 2;
    (code_for(middle) == 0 ? fits : too_many) = middle;
  }
  EXPECT_GT(fits, 30'000);
  const auto add = [&](const std::string& text) {
    return code_of(
        [&] { db.run([&](Transaction& tx) { return index.index_text(tx, "large", text); }); });
  };
  EXPECT_EQ(add(text_of(fits, "word")), 0);
  EXPECT_EQ(add(text_of(fits, "word")), 0) << "the same words take the place of the old ones";
  EXPECT_EQ(add(text_of(fits, "other")), 7041) << "all are removed, and as many written";
  EXPECT_EQ(add(text_of(fits / 2, "word")), 0);
  EXPECT_EQ(add(text_of(fits / 4, "other")), 0);
  EXPECT_EQ(add(text_of(fits / 2, "word")), 0);
  db.run([&](Transaction& tx) {
    EXPECT_EQ(code_of([&] { index.index_text(tx, "x", text_of(200'000, "x")).get(); }), 7041);
    tx.set("other", "work");
  });
  EXPECT_TRUE(db.run([&](Transaction& tx) { return index.remove(tx, "large"); }));
  const Rows left = db.read([](ReadTransaction& tx) { return tx.get_range("", "\xff"); });
  EXPECT_EQ(left.to_vector(), (std::vector<KeyValue>{{"other", "work"}}));
}

// --- Against the model
// -----------------------------------------------------------------------------

const Words kVocabulary{"a", "ab", "abc", "b", "ba", "bab", "c", "ca", "cab", "d", "da", "dab"};

class RandomQueries {
 public:
  RandomQueries(std::mt19937_64& random, const Words& vocabulary)
      : random_(random), vocabulary_(vocabulary) {}
  const std::string& word() {
    // Early ones are frequent.
    return vocabulary_[std::min(random_() % vocabulary_.size(), random_() % vocabulary_.size())];
  }
  Words words(std::size_t count) {
    Words words;
    while (words.size() < count) words.push_back(word());
    return words;
  }
  SearchItem item() {
    const std::string text = joined(words(random_() % 3 == 0 ? 2 + random_() % 2 : 1));
    return {text, random_() % 5 == 0 ? SearchItem::Kind::prefix : SearchItem::Kind::text};
  }
  SearchQuery query() {
    SearchQuery query;
    for (std::size_t groups = 1 + random_() % 3; query.groups.size() < groups;) {
      query.groups.emplace_back();
      for (std::size_t items = 1 + (random_() % 3 == 0 ? random_() % 4 : 0); items > 0; --items)
        query.groups.back().push_back(item());
    }
    while (random_() % 3 == 0) query.excluded.push_back(item());
    return query;
  }

 private:
  std::mt19937_64& random_;
  const Words& vocabulary_;
};

TEST_P(Search, AnswersAreAsTheModelSays) {
  const std::uint64_t seed = seed_or(1);
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  RandomQueries queries(random, kVocabulary);
  Model model;
  for (int step = 0; step < 120 * long_factor(); ++step) {
    const int id = static_cast<int>(random() % 30);
    const Bytes packed = Tuple::of(id).pack();
    if (random() % 5 == 0) {
      EXPECT_EQ(remove(id), model.documents.erase(packed) > 0);
    } else {
      const Words words = queries.words(random() % 15);
      add(id, joined(words));
      model.documents[packed] = words;
    }
    for (int i = 0; i < 2; ++i) {
      SCOPED_TRACE("step " + std::to_string(step));
      expect_as_model(model, queries.query(), 1 + random() % 20);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_EQ(statistics().documents, static_cast<std::int64_t>(model.documents.size()));
  EXPECT_EQ(statistics().words, model.words());
  for (const std::string& word : kVocabulary)
    EXPECT_EQ(frequency(word), model.frequency(word)) << word;
  for (int id = 0; id < 30; ++id) remove(id);
  EXPECT_EQ(rows(), std::vector<KeyValue>{});
}

// Lists of several pages; frequent words beside rare ones.
TEST_P(Search, LongListsAreAsTheModelSays) {
  const std::uint64_t seed = seed_or(2);
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  Words vocabulary;
  for (int i = 0; i < 60; ++i) vocabulary.push_back("w" + std::to_string(i));
  RandomQueries queries(random, vocabulary);
  Model model;
  constexpr int kDocuments = 2'400;
  for (int first = 0; first < kDocuments; first += 600)
    db.run([&](Transaction& tx) {
      for (int id = first; id < first + 600; ++id) {
        Words words = queries.words(1 + random() % 4);
        words.push_back("all");
        if (id % 97 == 0) words.push_back("rare");
        if (id % 3 == 0) words.push_back("third");
        index.index_text(tx, id, joined(words)).get();
        model.documents[Tuple::of(id).pack()] = words;
      }
    });
  const std::vector<const char*> chosen{
      "all",         "all rare",       "rare all third",      "rare OR all", "all OR third OR rare",
      "rare -third", "all -rare",      "\"all rare\"",        "a*",          "rar* all",
      "all -th*",    "\"rare third\"", "\"all r\"* OR third", "w1 OR w59",   "third w0 OR w1"};
  for (const char* query : chosen)
    for (const std::size_t limit : {std::size_t{1}, std::size_t{10}, std::size_t{5'000}}) {
      SCOPED_TRACE(query);
      expect_as_model(model, SearchQuery::parse(query), limit);
      if (HasFatalFailure()) return;
    }
  for (int i = 0; i < 30 * long_factor(); ++i) {
    expect_as_model(model, queries.query(), 1 + random() % 30);
    if (HasFatalFailure()) return;
  }
}

// Lists of many pages each, whose best documents come late: what is given up too early is missed.
TEST(SearchLists, OfManyPagesHideNothing) {
  const SearchIndex index("test");
  Database db = open("memory:");
  Model model;
  constexpr int kDocuments = 8'000;
  for (int first = 0; first < kDocuments; first += 1'000)
    db.run([&](Transaction& tx) {
      for (int id = first; id < first + 1'000; ++id) {
        Words words(1, id % 2 == 0 ? "x" : "y");
        if (id == 0 || id == 1) words.resize(4, words[0]);
        if (id >= kDocuments - 10) words.resize(static_cast<std::size_t>(id % 5 + 6), words[0]);
        words.insert(words.end(), {"common", "dense", "other"});
        if (id % 5 == 0) words[words.size() - 2] = "sparse";
        index.index_text(tx, id, joined(words)).get();
        model.documents[Tuple::of(id).pack()] = words;
      }
    });
  for (const char* query : {"x OR y", "x common", "common OR x", "x OR sparse", "common OR sparse",
                            "dense OR sparse OR x", "sparse OR \"y common\"", "x dense -sparse"})
    for (const std::size_t limit : {1u, 3u, 8'000u}) {
      SCOPED_TRACE(query);
      const SearchQuery parsed = SearchQuery::parse(query);
      expect_best(model, parsed, limit, db.read([&](ReadTransaction& tx) {
        return index.search(tx, parsed, {.limit = limit});
      }));
      if (testing::Test::HasFatalFailure()) return;
    }
}

TEST_P(Search, StatisticsAreExactWithManyWriters) {
  const std::uint64_t seed = seed_or(5);
  SCOPED_TRACE(seed_trace(seed));
  constexpr int kDocuments = 12;
  on_threads(4, [&](int thread) {
    std::mt19937_64 random(seed * 10 + static_cast<std::uint64_t>(thread));
    RandomQueries queries(random, kVocabulary);
    for (int i = 0; i < 25 * long_factor(); ++i) {
      const int id = static_cast<int>(random() % kDocuments);
      if (random() % 4 == 0) {
        remove(id);
      } else {
        add(id, joined(queries.words(random() % 10)));
      }
    }
  });
  Model model;
  for (int id = 0; id < kDocuments; ++id) {
    const auto text = db.read([&](ReadTransaction& tx) { return index.text(tx, id); });
    if (text) model.documents[Tuple::of(id).pack()] = index.terms_of(*text);
  }
  EXPECT_EQ(statistics().documents, static_cast<std::int64_t>(model.documents.size()));
  EXPECT_EQ(statistics().words, model.words());
  for (const std::string& word : kVocabulary) {
    EXPECT_EQ(frequency(word), model.frequency(word)) << word;
    if (!model.documents.empty()) expect_as_model(model, SearchQuery::all_of({word}), 100);
  }
  for (int id = 0; id < kDocuments; ++id) remove(id);
  EXPECT_EQ(rows(), std::vector<KeyValue>{});
}

}  // namespace
}  // namespace plinth::test
