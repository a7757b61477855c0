#include "engine/commit_queue.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "base/completion.hpp"

namespace plinth::engine {
namespace {

class CommitQueueTest : public testing::Test {
 protected:
  // Gives each commit its place as version; remembers which threads led.
  base::Micros process(const CommitQueue::Batch& batch) {
    EXPECT_FALSE(busy_.exchange(true)) << "two leaders at a time";
    leaders_.insert(std::this_thread::get_id());
    largest_ = std::max(largest_, batch.size());
    for (CommitQueue::Item* item : batch) item->result.version = ++count_;
    if (gate_) gate_();
    busy_ = false;
    return 0;
  }
  base::CompletionThread executor_{"test"};
  std::atomic<bool> busy_{false};
  std::set<std::thread::id> leaders_;
  std::size_t largest_ = 0;
  Version count_ = 0;
  std::function<void()> gate_;
};

TEST_F(CommitQueueTest, ASingleBlockingClientCommitsOnItsOwnThread) {
  CommitQueue queue([this](const auto& batch) { return process(batch); }, executor_);
  for (int i = 1; i <= 100; ++i) EXPECT_EQ(queue.commit_and_wait({}).version, i);
  EXPECT_EQ(leaders_, std::set{std::this_thread::get_id()});
}

TEST_F(CommitQueueTest, AsynchronousCommitsNeverRunOnTheirCaller) {
  CommitQueue queue([this](const auto& batch) { return process(batch); }, executor_);
  for (int i = 1; i <= 100; ++i) EXPECT_EQ(queue.commit({}).get().version, i);
  EXPECT_EQ(leaders_.count(std::this_thread::get_id()), 0u);
}

TEST_F(CommitQueueTest, WhatComesMeanwhileIsTheNextBatch) {
  CommitQueue queue([this](const auto& batch) { return process(batch); }, executor_);
  std::mutex held;
  held.lock();
  std::atomic<bool> entered{false};
  gate_ = [&] {
    entered = true;
    std::lock_guard wait(held);
  };
  std::vector<Future<CommitResult>> futures;
  futures.push_back(queue.commit({}));
  while (!entered) std::this_thread::yield();
  for (int i = 0; i < 50; ++i) futures.push_back(queue.commit({}));
  held.unlock();
  Version want = 0;
  for (auto& future : futures) EXPECT_EQ(future.get().version, ++want);
  EXPECT_EQ(largest_, 50u);
}

TEST_F(CommitQueueTest, BlockingAndAsynchronousClientsTogether) {
  CommitQueue queue([this](const auto& batch) { return process(batch); }, executor_);
  constexpr int kThreads = 8, kEach = 500;
  std::vector<std::thread> threads;
  std::atomic<int> answers{0};
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        if ((t + i) % 3 == 0) {
          queue.commit({}).get();
        } else {
          queue.commit_and_wait({});
        }
        ++answers;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers, kThreads * kEach);
  EXPECT_EQ(count_, kThreads * kEach);
}

TEST_F(CommitQueueTest, ActionsKeepTheirPlaceAmongCommits) {
  CommitQueue queue([this](const auto& batch) { return process(batch); }, executor_);
  std::vector<Future<CommitResult>> futures;
  std::vector<Version> seen;
  for (int i = 0; i < 10; ++i) {
    futures.push_back(queue.commit({}));
    futures.push_back(queue.act([&] { seen.push_back(count_); }));
  }
  for (auto& future : futures) future.get();
  EXPECT_EQ(seen, (std::vector<Version>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}));
}

TEST_F(CommitQueueTest, AnActionsErrorIsItsCallers) {
  CommitQueue queue([this](const auto& batch) { return process(batch); }, executor_);
  EXPECT_THROW(queue.act_and_wait([] { throw Error(ErrorCode::io_error); }), Error);
  EXPECT_THROW(queue.act([] { throw Error(ErrorCode::io_error); }).get(), Error);
  EXPECT_EQ(queue.commit_and_wait({}).version, 1);
}

TEST_F(CommitQueueTest, DroppedFuturesAreCommittedAllTheSame) {
  {
    CommitQueue queue([this](const auto& batch) { return process(batch); }, executor_);
    for (int i = 0; i < 100; ++i) {
      auto dropped = queue.commit({});
    }
  }
  EXPECT_EQ(count_, 100);
}

}  // namespace
}  // namespace plinth::engine
