#include "search_workloads.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <memory>
#include <stdexcept>

#include "data.hpp"
#include "package_texts.hpp"
#include "plinth/search_index.hpp"
#include "results.hpp"
#include "timing.hpp"

namespace plinth::bench {
namespace {

// Documents of one transaction.
constexpr std::size_t kBatch = 500;
constexpr std::size_t kQueries = 100;
constexpr int kResults = 10;

// What both engines do.
class SearchPeer {
 public:
  virtual ~SearchPeer() = default;
  virtual std::string name() const = 0;
  virtual std::string durability() const = 0;
  // Documents `first`, first + 1, … in one transaction.
  virtual void add(std::size_t first, const std::vector<std::string>& texts) = 0;
  // What is written in the background is written by then.
  virtual void settle() = 0;
  // The ids of the best ten; in the engine's own form of queries.
  virtual std::size_t search(const std::string& query) = 0;
};

class PlinthSearch : public SearchPeer {
 public:
  explicit PlinthSearch(const std::string& directory)
      : db_(open("file:" + directory + "/plinth?durability=buffered")) {}
  std::string name() const override { return "plinth"; }
  std::string durability() const override { return "buffered: fdatasync once a second"; }
  void add(std::size_t first, const std::vector<std::string>& texts) override {
    db_.run([&](Transaction& tx) {
      for (std::size_t i = 0; i < texts.size(); ++i)
        index_.index_text(tx, first + i, texts[i]).get();
    });
  }
  void settle() override { db_.checkpoint().get(); }
  std::size_t search(const std::string& query) override {
    return db_
        .read([&](ReadTransaction& tx) {
          return index_.search(tx, SearchQuery::parse(query), {.limit = kResults});
        })
        .size();
  }

