#include <sqlite3.h>

#include <stdexcept>
#include <variant>

#include "document_peer.hpp"

namespace plinth::bench {
namespace {

using Value = std::variant<std::int64_t, std::string_view>;

class SqliteDocuments final : public DocumentPeer {
 public:
  explicit SqliteDocuments(const std::string& directory) {
    check(sqlite3_open_v2((directory + "/documents.sqlite").c_str(), &db_,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                          nullptr));
    for (const char* sql :
         {"PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL", "PRAGMA cache_size=-1000000",
          "PRAGMA mmap_size=4294967296", "CREATE TABLE blobs (id INTEGER PRIMARY KEY, bytes BLOB)",
          "CREATE TABLE pairs (id INTEGER, key TEXT, value, PRIMARY KEY (id, key)) WITHOUT ROWID",
          "CREATE INDEX by_value ON pairs (key, value, id)"})
      check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr));
    put_blob_ = prepare("INSERT INTO blobs (bytes) VALUES (?1)");
    get_blob_ = prepare("SELECT bytes FROM blobs WHERE id = ?1");
    insert_ = prepare("INSERT INTO pairs VALUES (?1, ?2, ?3)");
    get_ = prepare("SELECT key, value FROM pairs WHERE id = ?1");
    find_ = prepare("SELECT id FROM pairs WHERE key = ?1 AND value = ?2 ORDER BY id");
    find_both_ = prepare(
        "SELECT a.id FROM pairs a JOIN pairs b ON a.id = b.id WHERE a.key = ?1 AND a.value = ?2 "
        "AND b.key = ?3 AND b.value = ?4 ORDER BY a.id");
    update_ = prepare("UPDATE pairs SET value = ?3 WHERE id = ?1 AND key = ?2");
  }
  ~SqliteDocuments() override {
    for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  std::string name() const override { return "sqlite"; }
  std::string durability() const override { return "WAL, synchronous=NORMAL"; }

  std::string put_blob(std::string_view bytes) override {
    sqlite3_bind_blob(put_blob_, 1, bytes.data(), static_cast<int>(bytes.size()), SQLITE_STATIC);
    step_all(put_blob_);
    return std::to_string(sqlite3_last_insert_rowid(db_));
  }
  std::size_t get_blob(const std::string& id) override {
    sqlite3_bind_int64(get_blob_, 1, std::stoll(id));
    if (sqlite3_step(get_blob_) != SQLITE_ROW) fail();
    const auto* bytes = static_cast<const char*>(sqlite3_column_blob(get_blob_, 0));
    // A copy, as a caller gets from the other.
    const std::string copy(bytes, static_cast<std::size_t>(sqlite3_column_bytes(get_blob_, 0)));
    sqlite3_reset(get_blob_);
    return copy.size();
  }

  void create(std::uint64_t first, std::uint64_t count) override {
    check(sqlite3_exec(db_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr));
    for (std::uint64_t i = first; i < first + count; ++i) {
      const Person person(i);
      const auto id = static_cast<std::int64_t>(i);
      run(insert_, {id, "name", person.name});
      run(insert_, {id, "city", person.city});
      run(insert_, {id, "born", person.born});
    }
    check(sqlite3_exec(db_, "COMMIT", nullptr, nullptr, nullptr));
  }
  std::size_t get(std::uint64_t number) override {
    return run(get_, {static_cast<std::int64_t>(number)});
  }
  std::size_t find_city(const std::string& city) override { return run(find_, {"city", city}); }
  std::size_t find_city_and_year(const std::string& city, std::int64_t year) override {
    return run(find_both_, {"city", city, "born", year});
  }
  void move(std::uint64_t number, const std::string& city) override {
    run(update_, {static_cast<std::int64_t>(number), "city", city});
  }

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
    statements_.push_back(statement);
    return statement;
  }
  // Returns how many rows there were.
  std::size_t step_all(sqlite3_stmt* statement) {
    std::size_t rows = 0;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
      ++rows;
      for (int i = 0; i < sqlite3_column_count(statement); ++i)
        if (sqlite3_column_text(statement, i) == nullptr) fail();
    }
    if (code != SQLITE_DONE) fail();
    sqlite3_reset(statement);
    return rows;
  }
  std::size_t run(sqlite3_stmt* statement, std::initializer_list<Value> values) {
    int place = 0;
    for (const Value& value : values) {
      ++place;
      if (const auto* number = std::get_if<std::int64_t>(&value)) {
        sqlite3_bind_int64(statement, place, *number);
      } else {
        const auto text = std::get<std::string_view>(value);
        sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()),
                          SQLITE_STATIC);
      }
    }
    return step_all(statement);
  }

  sqlite3* db_ = nullptr;
  std::vector<sqlite3_stmt*> statements_;
  sqlite3_stmt *put_blob_ = nullptr, *get_blob_ = nullptr, *insert_ = nullptr, *get_ = nullptr,
               *find_ = nullptr, *find_both_ = nullptr, *update_ = nullptr;
};

}  // namespace

std::unique_ptr<DocumentPeer> sqlite_documents(const std::string& directory) {
  return std::make_unique<SqliteDocuments>(directory);
}

}  // namespace plinth::bench
