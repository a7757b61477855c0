#include "simulation/device.hpp"

#include "base/assert.hpp"

namespace plinth::simulation {
namespace {

bool needs_room(Call call) {
  return call == Call::write || call == Call::truncate || call == Call::make_directory ||
         call == Call::store_apply;
}

// Whether this fault makes sense for this call; a script may name any call.
bool can_befall(Fault fault, Call call) {
  switch (fault) {
    case Fault::io_error:
      return true;
    case Fault::disk_full:
      return needs_room(call) || call == Call::sync || call == Call::open;
    case Fault::bit_flip:
      return call == Call::read;
    case Fault::lost_write:
    case Fault::misdirected_write:
      return call == Call::write;
  }
  return false;
}

}  // namespace

const char* to_string(Call call) {
  static constexpr const char* kNames[kCalls] = {
      "lookup", "open",   "read",   "write",          "sync",           "truncate",
      "mkdir",  "rename", "remove", "sync directory", "lock directory", "apply"};
  return kNames[static_cast<std::size_t>(call)];
}

const char* to_string(Fault fault) {
  static constexpr const char* kNames[kFaults] = {"I/O error", "disk full", "bit flip",
                                                  "lost write", "misdirected write"};
  return kNames[static_cast<std::size_t>(fault)];
}

DeviceOptions DeviceOptions::any_speed(Random& random) {
  static constexpr Micros kSync[] = {10, 1000, 20'000, 1'000'000};
  static constexpr double kSlow[] = {0, 0, 0.01};
  DeviceOptions options;
  options.sync_us_max = kSync[random.below(std::size(kSync))];
  options.slow_chance = kSlow[random.below(std::size(kSlow))];
  return options;
}

Device::Device(std::uint64_t seed, const DeviceOptions& options, SimScheduler& scheduler,
               Trace& trace)
    : options_(options), scheduler_(scheduler), trace_(trace), random_(seed, "device") {}

Device::Permit Device::begin(Call call, const std::string& path, std::uint64_t offset,
                             std::uint64_t size) {
  PLINTH_ASSERT(scheduler_.is_simulated_thread());
  require_power(path);
  const std::uint64_t number = ++calls_;
  ++counts_[static_cast<std::size_t>(call)];
  trace_.event(to_string(call), path, offset, size);
  take_time(call);
  require_power(path);
  Permit permit{pick_fault(call, number),
                options_.crash_at_call != 0 && number >= options_.crash_at_call};
  if (permit.fault) {
    ++faults_[static_cast<std::size_t>(*permit.fault)];
    trace_.event(to_string(*permit.fault), path, number);
  }
  return permit;
}

void Device::end(const Permit& permit, const std::string& path) {
  if (permit.power_goes) cut_power();
  require_power(path);
}

void Device::touch_store(const std::string& path) {
  scheduler_.monotonic_now();
  require_power(path);
  if (!random_.chance(options_.store_error)) return;
  ++faults_[static_cast<std::size_t>(Fault::io_error)];
  trace_.event(to_string(Fault::io_error), path);
  raise(Fault::io_error, Call::read, path);
}

void Device::raise(Fault fault, Call call, const std::string& path, const std::string& where) {
  const bool full = fault == Fault::disk_full;
  throw Error(full ? ErrorCode::disk_full : ErrorCode::io_error,
              std::string(to_string(call)) + " " + path + where + ": " +
                  (full ? "No space left on device" : "Input/output error") + " (simulated)");
}

void Device::cut_power() {
  trace_.event("power loss", "at call", calls_);
  power_is_off_ = true;
}

void Device::take_time(Call call) {
  Micros longest = options_.write_us_max;
  if (call == Call::read || call == Call::lookup) longest = options_.read_us_max;
  if (call == Call::sync || call == Call::sync_directory || call == Call::store_apply)
    longest = options_.sync_us_max;
  if (random_.chance(options_.slow_chance)) longest = 3'000'000;
  scheduler_.sleep_for(random_.spread(1, longest));
}

std::optional<Fault> Device::pick_fault(Call call, std::uint64_t number) {
  for (const ScriptedFault& scripted : options_.script)
    if (scripted.call == number && can_befall(scripted.fault, call)) return scripted.fault;
  if (needs_room(call) && options_.disk_full_from <= number && number < options_.disk_full_until)
    return Fault::disk_full;
  return chance_fault(call);
}

std::optional<Fault> Device::chance_fault(Call call) {
  switch (call) {
    case Call::read:
      if (random_.chance(options_.read_error)) return Fault::io_error;
      if (random_.chance(options_.bit_flip)) return Fault::bit_flip;
      return std::nullopt;
    case Call::write:
      if (random_.chance(options_.write_error)) return Fault::io_error;
      if (random_.chance(options_.lost_write)) return Fault::lost_write;
      if (random_.chance(options_.misdirected_write)) return Fault::misdirected_write;
      return std::nullopt;
    case Call::truncate:
      if (random_.chance(options_.write_error)) return Fault::io_error;
      return std::nullopt;
    case Call::sync:
    case Call::sync_directory:
      if (random_.chance(options_.sync_error)) return Fault::io_error;
      return std::nullopt;
    case Call::store_apply:
      if (!random_.chance(options_.store_error)) return std::nullopt;
      return random_.chance(0.5) ? Fault::disk_full : Fault::io_error;
    case Call::lookup:
      return std::nullopt;
    case Call::open:
    case Call::make_directory:
    case Call::rename:
    case Call::remove:
    case Call::lock_directory:
      if (random_.chance(options_.name_error)) return Fault::io_error;
      return std::nullopt;
  }
  return std::nullopt;
}

void Device::require_power(const std::string& path) const {
  if (power_is_off_) throw Error(ErrorCode::io_error, path + ": the machine has lost its power");
}

}  // namespace plinth::simulation
