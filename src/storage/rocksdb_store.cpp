#include "storage/rocksdb_store.hpp"

#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <vector>

#include "base/assert.hpp"
#include "base/probe.hpp"
#include "plinth/error.hpp"
#include "storage/file_util.hpp"

namespace plinth::storage {
namespace {

// Memory: the cache holds blocks, indexes and filters; besides, a batch is written through a buffer
// of a few blocks, and a compaction reads and writes about 2 MiB a file.
constexpr std::size_t kBlockCacheBytes = 64 << 20;
constexpr int kBloomBitsPerKey = 10;
constexpr int kMaxOpenFiles = 512;
constexpr int kBackgroundJobs = 2;
// Batches not yet merged with the rest; each is one more file to look into.
constexpr int kMergeFrom = 4;
constexpr std::uint64_t kWaitFrom = 20;

// RocksDB's keys: rows after the one record of the store itself.
constexpr char kRowPrefix = '\x01';
constexpr ByteView kRowsBegin("\x01", 1);
constexpr ByteView kRowsEnd("\x02", 1);
constexpr ByteView kStateKey("\x00state", 6);

// The state record: format (4 bytes) and version (8 bytes), little-endian.
constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kStateBytes = 12;

rocksdb::Slice slice(ByteView bytes) {
  return {bytes.data(), bytes.size()};
}
ByteView view(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

Bytes row_key(ByteView key) {
  Bytes out;
  out.reserve(key.size() + 1);
  out.push_back(kRowPrefix);
  out.append(key);
  return out;
}

void check(const rocksdb::Status& status, const std::string& directory, const char* doing) {
  if (status.ok()) return;
  // A path that is not found is a file that was there and is gone.
  const bool corrupt = status.IsCorruption() || status.IsPathNotFound();
  const ErrorCode code = corrupt              ? ErrorCode::file_corrupt
                         : status.IsNoSpace() ? ErrorCode::disk_full
                                              : ErrorCode::io_error;
  throw Error(code, directory + ": " + doing + ": " + status.ToString());
}

rocksdb::CompressionType best_of(std::initializer_list<rocksdb::CompressionType> wanted) {
  const auto there = rocksdb::GetSupportedCompressions();
  for (const auto type : wanted)
    if (std::find(there.begin(), there.end(), type) != there.end()) return type;
  return rocksdb::kNoCompression;
}

rocksdb::Options database_options() {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(kBlockCacheBytes);
  table.cache_index_and_filter_blocks = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(kBloomBitsPerKey));
  table.checksum = rocksdb::kXXH3;
  table.format_version = 5;

  rocksdb::Options options;
  options.create_if_missing = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = best_of({rocksdb::kLZ4Compression});
  options.bottommost_compression = best_of({rocksdb::kZSTD, rocksdb::kLZ4Compression});
  options.level_compaction_dynamic_level_bytes = true;
  options.level0_file_num_compaction_trigger = kMergeFrom;
  options.max_background_jobs = kBackgroundJobs;
  options.max_open_files = kMaxOpenFiles;
  options.keep_log_file_num = 2;
  options.info_log_level = rocksdb::WARN_LEVEL;
  return options;
}

// RocksDB's own report of its work, which would be a file.
class NoLog final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// Wakes a writer that waits for batches to be merged.
class CompactionListener : public rocksdb::EventListener {
 public:
  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override { tell(); }
  void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status*) override { tell(); }

  template <typename Done>
  void wait(Done&& done) {
    std::unique_lock lock(mutex_);
    // The number of files is changed before the event comes.
    told_.wait(lock, done);
  }

 private:
  void tell() {
    const std::lock_guard lock(mutex_);
    told_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable told_;
};

}  // namespace

struct RocksDbStore::Database {
  std::string directory;
  rocksdb::Options options = database_options();
  std::shared_ptr<CompactionListener> compactions = std::make_shared<CompactionListener>();
  std::unique_ptr<rocksdb::DB> db;
  std::atomic<std::uint64_t> live_snapshots{0};

  std::uint64_t property(const std::string& name) const {
    std::uint64_t number = 0;
    return db->GetIntProperty(name, &number) ? number : 0;
  }
};

namespace {

using Database = RocksDbStore::Database;

class RocksDbCursor final : public Cursor {
 public:
  RocksDbCursor(Database& database, const rocksdb::ReadOptions& options)
      : database_(database), lower_(slice(kRowsBegin)), upper_(slice(kRowsEnd)) {
    rocksdb::ReadOptions bounded = options;
    bounded.iterate_lower_bound = &lower_;
    bounded.iterate_upper_bound = &upper_;
    at_.reset(database_.db->NewIterator(bounded));
  }

