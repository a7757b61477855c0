#include "remote/remote_service.hpp"

#include <optional>
#include <utility>

#include "base/environment.hpp"
#include "remote/dial.hpp"
#include "remote/remote_chore.hpp"
#include "remote/remote_snapshot.hpp"

namespace plinth::remote {
namespace {

using Snapshot = std::shared_ptr<engine::ReadSnapshot>;

constexpr base::Micros kHelloPatience = 5'000'000;

// The answer tells the snapshot, unless nobody has it any more.
class PendingBegin final : public Pending {
 public:
  explicit PendingBegin(std::weak_ptr<RemoteSnapshot> snapshot) : snapshot_(std::move(snapshot)) {}
  void answer(FieldReader& in) override {
    const auto granted = read_fields<Granted>(in);
    if (const auto snapshot = snapshot_.lock()) snapshot->granted(granted.version);
  }
  void fail(std::exception_ptr error) override {
    if (const auto snapshot = snapshot_.lock()) snapshot->refused(std::move(error));
  }

 private:
  const std::weak_ptr<RemoteSnapshot> snapshot_;
};

class PendingReadAt final : public PendingFuture<Snapshot> {
 public:
  PendingReadAt(Executor& executor, std::shared_ptr<RemoteSnapshot> snapshot)
      : PendingFuture(executor), snapshot_(std::move(snapshot)) {}
  void answer(FieldReader& in) override {
    snapshot_->granted(read_fields<Granted>(in).version);
    set(std::move(snapshot_));
  }

 private:
  std::shared_ptr<RemoteSnapshot> snapshot_;
};

class PendingCommit final : public PendingFuture<engine::CommitResult> {
 public:
  PendingCommit(Executor& executor, std::size_t read_conflicts)
      : PendingFuture(executor), read_conflicts_(read_conflicts) {}
  void answer(FieldReader& in) override {
    auto commit = read_fields<CommitAnswer>(in);
    for (const std::size_t place : commit.result.conflicting_reads)
      if (place >= read_conflicts_) throw_malformed("a conflict with nothing");
    set(std::move(commit.result));
  }
  Error lost_error() const override {
    return Error(ErrorCode::commit_unknown_result,
                 "The connection to the server was lost before it answered");
  }
  bool is_commit() const override { return true; }

 private:
  const std::size_t read_conflicts_;
};

// A watch goes on on the next connection: if the value is another by then, it fires at once.
class PendingWatch final : public PendingFuture<void> {
 public:
  PendingWatch(Executor& executor, ByteView key, std::optional<Bytes> seen)
      : PendingFuture(executor), key_(key), seen_(std::move(seen)) {}
  WatchKey fields() const { return {key_, seen_ ? std::optional<ByteView>(*seen_) : std::nullopt}; }
  void answer(FieldReader& in) override {
    in.end();
    set();
  }
  bool survives() const override { return true; }
  void append(Bytes& out, RequestId id) const override {
    append_message(out, MessageKind::watch, id, fields());
  }

 private:
  const Bytes key_;
  const std::optional<Bytes> seen_;
};

class CancelRequest final : public detail::Canceller {
 public:
  CancelRequest(std::weak_ptr<Link> link, RequestId id) : link_(std::move(link)), id_(id) {}
  void cancel() noexcept override {
    if (const auto link = link_.lock()) link->cancel(id_);
  }

 private:
  const std::weak_ptr<Link> link_;
  const RequestId id_;
};

Error lost_before_answer() {
  return Error(ErrorCode::connection_failed,
               "The connection to the server was lost before it answered");
}

class PendingNothing final : public PendingFuture<void> {
 public:
  using PendingFuture::PendingFuture;
  void answer(FieldReader& in) override {
    in.end();
    set();
  }
  Error lost_error() const override { return lost_before_answer(); }
};

class PendingStatus final : public PendingFuture<std::string> {
 public:
  using PendingFuture::PendingFuture;
  void part(FieldReader& in) override {
    const Texts texts(in);
    for (const ByteView text : texts.texts) text_.append(text);
  }
  void answer(FieldReader& in) override {
    part(in);
    in.end();
    set(std::move(text_));
  }
  Error lost_error() const override { return lost_before_answer(); }
  bool survives() const override { return true; }
  void append(Bytes& out, RequestId id) const override {
    append_message(out, MessageKind::status, id, Nothing());
  }

