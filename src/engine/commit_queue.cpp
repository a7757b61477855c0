#include "engine/commit_queue.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

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
  thread_ = base::Thread("plinth-commit", [this] { run(); });
}

CommitQueue::~CommitQueue() {
  {
    base::Lock lock(mutex_);
    stopping_ = true;
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
  item->promise = Promise<CommitResult>(&executor_);
  Future<CommitResult> future = item->promise.future();
  base::Lock lock(mutex_);
  PLINTH_ASSERT(!stopping_);
  push(item.release());
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
    const Batch batch = take_batch();
    lock.unlock();
    process(batch);
    answer(batch, lock);
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
  while (queue_.size() < gather_target_ && gather_cond_.wait_until(lock, deadline)) {
  }
  gather_target_ = 0;
}

CommitQueue::Batch CommitQueue::take_batch() {
  Batch batch;
  std::size_t bytes = 0;
  while (!queue_.empty() && batch.size() < kMaxBatchItems && bytes < kMaxBatchBytes) {
    batch.push_back(queue_.front());
    queue_.pop_front();
    bytes += bytes_of(batch.back()->request);
  }
  return batch;
}

// Actions keep their place among the commits.
void CommitQueue::process(const Batch& batch) {
  Batch commits;
  last_commits_ = 0;
  last_disk_us_ = 0;
  const auto process_commits = [&] {
    if (commits.empty()) return;
    last_disk_us_ += processor_(commits);
    last_commits_ += commits.size();
    commits.clear();
  };
  for (Item* item : batch) {
    if (!item->action) {
      commits.push_back(item);
      continue;
    }
    process_commits();
    try {
      item->action();
    } catch (...) {
      item->error = std::current_exception();
    }
  }
  process_commits();
}

// Returns with the lock held. A blocking item is gone once its thread sees it done.
void CommitQueue::answer(const Batch& batch, base::Lock& lock) {
  Batch blocking;
  for (Item* item : batch) {
    if (item->blocking) {
      blocking.push_back(item);
      continue;
    }
    const std::unique_ptr<Item> owned(item);
    if (owned->error) {
      owned->promise.fail(owned->error);
    } else {
      owned->promise.set(std::move(owned->result));
    }
  }
  lock.lock();
  for (Item* item : blocking) {
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
