// TenantTransaction: a transaction that is confined to a tenant. Keys go in and come out without
// the tenant's prefix; keys from \xff up do not exist there.
#pragma once

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "client/transaction_impl.hpp"
#include "plinth/transaction.hpp"

namespace plinth::capi {

// The tenant is looked up by each attempt's first operation, which fails with tenant_not_found when
// there is none; that read conflicts with the tenant's deletion. The lookup, and selectors that are
// no plain keys, wait for what they read (await_here()).
class TenantTransaction final : public detail::TransactionImpl {
 public:
  TenantTransaction(Transaction inner, Bytes name)
      : inner_(std::move(inner)), name_(std::move(name)) {}

  Future<std::optional<Bytes>> get(ByteView key, bool snapshot) override;
  Future<Bytes> get_key(const KeySelector& selector, bool snapshot) override;
  Future<Rows> get_page(const detail::PageRequest& request, bool snapshot) override;
  Future<Version> read_version() override { return inner_.read_version(); }
  Future<std::int64_t> estimated_size(ByteView begin, ByteView end) override;
  Future<std::vector<Bytes>> split_points(ByteView begin, ByteView end,
                                          std::int64_t chunk_bytes) override;
  Future<std::vector<std::string>> addresses_for_key(ByteView key) override;

  void set(ByteView key, ByteView value) override { inner_.set(placed(key), value); }
  void clear(ByteView key) override { inner_.clear(placed(key)); }
  void clear_range(ByteView begin, ByteView end) override;
  void atomic_op(MutationType type, ByteView key, ByteView operand) override;

  Future<void> commit() override { return inner_.commit(); }
  void commit_and_wait() override { inner_.commit_and_wait(); }
  Future<void> on_error(const Error& error) override;
  void reset() override;
  void cancel() override { inner_.cancel(); }
  void close() noexcept override;

  void set_read_version(Version version) override { inner_.set_read_version(version); }
  Version committed_version() override { return inner_.committed_version(); }
  Future<CommitStamp> versionstamp() override { return inner_.versionstamp(); }
  std::int64_t approximate_size() override { return inner_.approximate_size(); }
  void add_conflict_range(ByteView begin, ByteView end, ConflictRangeType type) override;
  void set_option(TransactionOption option, ByteView value) override {
    inner_.set_option(option, value);
  }
  Watch watch(ByteView key) override;
  Vars& vars() override { return inner_.vars(); }
  std::uint64_t attempt() const override { return attempt_; }
  int retries() const override { return retries_; }
  double elapsed_s() const override;

 private:
  using Clock = std::chrono::steady_clock;

  const Bytes& prefix();
  // The key with the prefix. Error(key_outside_legal_range), for the end of a range beyond \xff.
  Bytes placed(ByteView key);
  Bytes placed_end(ByteView key);
  // The prefixed key that a selector names, not beyond the tenant's keys, with its read conflict.
  Bytes resolve(const KeySelector& selector, bool snapshot);
  KeySelector placed_bound(const KeySelector& selector, bool snapshot);
  Bytes without_prefix(ByteView key);
  // What make() returns, or its error in a future.
  template <class Make>
  auto guarded(Make make) -> decltype(make());

  Transaction inner_;
  const Bytes name_;
  std::optional<Bytes> prefix_;  // of this attempt
  std::uint64_t attempt_ = 0;
  int retries_ = 0;
  Clock::time_point begun_ = Clock::now();
};

}  // namespace plinth::capi
