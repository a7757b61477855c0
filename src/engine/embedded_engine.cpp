#include "engine/embedded_engine.hpp"

#include <algorithm>
#include <utility>

#include "base/probe.hpp"

namespace plinth::engine {
namespace {

constexpr base::Micros kTickInterval = 100'000;
// Recent writes go into the store when the oldest of them has this age, so that an idle database
// reads from its store alone.
constexpr Version kCheckpointAge = 5 * kVersionsPerSecond;
// A version that is still to come is waited for so long, as FoundationDB does.
constexpr base::Micros kFutureVersionWait = 1'000'000;
constexpr base::Micros kFutureVersionLook = 5'000;
constexpr base::Micros kCheckpointLook = 2'000;

}  // namespace

EmbeddedEngine::EmbeddedEngine(Recovered recovered, const EngineOptions& options)
    : path_(options.path),
      options_(options.options),
      own_executor_(options_.executor == nullptr
                        ? std::make_unique<base::CompletionThread>("plinth-complete")
                        : nullptr),
      executor_(own_executor_ ? own_executor_.get() : options_.executor),
      core_(recovered.core),
      watches_(std::make_shared<WatchTable>(*executor_)) {
  checkpointer_ = std::make_unique<Checkpointer>(*core_->store);
  committer_ =
      std::make_unique<Committer>(*core_, std::move(recovered.log), std::move(recovered.memtable),
                                  recovered.version, options_, *watches_, *checkpointer_);
  queue_ = std::make_unique<CommitQueue>(
      [this](const CommitQueue::Batch& batch) { return committer_->process(batch); }, *executor_);
  timers_ = std::make_unique<base::Timers>("plinth-timers", executor_);
  timers_->every(kTickInterval, [this] { tick(); });
}

EmbeddedEngine::~EmbeddedEngine() {
  timers_.reset();
  watches_->fail_all(Error(ErrorCode::database_closed));
  queue_.reset();  // waits for all commits; from here on this thread leads
  try {
    if (!committer_->failure()) committer_->sync();
  } catch (const std::exception&) {
    PLINTH_PROBE("the last sync failed");  // who must know calls flush() before
  }
}

Future<std::shared_ptr<ReadSnapshot>> EmbeddedEngine::begin_read(const ReadOptions& options) {
  std::shared_ptr<const View> view = core_->views.newest();
  const Version granted = std::max(core_->clock.now(), view->version);
  view->last_granted.store(granted, std::memory_order_relaxed);
  const Version version = view->version;
  return std::shared_ptr<ReadSnapshot>(
      std::make_shared<LiveSnapshot>(core_, std::move(view), version, granted, options));
}

Future<std::shared_ptr<ReadSnapshot>> EmbeddedEngine::read_at(Version version,
                                                              const ReadOptions& options) {
  if (version > core_->views.newest()->version) return read_in_future(version, options);
  std::shared_ptr<const View> view = core_->views.at(version);
  if (view != nullptr) {
    const Version granted = std::max(version, view->last_granted.load(std::memory_order_relaxed));
    if (core_->clock.now() <= granted + kTransactionLifetime || options.long_reads)
      return std::shared_ptr<ReadSnapshot>(
          std::make_shared<LiveSnapshot>(core_, std::move(view), version, granted, options));
  }
  return Future<std::shared_ptr<ReadSnapshot>>::failed(Error(ErrorCode::transaction_too_old));
}

Future<std::shared_ptr<ReadSnapshot>> EmbeddedEngine::read_in_future(Version version,
                                                                     ReadOptions options) {
  const std::shared_ptr<EmbeddedEngine> self = shared_from_this();
  const base::Micros deadline = core_->environment.monotonic() + kFutureVersionWait;
  while (core_->views.newest()->version < version) {
    if (core_->environment.monotonic() >= deadline) throw Error(ErrorCode::future_version);
    co_await timers_->delay(kFutureVersionLook);
  }
  co_return co_await read_at(version, options);
}

Future<CommitResult> EmbeddedEngine::commit(CommitRequest request) {
  return queue_->commit(std::move(request));
}

CommitResult EmbeddedEngine::commit_and_wait(CommitRequest request) {
  return queue_->commit_and_wait(std::move(request));
}

Future<void> EmbeddedEngine::watch(ByteView key, std::optional<Bytes> seen) {
  try {
    return watches_->add(key, std::move(seen), core_->views);
  } catch (...) {
    return Future<void>::failed(std::current_exception());
  }
}

Future<void> EmbeddedEngine::flush() {
  const std::shared_ptr<EmbeddedEngine> self = shared_from_this();
  co_await queue_->act([this] {
    if (const std::exception_ptr failure = committer_->failure()) std::rethrow_exception(failure);
    committer_->sync();
  });
}

Future<void> EmbeddedEngine::checkpoint() {
  const std::shared_ptr<EmbeddedEngine> self = shared_from_this();
  const Version target = core_->views.newest()->version;
  checkpointer_->try_again();
  // Not in this frame, which may be given up while an action waits for its turn.
  const auto saved = std::make_shared<bool>(false);
  // Not inside the co_await either: g++ 12 would destroy the temporary twice (its bug 101367).
  const std::function<void()> advance = [this, target, saved] {
    committer_->finish_checkpoint();
    *saved = committer_->saved(target);
    if (*saved) return;
    if (const std::exception_ptr failure = committer_->failure()) std::rethrow_exception(failure);
    if (const std::exception_ptr no_room = checkpointer_->no_room())
      std::rethrow_exception(no_room);
    committer_->begin_checkpoint();
  };
  while (true) {
    Future<CommitResult> advanced = queue_->act(advance);
    co_await advanced;
    if (*saved) co_return;
    co_await timers_->delay(kCheckpointLook);
  }
}

std::vector<std::string> EmbeddedEngine::verify(const std::function<bool(double)>& progress) {
  std::vector<std::string> damage;
  if (committer_->log() != nullptr)
    queue_->act_and_wait([&] { damage = committer_->log()->verify().damage; });
  checkpointer_->with_store([&](storage::Store& store) {
    for (std::string& sentence : store.verify(progress).damage)
      damage.push_back(std::move(sentence));
  });
  return damage;
}

void EmbeddedEngine::compact(const std::function<bool(double)>& progress) {
  checkpoint().get();
  checkpointer_->with_store([&](storage::Store& store) { store.compact(progress); });
  queue_->act_and_wait([this] { committer_->reload_store(); });
}

// On the timer thread.
void EmbeddedEngine::tick() {
  const Version now = core_->clock.now();
  try {
    core_->snapshots.expire(now);
    core_->views.trim(now - kTransactionLifetime);
    hand_in_chores(now);
  } catch (const std::bad_alloc&) {
    PLINTH_PROBE("a tick was left out for lack of memory");
  }
}

void EmbeddedEngine::hand_in_chores(Version now) {
  const bool finish = checkpointer_->has_outcome();
  const bool flush =
      committer_->flush_wanted() && now - last_flush_ >= options_.flush_interval_ms * 1000;
  const Version oldest = committer_->oldest_unsaved();
  const bool checkpoint = oldest != kInvalidVersion && now - oldest >= kCheckpointAge;
  if (!finish && !flush && !checkpoint) return;
  const auto act = [this, flush, checkpoint] {
    committer_->finish_checkpoint();
    if (committer_->failure()) return;
    if (flush) committer_->sync();
    if (checkpoint) committer_->begin_checkpoint();
  };
  queue_->act(act).cancel();  // nobody waits for it
  if (flush) last_flush_ = now;
}

}  // namespace plinth::engine
