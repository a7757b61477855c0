#include "plinth/error.hpp"

#include <algorithm>
#include <array>
#include <new>

namespace plinth {
namespace {

struct Row {
  int code;
  std::string_view name;
  std::string_view sentence;
  const char* text;  // what() of an error without a detail
};

constexpr std::array kRows{
    Row{0, "success", "Success", "success (0): Success."},
#define PLINTH_ERROR(code, name, sentence) \
  Row{code, #name, sentence, #name " (" #code "): " sentence "."},
#include "plinth/detail/errors.inc"
#undef PLINTH_ERROR
};

constexpr bool by_code(const Row& row, int code) {
  return row.code < code;
}
static_assert(std::is_sorted(kRows.begin(), kRows.end(),
                             [](const Row& a, const Row& b) { return a.code < b.code; }));

const Row* find(int code) {
  const auto it = std::lower_bound(kRows.begin(), kRows.end(), code, by_code);
  return it != kRows.end() && it->code == code ? &*it : nullptr;
}

bool is_maybe_committed(int code) {
  return code == static_cast<int>(ErrorCode::commit_unknown_result) ||
         code == static_cast<int>(ErrorCode::cluster_version_changed);
}

bool is_retryable_not_committed(int code) {
  switch (static_cast<ErrorCode>(code)) {
    case ErrorCode::not_committed:
    case ErrorCode::transaction_too_old:
    case ErrorCode::future_version:
    case ErrorCode::database_locked:
    case ErrorCode::grv_proxy_memory_limit_exceeded:
    case ErrorCode::proxy_memory_limit_exceeded:
    case ErrorCode::batch_transaction_throttled:
    case ErrorCode::process_behind:
    case ErrorCode::tag_throttled:
    case ErrorCode::proxy_tag_throttled:
    case ErrorCode::blob_granule_request_failed:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool error_predicate(ErrorPredicate predicate, int code) noexcept {
  switch (predicate) {
    case ErrorPredicate::retryable:
      return is_maybe_committed(code) || is_retryable_not_committed(code);
    case ErrorPredicate::maybe_committed:
      return is_maybe_committed(code);
    case ErrorPredicate::retryable_not_committed:
      return is_retryable_not_committed(code);
  }
  return false;
}

std::string_view error_name(int code) noexcept {
  const Row* row = find(code);
  return row != nullptr ? row->name : "unknown_error";
}

std::string_view error_sentence(int code) noexcept {
  const Row* row = find(code);
  return row != nullptr ? row->sentence : "An unknown error occurred";
}

// Errors that are made to be handed to whom it may concern, often nobody, cost no memory.
Error::Error(ErrorCode code) noexcept : code_(code) {
  if (find(this->code()) == nullptr) *this = Error(code, "Its code is not in the table");
}

Error::Error(ErrorCode code, std::string_view detail) noexcept : code_(code) {
  if (detail.empty()) return;
  try {
    what_.append(name()).append(" (").append(std::to_string(this->code())).append("): ");
    what_.append(error_sentence(this->code())).append(". ").append(detail);
  } catch (const std::bad_alloc&) {
    what_.clear();
  }
}

const char* Error::what() const noexcept {
  if (!what_.empty()) return what_.c_str();
  const Row* row = find(code());
  return row != nullptr ? row->text : "unknown_error";
}

}  // namespace plinth
