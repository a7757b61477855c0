// RocksDB's OptimisticTransactionDB, with its write-ahead log on; synced when durable.
#include <rocksdb/filter_policy.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/optimistic_transaction_db.h>
#include <rocksdb/utilities/transaction.h>

#include <cstring>
#include <stdexcept>

#include "peer.hpp"

namespace plinth::bench {
namespace {

void check(const rocksdb::Status& status) {
  if (!status.ok()) throw std::runtime_error("rocksdb: " + status.ToString());
}

rocksdb::Slice slice(ByteView bytes) {
  return {bytes.data(), bytes.size()};
}

class RocksDbPeer final : public Peer {
 public:
  std::string name() const override { return "rocksdb"; }
  std::string durability() const override { return "WriteOptions::sync"; }

  void open(const std::string& directory, bool durable) override {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.IncreaseParallelism(2);
    options.compression = rocksdb::kNoCompression;  // the values do not compress
    rocksdb::BlockBasedTableOptions table;
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.block_cache = rocksdb::NewLRUCache(std::size_t{1} << 30);  // all rows fit
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    rocksdb::OptimisticTransactionDB* db = nullptr;
    check(rocksdb::OptimisticTransactionDB::Open(options, directory, &db));
    db_.reset(db);
    write_options_.sync = durable;
  }
  void close() override { db_.reset(); }

  void write(const std::vector<Row>& rows) override {
    rocksdb::WriteBatch batch;
    for (const auto& [key, value] : rows) check(batch.Put(key, value));
    check(db_->Write(write_options_, &batch));
  }
  void settle() override {
    check(db_->Flush({}));
    check(db_->CompactRange({}, nullptr, nullptr));
  }

  void increment(ByteView key) override {
    while (true) {
      const std::unique_ptr<rocksdb::Transaction> txn(db_->BeginTransaction(write_options_));
      std::string value;
      const rocksdb::Status found = txn->GetForUpdate({}, slice(key), &value);
      if (!found.ok() && !found.IsNotFound()) check(found);
      value.resize(100);
      std::uint64_t number = 0;
      std::memcpy(&number, value.data(), 8);
      ++number;
      std::memcpy(value.data(), &number, 8);
      check(txn->Put(slice(key), value));
      const rocksdb::Status done = txn->Commit();
      if (done.ok()) return;
      if (!done.IsBusy() && !done.IsTryAgain()) check(done);
    }
  }

  class RocksDbReader final : public Reader {
   public:
    explicit RocksDbReader(rocksdb::DB& db) : db_(db) { options_.snapshot = db_.GetSnapshot(); }
    ~RocksDbReader() override { db_.ReleaseSnapshot(options_.snapshot); }
    std::uint64_t get(ByteView key) override {
      rocksdb::PinnableSlice value;
      if (!db_.Get(options_, db_.DefaultColumnFamily(), slice(key), &value).ok()) return 0;
      return look_at({value.data(), value.size()});
    }
    std::uint64_t range(ByteView begin, std::size_t limit) override {
      const std::unique_ptr<rocksdb::Iterator> it(db_.NewIterator(options_));
      std::uint64_t sum = 0;
      for (it->Seek(slice(begin)); it->Valid() && limit > 0; it->Next(), --limit)
        sum += look_at({it->key().data(), it->key().size()}) +
               look_at({it->value().data(), it->value().size()});
      return sum;
    }

   private:
    rocksdb::DB& db_;
    rocksdb::ReadOptions options_;
  };
  std::unique_ptr<Reader> begin() override { return std::make_unique<RocksDbReader>(*db_); }

 private:
  std::unique_ptr<rocksdb::OptimisticTransactionDB> db_;
  rocksdb::WriteOptions write_options_;
};

}  // namespace

std::unique_ptr<Peer> make_rocksdb() {
  return std::make_unique<RocksDbPeer>();
}

}  // namespace plinth::bench
