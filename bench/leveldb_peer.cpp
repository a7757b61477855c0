// LevelDB. It has no transactions that read: an increment takes a lock of ours around its two
// steps.
#include <leveldb/cache.h>
#include <leveldb/db.h>
#include <leveldb/filter_policy.h>
#include <leveldb/write_batch.h>

#include <cstring>
#include <mutex>
#include <stdexcept>

#include "peer.hpp"

namespace plinth::bench {
namespace {

void check(const leveldb::Status& status) {
  if (!status.ok()) throw std::runtime_error("leveldb: " + status.ToString());
}

leveldb::Slice slice(ByteView bytes) {
  return {bytes.data(), bytes.size()};
}

class LevelDbPeer final : public Peer {
 public:
  std::string name() const override { return "leveldb"; }
  std::string durability() const override { return "WriteOptions::sync"; }

  void open(const std::string& directory, bool durable) override {
    cache_.reset(leveldb::NewLRUCache(std::size_t{1} << 30));
    filter_.reset(leveldb::NewBloomFilterPolicy(10));
    leveldb::Options options;
    options.create_if_missing = true;
    options.compression = leveldb::kNoCompression;
    options.write_buffer_size = 64 << 20;
    options.block_cache = cache_.get();
    options.filter_policy = filter_.get();
    leveldb::DB* db = nullptr;
    check(leveldb::DB::Open(options, directory, &db));
    db_.reset(db);
    write_options_.sync = durable;
  }
  void close() override { db_.reset(); }

  void write(const std::vector<Row>& rows) override {
    leveldb::WriteBatch batch;
    for (const auto& [key, value] : rows) batch.Put(key, value);
    check(db_->Write(write_options_, &batch));
  }
  void settle() override { db_->CompactRange(nullptr, nullptr); }

  void increment(ByteView key) override {
    std::lock_guard lock(mutex_);
    std::string value;
    const leveldb::Status found = db_->Get({}, slice(key), &value);
    if (!found.ok() && !found.IsNotFound()) check(found);
    value.resize(100);
    std::uint64_t number = 0;
    std::memcpy(&number, value.data(), 8);
    ++number;
    std::memcpy(value.data(), &number, 8);
    check(db_->Put(write_options_, slice(key), value));
  }

  class LevelDbReader final : public Reader {
   public:
    explicit LevelDbReader(leveldb::DB& db) : db_(db) { options_.snapshot = db_.GetSnapshot(); }
    ~LevelDbReader() override { db_.ReleaseSnapshot(options_.snapshot); }
    std::uint64_t get(ByteView key) override {
      return db_.Get(options_, slice(key), &value_).ok() ? look_at(value_) : 0;
    }
    std::uint64_t range(ByteView begin, std::size_t limit) override {
      const std::unique_ptr<leveldb::Iterator> it(db_.NewIterator(options_));
      std::uint64_t sum = 0;
      for (it->Seek(slice(begin)); it->Valid() && limit > 0; it->Next(), --limit)
        sum += look_at({it->key().data(), it->key().size()}) +
               look_at({it->value().data(), it->value().size()});
      return sum;
    }

   private:
    leveldb::DB& db_;
    leveldb::ReadOptions options_;
    std::string value_;
  };
  std::unique_ptr<Reader> begin() override { return std::make_unique<LevelDbReader>(*db_); }

 private:
  std::unique_ptr<leveldb::Cache> cache_;
  std::unique_ptr<const leveldb::FilterPolicy> filter_;
  std::unique_ptr<leveldb::DB> db_;
  leveldb::WriteOptions write_options_;
  std::mutex mutex_;
};

}  // namespace

std::unique_ptr<Peer> make_leveldb() {
  return std::make_unique<LevelDbPeer>();
}

}  // namespace plinth::bench
