// SQLite: a table WITHOUT ROWID, write-ahead log, synchronous=FULL when durable. One connection
// writes, under a lock of ours, which serves it better than 256 connections that find it busy; each
// thread that reads has its own.
#include <sqlite3.h>

#include <cstring>
#include <filesystem>
#include <mutex>
#include <stdexcept>

#include "peer.hpp"

namespace plinth::bench {
namespace {

class Connection {
 public:
  Connection(const std::string& file, bool durable) {
    check(sqlite3_open_v2(file.c_str(), &db_,
                          SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                          nullptr));
    execute("PRAGMA journal_mode=WAL");
    execute(durable ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=OFF");
    execute("PRAGMA cache_size=-1000000");
    execute("PRAGMA mmap_size=4294967296");
    execute("CREATE TABLE IF NOT EXISTS kv (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID");
    prepare("SELECT v FROM kv WHERE k = ?1", &get_);
    prepare("SELECT k, v FROM kv WHERE k >= ?1 ORDER BY k LIMIT ?2", &range_);
    prepare("INSERT OR REPLACE INTO kv VALUES (?1, ?2)", &put_);
  }
  ~Connection() {
    for (sqlite3_stmt* statement : {get_, range_, put_}) sqlite3_finalize(statement);
    sqlite3_close(db_);
  }
  void execute(const char* sql) { check(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }

  void put(ByteView key, ByteView value) {
    bind(put_, 1, key);
    bind(put_, 2, value);
    if (sqlite3_step(put_) != SQLITE_DONE) fail();
    sqlite3_reset(put_);
  }
  // Calls visit(value) if the key is there.
  template <class Visit>
  void get(ByteView key, Visit visit) {
    bind(get_, 1, key);
    if (sqlite3_step(get_) == SQLITE_ROW) visit(column(get_, 0));
    sqlite3_reset(get_);
  }
  std::uint64_t range(ByteView begin, std::size_t limit) {
    bind(range_, 1, begin);
    sqlite3_bind_int64(range_, 2, static_cast<sqlite3_int64>(limit));
    std::uint64_t sum = 0;
    while (sqlite3_step(range_) == SQLITE_ROW)
      sum += look_at(column(range_, 0)) + look_at(column(range_, 1));
    sqlite3_reset(range_);
    return sum;
  }

 private:
  void check(int code) {
    if (code != SQLITE_OK) fail();
  }
  [[noreturn]] void fail() {
    throw std::runtime_error(std::string("sqlite: ") + sqlite3_errmsg(db_));
  }
  void prepare(const char* sql, sqlite3_stmt** statement) {
    check(sqlite3_prepare_v2(db_, sql, -1, statement, nullptr));
  }
  static void bind(sqlite3_stmt* statement, int place, ByteView bytes) {
    sqlite3_bind_blob64(statement, place, bytes.empty() ? "" : bytes.data(), bytes.size(),
                        SQLITE_STATIC);
  }
  static ByteView column(sqlite3_stmt* statement, int place) {
    return {static_cast<const char*>(sqlite3_column_blob(statement, place)),
            static_cast<std::size_t>(sqlite3_column_bytes(statement, place))};
  }

  sqlite3* db_ = nullptr;
  sqlite3_stmt* get_ = nullptr;
  sqlite3_stmt* range_ = nullptr;
  sqlite3_stmt* put_ = nullptr;
};

class SqlitePeer final : public Peer {
 public:
  std::string name() const override { return "sqlite"; }
  std::string durability() const override { return "WAL, synchronous=FULL"; }

  void open(const std::string& directory, bool durable) override {
    std::filesystem::create_directories(directory);
    file_ = directory + "/kv.sqlite";
    durable_ = durable;
    writer_ = std::make_unique<Connection>(file_, durable);
  }
  void close() override {
    idle_.clear();
    writer_.reset();
  }
  void write(const std::vector<Row>& rows) override {
    std::lock_guard lock(write_mutex_);
    writer_->execute("BEGIN IMMEDIATE");
    for (const auto& [key, value] : rows) writer_->put(key, value);
    writer_->execute("COMMIT");
  }
  void settle() override {
    std::lock_guard lock(write_mutex_);
    writer_->execute("PRAGMA wal_checkpoint(TRUNCATE)");
  }
  void increment(ByteView key) override {
    std::lock_guard lock(write_mutex_);
    writer_->execute("BEGIN IMMEDIATE");
    Bytes value(100, '\0');
    writer_->get(key, [&](ByteView found) { value.assign(found); });
    std::uint64_t number = 0;
    std::memcpy(&number, value.data(), 8);
    ++number;
    std::memcpy(value.data(), &number, 8);
    writer_->put(key, value);
    writer_->execute("COMMIT");
  }

  class SqliteReader final : public Reader {
   public:
    explicit SqliteReader(SqlitePeer& peer) : peer_(peer), connection_(peer.take()) {
      connection_->execute("BEGIN");
    }
    ~SqliteReader() override {
      connection_->execute("COMMIT");
      peer_.give_back(std::move(connection_));
    }
    std::uint64_t get(ByteView key) override {
      std::uint64_t sum = 0;
      connection_->get(key, [&](ByteView value) { sum = look_at(value); });
      return sum;
    }
    std::uint64_t range(ByteView begin, std::size_t limit) override {
      return connection_->range(begin, limit);
    }

   private:
    SqlitePeer& peer_;
    std::unique_ptr<Connection> connection_;
  };
  std::unique_ptr<Reader> begin() override { return std::make_unique<SqliteReader>(*this); }

 private:
  std::unique_ptr<Connection> take() {
    std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Connection>(file_, durable_);
    auto connection = std::move(idle_.back());
    idle_.pop_back();
    return connection;
  }
  void give_back(std::unique_ptr<Connection> connection) {
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(connection));
  }

  std::string file_;
  bool durable_ = false;
  std::unique_ptr<Connection> writer_;
  std::mutex write_mutex_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace

std::unique_ptr<Peer> make_sqlite() {
  return std::make_unique<SqlitePeer>();
}

}  // namespace plinth::bench
