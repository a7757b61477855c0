#include "fdb_workloads.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>

#include "data.hpp"
#include "fdb_client.hpp"
#include "peer.hpp"
#include "timing.hpp"

namespace plinth::bench {
namespace {

// Of the server, per second.
constexpr double kServerSerialGets = 6'858;
constexpr double kServerOwnReads = 19'506;
constexpr double kServerUpdates100 = 17'344;
constexpr double kServerTransactionsOf10Gets100 = 7'124;

// Calls `operation`, which counts for `unit`, over and over for about `budget_s` seconds.
double rate(double budget_s, int unit, auto&& operation) {
  const auto begin = Clock::now();
  std::uint64_t count = 0;
  double elapsed_s = 0;
  while (elapsed_s < budget_s) {
    for (int i = 0; i < 100; ++i) operation();
    count += 100U * static_cast<unsigned>(unit);
    elapsed_s = seconds_since(begin);
  }
  return static_cast<double>(count) / elapsed_s;
}

// One transaction of the C API.
class FdbTransaction {
 public:
  explicit FdbTransaction(const FdbDatabase& database)
      : library_(database.library()), handle_(database.begin()) {}
  ~FdbTransaction() { library_.transaction_destroy(handle_); }
  FdbTransaction(const FdbTransaction&) = delete;
  FdbTransaction& operator=(const FdbTransaction&) = delete;

  FDBFuture* start_get(std::string_view key) {
    return library_.transaction_get(handle_, fdb_data(key), fdb_size(key), 1);
  }
  std::uint64_t finish_get(FDBFuture* future) {
    fdb_check(library_.future_block_until_ready(future));
    fdb_bool_t present = 0;
    const std::uint8_t* value = nullptr;
    int size = 0;
    fdb_check(library_.future_get_value(future, &present, &value, &size));
    const std::uint64_t sum =
        present == 0
            ? 0
            : look_at({reinterpret_cast<const char*>(value), static_cast<std::size_t>(size)});
    library_.future_destroy(future);
    return sum;
  }
  std::uint64_t get(std::string_view key) { return finish_get(start_get(key)); }
  void set(std::string_view key, std::string_view value) {
    library_.transaction_set(handle_, fdb_data(key), fdb_size(key), fdb_data(value),
                             fdb_size(value));
  }

 private:
  const cluster::FdbLibrary& library_;
  FDBTransaction* const handle_;
};

// Durable read-modify-writes, each client's next begun by the callback of the one before.
class Updaters {
 public:
  Updaters(const FdbDatabase& database, std::uint64_t rows, std::uint64_t operations, int clients)
      : database_(database), library_(database.library()), rows_(rows), left_(operations) {
    for (int i = 0; i < clients; ++i) clients_.push_back(std::make_unique<Client>(*this, i));
  }

  void run() {
    running_ = static_cast<int>(clients_.size());
    for (const auto& client : clients_) client->next();
    std::unique_lock lock(mutex_);
    done_.wait(lock, [this] { return running_ == 0; });
    if (failed_ != 0) fdb_check(failed_);
  }

 private:
  class Client {
   public:
    Client(Updaters& all, int number) : all_(all), random_(static_cast<std::uint64_t>(number)) {}

    void next() {
      if (all_.left_.fetch_sub(1, std::memory_order_relaxed) <= 0) return all_.ended(0);
      key_ = key_of(random_.below(all_.rows_));
      transaction_ = all_.database_.begin();
      read();
    }

   private:
    template <void (Client::*Step)(FDBFuture*)>
    void when_ready(FDBFuture* future) {
      const fdb_error_t error = all_.library_.future_set_callback(
          future, [](FDBFuture* ready, void* self) { (static_cast<Client*>(self)->*Step)(ready); },
          this);
      if (error != 0) all_.ended(error);
    }

