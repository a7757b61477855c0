#include "engine/commit_queue.hpp"

#include <algorithm>
#include <new>
#include <utility>

#include "base/assert.hpp"
#include "base/probe.hpp"

namespace plinth::engine {
namespace {

std::size_t bytes_of(const CommitRequest& request) {
  std::size_t bytes = 0;
  for (const Mutation& mutation : request.mutations)
    bytes += mutation.key.size() + mutation.operand.size();
  return bytes;
}

}  // namespace

CommitQueue::CommitQueue(Processor processor, Executor& executor)
    : processor_(std::move(processor)), executor_(executor) {
  batch_.reserve(kMinBatchItems);
  thread_ = base::Thread("plinth-commit", [this] { run(); });
}

CommitQueue::~CommitQueue() {
  {
    base::Lock lock(mutex_);
    stopping_ = true;
    gather_cond_.notify_one();
    thread_cond_.notify_one();
  }
  thread_.join();
  PLINTH_ASSERT(queue_.empty());
}

Future<CommitResult> CommitQueue::commit(CommitRequest request) {
  auto item = std::make_unique<Item>();
  item->request = std::move(request);
  return enqueue(std::move(item));
}

Future<CommitResult> CommitQueue::act(std::function<void()> action) {
  auto item = std::make_unique<Item>();
  item->action = std::move(action);
  return enqueue(std::move(item));
}

CommitResult CommitQueue::commit_and_wait(CommitRequest request) {
  Item item;
  item.request = std::move(request);
  enqueue_and_wait(item);
  return std::move(item.result);
}

void CommitQueue::act_and_wait(std::function<void()> action) {
  Item item;
  item.action = std::move(action);
  enqueue_and_wait(item);
}

Future<CommitResult> CommitQueue::enqueue(std::unique_ptr<Item> item) {
  Future<CommitResult> future = item->promise.emplace(&executor_).future();
  base::Lock lock(mutex_);
  PLINTH_ASSERT(!stopping_);
  push(item.get());
  item.release();
  if (!leading_) {
    leading_ = true;
    thread_leads_ = true;
    thread_cond_.notify_one();
  }
  return future;
}

void CommitQueue::push(Item* item) {
  queue_.push_back(item);
  if (gather_target_ != 0 && queue_.size() >= gather_target_) gather_cond_.notify_one();
}

void CommitQueue::enqueue_and_wait(Item& item) {
  item.blocking = true;
  base::Lock lock(mutex_);
  PLINTH_ASSERT(!stopping_);
  push(&item);
  if (!leading_) {
    leading_ = true;
    lead(lock, &item);
  } else {
    while (!item.done && !item.lead) item.cond.wait(lock);
    if (!item.done) lead(lock, &item);
  }
  lock.unlock();
  if (item.error) std::rethrow_exception(item.error);
}

void CommitQueue::lead(base::Lock& lock, const Item* own) {
  while (own != nullptr ? !own->done : !queue_.empty()) {
    gather(lock);
    take_batch();
    lock.unlock();
    process();
    answer(lock);
  }
  hand_over();
}

void CommitQueue::hand_over() {
  leading_ = !queue_.empty();
  if (!leading_) return;
  for (Item* item : queue_) {
    if (!item->blocking) continue;
    item->lead = true;
    item->cond.notify_one();
    return;
  }
  thread_leads_ = true;
  thread_cond_.notify_one();
}

// Clients that were just answered tend to come again at once. If the next batch were closed before
// they do, each of them would wait for two syncs instead of one. So, where there are several and a
// sync takes long, the batch is held open for a part of that time, or until as many wait as were
// answered. (PostgreSQL's commit_delay has the same reason.)
void CommitQueue::gather(base::Lock& lock) {
  if (last_commits_ < 2 || queue_.size() >= last_commits_) return;
  const base::Micros patience = std::min(last_disk_us_ / kGatherPart, kMaxGather);
  if (patience == 0) return;
  const base::Micros deadline = base::monotonic_now() + patience;
  gather_target_ = last_commits_;
  while (queue_.size() < gather_target_ && !stopping_ && gather_cond_.wait_until(lock, deadline)) {
  }
  gather_target_ = 0;
}

void CommitQueue::take_batch() {
  batch_.clear();
  try {
    batch_.reserve(std::min(queue_.size(), kMaxBatchItems));
  } catch (const std::bad_alloc&) {
    PLINTH_PROBE("no memory for a larger batch");
  }
  std::size_t bytes = 0;
  while (!queue_.empty() && batch_.size() < std::min(batch_.capacity(), kMaxBatchItems) &&
         bytes < kMaxBatchBytes) {
    batch_.push_back(queue_.front());
    queue_.pop_front();
    bytes += bytes_of(batch_.back()->request);
  }
}

// Actions keep their place among the commits.
void CommitQueue::process() {
  last_commits_ = 0;
  last_disk_us_ = 0;
  const auto is_action = [](const Item* item) { return item->action != nullptr; };
  for (auto at = batch_.begin(); at != batch_.end();) {
    const auto commits_end = std::find_if(at, batch_.end(), is_action);
    if (at != commits_end) last_disk_us_ += processor_(Batch(at, commits_end));
    last_commits_ += static_cast<std::size_t>(commits_end - at);
    at = commits_end;
    for (; at != batch_.end() && is_action(*at); ++at) {
      try {
        (*at)->action();
      } catch (...) {
        (*at)->error = std::current_exception();
      }
    }
  }
}

// Returns with the lock held. A blocking item is gone once its thread sees it done.
void CommitQueue::answer(base::Lock& lock) {
  for (Item*& item : batch_) {
    if (item->blocking) continue;
    const std::unique_ptr<Item> owned(std::exchange(item, nullptr));
    if (owned->error) {
      owned->promise->fail(owned->error);
    } else {
      owned->promise->set(std::move(owned->result));
    }
  }
  lock.lock();
  for (Item* item : batch_) {
    if (item == nullptr) continue;
    item->done = true;
    item->cond.notify_one();
  }
}

void CommitQueue::run() {
  base::Lock lock(mutex_);
  while (true) {
    if (std::exchange(thread_leads_, false)) {
      lead(lock, nullptr);
    } else if (stopping_ && !leading_) {
      return;
    } else {
      thread_cond_.wait(lock);
    }
  }
}

}  // namespace plinth::engine
