// NativeDatabase: a database that an engine's Service gives access to.
#pragma once

#include <atomic>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/sync.hpp"
#include "client/database_impl.hpp"
#include "client/transaction_settings.hpp"
#include "client/watches.hpp"
#include "engine/service.hpp"

namespace plinth::client {

class NativeDatabase final : public detail::DatabaseImpl,
                             public std::enable_shared_from_this<NativeDatabase> {
 public:
  NativeDatabase(std::shared_ptr<engine::Service> service, std::string url);

  std::shared_ptr<detail::TransactionImpl> begin() override;
  std::shared_ptr<detail::DatabaseImpl> separate() override;
  void set_option(DatabaseOption option, ByteView value) override;
  Future<void> flush() override { return service_->flush(); }
  Future<void> checkpoint() override { return service_->checkpoint(); }
  std::string status_json() override { return service_->status_json(); }
  std::vector<std::string> verify(const std::function<bool(double)>& progress) override {
    return service_->verify(progress);
  }
  void compact(const std::function<bool(double)>& progress) override {
    service_->compact(progress);
  }
  const std::string& url() const override { return url_; }

  engine::Service& service() const noexcept { return *service_; }
  // What transactions begin with.
  TransactionSettings defaults();
  const std::shared_ptr<WatchCounter>& watch_counter() const noexcept { return watch_counter_; }

  // A read version that the engine has given.
  void gave_read_version(Version version) noexcept;
  void saw_commit(Version version) noexcept { raise(newest_seen_, version); }
  // Versions below the lowest that was given count as too old.
  bool may_read_at(Version version) const noexcept { return version >= lowest_given_; }
  // Every later commit has a version above it.
  Version newest_seen() const noexcept { return newest_seen_; }

 private:
  static void raise(std::atomic<Version>& highest, Version version) noexcept;

  const std::shared_ptr<engine::Service> service_;
  const std::string url_;
  const std::shared_ptr<WatchCounter> watch_counter_ = std::make_shared<WatchCounter>();
  std::atomic<Version> lowest_given_{std::numeric_limits<Version>::max()};
  std::atomic<Version> newest_seen_{0};
  std::atomic<bool> has_defaults_{false};
  base::Mutex mutex_;
  TransactionSettings defaults_;  // under the mutex
};

}  // namespace plinth::client