  void seek(ByteView key) override {
    const Bytes to = row_key(key);
    at_->Seek(to);
    show();
  }
  void seek_before(ByteView key) override {
    const Bytes to = row_key(key);
    at_->SeekForPrev(to);
    if (at_->Valid() && at_->key() == to) at_->Prev();
    show();
  }
  void next() override {
    PLINTH_ASSERT(valid_);
    at_->Next();
    show();
  }
  void prev() override {
    PLINTH_ASSERT(valid_);
    at_->Prev();
    show();
  }

 private:
  void show() {
    valid_ = at_->Valid();
    if (!valid_) return check(at_->status(), database_.directory, "reading");
    key_ = view(at_->key()).substr(1);
    value_ = view(at_->value());
  }

  Database& database_;
  const rocksdb::Slice lower_;
  const rocksdb::Slice upper_;
  std::unique_ptr<rocksdb::Iterator> at_;
};

class RocksDbSnapshot final : public Snapshot {
 public:
  RocksDbSnapshot(std::shared_ptr<Database> database, Version version)
      : database_(std::move(database)), version_(version) {
    options_.snapshot = database_->db->GetSnapshot();
    ++database_->live_snapshots;
  }
  ~RocksDbSnapshot() override {
    --database_->live_snapshots;
    database_->db->ReleaseSnapshot(options_.snapshot);
  }

