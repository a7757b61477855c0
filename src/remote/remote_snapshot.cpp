#include "remote/remote_snapshot.hpp"

#include <utility>

namespace plinth::remote {
namespace {

class PendingValue final : public PendingFuture<std::optional<Bytes>> {
 public:
  using PendingFuture::PendingFuture;
  void answer(FieldReader& in) override {
    const auto found = read_fields<Value>(in);
    set(found.value ? std::optional<Bytes>(*found.value) : std::nullopt);
  }
};

class PendingRows final : public PendingFuture<Rows> {
 public:
  using PendingFuture::PendingFuture;
  void part(FieldReader& in) override { read_rows(in, rows_); }
  void answer(FieldReader& in) override {
    read_rows(in, rows_);
    in.end();
    set(std::move(rows_));
  }

 private:
  Rows rows_;
};

class PendingSize final : public PendingFuture<std::int64_t> {
 public:
  using PendingFuture::PendingFuture;
  void answer(FieldReader& in) override { set(read_fields<Size>(in).bytes); }
};

class PendingKeys final : public PendingFuture<std::vector<Bytes>> {
 public:
  using PendingFuture::PendingFuture;
  void part(FieldReader& in) override {
    const Texts texts(in);
    for (const ByteView key : texts.texts) keys_.emplace_back(key);
  }
  void answer(FieldReader& in) override {
    part(in);
    in.end();
    set(std::move(keys_));
  }

 private:
  std::vector<Bytes> keys_;
};

}  // namespace

RemoteSnapshot::RemoteSnapshot(std::shared_ptr<Link> link, Executor& executor)
    : link_(std::move(link)), executor_(executor), place_(link_->new_snapshot()) {}

RemoteSnapshot::~RemoteSnapshot() {
  link_->release(place_);
}

template <class P, class Fields>
auto RemoteSnapshot::ask(MessageKind kind, const Fields& fields) {
  auto pending = std::make_unique<P>(executor_);
  auto future = pending->future();
  link_->ask(kind, fields, std::move(pending), place_.epoch);
  return future;
}

Future<Version> RemoteSnapshot::read_version() {
  const base::Lock lock(mutex_);
  if (version_ != kInvalidVersion) return version_.load();
  if (error_) return Future<Version>::failed(error_);
  return waiting_.emplace_back(&executor_).future();
}

void RemoteSnapshot::granted(Version version) {
  std::vector<Promise<Version>> waiting;
  {
    const base::Lock lock(mutex_);
    version_ = version;
    waiting = std::exchange(waiting_, {});
  }
  for (Promise<Version>& waiter : waiting) waiter.set(version);
}

void RemoteSnapshot::refused(std::exception_ptr error) {
  std::vector<Promise<Version>> waiting;
  {
    const base::Lock lock(mutex_);
    error_ = error;
    waiting = std::exchange(waiting_, {});
  }
  for (Promise<Version>& waiter : waiting) waiter.fail(error);
}

Future<std::optional<Bytes>> RemoteSnapshot::get(ByteView key) {
  return ask<PendingValue>(MessageKind::get, Get(place_.id, key));
}

Future<Rows> RemoteSnapshot::get_range(const engine::RangeRequest& request) {
  return ask<PendingRows>(MessageKind::get_range, GetRange(place_.id, request));
}

Future<std::int64_t> RemoteSnapshot::estimated_size(ByteView begin, ByteView end) {
  return ask<PendingSize>(MessageKind::estimated_size, EstimatedSize(place_.id, begin, end));
}

Future<std::vector<Bytes>> RemoteSnapshot::split_points(ByteView begin, ByteView end,
                                                        std::int64_t chunk_bytes) {
  return ask<PendingKeys>(MessageKind::split_points,
                          SplitPoints(place_.id, begin, end, chunk_bytes));
}

}  // namespace plinth::remote
