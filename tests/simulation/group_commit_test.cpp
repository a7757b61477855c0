// How commits share syncs, and what that costs: CommitQueue on simulated threads and time.
#include <gtest/gtest.h>

#include <vector>

#include "base/completion.hpp"
#include "engine/commit_queue.hpp"
#include "simulation/scheduler.hpp"

namespace plinth::simulation {
namespace {

using engine::CommitQueue;

constexpr Micros kSync = 10'000;
// A batch is held open for 2 ms at the most. In this much time many threads get their turn.
constexpr Micros kLittle = 500;

class GroupCommitTest : public testing::TestWithParam<int> {  // the seed
 protected:
  void simulate(const std::function<void(CommitQueue&)>& main) {
    Trace trace;
    SimScheduler scheduler(static_cast<std::uint64_t>(GetParam()), {}, trace);
    scheduler_ = &scheduler;
    const auto failure = scheduler.run([&] {
      base::CompletionThread executor("completion");
      CommitQueue queue([this](const CommitQueue::Batch&) { return sync(); }, executor);
      main(queue);
    });
    EXPECT_FALSE(failure.has_value()) << *failure;
  }
  Micros sync() {
    ++syncs_;
    scheduler_->sleep_for(kSync);
    return kSync;
  }
  // So many threads commit so many times each, with a short pause between.
  void work(CommitQueue& queue, int threads, int commits) {
    std::vector<base::Thread> clients;
    for (int t = 0; t < threads; ++t)
      clients.emplace_back("client", [this, &queue, t, commits] {
        for (int i = 0; i < commits; ++i) {
          queue.commit_and_wait({});
          scheduler_->sleep_for((7 * i + 13 * t) % kLittle);
        }
      });
  }
  Micros now() { return scheduler_->monotonic_now(); }

  SimScheduler* scheduler_ = nullptr;
  int syncs_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Seeds, GroupCommitTest, testing::Range(1, 6));

TEST_P(GroupCommitTest, ManyClientsShareEachSync) {
  constexpr int kCommits = 20;
  simulate([&](CommitQueue& queue) { work(queue, 64, kCommits); });
  // One for all, but when the first of them comes and when the last of them go. If batches were
  // not held open, every second one would hold a single commit.
  EXPECT_LE(syncs_, kCommits + 5);
}

TEST_P(GroupCommitTest, ASingleClientNeverWaitsForOthers) {
  constexpr int kCommits = 50;
  simulate([&](CommitQueue& queue) {
    const Micros begin = now();
    for (int i = 0; i < kCommits; ++i) queue.commit_and_wait({});
    EXPECT_LT(now() - begin, kCommits * kSync + kLittle);
  });
  EXPECT_EQ(syncs_, kCommits);
}

TEST_P(GroupCommitTest, NorDoesTheLastOneLeft) {
  simulate([&](CommitQueue& queue) {
    work(queue, 8, 5);
    queue.commit_and_wait({});  // the batch before may have held two
    const Micros begin = now();
    for (int i = 0; i < 20; ++i) queue.commit_and_wait({});
    EXPECT_LT(now() - begin, 20 * kSync + kLittle);
  });
}

TEST_P(GroupCommitTest, WhoLeftIsWaitedForOnceAndNotLong) {
  simulate([&](CommitQueue& queue) {
    work(queue, 8, 5);
    const Micros begin = now();
    queue.commit_and_wait({});
    EXPECT_LT(now() - begin, kSync + kSync / 4 + kLittle);
  });
}

TEST_P(GroupCommitTest, ClosingWaitsForNobody) {
  Micros begin = 0;
  Micros end = 0;
  simulate([&](CommitQueue&) {
    base::CompletionThread executor("completion");
    auto queue = std::make_unique<CommitQueue>([this](const auto&) { return sync(); }, executor);
    auto first = queue->commit({});
    scheduler_->sleep_for(kSync / 2);
    auto second = queue->commit({});
    auto third = queue->commit({});
    third.get();  // with the second
    ASSERT_EQ(syncs_, 2);
    auto last = queue->commit({});
    scheduler_->sleep_for(kLittle);
    ASSERT_EQ(syncs_, 2) << "the batch is not held open";
    begin = now();
    queue.reset();
    end = now();
    last.get();
  });
  EXPECT_EQ(syncs_, 3);
  EXPECT_LT(end - begin, kSync + kLittle);
}

}  // namespace
}  // namespace plinth::simulation