 private:
  Database db_;
  const SearchIndex index_{"packages", Subspace(Tuple::of("packages"))};
};

class Fts5Search : public SearchPeer {
 public:
  explicit Fts5Search(const std::string& directory) {
    sqlite3* opened = nullptr;
    check(sqlite3_open((directory + "/fts5.db").c_str(), &opened));
    db_.reset(opened);
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = NORMAL");
    execute("PRAGMA cache_size = -262144");
    execute("CREATE VIRTUAL TABLE t USING fts5(text)");
    add_ = prepare("INSERT INTO t(rowid, text) VALUES (?1, ?2)");
    search_ = prepare("SELECT rowid FROM t(?2) ORDER BY rank LIMIT ?1");
  }
  std::string name() const override { return "sqlite-fts5"; }
  std::string durability() const override { return "WAL, synchronous=NORMAL"; }
  void add(std::size_t first, const std::vector<std::string>& texts) override {
    execute("BEGIN");
    for (std::size_t i = 0; i < texts.size(); ++i) run(*add_, first + i, texts[i]);
    execute("COMMIT");
  }
  void settle() override { execute("PRAGMA wal_checkpoint(TRUNCATE)"); }
  std::size_t search(const std::string& query) override { return run(*search_, kResults, query); }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Close>;
  void check(int code) const {
    if (code != SQLITE_OK) throw std::runtime_error(sqlite3_errstr(code));
  }
  void execute(const char* sql) { check(sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr)); }
  Statement prepare(const char* sql) {
    sqlite3_stmt* made = nullptr;
    check(sqlite3_prepare_v2(db_.get(), sql, -1, &made, nullptr));
    return Statement(made);
  }
  std::size_t run(sqlite3_stmt& statement, std::size_t number, const std::string& text) {
    check(sqlite3_bind_int64(&statement, 1, static_cast<sqlite3_int64>(number)));
    check(sqlite3_bind_text(&statement, 2, text.data(), static_cast<int>(text.size()),
                            SQLITE_STATIC));
    std::size_t rows = 0;
    int code = 0;
    while ((code = sqlite3_step(&statement)) == SQLITE_ROW) ++rows;
    if (code != SQLITE_DONE) throw std::runtime_error(sqlite3_errmsg(db_.get()));
    check(sqlite3_reset(&statement));
    return rows;
  }
  std::unique_ptr<sqlite3, Close> db_;
  Statement add_, search_;
};

// --- Questions -----------------------------------------------------------------------------------

// The words of the texts that both engines take for one word, by how many texts have them.
class Vocabulary {
 public:
  explicit Vocabulary(const std::vector<std::string>& texts) {
    std::map<std::string, std::size_t> counts;
    for (const std::string& text : texts) {
      const std::vector<std::string> words = words_of(text);
      for (const std::string& word : words) ++counts[word];
      for (std::size_t i = 0; i + 1 < words.size() && pairs_.size() < 50'000; ++i)
        pairs_.push_back(words[i] + " " + words[i + 1]);
    }
    for (const auto& [word, count] : counts) words_.emplace_back(count, word);
    std::sort(words_.rbegin(), words_.rend());
  }
  // Of the most frequent words those from `first` on, before `end`.
  const std::string& word(Random& random, std::size_t first, std::size_t end) const {
    const std::size_t last = std::min(end, words_.size());
    first = std::min(first, last - 1);
    return words_[first + random.below(last - first)].second;
  }
  const std::string& pair(Random& random) const { return pairs_[random.below(pairs_.size())]; }

 private:
  // Letters between spaces: where the rules for words agree.
  static std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> words;
    std::string word;
    bool plain = true;
    for (const char c : text + ' ') {
      if (c == ' ' || c == '\n') {
        if (plain && word.size() > 1) words.push_back(word);
        word.clear();
        plain = true;
      } else {
        plain = plain && std::isalpha(static_cast<unsigned char>(c)) != 0;
        word += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      }
    }
    return words;
  }
  std::vector<std::pair<std::size_t, std::string>> words_;
  std::vector<std::string> pairs_;
};

struct Workload {
  const char* name;
  // One question, in Plinth's form and in FTS5's.
  std::pair<std::string, std::string> (*query)(const Vocabulary&, Random&);
};

std::pair<std::string, std::string> both(const std::string& query) {
  return {query, query};
}
const std::string& frequent(const Vocabulary& words, Random& random) {
  return words.word(random, 0, 40);
}
const std::string& usual(const Vocabulary& words, Random& random) {
  return words.word(random, 40, 1'000);
}
const std::string& rare(const Vocabulary& words, Random& random) {
  return words.word(random, 1'000, 10'000);
}

const std::vector<Workload>& query_workloads() {
  static const std::vector<Workload> all = {
      {"frequent_word", [](const Vocabulary& w, Random& r) { return both(frequent(w, r)); }},
      {"usual_word", [](const Vocabulary& w, Random& r) { return both(usual(w, r)); }},
      {"rare_word", [](const Vocabulary& w, Random& r) { return both(rare(w, r)); }},
      {"two_frequent",
       [](const Vocabulary& w, Random& r) { return both(frequent(w, r) + " " + frequent(w, r)); }},
      {"frequent_and_rare",
       [](const Vocabulary& w, Random& r) { return both(frequent(w, r) + " " + rare(w, r)); }},
      {"any_of_three",
       [](const Vocabulary& w, Random& r) {
         return both(frequent(w, r) + " OR " + usual(w, r) + " OR " + rare(w, r));
       }},
      {"phrase", [](const Vocabulary& w, Random& r) { return both('"' + w.pair(r) + '"'); }},
      {"prefix",
       [](const Vocabulary& w, Random& r) { return both(usual(w, r).substr(0, 4) + "*"); }},
      {"exclusion",
       [](const Vocabulary& w, Random& r) {
         const std::string with = usual(w, r), without = frequent(w, r);
         return std::pair(with + " -" + without, with + " NOT " + without);
       }},
  };
  return all;
}

class Bench {
 public:
  Bench(const Settings& settings, const Observer& observer)
      : settings_(settings),
        observer_(observer),
        texts_(package_texts(settings.rows)),
        words_(texts_),
        results_(settings, observer) {
    peers_.push_back(std::make_unique<PlinthSearch>(settings.directory));
    peers_.push_back(std::make_unique<Fts5Search>(settings.directory));
  }

  std::vector<Measurement> run() {
    index();
    for (const Workload& workload : query_workloads())
      if (results_.chosen(workload.name)) ask(workload);
    return results_.take();
  }

 private:
  void index() {
    std::vector<Measurement> measurements;
    for (const auto& peer : peers_) {
      observer_.note("indexing, " + peer->name());
      const auto begin = Clock::now();
      for (std::size_t first = 0; first < texts_.size(); first += kBatch) {
        const auto from = texts_.begin() + static_cast<std::ptrdiff_t>(first);
        const std::size_t count = std::min(kBatch, texts_.size() - first);
        peer->add(first, {from, from + static_cast<std::ptrdiff_t>(count)});
      }
      measurements.push_back(
          measurement("index", *peer, static_cast<double>(texts_.size()) / seconds_since(begin)));
      peer->settle();
    }
    if (results_.chosen("index")) results_.add(std::move(measurements));
  }

  static Measurement measurement(const std::string& workload, const SearchPeer& peer, double rate) {
    Measurement made;
    made.workload = workload;
    made.engine = peer.name();
    made.durability = peer.durability();
    made.ops_per_s = rate;
    return made;
  }

  // Both engines get the same questions; latencies are of all rounds.
  void ask(const Workload& workload) {
    Random random(1);
    std::vector<std::pair<std::string, std::string>> queries;
    for (std::size_t i = 0; i < kQueries; ++i) queries.push_back(workload.query(words_, random));
    std::vector<std::vector<double>> latencies(peers_.size()), rates(peers_.size());
    for (int round = 0; round < settings_.rounds; ++round)
      for (std::size_t i = 0; i < peers_.size(); ++i) {
        results_.note_round(workload.name, round);
        const auto begin = Clock::now();
        for (const auto& [ours, theirs] : queries) {
          const auto one = Clock::now();
          peers_[i]->search(i == 0 ? ours : theirs);
          latencies[i].push_back(seconds_since(one) * 1e6);
        }
        rates[i].push_back(kQueries / seconds_since(begin));
      }
    std::vector<Measurement> measurements;
    for (std::size_t i = 0; i < peers_.size(); ++i) {
      measurements.push_back(measurement(workload.name, *peers_[i], median(rates[i])));
      std::sort(latencies[i].begin(), latencies[i].end());
      measurements.back().p50_us = latencies[i][latencies[i].size() / 2];
      measurements.back().p99_us = latencies[i][latencies[i].size() * 99 / 100];
    }
    results_.add(std::move(measurements));
  }

  const Settings& settings_;
  const Observer& observer_;
  const std::vector<std::string> texts_;
  const Vocabulary words_;
  std::vector<std::unique_ptr<SearchPeer>> peers_;
  Results results_;
};

}  // namespace

std::vector<std::string> search_workload_names() {
  std::vector<std::string> names{"index"};
  for (const Workload& workload : query_workloads()) names.emplace_back(workload.name);
  return names;
}

std::vector<Measurement> run_search_workloads(const Settings& settings, const Observer& observer) {
  return Bench(settings, observer).run();
}

}  // namespace plinth::bench