    void read() {
      when_ready<&Client::write>(
          all_.library_.transaction_get(transaction_, fdb_data(key_), fdb_size(key_), 0));
    }
    void write(FDBFuture* found) {
      fdb_bool_t present = 0;
      const std::uint8_t* bytes = nullptr;
      int size = 0;
      const fdb_error_t error = all_.library_.future_get_value(found, &present, &bytes, &size);
      std::string value(reinterpret_cast<const char*>(bytes),
                        error == 0 ? static_cast<std::size_t>(size) : 0);
      all_.library_.future_destroy(found);
      if (error != 0) return recover(error);
      value.resize(kValueBytes);
      std::uint64_t number = 0;
      std::memcpy(&number, value.data(), sizeof number);
      ++number;
      std::memcpy(value.data(), &number, sizeof number);
      all_.library_.transaction_set(transaction_, fdb_data(key_), fdb_size(key_), fdb_data(value),
                                    fdb_size(value));
      when_ready<&Client::committed>(all_.library_.transaction_commit(transaction_));
    }
    void committed(FDBFuture* done) {
      const fdb_error_t error = all_.library_.future_get_error(done);
      all_.library_.future_destroy(done);
      if (error != 0) return recover(error);
      all_.library_.transaction_destroy(transaction_);
      next();
    }
    void recover(fdb_error_t error) {
      when_ready<&Client::recovered>(all_.library_.transaction_on_error(transaction_, error));
    }
    void recovered(FDBFuture* done) {
      const fdb_error_t error = all_.library_.future_get_error(done);
      all_.library_.future_destroy(done);
      if (error != 0) return all_.ended(error);
      read();
    }

    Updaters& all_;
    Random random_;
    std::string key_;
    FDBTransaction* transaction_ = nullptr;
  };

  void ended(fdb_error_t error) {
    std::lock_guard lock(mutex_);
    if (error != 0) failed_ = error;
    if (--running_ == 0) done_.notify_one();
  }

  const FdbDatabase& database_;
  const cluster::FdbLibrary& library_;
  const std::uint64_t rows_;
  std::atomic<std::int64_t> left_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::mutex mutex_;
  std::condition_variable done_;
  int running_ = 0;
  fdb_error_t failed_ = 0;
};

class FdbBench {
 public:
  FdbBench(const std::string& library, const Settings& settings, const Observer& observer)
      : settings_(settings),
        observer_(observer),
        budget_s_(std::max(0.2, std::min(1.0, static_cast<double>(settings.rows) / 1e6) * 2)),
        peer_(make_plinth()),
        client_(library) {}

  std::vector<Measurement> run() {
    observer_.note("loading");
    load();
    const FdbDatabase database(client_, settings_.directory,
                               "file:" + settings_.directory + "/fdb");
    std::vector<Measurement> all;
    const auto wanted = [&](const char* workload) {
      const auto& chosen = settings_.workloads;
      return chosen.empty() || std::find(chosen.begin(), chosen.end(), workload) != chosen.end();
    };
    const auto take = [&](const char* workload, double server, auto&& c, auto&& cpp) {
      if (!wanted(workload)) return;
      std::vector<double> through_c, through_cpp;
      for (int round = 0; round < settings_.rounds; ++round) {
        observer_.note(std::string(workload) + ", round " + std::to_string(round + 1));
        through_c.push_back(c());
        if (const double speed = cpp(); speed > 0) through_cpp.push_back(speed);
      }
      std::vector<Measurement> some(1);
      some[0].workload = workload;
      some[0].engine = "plinth-fdb_c";
      some[0].durability = "durable: fdatasync of the log";
      some[0].ops_per_s = median(through_c);
      if (server > 0) some[0].ratio_to[kServer] = some[0].ops_per_s / server;
      if (!through_cpp.empty()) {
        some.push_back(some[0]);
        some[1].engine = "plinth";
        some[1].ratio_to.clear();
        some[1].ops_per_s = median(through_cpp);
        some[0].ratio_to["plinth"] = some[0].ops_per_s / some[1].ops_per_s;
      }
      observer_.measured(some);
      all.insert(all.end(), some.begin(), some.end());
    };
    const auto none = [] { return 0.0; };
    take(
        "point_read", 0, [&] { return point_reads(database); }, [&] { return point_reads(); });
    take(
        "serial_get", kServerSerialGets, [&] { return serial_gets(database); }, none);
    take(
        "own_read", kServerOwnReads, [&] { return own_reads(database); }, none);
    take(
        "gets_of_10", kServerTransactionsOf10Gets100, [&] { return gets_of_10(database); }, none);
    take(
        "rmw_100", kServerUpdates100, [&] { return updates(database); }, none);
    peer_->close();
    return all;
  }

