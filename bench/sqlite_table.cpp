#include <sqlite3.h>

#include <boost/json.hpp>

#include <filesystem>
#include <stdexcept>

#include "peer.hpp"
#include "table_peer.hpp"

namespace plinth::bench {
namespace {

// A document as SQLite gets it. Nothing in it needs an escape.
std::string json_of(const Document& document) {
  return R"({"description":")" + document.description + R"(","installed_size":)" +
         std::to_string(document.installed_size) + R"(,"maintainer":")" + document.maintainer +
         R"(","package":")" + document.package + R"(","section":")" + document.section +
         R"(","version":")" + document.version + R"("})";
}

class Connection final : public TablePeer::Client {
 public:
  Connection(const std::string& file, bool durable) {
    check(sqlite3_open_v2(file.c_str(), &db_,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                          nullptr));
    sqlite3_busy_timeout(db_, 60'000);
    execute("PRAGMA journal_mode=WAL");
    execute(durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
    execute("PRAGMA cache_size=-100000");
    execute("PRAGMA mmap_size=4294967296");
    execute(
        "CREATE TABLE IF NOT EXISTS t (section TEXT, package TEXT, document TEXT, "
        "PRIMARY KEY (section, package)) WITHOUT ROWID");
    execute(
        "CREATE INDEX IF NOT EXISTS by_maintainer ON t (json_extract(document, '$.maintainer'))");
    put_ = prepare("INSERT OR REPLACE INTO t VALUES (?1, ?2, ?3)");
    get_ = prepare("SELECT document FROM t WHERE section = ?1 AND package = ?2");
    query_ = prepare(
        "SELECT document FROM t WHERE section = ?1 AND package >= ?2 ORDER BY package LIMIT 100");
    query_maintainer_ =
        prepare("SELECT document FROM t WHERE json_extract(document, '$.maintainer') = ?1");
    scan_ = prepare(
        "SELECT document FROM t WHERE json_extract(document, '$.installed_size') > 90000 "
        "AND json_extract(document, '$.description') LIKE '%database%'");
    update_ = prepare(
        "UPDATE t SET document = json_set(document, '$.installed_size', "
        "json_extract(document, '$.installed_size') + 1) "
        "WHERE section = ?1 AND package = ?2 AND json_extract(document, '$.version') = ?3");
  }
  ~Connection() override {
    for (sqlite3_stmt* statement : {put_, get_, query_, query_maintainer_, scan_, update_})
      sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void put(std::uint64_t number) override {
    const Document document(number);
    const std::string json = json_of(document);
    rows(put_, {document.section, document.package, json});
  }
  bool get(std::uint64_t number) override {
    const Document document(number);
    return rows(get_, {document.section, document.package}) == 1;
  }
  std::size_t query(std::uint64_t number) override {
    const Document document(number);
    return rows(query_, {document.section, document.package});
  }
  std::size_t query_maintainer(std::uint64_t number) override {
    const Document document(number);
    return rows(query_maintainer_, {document.maintainer});
  }
  std::size_t scan() override { return rows(scan_, {}); }
  bool update(std::uint64_t number) override {
    const Document document(number);
    rows(update_, {document.section, document.package, document.version});
    return sqlite3_changes(db_) == 1;
  }

  void execute(const char* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }

 private:
  [[noreturn]] void fail() {
    throw std::runtime_error(std::string("sqlite: ") + sqlite3_errmsg(db_));
  }
  void check(int code) {
    if (code != SQLITE_OK) fail();
  }
  sqlite3_stmt* prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    check(sqlite3_prepare_v2(db_, sql, -1, &statement, nullptr));
    return statement;
  }
  // At the attributes of a document, which has to be parsed for it.
  void look(std::string_view json) {
    const boost::json::value document = boost::json::parse(json);
    for (const auto& [name, value] : document.as_object())
      if (const boost::json::string* text = value.if_string())
        sum_ += look_at({text->data(), text->size()});
  }
  // How many there were, all of which are looked at.
  std::size_t rows(sqlite3_stmt* statement, std::initializer_list<std::string_view> values) {
    int place = 0;
    for (const std::string_view value : values)
      sqlite3_bind_text(statement, ++place, value.data(), static_cast<int>(value.size()),
                        SQLITE_STATIC);
    std::size_t count = 0;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      ++count;
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
      look({text, static_cast<std::size_t>(sqlite3_column_bytes(statement, 0))});
    }
    if (code != SQLITE_DONE) fail();
    sqlite3_reset(statement);
    return count;
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt *put_ = nullptr, *get_ = nullptr, *query_ = nullptr, *query_maintainer_ = nullptr,
               *scan_ = nullptr, *update_ = nullptr;
  std::uint64_t sum_ = 0;
};

class SqliteTable final : public TablePeer {
 public:
  SqliteTable(const std::string& directory, bool durable)
      : file_(directory + "/table.sqlite"), durable_(durable) {
    std::filesystem::create_directories(directory);
    first_ = std::make_unique<Connection>(file_, durable);
  }
  std::string name() const override { return "sqlite"; }
  std::string durability() const override {
    return durable_ ? "WAL, synchronous=FULL" : "WAL, synchronous=NORMAL";
  }
  std::unique_ptr<Client> client() override {
    return std::make_unique<Connection>(file_, durable_);
  }
  void load(std::uint64_t first, std::uint64_t count) override {
    first_->execute("BEGIN IMMEDIATE");
    for (std::uint64_t i = first; i < first + count; ++i) first_->put(i);
    first_->execute("COMMIT");
  }
  void settle() override {
    first_->execute("ANALYZE");
    first_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }

 private:
  const std::string file_;
  const bool durable_;
  std::unique_ptr<Connection> first_;
};

}  // namespace

std::unique_ptr<TablePeer> sqlite_table(const std::string& directory, bool durable) {
  return std::make_unique<SqliteTable>(directory, durable);
}

}  // namespace plinth::bench
