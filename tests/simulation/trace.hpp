// Trace: everything that happened in a simulation, as one number, and for people as text.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace plinth::simulation {

// Two runs took the same way exactly if their hashes are equal: each decision of the scheduler,
// each file call with its bytes, and each fault goes into it. Used by the running simulated thread
// only.
class Trace {
 public:
  // Gets each event as a line of text; for replays.
  using Printer = std::function<void(const std::string& line)>;

  void print_to(Printer printer) { printer_ = std::move(printer); }

  // `what` happened to `whom`: names, never addresses, which differ from run to run.
  void event(std::string_view what, std::string_view whom, std::uint64_t a = 0,
             std::uint64_t b = 0);
  // Mixes bytes in, without printing them.
  void bytes(std::string_view bytes);

  std::uint64_t hash() const noexcept { return hash_; }
  std::uint64_t events() const noexcept { return events_; }

 private:
  void mix(std::uint64_t number);

  std::uint64_t hash_ = 0;
  std::uint64_t events_ = 0;
  Printer printer_;
};

}  // namespace plinth::simulation
