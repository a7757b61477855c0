#include "cli/failure.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstring>

#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "plinth/error.hpp"

namespace plinth::cli {
namespace {

Failure with_code(int exit_code, ErrorCode code, std::string message) {
  const int number = static_cast<int>(code);
  return {exit_code, number, std::string(error_name(number)), std::move(message)};
}

}  // namespace

Failure current_failure() {
  try {
    throw;
  } catch (const Error& error) {
    return with_code(kFailure, error.error_code(), error.what());
  } catch (const CommandFailed& failed) {
    return with_code(kFailure, failed.code(), failed.what());
  } catch (const UsageError& error) {
    return with_code(kUsageError, ErrorCode::client_invalid_operation, error.what());
  } catch (const CLI::ParseError& error) {
    return with_code(kUsageError, ErrorCode::client_invalid_operation,
                     fmt::format("{}; --help says more", error.what()));
  } catch (const OutputFailed& failed) {
    if (failed.error_number == EPIPE) return {kOutputClosed, 0, "", ""};
    return with_code(kFailure, ErrorCode::io_error,
                     fmt::format("standard output could not be written: {}",
                                 std::strerror(failed.error_number)));
  } catch (const Interrupted&) {
    return with_code(kInterrupted, ErrorCode::operation_cancelled, "interrupted");
  }
}

void report(const Failure& failure, bool json, std::optional<int> line) {
  if (failure.message.empty()) return;
  if (json) {
    fmt::print(stderr, "{}\n", json_error(failure.code, failure.name, failure.message, line));
  } else {
    fmt::print(stderr, "plinth: {}{}\n", line ? fmt::format("line {}: ", *line) : "",
               failure.message);
  }
}

}  // namespace plinth::cli
