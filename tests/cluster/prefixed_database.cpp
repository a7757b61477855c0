#include "cluster/prefixed_database.hpp"

#include <utility>

#include "client/database_impl.hpp"
#include "client/key_rules.hpp"
#include "client/transaction_impl.hpp"

namespace plinth::test {
namespace {

using client::is_system;
using client::kSystemKeys;

constexpr std::size_t kOffsetBytes = 4;

class Prefix {
 public:
  explicit Prefix(Bytes bytes) : bytes_(std::move(bytes)) {}

  Bytes on(ByteView key) const {
    return is_system(key) && key != kSystemKeys ? Bytes(key) : bytes_ + Bytes(key);
  }
  KeySelector on_selector(const KeySelector& selector) const {
    return {on(selector.key), selector.or_equal, selector.offset};
  }
  // A versionstamped key's last 4 bytes are the place of its stamp, which moves with the prefix.
  Bytes on_stamped(ByteView key) const {
    Bytes mapped = on(key);
    if (key.size() < kOffsetBytes) return mapped;
    char* const offset = mapped.data() + mapped.size() - kOffsetBytes;
    std::uint32_t place = 0;
    for (int i = kOffsetBytes - 1; i >= 0; --i)
      place = place << 8 | static_cast<unsigned char>(offset[i]);
    place += static_cast<std::uint32_t>(bytes_.size());
    for (std::size_t i = 0; i < kOffsetBytes; ++i) offset[i] = static_cast<char>(place >> (8 * i));
    return mapped;
  }

  bool holds(ByteView key) const {
    return key.starts_with(bytes_) && !is_system(key.substr(bytes_.size()));
  }
  // Of a key that a selector has found.
  Bytes off(ByteView key) const {
    if (client::is_special(key)) return Bytes(key);
    if (holds(key)) return Bytes(key.substr(bytes_.size()));
    return key < ByteView(bytes_) ? Bytes() : Bytes(kSystemKeys);
  }

 private:
  const Bytes bytes_;
};

Future<Bytes> key_off(std::shared_ptr<const Prefix> prefix, Future<Bytes> found) {
  co_return prefix->off(co_await std::move(found));
}

Future<Rows> rows_off(std::shared_ptr<const Prefix> prefix, Future<Rows> found) {
  const Rows rows = co_await std::move(found);
  Rows mapped;
  for (const auto [key, value] : rows)
    if (client::is_special(key) || prefix->holds(key)) mapped.append(prefix->off(key), value);
  mapped.set_more(rows.more() && !mapped.empty());
  co_return mapped;
}

Future<std::vector<Bytes>> keys_off(std::shared_ptr<const Prefix> prefix,
                                    Future<std::vector<Bytes>> found) {
  std::vector<Bytes> keys = co_await std::move(found);
  for (Bytes& key : keys) key = prefix->off(key);
  co_return keys;
}

class PrefixedTransaction final : public detail::TransactionImpl {
 public:
  PrefixedTransaction(std::shared_ptr<TransactionImpl> inner, std::shared_ptr<const Prefix> prefix)
      : inner_(std::move(inner)), prefix_(std::move(prefix)) {}

  Future<std::optional<Bytes>> get(ByteView key, bool snapshot) override {
    return inner_->get(prefix_->on(key), snapshot);
  }
  Future<Bytes> get_key(const KeySelector& selector, bool snapshot) override {
    return key_off(prefix_, inner_->get_key(prefix_->on_selector(selector), snapshot));
  }
  Future<Rows> get_page(const detail::PageRequest& request, bool snapshot) override {
    detail::PageRequest mapped = request;
    mapped.begin = prefix_->on_selector(request.begin);
    mapped.end = prefix_->on_selector(request.end);
    return rows_off(prefix_, inner_->get_page(mapped, snapshot));
  }
  Future<Version> read_version() override { return inner_->read_version(); }
  Future<std::int64_t> estimated_size(ByteView begin, ByteView end) override {
    return inner_->estimated_size(prefix_->on(begin), prefix_->on(end));
  }
  Future<std::vector<Bytes>> split_points(ByteView begin, ByteView end,
                                          std::int64_t chunk_bytes) override {
    return keys_off(prefix_,
                    inner_->split_points(prefix_->on(begin), prefix_->on(end), chunk_bytes));
  }
  Future<std::vector<std::string>> addresses_for_key(ByteView key) override {
    return inner_->addresses_for_key(prefix_->on(key));
  }

