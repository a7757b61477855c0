// What is left of an engine when an allocation fails: all of it. Whatever failed had no effect, the
// caller was told, and what comes next goes well.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <thread>

#include "base/completion.hpp"
#include "base/probe.hpp"
#include "engine/commit_queue.hpp"
#include "service_client.hpp"
#include "support/failing_heap.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::engine {
namespace {

using test::FailingHeap;
using Model = std::map<Bytes, Bytes>;

// Values so large that a few commits fill a segment of the log.
const Bytes kLarge(20'000, 'v');

class LackOfMemoryTest : public testing::TestWithParam<bool> {
 protected:
  LackOfMemoryTest() {
    if (GetParam()) options_.path = directory_ / "db";
    options_.options.log_segment_bytes = 64 << 10;
    options_.options.flush_interval_ms = 1;
    service_ = open_engine(options_);
  }
  bool on_disk() const { return GetParam(); }

  // Does `work` again and again, failing its first allocation, its second, … until it makes so few
  // that none fails. `prepare` comes before, `done` after it has gone well, both with all memory.
  template <class Prepare, class Work, class Done>
  void with_each_allocation_failing(FailingHeap::Of whose, Prepare prepare, Work work, Done done) {
    for (int allocations = 0;; ++allocations) {
      SCOPED_TRACE("without allocation " + std::to_string(allocations));
      auto input = prepare();
      bool went_well = true, failed;
      {
        const FailingHeap heap(allocations, whose);
        try {
          work(input);
        } catch (const std::bad_alloc&) {
          went_well = false;
        }
        failed = heap.failed();
      }
      EXPECT_TRUE(went_well || failed);
      if (went_well) done();
      ASSERT_NO_FATAL_FAILURE(check());
      if (!failed) return;
    }
  }
  template <class Work>
  void with_each_allocation_failing(Work work) {
    with_each_allocation_failing(
        FailingHeap::Of::this_thread, [] { return 0; }, [&](int) { work(); }, [] {});
  }
  void commit_with_each_allocation_failing(FailingHeap::Of whose, bool blocking,
                                           const std::function<Request()>& request,
                                           const std::function<void()>& done) {
    const auto prepare = [&] { return request().done(); };
    const auto commit = [&](CommitRequest& made) {
      if (blocking) {
        service_->commit_and_wait(std::move(made));
      } else {
        service_->commit(std::move(made)).get();
      }
    };
    with_each_allocation_failing(whose, prepare, commit, done);
  }

  void check() {
    Model rows;
    for (const KeyValue& row : all_rows(*service_)) rows.emplace(row.key, row.value);
    ASSERT_EQ(rows, model_);
    ASSERT_NE(service_->status_json().find("\"state\":\"healthy\""), std::string::npos);
  }

  void reopen() {
    if (!on_disk()) return;
    service_.reset();
    service_ = open_engine(options_);
    check();
  }

  test::TemporaryDirectory directory_;
  EngineOptions options_;
  std::shared_ptr<Service> service_;
  Model model_;  // all rows
  int round_ = 0;
};

INSTANTIATE_TEST_SUITE_P(Kinds, LackOfMemoryTest, testing::Bool(),
                         [](const auto& info) { return info.param ? "OnDisk" : "InMemory"; });

TEST_P(LackOfMemoryTest, CommitsHappenOrDoNot) {
  for (const auto whose : {FailingHeap::Of::this_thread, FailingHeap::Of::all_threads}) {
    for (const bool blocking : {true, false}) {
      const auto request = [&] {
        ++round_;
        Request request;
        request.set("a", std::to_string(round_)).set("b" + std::to_string(round_ % 5), kLarge);
        request.mutate(MutationType::add, "n", Bytes("\x01\x00", 2)).clear("b1", "b3");
        return std::move(request.set("z", std::to_string(round_)));
      };
      const auto done = [&] {
        model_["a"] = model_["z"] = std::to_string(round_);
        model_["b" + std::to_string(round_ % 5)] = kLarge;
        model_.erase(model_.lower_bound("b1"), model_.lower_bound("b3"));
        Bytes& number = model_["n"];
        if (number.empty()) number = Bytes(2, '\0');
        number[1] = static_cast<char>(number[1] + (number[0] == '\xff' ? 1 : 0));
        number[0] = static_cast<char>(number[0] + 1);
      };
      commit_with_each_allocation_failing(whose, blocking, request, done);
    }
  }
  reopen();
}

// Commits that take over what a checkpoint has done, drop its segments of the log and begin the
// next one.
TEST_P(LackOfMemoryTest, CommitsDoWhatIsDueFirst) {
  service_.reset();
  options_.options.checkpoint_bytes = 1;
  service_ = open_engine(options_);
  const auto store_version = [&] {
    const std::string status = service_->status_json();
    const std::size_t at = status.find("\"version\":", status.find("\"store\":{"));
    return status.substr(at, status.find(',', at) - at);
  };
  const auto prepare = [&] {
    for (const char* key : {"k", "l", "m", "n"}) {
      commit(*service_, Request().set(key, kLarge).with(Durability::buffered));
      model_[key] = kLarge;
    }
    // Most of the time there is an outcome then.
    const std::string before = store_version();
    for (int i = 0; i < 1000 && store_version() == before; ++i) std::this_thread::yield();
    return Request().set("a", std::to_string(++round_)).with(Durability::buffered).done();
  };
  const auto commit = [&](CommitRequest& request) {
    service_->commit_and_wait(std::move(request));
  };
  const auto done = [&] { model_["a"] = std::to_string(round_); };
  for (int i = 0; i < 3; ++i)
    with_each_allocation_failing(FailingHeap::Of::this_thread, prepare, commit, done);
  reopen();
}

TEST_P(LackOfMemoryTest, ConflictsAreFoundAllTheSame) {
  set(*service_, "read", "1");
  model_["read"] = "1";
  const auto before = newest(*service_, true);
  set(*service_, "read", "2");
  model_["read"] = "2";
  with_each_allocation_failing(
      FailingHeap::Of::this_thread,
      [&] { return Request().at(before).read("read").report().set("written", "1").done(); },
      [&](CommitRequest& request) {
        EXPECT_EQ(service_->commit_and_wait(std::move(request)).status, CommitStatus::conflict);
      },
      [] {});
}

TEST_P(LackOfMemoryTest, ReadsFailOrAreRight) {
  for (const char* key : {"a", "b", "c"}) set(*service_, key, kLarge), model_[key] = kLarge;
  if (on_disk()) service_->checkpoint().get();
  set(*service_, "b", "recent");
  model_["b"] = "recent";
  std::size_t right = 0;
  with_each_allocation_failing([&] {
    const auto snapshot = service_->begin_read({}).get();
    right += snapshot->get("a").get() == kLarge ? 1 : 0;
    right += snapshot->get_range({.begin = "a", .end = "z"}).get().size() == 3 ? 1 : 0;
    right += snapshot->get_range({.begin = "a", .end = "z", .reverse = true}).get().more() ? 0 : 1;
    right += snapshot->estimated_size("a", "z").get() > 40'000 ? 1 : 0;
    right += snapshot->split_points("a", "z", 1).get().size() == 2 ? 1 : 0;
    right += service_->read_at(snapshot->version(), {}).get() != nullptr ? 1 : 0;
  });
  EXPECT_GE(right, 6u);
}

TEST_P(LackOfMemoryTest, WatchesFireOrFail) {
  // Setting them.
  std::optional<Future<void>> watch;
  with_each_allocation_failing([&] {
    watch.reset();
    watch = service_->watch("w", std::nullopt);
  });
  EXPECT_FALSE(watch->ready());
  // Commits that fire them: none is lost.
  std::vector<Future<void>> watches;
  const auto prepare = [&] {
    watches.clear();
    for (int i = 0; i < 3; ++i) {
      const auto found = model_.find("w");
      watches.push_back(service_->watch(
          "w", found == model_.end() ? std::nullopt : std::optional<Bytes>(found->second)));
    }
    return Request().set("w", std::to_string(++round_)).done();
  };
  const auto commit = [&](CommitRequest& request) {
    service_->commit_and_wait(std::move(request));
  };
  const auto done = [&] {
    model_["w"] = std::to_string(round_);
    for (Future<void>& fired : watches) ASSERT_TRUE(fired.ready());
  };
  with_each_allocation_failing(FailingHeap::Of::this_thread, prepare, commit, done);
  EXPECT_TRUE(watch->ready());
}

TEST_P(LackOfMemoryTest, DroppingAWatchTakesNoMemory) {
  Future<void> watch = service_->watch("w", std::nullopt);
  Future<void> delay = service_->delay(3'600'000'000);
  {
    const FailingHeap heap(0);
    const Future<void> dropped = std::move(watch), dropped_too = std::move(delay);
  }
  EXPECT_NE(service_->status_json().find("\"watches\":0"), std::string::npos);
}

TEST_P(LackOfMemoryTest, MaintenanceFailsOrIsDone) {
  for (const auto whose : {FailingHeap::Of::this_thread, FailingHeap::Of::all_threads}) {
    with_each_allocation_failing(
        whose,
        [&] {
          const std::string value = std::to_string(++round_);
          commit(*service_, Request().set("m", value).with(Durability::buffered));
          model_["m"] = value;
          return 0;
        },
        [&](int) {
          service_->flush().get();
          service_->checkpoint().get();
        },
        [] {});
    with_each_allocation_failing([&] { service_->status_json(); });
    if (!on_disk()) continue;
    with_each_allocation_failing(
        [&] { EXPECT_TRUE(service_->verify([](double) { return true; }).empty()); });
  }
  service_->checkpoint().get();
  reopen();
}

TEST_P(LackOfMemoryTest, OpeningFailsOrIsDone) {
  set(*service_, "a", "1");
  model_["a"] = "1";
  service_.reset();
  if (!on_disk()) model_.clear();
  for (const auto whose : {FailingHeap::Of::this_thread, FailingHeap::Of::all_threads}) {
    for (int allocations = 0;; ++allocations) {
      SCOPED_TRACE("without allocation " + std::to_string(allocations));
      bool failed;
      {
        const FailingHeap heap(allocations, whose);
        try {
          service_ = open_engine(options_);
        } catch (const std::bad_alloc&) {
        }
        failed = heap.failed();
      }
      ASSERT_TRUE(failed || service_ != nullptr);
      if (service_ != nullptr) check();
      service_.reset();
      if (!failed) break;
    }
  }
}

TEST_P(LackOfMemoryTest, CreatingFailsOrIsDone) {
  if (!on_disk()) return;
  EngineOptions fresh = options_;
  fresh.path = directory_ / "fresh";
  // Each takes tens of milliseconds, for the syncs: so a part of them, another one each time.
  const int step = test::long_factor() > 1 ? 1 : 4;
  const std::uint64_t seed = test::seed_or(std::random_device()());
  SCOPED_TRACE(test::seed_trace(seed));
  bool failed = true;
  for (int allocations = static_cast<int>(seed % 4) % step; failed; allocations += step) {
    SCOPED_TRACE("without allocation " + std::to_string(allocations));
    service_.reset();
    {
      const FailingHeap heap(allocations);
      try {
        service_ = open_engine(fresh);
      } catch (const std::bad_alloc&) {
      }
      failed = heap.failed();
    }
    // Half made or not, the next one makes it whole.
    if (service_ == nullptr) service_ = open_engine(fresh);
    check();
    service_.reset();
    std::filesystem::remove_all(fresh.path);
  }
}

TEST_P(LackOfMemoryTest, ClosingTakesNoMemory) {
  auto watch = service_->watch("w", std::nullopt);
  commit(*service_, Request().set("a", "1").with(Durability::buffered));
  model_["a"] = "1";
  {
    const FailingHeap heap(0);
    service_.reset();
    EXPECT_TRUE(watch.ready());
  }
  reopen();
}

// --- The engine's own threads, when they get no memory at all ---

std::uint64_t hits(std::string_view probe) {
  for (const base::Probe* p : base::Probe::all())
    if (p->name() == probe) return p->count();
  ADD_FAILURE() << "no probe " << probe;
  return 0;
}

void wait_for(const std::function<bool()>& condition) {
  const base::Micros deadline = base::monotonic_now() + 30'000'000;
  while (!condition()) {
    ASSERT_LT(base::monotonic_now(), deadline);
    std::this_thread::yield();
  }
}

TEST_P(LackOfMemoryTest, TheCommitThreadSurvives) {
  for (int i = 0; i < 3; ++i) {
    Future<CommitResult> future;
    {
      const test::NoHeapForOthers storm;
      future = service_->commit(Request().set("a", "1").done());
      future.wait();
    }
    EXPECT_THROW(future.get(), std::bad_alloc);
  }
  check();
  service_->commit(Request().set("a", "1").done()).get();
  model_["a"] = "1";
  reopen();
}

TEST(CommitQueueWithoutMemory, TakesWhatWaitsInSmallerBatches) {
  base::CompletionThread executor("test");
  std::atomic<bool> entered = false, open = false;
  std::size_t largest = 0;
  CommitQueue queue(
      [&](const CommitQueue::Batch& batch) {
        entered = true;
        while (!open) std::this_thread::yield();
        largest = std::max(largest, batch.size());
        return base::Micros{0};
      },
      executor);
  std::vector<Future<CommitResult>> futures;
  const test::NoHeapForOthers storm;
  futures.push_back(queue.commit({}));
  wait_for([&] { return entered.load(); });
  for (int i = 0; i < 300; ++i) futures.push_back(queue.commit({}));
  open = true;
  for (Future<CommitResult>& future : futures) future.get();
  EXPECT_EQ(largest, 64u);
}

TEST_P(LackOfMemoryTest, TheCheckpointWaitsForMemory) {
  service_.reset();
  options_.options.checkpoint_bytes = 1;
  service_ = open_engine(options_);
  const std::uint64_t waited = hits("checkpoint waits for room");
  const auto commit_one = [&] {
    set(*service_, "a", std::to_string(++round_));
    model_["a"] = std::to_string(round_);
  };
  {
    const test::NoHeapForOthers storm;
    commit_one();
    commit_one();  // on this thread it begins the checkpoint, which goes on on another
    wait_for([&] { return hits("checkpoint waits for room") > waited; });
    commit_one();
  }
  check();
  wait_for([&] { return service_->status_json().find("\"checkpoints\":0") == std::string::npos; });
  service_->checkpoint().get();
  check();
  reopen();
}

TEST_P(LackOfMemoryTest, TheTimerThreadSurvives) {
  if (!on_disk()) return;
  commit(*service_, Request().set("a", "1").with(Durability::buffered));
  model_["a"] = "1";
  const std::uint64_t left_out = hits("a tick was left out for lack of memory");
  {
    const test::NoHeapForOthers storm;
    wait_for([&] {
      return hits("a tick was left out for lack of memory") > left_out ||
             service_->status_json().find("\"syncs\":0") == std::string::npos;
    });
  }
  wait_for([&] { return service_->status_json().find("\"syncs\":0") == std::string::npos; });
  check();
}

TEST_P(LackOfMemoryTest, TheSegmentMakerSurvives) {
  if (!on_disk()) return;
  const std::uint64_t failed = hits("making a log segment ahead failed");
  {
    const test::NoHeapForOthers storm;
    for (int i = 0; i < 2000 && hits("making a log segment ahead failed") == failed; ++i) {
      const Bytes key = "k" + std::to_string(i % 10);
      set(*service_, key, kLarge);
      model_[key] = kLarge;
    }
  }
  EXPECT_GT(hits("making a log segment ahead failed"), failed);
  check();
  reopen();
}

}  // namespace
}  // namespace plinth::engine