 private:
  std::string text_;
};

}  // namespace

RemoteService::RemoteService(Descriptor first, Link::Dial dial, base::Micros patience,
                             Executor* executor)
    : own_executor_(executor == nullptr
                        ? std::make_unique<base::CompletionThread>("plinth-complete")
                        : nullptr),
      executor_(own_executor_ ? own_executor_.get() : executor),
      timers_("plinth-timers", executor_),
      link_(std::make_shared<Link>(std::move(first), std::move(dial), patience)) {}

RemoteService::~RemoteService() {
  link_->close();
}

Future<Snapshot> RemoteService::begin_read(const engine::ReadOptions& options) {
  auto snapshot = std::make_shared<RemoteSnapshot>(link_, *executor_);
  const Link::SnapshotPlace& place = snapshot->place();
  link_->ask(MessageKind::begin_read, BeginRead(place.id, options.long_reads),
             std::make_unique<PendingBegin>(snapshot), place.epoch);
  return Snapshot(std::move(snapshot));
}

Future<Snapshot> RemoteService::read_at(Version version, const engine::ReadOptions& options) {
  auto snapshot = std::make_shared<RemoteSnapshot>(link_, *executor_);
  const Link::SnapshotPlace& place = snapshot->place();
  auto pending = std::make_unique<PendingReadAt>(*executor_, snapshot);
  Future<Snapshot> future = pending->future();
  link_->ask(MessageKind::read_at, ReadAt(place.id, version, options.long_reads),
             std::move(pending), place.epoch);
  return future;
}

Future<engine::CommitResult> RemoteService::commit(engine::CommitRequest request) {
  Link::SnapshotPlace place;
  std::optional<Link::Epoch> epoch;
  if (request.snapshot != nullptr) {
    // Snapshots come from this service alone.
    place = static_cast<const RemoteSnapshot&>(*request.snapshot).place();
    epoch = place.epoch;
  }
  auto pending = std::make_unique<PendingCommit>(*executor_, request.read_conflicts.size());
  Future<engine::CommitResult> future = pending->future();
  link_->ask(MessageKind::commit, Commit(place.id, request), std::move(pending), epoch);
  return future;
}

engine::CommitResult RemoteService::commit_and_wait(engine::CommitRequest request) {
  return commit(std::move(request)).get();
}

Future<void> RemoteService::watch(ByteView key, std::optional<Bytes> seen) {
  const RequestId id = link_->new_id();
  auto pending = std::make_unique<PendingWatch>(*executor_, key, std::move(seen));
  Future<void> future = pending->future();
  pending->on_cancel(std::make_unique<CancelRequest>(link_, id));
  const WatchKey fields = pending->fields();
  link_->ask(MessageKind::watch, fields, std::move(pending), std::nullopt, id);
  return future;
}

template <class P>
auto RemoteService::ask(MessageKind kind) {
  auto pending = std::make_unique<P>(*executor_);
  auto future = pending->future();
  link_->ask(kind, Nothing(), std::move(pending));
  return future;
}

Future<void> RemoteService::flush() {
  return ask<PendingNothing>(MessageKind::flush);
}

Future<void> RemoteService::checkpoint() {
  return ask<PendingNothing>(MessageKind::checkpoint);
}

std::string RemoteService::status_json() {
  return ask<PendingStatus>(MessageKind::status).get();
}

std::vector<std::string> RemoteService::verify(const std::function<bool(double)>& progress) {
  return do_remote_chore(*link_, MessageKind::verify, progress);
}

void RemoteService::compact(const std::function<bool(double)>& progress) {
  do_remote_chore(*link_, MessageKind::compact, progress);
}

std::int64_t RemoteService::monotonic_us() {
  return base::Environment::real().monotonic();
}

std::uint64_t RemoteService::random() {
  return base::Environment::real().random();
}

std::shared_ptr<engine::Service> connect(const std::string& socket_path, Executor* executor,
                                         base::Micros patience) {
  const auto redial = [socket_path] { return dial(socket_path, kHelloPatience); };
  return std::make_shared<RemoteService>(redial(), redial, patience, executor);
}

}  // namespace plinth::remote
