// Machine: a simulated computer that is booted, loses its power, and is booted again. What a test
// of the simulation is written with:
//
//   Machine machine(seed);
//   BootOptions options;
//   options.device.crash_at_call = 17;
//   machine.boot([&](Machine& m) { … runs the program over m.environment() … }, options);
//   machine.boot([&](Machine& m) { … opens it again and checks what is there … });
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/environment.hpp"
#include "simulation/device.hpp"
#include "simulation/disk.hpp"
#include "simulation/scheduler.hpp"
#include "simulation/trace.hpp"
#include "storage/store.hpp"

namespace plinth::simulation {

struct BootOptions {
  DeviceOptions device;
  std::optional<SchedulerOptions> scheduler;  // else SchedulerOptions::any() by the seed
  std::optional<CrashOptions> crash;          // else CrashOptions::any() by the seed
  std::uint64_t crash_at_step = 0;            // the power goes at this step; 0: it stays
  double wall_jump_chance = 0;  // of a look at the wall clock: that it was set, by up to an hour
};

struct BootReport {
  enum class End {
    clean,      // the program has ended; the operating system lives on, with unsynced changes in it
    power_off,  // the power went; the program was let run to its end without a disk
    failed,     // see `failure`; the machine cannot be booted again
  } end = End::clean;
  std::string failure;  // empty, or why the run is a failure, for people
  std::uint64_t calls = 0;
  std::uint64_t steps = 0;
  Micros elapsed = 0;

  bool failed() const noexcept { return end == End::failed; }
};

class Machine {
 public:
  using Program = std::function<void(Machine&)>;

  explicit Machine(std::uint64_t seed);
  ~Machine();

  // Runs `program` as the main thread of a new boot, until it and all its threads have ended. After
  // a power loss the next boot finds what survived. An exception that leaves `program` is a
  // failure, but for an Error after the power has gone.
  BootReport boot(const Program& program, const BootOptions& options = {});

  // For the program while a boot runs.
  base::Environment& environment();
  std::unique_ptr<storage::Store> open_store(const std::string& path);
  Device& device();  // calls and faults so far
  // Once true, nothing that the program does counts any more: what it acknowledges now, nobody
  // sees.
  bool power_is_off() const;
  void cut_power();
  // Ends the boot as failed. Never returns, and unwinds nothing.
  [[noreturn]] void fail(const std::string& reason);
  void check(bool holds, const std::string& reason) {
    if (!holds) fail(reason);
  }

  // For any time, on the thread that boots or on the one simulated thread that runs.
  Disk& disk() noexcept { return disk_; }
  const Trace& trace() const noexcept { return trace_; }
  // Each event as a line, with the simulated time and the thread that it happens on.
  void print_trace_to(const Trace::Printer& printer);
  Random& random() noexcept { return random_; }  // for the test's own choices
  std::uint64_t boots() const noexcept { return boots_; }

 private:
  class Running;  // what exists while a boot runs

  const std::uint64_t seed_;
  Random random_;
  Trace trace_;
  Disk disk_;
  std::uint64_t boots_ = 0;
  Micros wall_ = 0;  // when the next boot begins
  std::unique_ptr<Running> running_;
};

}  // namespace plinth::simulation
