// Error: the one exception type of Plinth.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "plinth/detail/export.hpp"

namespace plinth {

// Numeric codes and names are FoundationDB's (fdb_c_error table of 7.3); those from 7000 up are
// Plinth's own. The one table of codes, names and sentences is errors.inc.
enum class ErrorCode : int {
  success = 0,
#define PLINTH_ERROR(code, name, sentence) name = code,
#include "plinth/detail/errors.inc"
#undef PLINTH_ERROR
};

// The classes of fdb_error_predicate.
enum class ErrorPredicate : int {
  retryable = 50000,               // on_error will retry it
  maybe_committed = 50001,         // the commit may have happened
  retryable_not_committed = 50002  // on_error will retry it, and the commit did not happen
};

PLINTH_API bool error_predicate(ErrorPredicate predicate, int code) noexcept;

// The standard name ("not_committed"), "unknown_error" for a code that is not in the table.
PLINTH_API std::string_view error_name(int code) noexcept;

// The standard sentence, which says what happened and what to do.
PLINTH_API std::string_view error_sentence(int code) noexcept;

class PLINTH_API Error : public std::exception {
 public:
  // These do not throw: without memory for it, what() lacks the detail.
  explicit Error(ErrorCode code) noexcept;
  // `detail` names what was being worked on: file and offset, key, option.
  Error(ErrorCode code, std::string_view detail) noexcept;

  int code() const noexcept { return static_cast<int>(code_); }
  ErrorCode error_code() const noexcept { return code_; }
  std::string_view name() const noexcept { return error_name(code()); }
  // "not_committed (1020): sentence. detail"
  const char* what() const noexcept override;

  bool retryable() const noexcept { return error_predicate(ErrorPredicate::retryable, code()); }
  bool maybe_committed() const noexcept {
    return error_predicate(ErrorPredicate::maybe_committed, code());
  }

  friend bool operator==(const Error& error, ErrorCode code) noexcept {
    return error.code_ == code;
  }

 private:
  ErrorCode code_;
  std::string what_;
};

}  // namespace plinth
