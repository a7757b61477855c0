// Control-C: a flag that long work looks at, so that it stops between two steps with the database
// closed properly.
#pragma once

#include <cstdint>

#include "plinth/future.hpp"

namespace plinth::cli {

// Thrown where work is given up because the user asked for it; main turns it into exit code 130.
struct Interrupted {};

// From now on the first SIGINT sets the flag; the next one ends the process.
void catch_interrupts();
// The same for SIGTERM.
void catch_termination();
bool interrupted() noexcept;
// Readable when the flag is set: to wait for it together with other input.
int interrupt_descriptor() noexcept;
// Throws Interrupted if the flag is set.
void check_interrupt();

// Waits for `future`; false when `timeout_s` seconds (negative: none) have gone by first.
// Throws Interrupted.
bool wait_interruptibly(const Future<void>& future, double timeout_s);

}  // namespace plinth::cli
