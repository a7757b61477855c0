#include "client/native_database.hpp"

#include <utility>

#include "client/native_transaction.hpp"
#include "client/option_table.hpp"

namespace plinth::client {

NativeDatabase::NativeDatabase(std::shared_ptr<engine::Service> service, std::string url)
    : service_(std::move(service)), url_(std::move(url)) {}

std::shared_ptr<detail::TransactionImpl> NativeDatabase::begin() {
  return std::make_shared<NativeTransaction>(shared_from_this());
}

std::shared_ptr<detail::DatabaseImpl> NativeDatabase::separate() {
  return std::make_shared<NativeDatabase>(service_, url_);
}

TransactionSettings NativeDatabase::defaults() {
  if (!has_defaults_) return {};
  base::Lock lock(mutex_);
  return defaults_;
}

void NativeDatabase::set_option(DatabaseOption option, ByteView value) {
  constexpr std::int64_t kMostWatches = 1'000'000;
  if (option == DatabaseOption::max_watches) {
    const OptionSetting setting(database_options(), static_cast<int>(option), value);
    watch_counter_->set_limit(setting.integer(0, kMostWatches));
    return;
  }
  base::Lock lock(mutex_);
  defaults_.set_default(option, value);
  has_defaults_ = true;
}

void NativeDatabase::raise(std::atomic<Version>& highest, Version version) noexcept {
  Version seen = highest.load(std::memory_order_relaxed);
  while (seen < version && !highest.compare_exchange_weak(seen, version)) {
  }
}

void NativeDatabase::gave_read_version(Version version) noexcept {
  raise(newest_seen_, version);
  Version seen = lowest_given_.load(std::memory_order_relaxed);
  while (seen > version && !lowest_given_.compare_exchange_weak(seen, version)) {
  }
}

}  // namespace plinth::client
