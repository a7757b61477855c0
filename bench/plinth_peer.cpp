// Plinth through its public API. Clients are coroutines on two threads.
#include <atomic>
#include <chrono>
#include <cstring>
#include <optional>
#include <thread>

#include "peer.hpp"
#include "plinth/database.hpp"

namespace plinth::bench {
namespace {

constexpr int kThreads = 2;

class PlinthPeer : public Peer {
 public:
  explicit PlinthPeer(Store store) : store_(store) {}
  std::string name() const override {
    return store_ == Store::rocksdb ? "plinth-rocksdb" : "plinth";
  }
  std::string durability() const override { return "durable: fdatasync of the log"; }

  void open(const std::string& directory, bool durable) override {
    DatabaseOptions options;
    options.store = store_;
    options.durability = durable ? Durability::durable : Durability::buffered;
    db_.emplace(plinth::open(directory, options));
  }
  void close() override { db_.reset(); }

  void write(const std::vector<Row>& rows) override {
    db_->run([&](Transaction& tx) {
      for (const auto& [key, value] : rows) tx.set(key, value);
    });
  }
  void settle() override { db_->checkpoint().get(); }
  void increment(ByteView key) override {
    db_->run([&](Transaction& tx) { add_one(tx, key, tx.get(key).get()); });
  }

  class PlinthReader final : public Reader {
   public:
    explicit PlinthReader(Database& db)
        : transaction_(db.begin()), reads_(transaction_.snapshot()) {}
    std::uint64_t get(ByteView key) override {
      const std::optional<Bytes> value = reads_.get(key).get();
      return value ? look_at(*value) : 0;
    }
    std::uint64_t range(ByteView begin, std::size_t limit) override {
      RangeOptions options;
      options.limit = limit > 1'000'000'000 ? 0 : static_cast<int>(limit);
      options.mode = options.limit > 0 ? StreamingMode::exact : StreamingMode::want_all;
      RangeStream rows = reads_.range(begin, "\xff", options);
      std::uint64_t sum = 0;
      while (true) {
        const Rows page = rows.next_page().get();
        if (page.empty()) return sum;
        for (const KeyValueView row : page) sum += look_at(row.key) + look_at(row.value);
      }
    }

   private:
    Transaction transaction_;
    ReadTransaction reads_;
  };
  std::unique_ptr<Reader> begin() override { return std::make_unique<PlinthReader>(*db_); }

  void run_clients(const Load& load, std::vector<float>& latencies_us) override {
    std::atomic<std::uint64_t> next{0};
    std::vector<std::vector<float>> latencies(kThreads);
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        Loop loop;
        const int clients = load.clients / kThreads + (t < load.clients % kThreads ? 1 : 0);
        loop.run_until_done([&] { return run_some(load, clients, next, latencies[t]); });
      });
    }
    for (std::thread& thread : threads) thread.join();
    for (const auto& mine : latencies)
      latencies_us.insert(latencies_us.end(), mine.begin(), mine.end());
  }

 private:
  static void add_one(Transaction& tx, ByteView key, std::optional<Bytes> value) {
    if (!value) value.emplace(100, '\0');
    std::uint64_t number = 0;
    std::memcpy(&number, value->data(), 8);
    ++number;
    std::memcpy(value->data(), &number, 8);
    tx.set(key, *value);
  }

  Future<void> run_some(const Load& load, int clients, std::atomic<std::uint64_t>& next,
                        std::vector<float>& latencies_us) {
    std::vector<Future<void>> running;
    for (int i = 0; i < clients; ++i) running.push_back(run_one(load, next, latencies_us));
    for (Future<void>& client : running) co_await client;
  }

  Future<void> run_one(const Load& load, std::atomic<std::uint64_t>& next,
                       std::vector<float>& latencies_us) {
    while (true) {
      const std::uint64_t i = next.fetch_add(1);
      if (i >= load.operations) co_return;
      const Load::Operation operation = load.operation(i);
      const auto begin = std::chrono::steady_clock::now();
      switch (operation.kind) {
        case Load::Kind::read: {
          Transaction tx = db_->begin();
          co_await tx.snapshot().get(operation.key);
          break;
        }
        case Load::Kind::write:
          co_await db_->run_async([&](Transaction& tx) -> Future<void> {
            tx.set(operation.key, operation.value);
            return Future<void>::done();
          });
          break;
        case Load::Kind::increment:
          co_await db_->run_async([&](Transaction& tx) -> Future<void> {
            add_one(tx, operation.key, co_await tx.get(operation.key));
          });
          break;
      }
      const std::chrono::duration<float, std::micro> took =
          std::chrono::steady_clock::now() - begin;
      latencies_us.push_back(took.count());
    }
  }

  const Store store_;
  std::optional<Database> db_;
};

}  // namespace

std::unique_ptr<Peer> make_plinth() {
  return std::make_unique<PlinthPeer>(Store::lmdb);
}
std::unique_ptr<Peer> make_plinth_on_rocksdb() {
  return std::make_unique<PlinthPeer>(Store::rocksdb);
}

}  // namespace plinth::bench
