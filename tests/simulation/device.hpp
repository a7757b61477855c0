// Device: what each call to simulated files and stores passes through. It counts the call, takes
// its time, lets it fail as the seed or a script says, and cuts the power in the middle of it when
// asked.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "plinth/error.hpp"
#include "simulation/disk.hpp"
#include "simulation/random.hpp"
#include "simulation/scheduler.hpp"
#include "simulation/trace.hpp"

namespace plinth::simulation {

enum class Call {
  lookup,  // exists, is_directory, list, size
  open,
  read,
  write,
  sync,
  truncate,
  make_directory,
  rename,
  remove,
  sync_directory,
  lock_directory,
  store_apply,
};
inline constexpr std::size_t kCalls = static_cast<std::size_t>(Call::store_apply) + 1;
const char* to_string(Call call);

enum class Fault {
  io_error,           // the call fails; a write has done a part of its work, a sync some of it
  disk_full,          // the same, for want of room
  bit_flip,           // of a read: one bit of what comes back is wrong; on the disk it is right
  lost_write,         // a write that is reported done and never reaches the disk
  misdirected_write,  // a write that lands in another sector of the same file
};
inline constexpr std::size_t kFaults = static_cast<std::size_t>(Fault::misdirected_write) + 1;
const char* to_string(Fault fault);

struct ScriptedFault {
  std::uint64_t call;  // its number; the first call of a boot is 1
  Fault fault;
};

// For one boot. Chances are for each call that the fault can befall.
struct DeviceOptions {
  Micros read_us_max = 200;
  Micros write_us_max = 100;
  Micros sync_us_max = 20'000;
  double slow_chance = 0;  // that a call takes up to 3 s

  double read_error = 0;
  double write_error = 0;  // write, truncate
  double sync_error = 0;
  double name_error = 0;   // open, rename, remove and others that change names; not lookups
  double store_error = 0;  // apply: half of these are a full disk; get and cursors: io_error
  double bit_flip = 0;
  double lost_write = 0;
  double misdirected_write = 0;

  std::uint64_t capacity_bytes = std::numeric_limits<std::uint64_t>::max();  // of all files
  std::uint64_t disk_full_from = 0;   // what needs room fails, from this call …
  std::uint64_t disk_full_until = 0;  // … until before this one
  std::vector<ScriptedFault> script;

  // The power goes in the middle of this call, or of the next that gets so far (a call that is
  // refused, because there is no such file, does nothing in whose middle it could go). 0: it stays.
  std::uint64_t crash_at_call = 0;

  // Defects of the program, made from outside: syncs of files, and of directories, whose path
  // contains this (unless it is empty) are reported done and do nothing.
  std::string skip_sync_of;
  std::string skip_directory_sync_of;

  // Without faults, on a quick disk or a slow one.
  static DeviceOptions any_speed(Random& random);
};

class Device {
 public:
  // What has been decided about a call.
  struct Permit {
    std::optional<Fault> fault;
    bool power_goes = false;
  };

  Device(std::uint64_t seed, const DeviceOptions& options, SimScheduler& scheduler, Trace& trace);

  // Begins a call: other threads may run before it returns. Throws Error(io_error) when the power
  // is off. The caller does what the permit's fault says; offset and size are for the trace.
  Permit begin(Call call, const std::string& path, std::uint64_t offset = 0,
               std::uint64_t size = 0);
  // After the call's effect, before it is durable if the call makes it so. Throws
  // Error(io_error) when the power has gone.
  void end(const Permit& permit, const std::string& path);
  // For reads of a store, which are of memory as a rule: they take no time and are not counted.
  void touch_store(const std::string& path);

  // Throws the Error that a real file would for `fault` (io_error or disk_full).
  [[noreturn]] static void raise(Fault fault, Call call, const std::string& path,
                                 const std::string& where = {});

  void require_power(const std::string& path) const;  // throws Error(io_error) when it is off
  void cut_power();
  bool power_is_off() const noexcept { return power_is_off_; }

  std::uint64_t calls() const noexcept { return calls_; }
  std::uint64_t calls(Call call) const { return counts_[static_cast<std::size_t>(call)]; }
  std::uint64_t faults(Fault fault) const { return faults_[static_cast<std::size_t>(fault)]; }
  const DeviceOptions& options() const noexcept { return options_; }
  Random& random() noexcept { return random_; }
  Trace& trace() noexcept { return trace_; }

 private:
  void take_time(Call call);
  std::optional<Fault> pick_fault(Call call, std::uint64_t number);
  std::optional<Fault> chance_fault(Call call);

  const DeviceOptions options_;
  SimScheduler& scheduler_;
  Trace& trace_;
  Random random_;
  bool power_is_off_ = false;
  std::uint64_t calls_ = 0;
  std::array<std::uint64_t, kCalls> counts_{};
  std::array<std::uint64_t, kFaults> faults_{};
};

}  // namespace plinth::simulation
