// Triples in SQLite: a table WITHOUT ROWID and two covering indexes, in the orders of columns that
// a TupleStore of width 3 has; write-ahead log, synchronous=FULL; ANALYZE once all is loaded.
#include <sqlite3.h>

#include <map>
#include <stdexcept>

#include "peer.hpp"
#include "timing.hpp"
#include "triple_peer.hpp"

namespace plinth::bench {
namespace {

class SqliteTriples final : public TriplePeer {
 public:
  explicit SqliteTriples(const std::string& directory) {
    check(sqlite3_open_v2((directory + "/triples.sqlite").c_str(), &db_,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                          nullptr));
    execute("PRAGMA journal_mode=WAL");
    execute("PRAGMA synchronous=FULL");
    execute("PRAGMA cache_size=-1000000");
    execute("PRAGMA mmap_size=4294967296");
    execute("CREATE TABLE t (a BLOB, b BLOB, c BLOB, PRIMARY KEY (a, b, c)) WITHOUT ROWID");
    execute("CREATE INDEX bca ON t (b, c, a)");
    execute("CREATE INDEX cab ON t (c, a, b)");
    check(sqlite3_prepare_v2(db_, "INSERT OR REPLACE INTO t VALUES (?1, ?2, ?3)", -1, &insert_,
                             nullptr));
  }
  ~SqliteTriples() override {
    sqlite3_finalize(insert_);
    sqlite3_close(db_);
  }
  std::string name() const override { return "sqlite"; }
  std::string durability() const override { return "WAL, synchronous=FULL"; }

  void write(const Triple* begin, const Triple* end) override {
    execute("BEGIN IMMEDIATE");
    for (const Triple* triple = begin; triple != end; ++triple) {
      for (int i = 0; i < 3; ++i) bind(insert_, i + 1, (*triple)[static_cast<std::size_t>(i)]);
      if (sqlite3_step(insert_) != SQLITE_DONE) fail();
      sqlite3_reset(insert_);
    }
    execute("COMMIT");
  }
  void settle() override {
    execute("ANALYZE");
    execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  class Query final : public TripleQuery {
   public:
    Query(SqliteTriples& peer, const std::string& sql, std::vector<std::string> values, int columns)
        : peer_(peer), values_(std::move(values)), columns_(columns) {
      peer.check(sqlite3_prepare_v2(peer.db_, sql.c_str(), -1, &statement_, nullptr));
    }
    ~Query() override { sqlite3_finalize(statement_); }
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;

    // Alone a statement is a transaction of its own, for less than BEGIN and COMMIT cost.
    TripleAnswer run(const Given& given, double most_s) override {
      const auto begin = Clock::now();
      for (std::size_t i = 0; i < values_.size(); ++i) {
        const std::string& value = values_[i];
        bind(statement_, static_cast<int>(i) + 1,
             value[0] == '$' ? given.at(std::stoul(value.substr(1))) : value);
      }
      TripleAnswer answer;
      int code = SQLITE_ROW;
      while ((code = sqlite3_step(statement_)) == SQLITE_ROW) {
        ++answer.rows;
        for (int i = 0; i < columns_; ++i) answer.sum += look_at(column(statement_, i));
        if (answer.rows % 1024 == 0 && seconds_since(begin) > most_s) {
          sqlite3_reset(statement_);
          return {};
        }
      }
      if (code != SQLITE_DONE) peer_.fail();
      sqlite3_reset(statement_);
      return answer;
    }

    TripleAnswer run_all(std::span<const Given> givens) override {
      peer_.execute("BEGIN");
      TripleAnswer answer;
      for (const Given& given : givens) answer += run(given, 1e9);
      peer_.execute("COMMIT");
      return answer;
    }

   private:
    SqliteTriples& peer_;
    const std::vector<std::string> values_;  // of the statement's parameters, "$…" for given ones
    const int columns_;                      // that are variables
    sqlite3_stmt* statement_ = nullptr;
  };

  std::unique_ptr<TripleQuery> prepare(const TriplePatterns& patterns, bool reorder) override {
    std::string tables, conditions;
    std::map<std::string, std::string> variables;  // by name, with the column of each
    std::vector<std::string> values;
    const auto join = [&](const char* word, const std::string& condition) {
      conditions += conditions.empty() ? "" : word;
      conditions += condition;
    };
    for (std::size_t i = 0; i < patterns.size(); ++i) {
      const std::string table = "t" + std::to_string(i);
      // In a CROSS JOIN SQLite keeps the order of the tables.
      tables += (i == 0 ? "" : reorder ? " JOIN " : " CROSS JOIN ") + ("t AS " + table);
      for (std::size_t k = 0; k < 3; ++k) {
        const std::string here = table + "." + "abc"[k];
        if (patterns[i][k][0] != '?') {
          values.push_back(patterns[i][k]);
          join(" AND ", here + " = ?" + std::to_string(values.size()));
        } else if (const auto [known, is_new] = variables.emplace(patterns[i][k], here); !is_new) {
          join(" AND ", here + " = " + known->second);
        }
      }
    }
    std::string columns;
    for (const auto& [name, column] : variables) columns += (columns.empty() ? "" : ", ") + column;
    const std::string sql = "SELECT " + (columns.empty() ? "1" : columns) + " FROM " + tables +
                            (conditions.empty() ? "" : " WHERE " + conditions);
    return std::make_unique<Query>(*this, sql, std::move(values),
                                   static_cast<int>(variables.size()));
  }

 private:
  [[noreturn]] void fail() {
    throw std::runtime_error(std::string("sqlite: ") + sqlite3_errmsg(db_));
  }
  void check(int code) {
    if (code != SQLITE_OK) fail();
  }
  void execute(const char* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
  static void bind(sqlite3_stmt* statement, int place, ByteView bytes) {
    sqlite3_bind_blob64(statement, place, bytes.data(), bytes.size(), SQLITE_STATIC);
  }
  static ByteView column(sqlite3_stmt* statement, int place) {
    return {static_cast<const char*>(sqlite3_column_blob(statement, place)),
            static_cast<std::size_t>(sqlite3_column_bytes(statement, place))};
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
};

}  // namespace

std::unique_ptr<TriplePeer> make_sqlite_triples(const std::string& directory) {
  return std::make_unique<SqliteTriples>(directory);
}

}  // namespace plinth::bench