  void set(ByteView key, ByteView value) override { inner_->set(prefix_->on(key), value); }
  void clear(ByteView key) override { inner_->clear(prefix_->on(key)); }
  void clear_range(ByteView begin, ByteView end) override {
    inner_->clear_range(prefix_->on(begin), prefix_->on(end));
  }
  void atomic_op(MutationType type, ByteView key, ByteView operand) override {
    const bool stamped = type == MutationType::set_versionstamped_key;
    inner_->atomic_op(type, stamped ? prefix_->on_stamped(key) : prefix_->on(key), operand);
  }

  Future<void> commit() override { return inner_->commit(); }
  void commit_and_wait() override { inner_->commit_and_wait(); }
  Future<void> on_error(const Error& error) override { return inner_->on_error(error); }
  void reset() override { inner_->reset(); }
  void cancel() override { inner_->cancel(); }
  void close() noexcept override { inner_->close(); }

  void set_read_version(Version version) override { inner_->set_read_version(version); }
  Version committed_version() override { return inner_->committed_version(); }
  Future<CommitStamp> versionstamp() override { return inner_->versionstamp(); }
  std::int64_t approximate_size() override { return inner_->approximate_size(); }
  void add_conflict_range(ByteView begin, ByteView end, ConflictRangeType type) override {
    inner_->add_conflict_range(prefix_->on(begin), prefix_->on(end), type);
  }
  void set_option(TransactionOption option, ByteView value) override {
    inner_->set_option(option, value);
  }
  Watch watch(ByteView key) override { return inner_->watch(prefix_->on(key)); }
  Vars& vars() override { return inner_->vars(); }
  std::uint64_t attempt() const override { return inner_->attempt(); }
  int retries() const override { return inner_->retries(); }
  double elapsed_s() const override { return inner_->elapsed_s(); }

 private:
  const std::shared_ptr<TransactionImpl> inner_;
  const std::shared_ptr<const Prefix> prefix_;
};

class PrefixedDatabase final : public detail::DatabaseImpl {
 public:
  PrefixedDatabase(std::shared_ptr<DatabaseImpl> inner, std::shared_ptr<const Prefix> prefix)
      : inner_(std::move(inner)), prefix_(std::move(prefix)) {}

  std::shared_ptr<detail::TransactionImpl> begin() override {
    return std::make_shared<PrefixedTransaction>(inner_->begin(), prefix_);
  }
  std::shared_ptr<DatabaseImpl> separate() override {
    return std::make_shared<PrefixedDatabase>(inner_->separate(), prefix_);
  }
  void set_option(DatabaseOption option, ByteView value) override {
    inner_->set_option(option, value);
  }
  Future<void> flush() override { return inner_->flush(); }
  Future<void> checkpoint() override { return inner_->checkpoint(); }
  std::string status_json() override { return inner_->status_json(); }
  std::vector<std::string> verify(const std::function<bool(double)>& progress) override {
    return inner_->verify(progress);
  }
  void compact(const std::function<bool(double)>& progress) override { inner_->compact(progress); }
  const std::string& url() const override { return inner_->url(); }

 private:
  const std::shared_ptr<DatabaseImpl> inner_;
  const std::shared_ptr<const Prefix> prefix_;
};

}  // namespace

Database prefixed(std::shared_ptr<detail::DatabaseImpl> whole, Bytes prefix) {
  return Database(std::make_shared<PrefixedDatabase>(
      std::move(whole), std::make_shared<const Prefix>(std::move(prefix))));
}

}  // namespace plinth::test
