// Measures the stores alone, beside raw LMDB, in turns on the same data:
//   plinth-bench-storage [rows] [directory]
// Prints medians of five rounds; docs/stores.md holds the table. Ratios are what counts: machines
// differ, and so do hours.
#include <lmdb.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <numeric>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "storage/store.hpp"

namespace {

using namespace plinth;
using namespace plinth::storage;

constexpr std::size_t kBatchRows = 100'000;
constexpr int kRounds = 5;
constexpr std::size_t kGets = 300'000;

double seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

struct Data {
  std::vector<Bytes> keys;  // in random order
  std::size_t value_bytes;
  bool compressible;

  Data(std::size_t rows, std::size_t value_bytes, bool compressible)
      : value_bytes(value_bytes), compressible(compressible) {
    std::mt19937_64 random(1);
    for (std::size_t i = 0; i < rows; ++i) {
      char key[17];
      std::snprintf(key, sizeof(key), "%016llx", static_cast<unsigned long long>(random()));
      keys.emplace_back(key, 16);
    }
  }
  void value(std::size_t i, Bytes& into) const {
    into.clear();
    if (compressible) {
      while (into.size() < value_bytes)
        into += "{\"row\": " + std::to_string(i) + ", \"name\": \"a value like many others\"}, ";
    } else {
      std::mt19937_64 random(i);
      while (into.size() < value_bytes) {
        const std::uint64_t bits = random();
        into.append(reinterpret_cast<const char*>(&bits), sizeof(bits));
      }
    }
    into.resize(value_bytes);
  }
};

// Rows [begin, end) of the data, sorted by key.
class RowsOf : public ChangeSource {
 public:
  RowsOf(const Data& data, std::size_t begin, std::size_t end) : data_(data), order_(end - begin) {
    std::iota(order_.begin(), order_.end(), begin);
    std::sort(order_.begin(), order_.end(),
              [&](std::size_t a, std::size_t b) { return data.keys[a] < data.keys[b]; });
  }
  std::optional<Change> next() override {
    if (at_ == order_.size()) return std::nullopt;
    const std::size_t i = order_[at_++];
    data_.value(i, value_);
    return Change{Change::Kind::set, data_.keys[i], value_};
  }
  void rewind() override { at_ = 0; }

 private:
  const Data& data_;
  std::vector<std::size_t> order_;
  std::size_t at_ = 0;
  Bytes value_;
};

// What is measured: something that can be loaded, asked and walked through.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual void load(RowsOf& rows, Version version) = 0;
  virtual std::uint64_t get_all(const std::vector<const Bytes*>& keys) = 0;
  virtual std::uint64_t scan() = 0;
  virtual std::uint64_t disk_bytes() = 0;
};

std::uint64_t touch(const char* bytes, std::size_t size) {
  return size == 0
             ? 0
             : static_cast<unsigned char>(bytes[0]) + static_cast<unsigned char>(bytes[size - 1]);
}

class StoreSubject : public Subject {
 public:
  StoreSubject(StoreKind kind, const std::string& path) : store_(open_store(kind, path)) {}

  void load(RowsOf& rows, Version version) override { store_->apply(rows, version); }
  std::uint64_t get_all(const std::vector<const Bytes*>& keys) override {
    const auto snapshot = store_->snapshot();
    std::uint64_t sum = 0;
    for (const Bytes* key : keys) {
      const auto value = snapshot->get(*key);
      sum += touch(value->data(), value->size());
    }
    return sum;
  }
  std::uint64_t scan() override {
    const auto cursor = store_->snapshot()->cursor();
    std::uint64_t sum = 0;
    for (cursor->seek({}); cursor->valid(); cursor->next())
      sum += touch(cursor->key().data(), cursor->key().size()) +
             touch(cursor->value().data(), cursor->value().size());
    return sum;
  }
  std::uint64_t disk_bytes() override { return store_->stats().disk_bytes; }

 private:
  const std::unique_ptr<Store> store_;
};

