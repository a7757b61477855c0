// LMDB by hand: one environment, read transactions renewed, synchronous commits when durable.
#include <lmdb.h>

#include <cstring>
#include <filesystem>
#include <mutex>
#include <stdexcept>

#include "peer.hpp"

namespace plinth::bench {
namespace {

void check(int code) {
  if (code != MDB_SUCCESS) throw std::runtime_error(std::string("lmdb: ") + mdb_strerror(code));
}

MDB_val val(ByteView bytes) {
  return {bytes.size(), const_cast<char*>(bytes.data())};
}
ByteView view(const MDB_val& v) {
  return {static_cast<const char*>(v.mv_data), v.mv_size};
}

class LmdbPeer final : public Peer {
 public:
  std::string name() const override { return "lmdb"; }
  std::string durability() const override { return "default flags: fdatasync at each commit"; }

  void open(const std::string& directory, bool durable) override {
    std::filesystem::create_directories(directory);
    check(mdb_env_create(&env_));
    check(mdb_env_set_mapsize(env_, std::size_t{64} << 30));
    check(mdb_env_set_maxreaders(env_, 1024));
    check(mdb_env_open(env_, directory.c_str(),
                       MDB_NOTLS | MDB_NORDAHEAD | (durable ? 0 : MDB_NOSYNC), 0644));
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &txn));
    check(mdb_dbi_open(txn, nullptr, 0, &dbi_));
    check(mdb_txn_commit(txn));
  }
  void close() override {
    mdb_env_close(env_);
    env_ = nullptr;
  }

  void write(const std::vector<Row>& rows) override {
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &txn));
    for (const auto& [key, value] : rows) {
      MDB_val k = val(key), v = val(value);
      check(mdb_put(txn, dbi_, &k, &v, 0));
    }
    check(mdb_txn_commit(txn));
  }

  void increment(ByteView key) override {
    MDB_txn* txn = nullptr;
    check(mdb_txn_begin(env_, nullptr, 0, &txn));
    MDB_val k = val(key), v{};
    std::uint64_t number = 0;
    Bytes value(100, '\0');
    if (mdb_get(txn, dbi_, &k, &v) == MDB_SUCCESS) value.assign(view(v));
    std::memcpy(&number, value.data(), 8);
    ++number;
    std::memcpy(value.data(), &number, 8);
    v = val(value);
    check(mdb_put(txn, dbi_, &k, &v, 0));
    check(mdb_txn_commit(txn));
  }

  class LmdbReader final : public Reader {
   public:
    explicit LmdbReader(LmdbPeer& peer) : peer_(peer) {
      txn_ = peer_.take();
      if (txn_ != nullptr) {
        check(mdb_txn_renew(txn_));
      } else {
        check(mdb_txn_begin(peer_.env_, nullptr, MDB_RDONLY, &txn_));
      }
    }
    ~LmdbReader() override {
      mdb_txn_reset(txn_);
      peer_.give_back(txn_);
    }
    std::uint64_t get(ByteView key) override {
      MDB_val k = val(key), v{};
      return mdb_get(txn_, peer_.dbi_, &k, &v) == MDB_SUCCESS ? look_at(view(v)) : 0;
    }
    std::uint64_t range(ByteView begin, std::size_t limit) override {
      MDB_cursor* cursor = nullptr;
      check(mdb_cursor_open(txn_, peer_.dbi_, &cursor));
      MDB_val k = val(begin), v{};
      std::uint64_t sum = 0;
      int code = mdb_cursor_get(cursor, &k, &v, begin.empty() ? MDB_FIRST : MDB_SET_RANGE);
      for (; code == MDB_SUCCESS && limit > 0; --limit) {
        sum += look_at(view(k)) + look_at(view(v));
        code = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
      }
      mdb_cursor_close(cursor);
      return sum;
    }

   private:
    LmdbPeer& peer_;
    MDB_txn* txn_ = nullptr;
  };
  std::unique_ptr<Reader> begin() override { return std::make_unique<LmdbReader>(*this); }

 private:
  MDB_txn* take() {
    std::lock_guard lock(mutex_);
    if (idle_.empty()) return nullptr;
    MDB_txn* txn = idle_.back();
    idle_.pop_back();
    return txn;
  }
  void give_back(MDB_txn* txn) {
    std::lock_guard lock(mutex_);
    idle_.push_back(txn);
  }

  MDB_env* env_ = nullptr;
  MDB_dbi dbi_ = 0;
  std::mutex mutex_;
  std::vector<MDB_txn*> idle_;
};

}  // namespace

std::unique_ptr<Peer> make_lmdb() {
  return std::make_unique<LmdbPeer>();
}

}  // namespace plinth::bench
