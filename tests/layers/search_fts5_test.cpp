// Beside SQLite's FTS5: the same documents, the same questions, the same answers in the same order.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <memory>
#include <random>
#include <set>

#include "plinth/search_index.hpp"
#include "support/seed.hpp"

namespace plinth::test {
namespace {

class Fts5 {
 public:
  Fts5() {
    sqlite3* opened = nullptr;
    check(sqlite3_open(":memory:", &opened));
    db_.reset(opened);
    check(sqlite3_exec(db_.get(), "CREATE VIRTUAL TABLE t USING fts5(text, tokenize = 'unicode61')",
                       nullptr, nullptr, nullptr));
  }
  void add(int id, const std::string& text) {
    run("INSERT INTO t(rowid, text) VALUES (?1, ?2)", id, text);
  }
  struct Hit {
    int id;
    double score;
  };
  // The best, or with limit -1 all.
  std::vector<Hit> search(const std::string& match, int limit) {
    return run("SELECT rowid, -bm25(t) FROM t(?2) ORDER BY bm25(t), rowid LIMIT ?1", limit, match);
  }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  void check(int code) const {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errstr(code));
  }
  std::vector<Hit> run(const char* sql, int number, const std::string& text) {
    sqlite3_stmt* made = nullptr;
    check(sqlite3_prepare_v2(db_.get(), sql, -1, &made, nullptr));
    const std::unique_ptr<sqlite3_stmt, Close> statement(made);
    check(sqlite3_bind_int(made, 1, number));
    check(sqlite3_bind_text(made, 2, text.c_str(), -1, SQLITE_TRANSIENT));
    std::vector<Hit> hits;
    while (sqlite3_step(made) == SQLITE_ROW)
      hits.push_back({sqlite3_column_int(made, 0), sqlite3_column_double(made, 1)});
    return hits;
  }
  std::unique_ptr<sqlite3, Close> db_;
};

// Both with the same texts of words whose frequencies fall as those of a language do.
class BesideFts5 : public testing::Test {
 protected:
  BesideFts5() {
    for (int i = 0; i < 300; ++i) vocabulary_.push_back("w" + std::to_string(i) + "x");
    std::vector<double> weights;
    for (int i = 0; i < 300; ++i) weights.push_back(1.0 / (i + 1));
    std::discrete_distribution<std::size_t> words(weights.begin(), weights.end());
    for (int first = 0; first < 2'000; first += 500)
      db_.run([&](Transaction& tx) {
        for (int id = first; id < first + 500; ++id) {
          std::string text;
          for (std::size_t length = 3 + random_() % 60; length > 0; --length)
            text += vocabulary_[words(random_)] + " ";
          index_.index_text(tx, id, text).get();
          fts5_.add(id, text);
        }
      });
  }
  const std::string& word(std::size_t of = 300) { return vocabulary_[random_() % of]; }
  std::vector<SearchResult> search(const std::string& query, std::size_t limit) {
    return db_.read([&](ReadTransaction& tx) {
      return index_.search(tx, SearchQuery::parse(query), {.limit = limit});
    });
  }

  static SearchOptions as_fts5() {
    SearchOptions options;  // k1 and b are FTS5's too
    options.ranking.classic_idf = true;
    return options;
  }
  std::mt19937_64 random_{seed_or(1)};
  std::vector<std::string> vocabulary_;
  Database db_ = open("memory:");
  const SearchIndex index_{"test", {}, as_fts5()};
  Fts5 fts5_;
};

TEST_F(BesideFts5, TheBestTenAreTheSameInTheSameOrder) {
  SCOPED_TRACE(seed_trace(seed_or(1)));
  int full = 0;
  for (int i = 0; i < 50; ++i) {
    std::string ours, theirs;
    switch (i % 5) {
      case 0:
        ours = theirs = word();
        break;
      case 1:
        ours = word(20) + " " + word(20);
        theirs = ours;
        break;
      case 2:
        ours = theirs = word() + " OR " + word(50) + " OR " + word();
        break;
      case 3:
        ours = "w" + std::to_string(1 + random_() % 29) + "*";
        theirs = ours;
        break;
      default: {
        const std::string with = word(20), without = word(20);
        ours = with + " -" + without;
        theirs = with + " NOT " + without;
      }
    }
    SCOPED_TRACE(ours);
    const std::vector<SearchResult> found = search(ours, 10);
    const std::vector<Fts5::Hit> expected = fts5_.search(theirs, 10);
    ASSERT_EQ(found.size(), expected.size());
    full += found.size() == 10 ? 1 : 0;
    for (std::size_t n = 0; n < found.size(); ++n) {
      EXPECT_EQ(found[n].id.as<int>(), expected[n].id) << "at " << n;
      EXPECT_NEAR(found[n].score, expected[n].score, 1e-9) << "at " << n;
    }
  }
  EXPECT_GE(full, 40) << "most questions have ten answers";
}

// Phrases are ranked otherwise (docs/search.md), but are the same ones.
TEST_F(BesideFts5, PhrasesAreTheSame) {
  int found_any = 0;
  for (int i = 0; i < 50; ++i) {
    const std::string phrase = "\"" + word(10) + " " + word(10) + (i % 2 == 0 ? "" : " w1") + "\"" +
                               (i % 2 == 0 ? "" : "*");
    std::set<int> found, expected;
    for (const SearchResult& result : search(phrase, SIZE_MAX)) found.insert(result.id.as<int>());
    for (const Fts5::Hit& hit : fts5_.search(phrase, -1)) expected.insert(hit.id);
    EXPECT_EQ(found, expected) << phrase;
    found_any += found.empty() ? 0 : 1;
  }
  EXPECT_GE(found_any, 25);
}

}  // namespace
}  // namespace plinth::test
