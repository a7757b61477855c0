#include "capi/transaction.hpp"

#include "capi/buggify.hpp"
#include "capi/mapped_range.hpp"
#include "capi/older_versions.hpp"
#include "capi/tenant_transaction.hpp"
#include "client/option_table.hpp"

namespace plinth::capi {

TransactionHandle::TransactionHandle(std::shared_ptr<DatabaseState> database,
                                     const std::optional<Bytes>& tenant)
    : Handle(kKind), database_(std::move(database)), in_tenant_(tenant.has_value()) {
  if (!database_->is_open()) return;
  transaction_.emplace(
      tenant ? Transaction(std::make_shared<TenantTransaction>(database_->begin(), *tenant))
             : database_->begin());
}

template <class Start, class... Convert>
FutureHandle* TransactionHandle::ask(Start start, Convert... convert) {
  const Lock lock(mutex_);
  if (const ErrorCode error = refused(); error != ErrorCode::success)
    return FutureHandle::failed(error);
  try {
    return FutureHandle::of(start(), std::move(convert)...);
  } catch (const Error& error) {
    return FutureHandle::failed(error.error_code());
  }
}

template <class Change>
void TransactionHandle::write(Change change) {
  const Lock lock(mutex_);
  if (!transaction_) return;
  try {
    change();
  } catch (const Error& error) {
    defer(error.error_code());
  }
}

// --- Tenants -----------------------------------------------------------------------------------

std::optional<ByteView> TransactionHandle::tenant_of(ByteView key) const {
  if (in_tenant_) return std::nullopt;
  return managed_tenant(key);
}

TenantMap TransactionHandle::writable_tenant_map(ByteView key) {
  if (!special_keys_writable_)
    throw Error(ErrorCode::special_keys_write_disabled, "The key is \"" + printable(key) + "\"");
  return TenantMap(*transaction_);
}

// --- Reads -------------------------------------------------------------------------------------

const ReadTransaction& TransactionHandle::reader(bool snapshot) {
  if (const auto injected = Buggify::instance().error_at(Section::read)) {
    defer(*injected);
    throw Error(*injected);
  }
  has_read_ = true;
  if (!snapshot) return *transaction_;
  if (!snapshot_reader_) snapshot_reader_.emplace(transaction_->snapshot());
  return *snapshot_reader_;
}

FutureHandle* TransactionHandle::get(ByteView key, bool snapshot) {
  return ask(
      [&] {
        check_special_key(key);
        if (const auto name = tenant_of(key))
          return plinth::Future<std::optional<Bytes>>(TenantMap(*transaction_).describe(*name));
        return reader(snapshot).get(key);
      },
      [cost = cost_, key_bytes = key.size()](std::optional<Bytes> value) {
        cost->add_read(key_bytes + (value ? value->size() : 0));
        return value;
      });
}

FutureHandle* TransactionHandle::get_key(const KeySelector& selector, bool snapshot) {
  return ask([&] { return reader(snapshot).get_key(selector); });
}

FutureHandle* TransactionHandle::get_range(KeySelector begin, KeySelector end,
                                           const RangeOptions& options, int iteration,
                                           bool snapshot) {
  return ask(
      [&] {
        check_special_key(begin.key);
        const std::optional<ByteView> first = tenant_of(begin.key);
        const std::optional<ByteView> last = tenant_of(end.key);
        if (first && last)
          return plinth::Future<Rows>(
              TenantMap(*transaction_).describe_range(*first, *last, options));
        return reader(snapshot).get_page(std::move(begin), std::move(end), options, iteration);
      },
      [](Rows rows) {
        return KeyValueArray{std::move(rows), {}};
      });
}

FutureHandle* TransactionHandle::get_mapped_range(KeySelector begin, KeySelector end,
                                                  ByteView mapper, const RangeOptions& options,
                                                  int iteration, bool snapshot) {
  return ask(
      [&] {
        if (snapshot || !read_your_writes_) throw Error(ErrorCode::unsupported_operation);
        return plinth::Future<MappedKeyValueArray>(capi::get_mapped_range(
            reader(false), std::move(begin), std::move(end), Mapper(mapper), options, iteration));
      },
      [cost = cost_](MappedKeyValueArray mapped) {
        cost->add_read(mapped.rows.byte_size());
        for (const auto& secondary : mapped.secondaries)
          cost->add_read(secondary.found.rows.byte_size());
        return mapped;
      });
}

FutureHandle* TransactionHandle::get_addresses_for_key(ByteView key) {
  return ask([&] { return transaction_->addresses_for_key(key); },
             [](std::vector<std::string> addresses) {
               return StringArray{std::move(addresses), {}};
             });
}

FutureHandle* TransactionHandle::get_estimated_range_size_bytes(ByteView begin, ByteView end) {
  return ask([&] { return reader(false).estimated_size(begin, end); });
}

FutureHandle* TransactionHandle::get_range_split_points(ByteView begin, ByteView end,
                                                        std::int64_t chunk_bytes) {
  return ask([&] { return reader(false).split_points(begin, end, chunk_bytes); },
             [](std::vector<Bytes> points) {
               return KeyArray{std::move(points), {}};
             });
}

FutureHandle* TransactionHandle::get_read_version() {
  {
    const Lock lock(mutex_);
    if (commit_begun_ && refused() == ErrorCode::success) return read_version_after_commit();
  }
  return ask([&] {
    if (const auto injected = Buggify::instance().error_at(Section::read_version))
      throw Error(*injected);
    has_read_ = true;
    return transaction_->read_version();
  });
}

// The version that the commit was made at; or a new one, for a transaction that had asked for none,
// and before version 700.
FutureHandle* TransactionHandle::read_version_after_commit() {
  if (read_version_ != kInvalidVersion && api_version() >= kCommitKeepsReadVersion)
    return FutureHandle::ready(read_version_);
  Transaction fresh = database_->begin();
  plinth::Future<Version> version = fresh.read_version();
  return FutureHandle::of(std::move(version),
                          [keep = std::move(fresh)](Version given) { return given; });
}

FutureHandle* TransactionHandle::watch(ByteView key) {
  return ask([&] {
    has_read_ = true;
    return transaction_->watch(key);
  });
}

// --- Writes ------------------------------------------------------------------------------------

void TransactionHandle::set(ByteView key, ByteView value) {
  write([&] {
    if (const auto name = tenant_of(key)) return writable_tenant_map(key).create(*name);
    transaction_->set(key, value);
    cost_->add_write(key.size() + value.size());
  });
}

void TransactionHandle::clear(ByteView key) {
  write([&] {
    if (const auto name = tenant_of(key)) return writable_tenant_map(key).remove(*name);
    transaction_->clear(key);
    cost_->add_write(key.size());
  });
}

void TransactionHandle::clear_range(ByteView begin, ByteView end) {
  write([&] {
    const std::optional<ByteView> first = tenant_of(begin);
    const std::optional<ByteView> last = tenant_of(end);
    if (first && last) return writable_tenant_map(begin).remove_range(*first, *last);
    transaction_->clear_range(begin, end);
    cost_->add_write(begin.size() + end.size());
  });
}

void TransactionHandle::atomic_op(MutationType type, ByteView key, ByteView operand) {
  write([&] {
    if (api_version() < kLongStampOffsets) {
      const auto [long_key, long_operand] = with_long_stamp_offset(type, key, operand);
      transaction_->atomic_op(type, long_key, long_operand);
    } else {
      transaction_->atomic_op(type, key, operand);
    }
    cost_->add_write(key.size() + operand.size());
  });
}

ErrorCode TransactionHandle::add_conflict_range(ByteView begin, ByteView end,
                                                ConflictRangeType type) {
  if (begin > end) return ErrorCode::inverted_range;
  if (type != ConflictRangeType::read && type != ConflictRangeType::write)
    return ErrorCode::client_invalid_operation;
  write([&] { transaction_->add_conflict_range(begin, end, type); });
  return ErrorCode::success;
}

// --- Control -----------------------------------------------------------------------------------

FutureHandle* TransactionHandle::commit() {
  const auto unspoken = Buggify::instance().error_at(Section::commit_unspoken);
  return ask(
      [&] {
        check_buggified_commit();
        if (has_read_ && !commit_begun_) {
          plinth::Future<Version> version = transaction_->read_version();
          if (version.ready() && !version.error()) read_version_ = version.get();
        }
        commit_begun_ = true;
        return transaction_->commit();
      },
      [unspoken] {
        if (unspoken) throw Error(*unspoken);
        return FutureHandle::Nothing();
      });
}

void TransactionHandle::check_buggified_commit() {
  for (const Section section : {Section::commit_refused, Section::commit_lost}) {
    if (const auto injected = Buggify::instance().error_at(section)) {
      defer(ErrorCode::used_during_commit);
      throw Error(*injected);
    }
  }
}

FutureHandle* TransactionHandle::on_error(ErrorCode error) {
  const Lock lock(mutex_);
  if (!transaction_) return FutureHandle::failed(database_->error());
  if (error == ErrorCode::success) return FutureHandle::failed(ErrorCode::client_invalid_operation);
  plinth::Future<void> retry = transaction_->on_error(Error(error));
  if (!retry.error()) {
    forget_attempt();
    if (api_version() < kOptionsOutliveRetry) database_->restore_retry_options(*transaction_);
  }
  return FutureHandle::of(std::move(retry));
}

void TransactionHandle::cancel() {
  const Lock lock(mutex_);
  if (!transaction_) return;
  transaction_->cancel();
  commit_begun_ = false;  // no answer but transaction_cancelled any more
}

void TransactionHandle::reset() {
  const Lock lock(mutex_);
  if (!transaction_) return;
  transaction_->reset();
  forget_attempt();
}

void TransactionHandle::forget_attempt() noexcept {
  deferred_ = ErrorCode::success;
  special_keys_writable_ = false;
  read_your_writes_ = true;
  has_read_ = false;
  commit_begun_ = false;
  read_version_ = kInvalidVersion;
  cost_->clear();
}

ErrorCode TransactionHandle::get_committed_version(std::int64_t& version) {
  const Lock lock(mutex_);
  if (!transaction_) return database_->error();
  version = transaction_->committed_version();
  return ErrorCode::success;
}

FutureHandle* TransactionHandle::get_versionstamp() {
  return ask([&] { return transaction_->versionstamp(); });
}

FutureHandle* TransactionHandle::get_approximate_size() {
  return ask([&] { return plinth::Future<std::int64_t>(transaction_->approximate_size()); });
}

FutureHandle* TransactionHandle::get_total_cost() {
  return ask([&] { return plinth::Future<std::int64_t>(cost_->bytes()); });
}

FutureHandle* TransactionHandle::get_tag_throttled_duration() {
  return ask([&] { return plinth::Future<double>(0.0); });
}

void TransactionHandle::set_read_version(std::int64_t version) {
  write([&] {
    transaction_->set_read_version(version);
    has_read_ = true;
  });
}

ErrorCode TransactionHandle::set_option(int code, ByteView value) {
  try {
    client::find_option(client::transaction_options(), code);
  } catch (const Error& unknown) {
    return unknown.error_code();
  }
  const auto option = static_cast<TransactionOption>(code);
  write([&] {
    transaction_->set_option(option, value);
    if (option == TransactionOption::special_key_space_enable_writes) special_keys_writable_ = true;
    if (option == TransactionOption::read_your_writes_disable) read_your_writes_ = false;
  });
  return ErrorCode::success;
}

}  // namespace plinth::capi
