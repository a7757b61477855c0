#include "simulation/machine.hpp"

#include <gtest/gtest.h>

#include <set>

#include "plinth/error.hpp"

namespace plinth::simulation {
namespace {

using base::OpenMode;

// Appends numbers to a file, each followed by a sync, until the disk is gone.
void count_up(Machine& machine, std::uint64_t& acknowledged, int numbers) {
  const auto file = machine.environment().files().open("/count", OpenMode::create);
  machine.environment().files().sync_directory("/");
  for (int i = 1; i <= numbers; ++i) {
    file->write(file->size(), "x");
    file->sync();
    if (!machine.power_is_off()) acknowledged = file->size();
  }
}

TEST(Machine, LosesPowerInTheMiddleOfEachCall) {
  const int numbers = 5;
  std::uint64_t calls = 0;
  {
    Machine machine(7);
    std::uint64_t acknowledged = 0;
    const BootReport report = machine.boot([&](Machine& m) { count_up(m, acknowledged, numbers); });
    EXPECT_EQ(report.end, BootReport::End::clean);
    EXPECT_EQ(acknowledged, 5u);
    calls = report.calls;
  }
  std::set<std::uint64_t> all_acknowledged;
  for (std::uint64_t call = 1; call <= calls; ++call) {
    Machine machine(7);
    std::uint64_t acknowledged = 0;
    BootOptions options;
    options.device.crash_at_call = call;
    const BootReport report =
        machine.boot([&](Machine& m) { count_up(m, acknowledged, numbers); }, options);
    EXPECT_EQ(report.end, BootReport::End::power_off) << "call " << call;
    EXPECT_EQ(report.calls, call) << "no call is made after it";
    const Disk::FilePtr file = machine.disk().find("/count");
    EXPECT_GE(file == nullptr ? 0 : file->size(), acknowledged) << "call " << call;
    all_acknowledged.insert(acknowledged);
  }
  EXPECT_EQ(all_acknowledged, (std::set<std::uint64_t>{0, 1, 2, 3, 4}));
}

TEST(Machine, LetsTheProgramEndWithoutADisk) {
  Machine machine(1);
  int locked = 0;
  const BootReport report = machine.boot([&](Machine& m) {
    base::FileSystem& files = m.environment().files();
    const auto file = files.open("/f", OpenMode::create);
    file->write(0, "x");
    m.cut_power();
    EXPECT_TRUE(m.power_is_off());
    for (const auto& call : std::vector<std::function<void()>>{
             [&] { file->write(0, "y"); }, [&] { file->sync(); }, [&] { file->size(); },
             [&] { files.exists("/f"); }, [&] { files.sync_directory("/"); },
             [&] { m.open_store("/store"); }}) {
      try {
        call();
        ADD_FAILURE() << "a call did something without power";
      } catch (const Error& error) {
        EXPECT_EQ(error, ErrorCode::io_error) << error.what();
      }
    }
    // Threads, locks and time go on.
    base::Mutex mutex;
    base::Thread thread("late", [&] {
      const base::Lock lock(mutex);
      ++locked;
    });
    thread.join();
    m.environment().files().exists("/f");  // the error leaves the program, which is no failure
  });
  EXPECT_EQ(report.end, BootReport::End::power_off) << report.failure;
  EXPECT_EQ(locked, 1);
}

TEST(Machine, KeepsUnsyncedChangesWhenOnlyTheProgramEnds) {
  std::set<bool> there;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    Machine machine(seed);
    machine.boot([](Machine& m) { m.environment().files().open("/f", OpenMode::create); });
    machine.boot([](Machine& m) {
      EXPECT_TRUE(m.environment().files().exists("/f"));
      m.cut_power();
    });
    machine.boot([&](Machine& m) { there.insert(m.environment().files().exists("/f")); });
  }
  EXPECT_EQ(there.size(), 2u);
}

TEST(Machine, DropsLocksWhenTheProgramEnds) {
  Machine machine(1);
  for (int boot = 0; boot < 2; ++boot) {
    const BootReport report = machine.boot([](Machine& m) {
      base::FileSystem& files = m.environment().files();
      files.create_directories("/db");
      const auto lock = files.lock_directory("/db");
      EXPECT_THROW(files.lock_directory("/db"), Error);
      m.cut_power();
    });
    EXPECT_FALSE(report.failed()) << report.failure;
  }
}

TEST(Machine, LosesPowerAtAStep) {
  Machine machine(1);
  BootOptions options;
  options.crash_at_step = 50;
  int looks = 0;
  const BootReport report = machine.boot(
      [&](Machine& m) {
        while (!m.power_is_off()) {
          m.environment().monotonic();
          ++looks;
        }
      },
      options);
  EXPECT_EQ(report.end, BootReport::End::power_off);
  EXPECT_EQ(looks, 50);
}

TEST(Machine, AnErrorThatLeavesTheProgramIsAFailure) {
  Machine machine(1);
  const BootReport report =
      machine.boot([](Machine& m) { m.environment().files().open("/none", OpenMode::read); });
  EXPECT_TRUE(report.failed());
  EXPECT_NE(report.failure.find("/none"), std::string::npos) << report.failure;
}

TEST(Machine, AFailedCheckSaysWhereItIs) {
  Machine machine(1);
  machine.boot([](Machine& m) { m.environment().files().create_directories("/a"); });
  const BootReport report = machine.boot([](Machine& m) {
    m.environment().files().exists("/a");
    m.check(true, "not this");
    m.check(false, "one and one is three");
  });
  EXPECT_TRUE(report.failed());
  EXPECT_EQ(report.failure.find("boot 2, call 1: one and one is three"), 0u) << report.failure;
}

TEST(Machine, ClocksGoOnAndRandomnessDiffers) {
  Machine machine(1);
  std::vector<Micros> walls;
  std::set<std::uint64_t> numbers;
  for (int boot = 0; boot < 3; ++boot)
    machine.boot([&](Machine& m) {
      base::Environment& environment = m.environment();
      const Micros wall = environment.wall();
      const Micros monotonic = environment.monotonic();
      base::Mutex mutex;
      base::CondVar cond;
      base::Lock lock(mutex);
      while (environment.monotonic() < monotonic + 1'000'000)
        cond.wait_until(lock, monotonic + 1'000'000);
      EXPECT_NEAR(static_cast<double>(environment.wall() - wall),
                  static_cast<double>(environment.monotonic() - monotonic), 10);
      walls.push_back(wall);
      for (int i = 0; i < 10; ++i) numbers.insert(environment.random());
      m.cut_power();
    });
  EXPECT_GT(walls[1], walls[0] + 1'000'000);
  EXPECT_GT(walls[2], walls[1] + 1'000'000);
  EXPECT_EQ(numbers.size(), 30u);
}

TEST(Machine, TheWallClockMayJumpBack) {
  Machine machine(1);
  BootOptions options;
  options.wall_jump_chance = 0.5;
  bool back = false;
  machine.boot(
      [&](Machine& m) {
        Micros last = m.environment().wall();
        for (int i = 0; i < 50; ++i) {
          const Micros now = m.environment().wall();
          back |= now < last;
          last = now;
        }
      },
      options);
  EXPECT_TRUE(back);
}

TEST(Machine, APrintedTraceSaysWhenWhoAndWhat) {
  Machine machine(1);
  std::string lines;
  machine.print_trace_to([&](const std::string& line) { lines += line + "\n"; });
  machine.boot([](Machine& m) { m.environment().files().create_directories("/made"); });
  EXPECT_NE(lines.find(" us, thread 0 'main': mkdir /made\n"), std::string::npos) << lines;
}

}  // namespace
}  // namespace plinth::simulation