class RawLmdb : public Subject {
 public:
  explicit RawLmdb(const std::string& path) : file_(path + "/data.mdb") {
    std::filesystem::create_directories(path);
    check(mdb_env_create(&env_));
    check(mdb_env_set_mapsize(env_, std::size_t{64} << 30));
    check(mdb_env_open(env_, path.c_str(), MDB_NOTLS, 0644));
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &txn));
    check(mdb_dbi_open(txn, nullptr, 0, &dbi_));
    check(mdb_txn_commit(txn));
  }
  ~RawLmdb() override { mdb_env_close(env_); }

  void load(RowsOf& rows, Version) override {
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &txn));
    while (const auto row = rows.next()) {
      MDB_val key = val(row->key);
      MDB_val value = val(row->operand);
      check(mdb_put(txn, dbi_, &key, &value, 0));
    }
    check(mdb_txn_commit(txn));
  }
  std::uint64_t get_all(const std::vector<const Bytes*>& keys) override {
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn));
    std::uint64_t sum = 0;
    for (const Bytes* bytes : keys) {
      MDB_val key = val(*bytes);
      MDB_val value{};
      check(mdb_get(txn, dbi_, &key, &value));
      sum += touch(static_cast<const char*>(value.mv_data), value.mv_size);
    }
    mdb_txn_abort(txn);
    return sum;
  }
  std::uint64_t scan() override {
    MDB_txn* txn = nullptr;
    MDB_cursor* cursor = nullptr;
    check(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &txn));
    check(mdb_cursor_open(txn, dbi_, &cursor));
    std::uint64_t sum = 0;
    MDB_val key{};
    MDB_val value{};
    while (mdb_cursor_get(cursor, &key, &value, MDB_NEXT) == MDB_SUCCESS)
      sum += touch(static_cast<const char*>(key.mv_data), key.mv_size) +
             touch(static_cast<const char*>(value.mv_data), value.mv_size);
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    return sum;
  }
  std::uint64_t disk_bytes() override { return std::filesystem::file_size(file_); }

 private:
  static MDB_val val(ByteView bytes) { return {bytes.size(), const_cast<char*>(bytes.data())}; }
  static void check(int rc) {
    if (rc != 0) throw std::runtime_error(mdb_strerror(rc));
  }

  const std::string file_;
  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;
};

struct Result {
  std::string name;
  std::unique_ptr<Subject> subject;
  std::vector<double> load, get, scan;
};

void run(const Data& data, const std::string& directory, const char* title) {
  std::vector<Result> results;
  results.push_back({"raw lmdb", std::make_unique<RawLmdb>(directory + "/raw"), {}, {}, {}});
  for (const auto& [name, kind] :
       {std::pair{"lmdb", StoreKind::lmdb}, std::pair{"rocksdb", StoreKind::rocksdb},
        std::pair{"memory", StoreKind::memory}})
    results.push_back(
        {name, std::make_unique<StoreSubject>(kind, directory + "/" + name), {}, {}, {}});

  const std::size_t rows = data.keys.size();
  Version version = 0;
  for (std::size_t begin = 0; begin < rows; begin += kBatchRows) {
    ++version;
    for (Result& result : results) {
      RowsOf batch(data, begin, std::min(rows, begin + kBatchRows));
      result.load.push_back(seconds([&] { result.subject->load(batch, version); }));
    }
  }

  std::mt19937_64 random(2);
  std::uint64_t sum = 0;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<const Bytes*> keys(std::min(kGets, rows));
    for (const Bytes*& key : keys) key = &data.keys[random() % rows];
    for (Result& result : results)
      result.get.push_back(seconds([&] { sum += result.subject->get_all(keys); }) / keys.size());
    for (Result& result : results)
      result.scan.push_back(seconds([&] { sum += result.subject->scan(); }) / rows);
  }

  const Result& raw = results.front();
  std::printf("\n%s: %zu rows, batches of %zu (check %llu)\n", title, rows, kBatchRows,
              static_cast<unsigned long long>(sum));
  std::printf("%-10s %12s %7s %12s %7s %12s %7s %12s\n", "", "load rows/s", "ratio", "gets/s",
              "ratio", "scan rows/s", "ratio", "disk MB");
  const auto total = [](const std::vector<double>& times) {
    return std::accumulate(times.begin(), times.end(), 0.0);
  };
  for (const Result& result : results)
    std::printf("%-10s %12.0f %7.2f %12.0f %7.2f %12.0f %7.2f %12.1f\n", result.name.c_str(),
                rows / total(result.load), total(raw.load) / total(result.load),
                1 / median(result.get), median(raw.get) / median(result.get),
                1 / median(result.scan), median(raw.scan) / median(result.scan),
                result.subject->disk_bytes() / 1e6);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  if (rows < 1000 || argc > 3) {
    std::fprintf(stderr, "usage: plinth-bench-storage [rows, at least 1000] [directory]\n");
    return 2;
  }
  // A folder of its own inside of the one that is named, for it is removed at the end.
  const std::filesystem::path parent =
      argc > 2 ? std::filesystem::path(argv[2]) : std::filesystem::temp_directory_path();
  const std::string directory = (parent / "plinth-bench-storage").string();
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  run(Data(rows, 100, false), directory + "/small", "100-byte values, incompressible");
  run(Data(rows / 50, 10'000, true), directory + "/large", "10,000-byte values, compressible");
  std::filesystem::remove_all(directory);
}