 private:
  // The same rows in two databases, one for each API: a directory is open once at a time.
  void load() {
    for (const char* name : {"/fdb", "/cpp"}) {
      peer_->open(settings_.directory + name, false);
      std::vector<Row> batch;
      for (std::uint64_t i = 0; i < settings_.rows; ++i) {
        batch.emplace_back(key_of(i), value_of(i));
        if (batch.size() == 1000 || i + 1 == settings_.rows) {
          peer_->write(batch);
          batch.clear();
        }
      }
      peer_->settle();
      peer_->close();
    }
    peer_->open(settings_.directory + "/cpp", true);
  }

  std::string key(Random& random) const { return key_of(random.below(settings_.rows)); }
  static void need(std::uint64_t sum) {
    if (sum == 0) throw std::runtime_error("row lost");
  }

  double point_reads() {
    Random random(1);
    return rate(budget_s_, 10, [&] {
      const std::unique_ptr<Reader> reader = peer_->begin();
      for (int i = 0; i < 10; ++i) need(reader->get(key(random)));
    });
  }
  double point_reads(const FdbDatabase& database) {
    Random random(1);
    return rate(budget_s_, 10, [&] {
      FdbTransaction transaction(database);
      for (int i = 0; i < 10; ++i) need(transaction.get(key(random)));
    });
  }
  double serial_gets(const FdbDatabase& database) {
    Random random(2);
    return rate(budget_s_, 1000, [&] {
      FdbTransaction transaction(database);
      for (int i = 0; i < 1000; ++i) need(transaction.get(key(random)));
    });
  }
  double own_reads(const FdbDatabase& database) {
    return rate(budget_s_, 1000, [&] {
      FdbTransaction transaction(database);
      transaction.set("own", "value");
      for (int i = 0; i < 1000; ++i) need(transaction.get("own"));
    });
  }
  // A hundred transactions under way, on a thread for each core; a transaction's gets begin
  // together.
  double gets_of_10(const FdbDatabase& database) {
    constexpr int kThreads = 2, kUnderWay = 100 / kThreads;
    std::atomic<double> total{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t)
      threads.emplace_back([&, t] {
        Random random(static_cast<std::uint64_t>(3 + t));
        const double speed = rate(budget_s_, kUnderWay, [&] {
          std::vector<std::unique_ptr<FdbTransaction>> transactions;
          std::vector<FDBFuture*> futures;
          for (int i = 0; i < kUnderWay; ++i) {
            transactions.push_back(std::make_unique<FdbTransaction>(database));
            for (int j = 0; j < 10; ++j)
              futures.push_back(transactions.back()->start_get(key(random)));
          }
          for (std::size_t i = 0; i < futures.size(); ++i)
            need(transactions[i / 10]->finish_get(futures[i]));
        });
        total.fetch_add(speed);
      });
    for (std::thread& thread : threads) thread.join();
    return total;
  }
  double updates(const FdbDatabase& database) {
    const auto operations = static_cast<std::uint64_t>(budget_s_ * 50'000);
    Updaters updaters(database, settings_.rows, operations, 100);
    const auto begin = Clock::now();
    updaters.run();
    return static_cast<double>(operations) / seconds_since(begin);
  }

  const Settings& settings_;
  const Observer& observer_;
  const double budget_s_;
  const std::unique_ptr<Peer> peer_;
  const FdbClient client_;
};

}  // namespace

std::vector<Measurement> run_fdb_workloads(const std::string& library, const Settings& settings,
                                           const Observer& observer) {
  return FdbBench(library, settings, observer).run();
}

}  // namespace plinth::bench
