#include "simulation/run_pool.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

#include "base/probe.hpp"

namespace plinth::simulation {
namespace {

std::string reached_by_even_tasks(std::uint64_t number) {
  if (number % 2 == 0) PLINTH_PROBE("even task");
  if (number > 1000) PLINTH_PROBE("task beyond a thousand");
  return {};
}

TEST(RunPool, DoesEachTaskOnceAndCountsProbes) {
  PoolOptions options;
  options.tasks = 11;
  options.jobs = 3;
  const PoolReport report = run_pool(options, [](std::uint64_t number, const Announce& announce) {
    announce("run " + std::to_string(number));
    return reached_by_even_tasks(number);
  });
  EXPECT_EQ(report.runs, 11u);
  EXPECT_TRUE(report.failures.empty());
  EXPECT_EQ(report.probes.at("even task"), 6u);
  EXPECT_EQ(report.probes.at("task beyond a thousand"), 0u) << "known, though never reached";
}

std::string fail_in_some_way(std::uint64_t number, const Announce& announce) {
  announce("run " + std::to_string(number));
  switch (number) {
    case 2:
      return "two is bad";
    case 4:
      signal(SIGABRT, SIG_DFL);
      std::abort();
    case 5:
      std::_Exit(3);
    case 7:
      while (true) pause();
    default:
      return {};
  }
}

TEST(RunPool, OutlivesTasksThatFailDieOrHang) {
  PoolOptions options;
  options.tasks = 10;
  options.jobs = 2;
  options.failures_max = 100;
  options.seconds_per_run_max = 2;
  const PoolReport report = run_pool(options, fail_in_some_way);
  std::map<std::string, std::string> reasons;
  for (const FailedRun& failed : report.failures) reasons[failed.run] = failed.reason;
  EXPECT_EQ(reasons.size(), 4u);
  EXPECT_EQ(reasons["run 2"], "two is bad");
  EXPECT_NE(reasons["run 4"].find("died of signal Aborted"), std::string::npos);
  EXPECT_NE(reasons["run 5"].find("exit status 3"), std::string::npos);
  EXPECT_NE(reasons["run 7"].find("no end within 2 s"), std::string::npos);
  EXPECT_EQ(report.runs, 10u) << "the others were done";
}

TEST(RunPool, StopsAfterEnoughFailures) {
  PoolOptions options;
  options.tasks = 1'000'000;
  options.jobs = 2;
  const PoolReport report =
      run_pool(options, [](std::uint64_t, const Announce&) { return std::string("bad"); });
  EXPECT_GE(report.failures.size(), 1u);
}

}  // namespace
}  // namespace plinth::simulation
