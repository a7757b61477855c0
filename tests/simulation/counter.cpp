#include "simulation/counter.hpp"

#include <xxhash.h>

#include <cstring>
#include <optional>

#include "plinth/error.hpp"

namespace plinth::simulation {
namespace {

// Longer than a sector, so that a record can be torn.
constexpr std::size_t kRecordBytes = 700;
constexpr std::uint64_t kRecordsPerLog = 6;

std::string encode(std::uint64_t value) {
  std::string record(kRecordBytes - sizeof value, static_cast<char>('a' + value % 26));
  std::memcpy(record.data(), &value, sizeof value);
  const std::uint64_t checksum = XXH3_64bits(record.data(), record.size());
  return record.append(reinterpret_cast<const char*>(&checksum), sizeof checksum);
}

std::optional<std::uint64_t> decode(const std::string& record, bool check) {
  std::uint64_t value;
  std::memcpy(&value, record.data(), sizeof value);
  if (check && record != encode(value)) return std::nullopt;
  return value;
}

}  // namespace

Counter::Counter(base::Environment& environment, std::string directory, CounterDefects defects)
    : files_(environment.files()),
      directory_(std::move(directory)),
      path_(directory_ + "/counter.log"),
      defects_(defects) {
  files_.create_directories(directory_);
  value_ = recover();
  start_log(value_);
}

std::uint64_t Counter::recover() {
  std::uint64_t value = 0;
  if (!files_.exists(path_)) return value;
  const auto log = files_.open(path_, base::OpenMode::read);
  std::string record(kRecordBytes, '\0');
  for (std::uint64_t at = 0; log->read(at, record.data(), record.size()) == kRecordBytes;
       at += kRecordBytes) {
    const auto decoded = decode(record, !defects_.no_checksum);
    if (!decoded) break;
    value = *decoded;
  }
  return value;
}

void Counter::start_log(std::uint64_t value) {
  const std::string aside = directory_ + "/counter.new";
  log_ = files_.open(aside, base::OpenMode::create);
  log_->truncate(0);
  records_ = 0;
  append(value);
  log_->sync();
  files_.rename(aside, path_);
  if (!defects_.no_directory_sync) files_.sync_directory(directory_);
}

void Counter::append(std::uint64_t value) {
  log_->write(records_ * kRecordBytes, encode(value));
  ++records_;
}

void Counter::sync() {
  if (defects_.no_sync) return;
  try {
    log_->sync();
  } catch (const Error&) {
    if (!defects_.retried_sync) throw;
    log_->sync();
  }
}

std::uint64_t Counter::increment() {
  base::Lock lock(log_mutex_, std::defer_lock);
  if (!defects_.no_lock) lock.lock();
  if (broken_) throw Error(ErrorCode::database_read_only, path_);
  try {
    const std::uint64_t value = value_ + 1;
    if (records_ == kRecordsPerLog) start_log(value_);
    append(value);
    sync();
    base::Lock value_lock(value_mutex_, std::defer_lock);
    if (!defects_.no_lock) value_lock.lock();
    value_ = value;
    return value;
  } catch (const Error&) {
    broken_ = true;
    throw;
  }
}

std::uint64_t Counter::value() {
  base::Lock value_lock(value_mutex_);
  base::Lock log_lock(log_mutex_, std::defer_lock);
  if (defects_.lock_order) log_lock.lock();
  return value_;
}

}  // namespace plinth::simulation
