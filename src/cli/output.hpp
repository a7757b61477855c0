// Standard output, and what ends a command other than success.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "plinth/error.hpp"

namespace plinth::cli {

// What the process exits with.
enum ExitCode : int {
  kSuccess = 0,
  kNo = 1,             // the answer is no: key absent, damage found, nothing changed in time
  kUsageError = 2,     // the command line or a key on it cannot be understood
  kFailure = 3,        // the database or the operation failed
  kInterrupted = 130,  // SIGINT
  kOutputClosed = 141  // who read standard output is gone
};

// A command line, a script's line or a text form of a key that cannot be understood: says what
// and what to write instead.
class UsageError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A failure whose message is a whole sentence of the command's own, which says what to do; `code`
// classes it for programs.
class CommandFailed : public std::runtime_error {
 public:
  CommandFailed(ErrorCode code, const std::string& message)
      : std::runtime_error(message), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

// Standard output cannot be written to: the reader closed it (EPIPE), or errno says why.
struct OutputFailed {
  int error_number;
};

// Ignores SIGPIPE, so that a closed pipe is an error that unwinds, and gives output a large buffer.
void prepare_output();

// Both throw OutputFailed.
void print(std::string_view text);
void print_line(std::string_view line);
void flush_output();

// "64,000"
std::string grouped(std::int64_t number);
// "12.3 MB"; 1 kB is 1,000 bytes.
std::string byte_count(std::int64_t bytes);
// "3 packages", "1 package". `plural`: empty for noun + "s".
std::string counted(std::int64_t number, std::string_view noun, std::string_view plural = {});

}  // namespace plinth::cli
