// ClusterTransaction: a transaction of libfdb_c.
//
// libfdb_c puts off the errors of writes and options to the next future. Here, as on every kind of
// database, what can never be right throws at once, so that is checked before the call; all else
// comes from the cluster when it comes.
#pragma once

#include <atomic>
#include <memory>

#include "client/transaction_impl.hpp"
#include "client/transaction_settings.hpp"
#include "cluster/cluster_database.hpp"

namespace plinth::cluster {

class ClusterTransaction final : public detail::TransactionImpl {
 public:
  explicit ClusterTransaction(std::shared_ptr<ClusterDatabase> database);
  ~ClusterTransaction() override;

  // cluster_reads.cpp
  Future<std::optional<Bytes>> get(ByteView key, bool snapshot) override;
  Future<Bytes> get_key(const KeySelector& selector, bool snapshot) override;
  Future<Rows> get_page(const detail::PageRequest& request, bool snapshot) override;
  Future<Version> read_version() override;
  Future<std::int64_t> estimated_size(ByteView begin, ByteView end) override;
  Future<std::vector<Bytes>> split_points(ByteView begin, ByteView end,
                                          std::int64_t chunk_bytes) override;
  Future<std::vector<std::string>> addresses_for_key(ByteView key) override;
  Watch watch(ByteView key) override;

  // cluster_writes.cpp
  void set(ByteView key, ByteView value) override;
  void clear(ByteView key) override;
  void clear_range(ByteView begin, ByteView end) override;
  void atomic_op(MutationType type, ByteView key, ByteView operand) override;
  void add_conflict_range(ByteView begin, ByteView end, ConflictRangeType type) override;

  // cluster_transaction.cpp
  Future<void> commit() override;
  void commit_and_wait() override { commit().get(); }
  Future<void> on_error(const Error& error) override;
  void reset() override;
  void cancel() override;
  void close() noexcept override;
  void set_read_version(Version version) override;
  Version committed_version() override;
  Future<CommitStamp> versionstamp() override;
  // Asks libfdb_c, and so may wait for its network thread.
  std::int64_t approximate_size() override;
  void set_option(TransactionOption option, ByteView value) override;
  Vars& vars() override { return vars_; }
  std::uint64_t attempt() const override { return attempt_; }
  int retries() const override { return retries_; }
  double elapsed_s() const override;

 private:
  enum class Phase { active, committed, cancelled, closed };
  // What answers that are still to come say of the attempt. Any thread.
  struct Attempt {
    std::atomic<bool> commit_failed{false};
    std::atomic<bool> given_up{false};  // on_error was not to retry
  };

  // Throws the error that the transaction answers with when it cannot be used now.
  void check_usable();
  void check_write_key(ByteView key) const;
  void end_attempt();
  // The handle for a read, after which read_your_writes_disable and set_read_version come too late.
  FDBTransaction* reader();
  // The same for a write.
  FDBTransaction* writer();

  const std::shared_ptr<ClusterDatabase> database_;
  Network& network_;
  const FdbLibrary& library_;
  FDBTransaction* handle_ = nullptr;
  client::TransactionSettings settings_;
  Phase phase_ = Phase::active;
  bool fresh_ = true;               // nothing read or written in this attempt
  bool has_read_version_ = false;   // or has asked for one
  bool used_after_commit_ = false;  // and refused
  std::shared_ptr<Attempt> answers_ = std::make_shared<Attempt>();
  std::uint64_t attempt_ = 0;
  int retries_ = 0;
  base::Micros begun_us_;
  Vars vars_;
};

}  // namespace plinth::cluster
