// The public handles: ReadTransaction and Transaction.
#include "plinth/transaction.hpp"

#include <utility>

#include "base/little_endian.hpp"
#include "client/option_table.hpp"
#include "client/page_limits.hpp"
#include "client/range_pages.hpp"
#include "client/transaction_impl.hpp"

namespace plinth {

// --- Reads -------------------------------------------------------------------------------------

Future<std::optional<Bytes>> ReadTransaction::get(ByteView key) const {
  return impl_->get(key, snapshot_);
}

Future<Bytes> ReadTransaction::get_key(const KeySelector& selector) const {
  return impl_->get_key(selector, snapshot_);
}

RangeStream ReadTransaction::range(KeySelector begin, KeySelector end, RangeOptions options) const {
  return RangeStream(impl_, snapshot_, std::move(begin), std::move(end), options);
}

RangeStream ReadTransaction::range(const KeyRange& range, RangeOptions options) const {
  return this->range(range.begin, range.end, options);
}

Future<Rows> ReadTransaction::get_range(KeySelector begin, KeySelector end,
                                        RangeOptions options) const {
  return client::collect(std::make_shared<client::RangePages>(impl_, snapshot_, std::move(begin),
                                                              std::move(end), options));
}

Future<Rows> ReadTransaction::get_page(KeySelector begin, KeySelector end, RangeOptions options,
                                       int iteration) const {
  client::PageLimits limits;
  try {
    limits = client::page_limits(options, iteration);
  } catch (const Error& error) {
    return Future<Rows>::failed(error);
  }
  return impl_->get_page(
      {std::move(begin), std::move(end), limits.rows, limits.bytes, options.reverse}, snapshot_);
}

Future<Version> ReadTransaction::read_version() const {
  return impl_->read_version();
}

Future<std::int64_t> ReadTransaction::estimated_size(ByteView begin, ByteView end) const {
  return impl_->estimated_size(begin, end);
}

Future<std::vector<Bytes>> ReadTransaction::split_points(ByteView begin, ByteView end,
                                                         std::int64_t chunk_bytes) const {
  return impl_->split_points(begin, end, chunk_bytes);
}

Future<std::vector<std::string>> ReadTransaction::addresses_for_key(ByteView key) const {
  return impl_->addresses_for_key(key);
}

// --- The handle --------------------------------------------------------------------------------

Transaction::Transaction(std::shared_ptr<detail::TransactionImpl> impl)
    : ReadTransaction(std::move(impl), false) {}

Transaction& Transaction::operator=(Transaction&& other) noexcept {
  if (this == &other) return *this;
  if (impl_) impl_->close();
  ReadTransaction::operator=(std::move(other));
  return *this;
}

Transaction::~Transaction() {
  if (impl_) impl_->close();
}

// --- Writes ------------------------------------------------------------------------------------

void Transaction::set(ByteView key, ByteView value) {
  impl_->set(key, value);
}
void Transaction::clear(ByteView key) {
  impl_->clear(key);
}
void Transaction::clear_range(ByteView begin, ByteView end) {
  impl_->clear_range(begin, end);
}

void Transaction::add(ByteView key, ByteView operand) {
  impl_->atomic_op(MutationType::add, key, operand);
}
void Transaction::add(ByteView key, std::int64_t number) {
  add(key, ByteView(base::little_endian(number)));
}
void Transaction::bit_and(ByteView key, ByteView operand) {
  impl_->atomic_op(MutationType::bit_and, key, operand);
}
void Transaction::bit_or(ByteView key, ByteView operand) {
  impl_->atomic_op(MutationType::bit_or, key, operand);
}
void Transaction::bit_xor(ByteView key, ByteView operand) {
  impl_->atomic_op(MutationType::bit_xor, key, operand);
}
void Transaction::max(ByteView key, ByteView operand) {
  impl_->atomic_op(MutationType::max, key, operand);
}
void Transaction::min(ByteView key, ByteView operand) {
  impl_->atomic_op(MutationType::min, key, operand);
}
void Transaction::byte_max(ByteView key, ByteView operand) {
  impl_->atomic_op(MutationType::byte_max, key, operand);
}
void Transaction::byte_min(ByteView key, ByteView operand) {
  impl_->atomic_op(MutationType::byte_min, key, operand);
}
void Transaction::append_if_fits(ByteView key, ByteView suffix) {
  impl_->atomic_op(MutationType::append_if_fits, key, suffix);
}
void Transaction::compare_and_clear(ByteView key, ByteView value) {
  impl_->atomic_op(MutationType::compare_and_clear, key, value);
}
void Transaction::set_versionstamped_key(ByteView key, ByteView value) {
  impl_->atomic_op(MutationType::set_versionstamped_key, key, value);
}
void Transaction::set_versionstamped_value(ByteView key, ByteView value) {
  impl_->atomic_op(MutationType::set_versionstamped_value, key, value);
}
void Transaction::atomic_op(MutationType type, ByteView key, ByteView operand) {
  impl_->atomic_op(type, key, operand);
}

// --- Control -----------------------------------------------------------------------------------

Future<void> Transaction::commit() {
  return impl_->commit();
}
void Transaction::commit_and_wait() {
  impl_->commit_and_wait();
}
Future<void> Transaction::on_error(const Error& error) {
  return impl_->on_error(error);
}
void Transaction::reset() {
  impl_->reset();
}
void Transaction::cancel() {
  impl_->cancel();
}
void Transaction::set_read_version(Version version) {
  impl_->set_read_version(version);
}
Version Transaction::committed_version() const {
  return impl_->committed_version();
}
Future<CommitStamp> Transaction::versionstamp() {
  return impl_->versionstamp();
}
std::int64_t Transaction::approximate_size() const {
  return impl_->approximate_size();
}

void Transaction::add_conflict_range(ByteView begin, ByteView end, ConflictRangeType type) {
  impl_->add_conflict_range(begin, end, type);
}
void Transaction::add_conflict_key(ByteView key, ConflictRangeType type) {
  impl_->add_conflict_range(key, key_after(key), type);
}

void Transaction::set_option(TransactionOption option, ByteView value) {
  impl_->set_option(option, value);
}
void Transaction::set_option(TransactionOption option, std::int64_t value) {
  impl_->set_option(option, base::little_endian(value));
}

Watch Transaction::watch(ByteView key) {
  return impl_->watch(key);
}
Vars& ReadTransaction::vars() const {
  return impl_->vars();
}

}  // namespace plinth