  Version version() const noexcept override { return version_; }
  std::optional<Bytes> get(ByteView key) override {
    rocksdb::PinnableSlice value;
    const rocksdb::Status status =
        database_->db->Get(options_, database_->db->DefaultColumnFamily(), row_key(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    check(status, database_->directory, "reading");
    return Bytes(view(value));
  }
  std::unique_ptr<Cursor> cursor() override {
    return std::make_unique<RocksDbCursor>(*database_, options_);
  }

 private:
  const std::shared_ptr<Database> database_;
  const Version version_;
  rocksdb::ReadOptions options_;
};

Version read_version(Database& database) {
  std::string state;
  const rocksdb::Status status = database.db->Get(rocksdb::ReadOptions(), slice(kStateKey), &state);
  if (status.IsNotFound()) return 0;  // nothing was ever applied
  check(status, database.directory, "reading the state record");
  std::uint32_t format = 0;
  Version version = 0;
  if (state.size() >= sizeof(format)) std::memcpy(&format, state.data(), sizeof(format));
  if (format > kFormat)
    throw Error(ErrorCode::format_too_new, database.directory + " has store format " +
                                               std::to_string(format) + ", this program knows " +
                                               std::to_string(kFormat));
  if (state.size() != kStateBytes)
    throw Error(ErrorCode::file_corrupt, database.directory + ": the state record is malformed");
  std::memcpy(&version, state.data() + sizeof(format), sizeof(version));
  return version;
}

// RocksDB writes to some of its files before it finds others to be damaged. A store that is refused
// is to stay as it is, so it is tried without writing first.
void check_readable(const std::string& directory) {
  Database database;
  database.directory = directory;
  database.options.info_log = std::make_shared<NoLog>();
  rocksdb::DB* db = nullptr;
  check(rocksdb::DB::OpenForReadOnly(database.options, directory, &db), directory, "opening it");
  database.db.reset(db);
  read_version(database);
}

Bytes encode_state(Version version) {
  Bytes state(kStateBytes, '\0');
  std::memcpy(state.data(), &kFormat, sizeof(kFormat));
  std::memcpy(state.data() + sizeof(kFormat), &version, sizeof(version));
  return state;
}

}  // namespace

RocksDbStore::RocksDbStore(const std::string& directory, const StoreOptions& options)
    : directory_(directory + "/rocksdb"),
      batch_file_(directory + "/batch.sst"),
      database_(std::make_shared<Database>()) {
  // RocksDB's name for its newest manifest. Without it RocksDB would begin anew, and remove what
  // files of tables are there.
  const std::string current = directory_ + "/CURRENT";
  const bool is_there = file_exists(current);
  if (!is_there && !options.create) throw Error(ErrorCode::file_corrupt, current + " is missing");
  if (is_there) check_readable(directory_);
  make_directory(directory);
  remove_file(batch_file_);  // left over by a crash; it is not part of the store
  database_->directory = directory_;
  database_->options.listeners.push_back(database_->compactions);
  rocksdb::DB* db = nullptr;
  check(rocksdb::DB::Open(database_->options, directory_, &db), directory_, "opening it");
  database_->db.reset(db);
  publish(read_version(*database_));
}

std::shared_ptr<Snapshot> RocksDbStore::snapshot() {
  const std::lock_guard lock(mutex_);
  return current_;
}

void RocksDbStore::publish(Version version) {
  std::shared_ptr<Snapshot> after = std::make_shared<RocksDbSnapshot>(database_, version);
  const std::lock_guard lock(mutex_);
  version_ = version;
  current_.swap(after);  // the old one goes after the lock
}

void RocksDbStore::apply(ChangeSource& changes, Version version) {
  PLINTH_ASSERT(version >= version_);
  try {
    write_file(changes, version);
    if (resume_) {
      PLINTH_PROBE("rocksdb resumed after an error");
      check(database_->db->Resume(), directory_, "resuming after an earlier error");
      resume_ = false;
    }
    wait_for_compaction();
    rocksdb::IngestExternalFileOptions ingest;
    ingest.move_files = true;
    ingest.write_global_seqno = false;  // kept in the manifest instead
    check(database_->db->IngestExternalFile({batch_file_}, ingest), directory_,
          "taking in a batch");
  } catch (...) {
    resume_ = true;
    std::error_code ignored;
    std::filesystem::remove(batch_file_, ignored);
    throw;
  }
  publish(version);
}

void RocksDbStore::write_file(ChangeSource& changes, Version version) {
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), database_->options);
  check(writer.Open(batch_file_), batch_file_, "making it");
  check(writer.Put(slice(kStateKey), encode_state(version)), batch_file_, "writing");
  while (const auto change = changes.next()) {
    const Bytes key = row_key(change->key);
    if (change->kind == Change::Kind::set) {
      check(writer.Put(key, slice(change->operand)), batch_file_, "writing");
      continue;
    }
    if (change->key >= change->operand) continue;
    // A range costs every later read near it; a single key's tombstone does not.
    if (change->operand == key_after(change->key))
      check(writer.Delete(key), batch_file_, "writing");
    else
      check(writer.DeleteRange(key, row_key(change->operand)), batch_file_, "writing");
  }
  check(writer.Finish(), batch_file_, "finishing it");
}

// RocksDB slows down writes of its own when merging lags behind, but not the taking in of files.
void RocksDbStore::wait_for_compaction() {
  const auto merged = [&] {
    std::uint64_t stopped = 0;
    return database_->property("rocksdb.num-files-at-level0") < kWaitFrom ||
           (database_->db->GetIntProperty("rocksdb.background-errors", &stopped) && stopped > 0);
  };
  if (merged()) return;
  PLINTH_PROBE("rocksdb batch waited for a merge");
  database_->compactions->wait(merged);
}

VerifyReport RocksDbStore::verify(const Progress& progress) {
  VerifyReport report;
  const double expected = static_cast<double>(std::max<std::uint64_t>(1, stats().rows));
  try {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.readahead_size = 2 << 20;
    check(database_->db->VerifyChecksum(options), directory_, "verifying its checksums");
    const auto snapshot = this->snapshot();
    const auto cursor = snapshot->cursor();
    Bytes last;
    for (cursor->seek({}); cursor->valid(); cursor->next()) {
      if (report.rows != 0 && cursor->key() <= last)
        report.damage.push_back(directory_ + ": key " + printable(cursor->key()) +
                                " is out of order");
      last = cursor->key();
      ++report.rows;
      if (report.rows % 65536 == 0 && progress &&
          !progress(std::min(1.0, static_cast<double>(report.rows) / expected)))
        break;
    }
  } catch (const Error& error) {
    report.damage.push_back(error.what());
  }
  return report;
}

bool RocksDbStore::compact(const Progress& progress) {
  // Cut where the files of the rows begin.
  std::vector<rocksdb::LiveFileMetaData> files;
  database_->db->GetLiveFilesMetaData(&files);
  std::vector<std::string> cuts;
  for (const auto& file : files)
    if (file.level > 0) cuts.push_back(file.smallestkey);
  std::sort(cuts.begin(), cuts.end());
  cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
  if (!cuts.empty()) cuts.erase(cuts.begin());  // the first part begins before all keys

  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  for (std::size_t part = 0; part <= cuts.size(); ++part) {
    const rocksdb::Slice begin = part == 0 ? rocksdb::Slice() : rocksdb::Slice(cuts[part - 1]);
    const rocksdb::Slice end = part == cuts.size() ? rocksdb::Slice() : rocksdb::Slice(cuts[part]);
    check(database_->db->CompactRange(options, part == 0 ? nullptr : &begin,
                                      part == cuts.size() ? nullptr : &end),
          directory_, "compacting");
    const double done = static_cast<double>(part + 1) / static_cast<double>(cuts.size() + 1);
    if (progress && !progress(done)) return false;
  }
  return true;
}

StoreStats RocksDbStore::stats() {
  StoreStats stats;
  stats.kind = "rocksdb";
  stats.rows = database_->property("rocksdb.estimate-num-keys");
  if (stats.rows > 0) --stats.rows;  // the state record
  stats.rows_exact = false;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored))
    if (entry.is_regular_file(ignored)) stats.disk_bytes += entry.file_size(ignored);
  const std::uint64_t tables = database_->property("rocksdb.total-sst-files-size");
  const std::uint64_t live = database_->property("rocksdb.estimate-live-data-size");
  stats.free_bytes = tables > live ? tables - live : 0;
  stats.live_snapshots = database_->live_snapshots - 1;  // the store's own does not count
  return stats;
}

}  // namespace plinth::storage
