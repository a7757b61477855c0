// CommitQueue: leader-based group commit.
//
// Any number of threads hand in commits. Whoever finds nobody leading leads: takes all that wait as
// one batch, has it processed, and goes on with what has come meanwhile. A blocking thread leads
// only until its own commit is done, then hands over to another that blocks, or to the queue's own
// thread, which also leads for asynchronous commits: those never block their caller. So a single
// blocking client commits with no switch of threads, and a thousand share each fdatasync.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "base/sync.hpp"
#include "engine/service.hpp"

namespace plinth::engine {

class CommitQueue {
 public:
  // One commit, or an action that must not run beside commits.
  struct Item {
    CommitRequest request;
    std::function<void()> action;  // if set, there is no request
    // Written by the processor.
    CommitResult result;
    std::exception_ptr error;

   private:
    friend class CommitQueue;
    bool blocking = false;
    bool done = false;
    bool lead = false;
    base::CondVar cond;                            // blocking: wakes its thread
    std::optional<Promise<CommitResult>> promise;  // else
  };
  using Batch = std::span<Item* const>;
  // Gives each commit of the batch a result or an error, by order of the batch. Called by one
  // thread at a time. Actions are not among them. Returns how long it waited for the disk. Must not
  // throw.
  using Processor = std::function<base::Micros(const Batch&)>;

  CommitQueue(Processor processor, Executor& executor);
  // Waits for all that was handed in.
  ~CommitQueue();

  // Each may throw std::bad_alloc, and has then handed in nothing.
  Future<CommitResult> commit(CommitRequest request);
  CommitResult commit_and_wait(CommitRequest request);
  // Runs `action` where a batch would run; what it throws is in the future.
  Future<CommitResult> act(std::function<void()> action);
  void act_and_wait(std::function<void()> action);

 private:
  // So much of the queue makes one batch.
  static constexpr std::size_t kMaxBatchItems = 16'384;
  static constexpr std::size_t kMinBatchItems = 64;  // when there is no memory for more
  static constexpr std::size_t kMaxBatchBytes = 32 << 20;
  // A batch is held open for this part of the time that a sync takes, see gather().
  static constexpr base::Micros kGatherPart = 4;
  static constexpr base::Micros kMaxGather = 2'000;

  Future<CommitResult> enqueue(std::unique_ptr<Item> item);
  void enqueue_and_wait(Item& item);
  void push(Item* item);
  // With the lock held and leading_ true. `own` null: until the queue is empty.
  void lead(base::Lock& lock, const Item* own);
  void hand_over();
  void gather(base::Lock& lock);
  void take_batch();
  void process();
  void answer(base::Lock& lock);
  void run();

  const Processor processor_;
  Executor& executor_;
  base::Mutex mutex_;
  std::deque<Item*> queue_;  // asynchronous ones are owned
  bool leading_ = false;
  bool thread_leads_ = false;  // leadership was handed to thread_
  bool stopping_ = false;
  std::size_t gather_target_ = 0;  // the leader wakes when so many wait; 0: it is not gathering
  base::CondVar gather_cond_;
  std::vector<Item*> batch_;       // what the leader has in hand
  std::size_t last_commits_ = 0;   // of the batch before
  base::Micros last_disk_us_ = 0;  // that it waited for the disk
  base::CondVar thread_cond_;
  base::Thread thread_;
};

}  // namespace plinth::engine
