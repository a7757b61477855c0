#include "capi/database.hpp"

#include <iterator>

#include "client/option_table.hpp"

namespace plinth::capi {
namespace {

struct RetryOption {
  DatabaseOption of_database;
  TransactionOption of_transaction;
};
constexpr RetryOption kRetryOptions[] = {
    {DatabaseOption::transaction_timeout, TransactionOption::timeout},
    {DatabaseOption::transaction_retry_limit, TransactionOption::retry_limit},
    {DatabaseOption::transaction_max_retry_delay, TransactionOption::max_retry_delay},
};

}  // namespace

void DatabaseState::open(const std::string& url) {
  shared_ = open_database(url);
  database_.emplace(shared_->separate());
}

ErrorCode DatabaseState::set_option(int code, ByteView value) {
  try {
    const client::OptionSetting known(client::database_options(), code, value);
    if (!is_open()) return ErrorCode::success;
    const auto option = static_cast<DatabaseOption>(code);
    database_->set_option(option, value);
    std::lock_guard lock(mutex_);
    for (std::size_t i = 0; i < std::size(kRetryOptions); ++i)
      if (kRetryOptions[i].of_database == option)
        retry_options_[i] = known.integer(INT64_MIN, INT64_MAX);
  } catch (const Error& error) {
    if (error == ErrorCode::invalid_option) return error.error_code();
    ErrorCode none = ErrorCode::success;
    error_.compare_exchange_strong(none, error.error_code());
  }
  return ErrorCode::success;
}

void DatabaseState::restore_retry_options(Transaction& transaction) {
  std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < std::size(kRetryOptions); ++i)
    transaction.set_option(kRetryOptions[i].of_transaction, retry_options_[i]);
}

}  // namespace plinth::capi
