#include "simulation/machine.hpp"

#include <utility>

#include "base/assert.hpp"
#include "simulation/file_system.hpp"
#include "simulation/store.hpp"

namespace plinth::simulation {
namespace {

constexpr Micros kHour = 3'600'000'000;

class SimEnvironment final : public base::Environment {
 public:
  SimEnvironment(std::uint64_t seed, const BootOptions& options, Micros wall_at_boot,
                 SimScheduler& scheduler, SimFileSystem& files)
      : random_(seed, "environment"),
        wall_jump_chance_(options.wall_jump_chance),
        wall_offset_(wall_at_boot - scheduler.now()),
        scheduler_(scheduler),
        files_(files) {}

  base::FileSystem& files() override { return files_; }
  Micros monotonic() override { return scheduler_.monotonic_now(); }
  Micros wall() override {
    if (random_.chance(wall_jump_chance_)) wall_offset_ += random_.between(-kHour, kHour);
    return scheduler_.monotonic_now() + wall_offset_;
  }
  std::uint64_t random() override { return random_.next(); }

 private:
  Random random_;
  const double wall_jump_chance_;
  Micros wall_offset_;
  SimScheduler& scheduler_;
  SimFileSystem& files_;
};

}  // namespace

class Machine::Running {
 public:
  Running(std::uint64_t seed, const BootOptions& options, Micros wall, Disk& disk, Trace& trace)
      : scheduler(seed, schedule(seed, options), trace),
        device(seed, options.device, scheduler, trace),
        files(disk, device),
        environment(seed, options, wall, scheduler, files) {
    if (options.crash_at_step != 0)
      scheduler.at_step(options.crash_at_step, [this] {
        if (!device.power_is_off()) device.cut_power();
      });
  }

  SimScheduler scheduler;
  Device device;
  SimFileSystem files;
  SimEnvironment environment;

 private:
  static SchedulerOptions schedule(std::uint64_t seed, const BootOptions& options) {
    Random random(seed, "schedule");
    return options.scheduler ? *options.scheduler : SchedulerOptions::any(random);
  }
};

Machine::Machine(std::uint64_t seed)
    : seed_(seed), random_(seed, "test"), wall_(1'700'000'000 * Micros{1'000'000}) {}

Machine::~Machine() = default;

BootReport Machine::boot(const Program& program, const BootOptions& options) {
  PLINTH_ASSERT(running_ == nullptr);  // no boot within a boot, or after one that failed
  const std::uint64_t seed = Random(seed_, "boot " + std::to_string(++boots_)).next();
  running_ = std::make_unique<Running>(seed, options, wall_, disk_, trace_);
  SimScheduler& scheduler = running_->scheduler;
  const Micros begun = scheduler.now();
  trace_.event("boot", "machine", boots_);

  const std::optional<std::string> failure = scheduler.run([&] {
    try {
      program(*this);
    } catch (const Error&) {
      if (!power_is_off()) throw;
    }
  });

  BootReport report;
  report.calls = running_->device.calls();
  report.steps = scheduler.steps();
  report.elapsed = scheduler.now() - begun;
  wall_ += report.elapsed;
  if (failure) {
    report.end = BootReport::End::failed;
    report.failure = "boot " + std::to_string(boots_) + ", call " + std::to_string(report.calls) +
                     ": " + *failure;
    return report;
  }
  if (power_is_off()) {
    report.end = BootReport::End::power_off;
    Random random(seed, "power loss");
    disk_ =
        disk_.after_power_loss(options.crash ? *options.crash : CrashOptions::any(random), random);
    wall_ += random.spread(1000, kHour);
  }
  running_.reset();
  return report;
}

base::Environment& Machine::environment() {
  PLINTH_ASSERT(running_ != nullptr);
  return running_->environment;
}

std::unique_ptr<storage::Store> Machine::open_store(const std::string& path) {
  return std::make_unique<SimStore>(path, disk_, device());
}

Device& Machine::device() {
  PLINTH_ASSERT(running_ != nullptr);
  return running_->device;
}

bool Machine::power_is_off() const {
  PLINTH_ASSERT(running_ != nullptr);
  return running_->device.power_is_off();
}

void Machine::print_trace_to(const Trace::Printer& printer) {
  if (!printer) return trace_.print_to(nullptr);
  trace_.print_to([this, printer](const std::string& line) {
    if (running_ == nullptr) return printer(line);
    const SimScheduler& scheduler = running_->scheduler;
    printer(std::to_string(scheduler.now()) + " us, " + scheduler.running_thread() + ": " + line);
  });
}

void Machine::cut_power() {
  device().cut_power();
}

void Machine::fail(const std::string& reason) {
  PLINTH_ASSERT(running_ != nullptr);
  running_->scheduler.fail(reason);
}

}  // namespace plinth::simulation
