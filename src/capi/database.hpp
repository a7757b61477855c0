// What an FDBDatabase points to, and what stands behind it.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "capi/handle.hpp"
#include "capi/open_database.hpp"
#include "plinth/database.hpp"

namespace plinth::capi {

// A handle's database and options. Its transactions hold it, so the handle may be destroyed first.
// Any thread.
class DatabaseState {
 public:
  // `find_url` gives the URL. What it throws, or the opening of the database, is what every use
  // fails with: FoundationDB's create functions do not fail for that either.
  template <class FindUrl>
  static std::shared_ptr<DatabaseState> create(FindUrl find_url);

  // What every use fails with: success, unless the database could not be opened, or an option had a
  // bad value.
  ErrorCode error() const noexcept { return error_.load(std::memory_order_relaxed); }
  // Whether there is a database; the next three ask that there is.
  bool is_open() const noexcept { return database_.has_value(); }
  Transaction begin() { return database_->begin(); }
  const std::string& url() const { return database_->url(); }
  // As the retry options are before a transaction sets them: timeout, retry_limit, max_retry_delay.
  void restore_retry_options(Transaction& transaction);

  // invalid_option for an unknown one; a bad value becomes error(), for good.
  ErrorCode set_option(int code, ByteView value);

 private:
  void open(const std::string& url);

  std::atomic<ErrorCode> error_{ErrorCode::success};
  OpenDatabase shared_;               // keeps it open for other handles to find
  std::optional<Database> database_;  // with this handle's own options
  std::mutex mutex_;
  std::array<std::int64_t, 3> retry_options_{0, -1, 1000};  // under the mutex
};

class DatabaseHandle final : public Handle {
 public:
  using Abi = FDBDatabase;
  static constexpr HandleKind kKind = HandleKind::database;

  explicit DatabaseHandle(std::shared_ptr<DatabaseState> state)
      : Handle(kKind), state_(std::move(state)) {}
  const std::shared_ptr<DatabaseState>& state() const noexcept { return state_; }

 private:
  const std::shared_ptr<DatabaseState> state_;
};

template <class FindUrl>
std::shared_ptr<DatabaseState> DatabaseState::create(FindUrl find_url) {
  auto state = std::make_shared<DatabaseState>();
  try {
    state->open(find_url());
  } catch (const Error& error) {
    // A URL that is none is a cluster file that is none.
    state->error_ =
        error == ErrorCode::invalid_url ? ErrorCode::connection_string_invalid : error.error_code();
  }
  return state;
}

}  // namespace plinth::capi
