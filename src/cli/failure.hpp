// What went wrong, for people and for programs.
#pragma once

#include <optional>
#include <string>

namespace plinth::cli {

struct Failure {
  int exit_code = 0;
  int code = 0;         // of errors.inc
  std::string name;     // of errors.inc
  std::string message;  // empty: nothing is to be said
};

// Describes the exception that is being handled. All exceptions that commands throw are known to
// it; others go on.
Failure current_failure();

// Prints it on standard error: a sentence, or one line of JSON. `line`: the place in a script.
void report(const Failure& failure, bool json, std::optional<int> line = std::nullopt);

}  // namespace plinth::cli
