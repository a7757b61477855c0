#include "cluster/cluster_transaction.hpp"

#include <optional>
#include <utility>

#include "client/option_table.hpp"
#include "cluster/ask.hpp"
#include "cluster/fdb_bytes.hpp"

namespace plinth::cluster {
namespace {

// Notes in `failed` whether it did. With the text of `given` when its code comes back: that is
// richer than what libfdb_c's code says.
Future<void> note_failure(std::optional<Error> given, Future<void> answer,
                          std::shared_ptr<std::atomic<bool>> failed) {
  try {
    co_await std::move(answer);
  } catch (const Error& error) {
    *failed = true;
    if (given && error.code() == given->code()) throw *given;
    throw;
  }
}

}  // namespace

ClusterTransaction::ClusterTransaction(std::shared_ptr<ClusterDatabase> database)
    : database_(std::move(database)),
      network_(database_->network()),
      library_(network_.library()),
      settings_(database_->defaults()),
      begun_us_(base::monotonic_now()) {
  library_.check(library_.database_create_transaction(database_->handle(), &handle_),
                 "beginning a transaction");
}

ClusterTransaction::~ClusterTransaction() {
  close();
}

void ClusterTransaction::check_usable() {
  switch (phase_) {
    case Phase::active:
      if (answers_->given_up) throw Error(ErrorCode::transaction_cancelled);
      return;
    case Phase::committed:
      used_after_commit_ = true;
      throw Error(ErrorCode::used_during_commit);
    case Phase::cancelled:
    case Phase::closed:
      throw Error(ErrorCode::transaction_cancelled);
  }
}

void ClusterTransaction::end_attempt() {
  ++attempt_;
  vars_.clear();
  fresh_ = true;
  has_read_version_ = false;
  used_after_commit_ = false;
  answers_ = std::make_shared<Attempt>();
  phase_ = Phase::active;
}

Future<void> ClusterTransaction::commit() {
  try {
    check_usable();
  } catch (const Error& error) {
    return Future<void>::failed(error);
  }
  phase_ = Phase::committed;
  return note_failure(std::nullopt,
                      ask<void>(network_, library_.transaction_commit(handle_), decode_nothing),
                      {answers_, &answers_->commit_failed});
}

Future<void> ClusterTransaction::on_error(const Error& error) {
  try {
    // After a commit it may come, but not when a failed one was followed by other uses.
    if (phase_ != Phase::committed || (used_after_commit_ && answers_->commit_failed))
      check_usable();
  } catch (const Error& refused) {
    return Future<void>::failed(refused);
  }
  Future<void> answer =
      ask<void>(network_, library_.transaction_on_error(handle_, error.code()), decode_nothing);
  end_attempt();
  ++retries_;
  settings_ = settings_.for_retry(database_->defaults());
  return note_failure(error, std::move(answer), {answers_, &answers_->given_up});
}

void ClusterTransaction::reset() {
  if (phase_ == Phase::closed) return;
  library_.transaction_reset(handle_);
  end_attempt();
  settings_ = database_->defaults();
  retries_ = 0;
  begun_us_ = base::monotonic_now();
}

void ClusterTransaction::cancel() {
  if (phase_ == Phase::closed) return;
  library_.transaction_cancel(handle_);
  phase_ = Phase::cancelled;
}

void ClusterTransaction::close() noexcept {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  ++attempt_;
  vars_.clear();
  library_.transaction_destroy(std::exchange(handle_, nullptr));
}

void ClusterTransaction::set_read_version(Version version) {
  check_usable();
  if (version <= 0)
    throw Error(ErrorCode::version_invalid, "This one is " + std::to_string(version));
  if (has_read_version_) throw Error(ErrorCode::read_version_already_set);
  has_read_version_ = true;
  library_.transaction_set_read_version(handle_, version);
}

Version ClusterTransaction::committed_version() {
  Version version = kInvalidVersion;
  if (phase_ != Phase::closed)
    library_.check(library_.transaction_get_committed_version(handle_, &version));
  return version;
}

Future<CommitStamp> ClusterTransaction::versionstamp() {
  try {
    check_usable();
  } catch (const Error& error) {
    return Future<CommitStamp>::failed(error);
  }
  return ask<CommitStamp>(network_, library_.transaction_get_versionstamp(handle_), decode_key);
}

std::int64_t ClusterTransaction::approximate_size() {
  if (phase_ == Phase::closed) return 0;
  return ask<std::int64_t>(network_, library_.transaction_get_approximate_size(handle_),
                           decode_int64)
      .get();
}

void ClusterTransaction::set_option(TransactionOption option, ByteView value) {
  settings_.set(option, value, fresh_);
  switch (option) {
    case TransactionOption::durability_durable:
    case TransactionOption::durability_buffered:
    case TransactionOption::durability_none:
      return;  // a cluster's commits are on disk when they answer
    case TransactionOption::long_reads:
      throw Error(ErrorCode::unsupported_operation,
                  "long_reads: a cluster keeps old versions for five seconds; read in several "
                  "transactions");
    default:
      library_.check(
          library_.transaction_set_option(handle_, static_cast<FDBTransactionOption>(option),
                                          fdb_data(value), fdb_length(value)),
          std::string(
              client::find_option(client::transaction_options(), static_cast<int>(option)).name));
  }
}

double ClusterTransaction::elapsed_s() const {
  return static_cast<double>(base::monotonic_now() - begun_us_) / 1e6;
}

}  // namespace plinth::cluster
