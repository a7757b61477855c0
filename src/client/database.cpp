// The public handle: Database.
#include "plinth/database.hpp"

#include <utility>

#include "base/little_endian.hpp"
#include "client/database_impl.hpp"
#include "client/option_table.hpp"
#include "client/transaction_impl.hpp"

namespace plinth {

Transaction Database::begin() {
  return Transaction(impl_->begin());
}

Database Database::separate() const {
  return Database(impl_->separate());
}

void Database::set_option(DatabaseOption option, ByteView value) {
  impl_->set_option(option, value);
}
void Database::set_option(DatabaseOption option, std::int64_t value) {
  impl_->set_option(option, base::little_endian(value));
}

Future<void> Database::flush() {
  return impl_->flush();
}
Future<void> Database::checkpoint() {
  return impl_->checkpoint();
}
std::string Database::status_json() {
  return impl_->status_json();
}
std::vector<std::string> Database::verify(std::function<bool(double)> progress) {
  return impl_->verify(progress);
}
void Database::compact(std::function<bool(double)> progress) {
  impl_->compact(progress);
}
const std::string& Database::url() const {
  return impl_->url();
}

// --- Hooks -------------------------------------------------------------------------------------

namespace {

Future<void> run_hooks(std::shared_ptr<detail::DatabaseImpl> database,
                       std::vector<Database::Hook> detail::DatabaseImpl::*hooks,
                       Transaction& transaction) {
  for (const Database::Hook& hook : (*database).*hooks) co_await hook(transaction);
}

}  // namespace

void Database::on_begin(Hook hook) {
  impl_->on_begin.push_back(std::move(hook));
}
void Database::on_commit(Hook hook) {
  impl_->on_commit.push_back(std::move(hook));
}
void Database::on_post_commit(PostCommitHook hook) {
  impl_->on_post_commit.push_back(std::move(hook));
}

Future<void> Database::begin_attempt(Transaction& transaction) {
  if (impl_->on_begin.empty()) return Future<void>::done();
  return run_hooks(impl_, &detail::DatabaseImpl::on_begin, transaction);
}

Future<void> Database::commit_attempt(Transaction& transaction) {
  if (impl_->on_commit.empty() && impl_->on_post_commit.empty()) return transaction.commit();
  return commit_with_hooks(*this, transaction);
}

void Database::commit_attempt_and_wait(Transaction& transaction) {
  if (!impl_->on_commit.empty())
    run_hooks(impl_, &detail::DatabaseImpl::on_commit, transaction).get();
  const std::int64_t bytes = transaction.approximate_size();
  transaction.commit_and_wait();
  after_commit(transaction, bytes);
}

Future<void> Database::commit_with_hooks(Database self, Transaction& transaction) {
  co_await run_hooks(self.impl_, &detail::DatabaseImpl::on_commit, transaction);
  const std::int64_t bytes = transaction.approximate_size();
  co_await transaction.commit();
  self.after_commit(transaction, bytes);
}

void Database::after_commit(Transaction& transaction, std::int64_t commit_bytes) noexcept {
  if (impl_->on_post_commit.empty()) return;
  const CommitStats stats{transaction.impl_->retries(), transaction.impl_->elapsed_s(),
                          commit_bytes};
  for (const PostCommitHook& hook : impl_->on_post_commit) hook(transaction, stats);
}

}  // namespace plinth
