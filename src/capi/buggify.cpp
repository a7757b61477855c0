#include "capi/buggify.hpp"

#include <span>

#include "base/environment.hpp"

namespace plinth::capi {
namespace {

constexpr ErrorCode kReadVersion[] = {ErrorCode::grv_proxy_memory_limit_exceeded,
                                      ErrorCode::batch_transaction_throttled};
constexpr ErrorCode kRead[] = {ErrorCode::transaction_too_old, ErrorCode::future_version,
                               ErrorCode::process_behind};
constexpr ErrorCode kCommitRefused[] = {ErrorCode::not_committed, ErrorCode::transaction_too_old,
                                        ErrorCode::proxy_memory_limit_exceeded};
constexpr ErrorCode kCommitUnknown[] = {ErrorCode::commit_unknown_result};

std::span<const ErrorCode> errors_of(Section section) {
  switch (section) {
    case Section::read_version:
      return kReadVersion;
    case Section::read:
      return kRead;
    case Section::commit_refused:
      return kCommitRefused;
    default:
      return kCommitUnknown;
  }
}

}  // namespace

Buggify& Buggify::instance() {
  static auto* instance = new Buggify;
  return *instance;
}

void Buggify::set_option(NetworkOption option, std::int64_t percent) {
  const std::lock_guard lock(mutex_);
  switch (option) {
    case NetworkOption::buggify_enable:
    case NetworkOption::client_buggify_enable:
      enabled_ = true;
      break;
    case NetworkOption::buggify_disable:
    case NetworkOption::client_buggify_disable:
      enabled_ = false;
      break;
    case NetworkOption::buggify_section_activated_probability:
    case NetworkOption::client_buggify_section_activated_probability:
      activated_percent_ = percent;
      activated_ = {};
      break;
    case NetworkOption::buggify_section_fired_probability:
    case NetworkOption::client_buggify_section_fired_probability:
      fired_percent_ = percent;
      break;
    default:
      break;
  }
}

bool Buggify::happens(std::int64_t percent) {
  return static_cast<std::int64_t>(base::Environment::real().random() % 100) < percent;
}

std::optional<ErrorCode> Buggify::draw(Section section) {
  const std::lock_guard lock(mutex_);
  std::optional<bool>& activated = activated_[static_cast<std::size_t>(section)];
  if (!activated) activated = happens(activated_percent_);
  if (!*activated || !happens(fired_percent_)) return std::nullopt;
  const std::span<const ErrorCode> errors = errors_of(section);
  return errors[base::Environment::real().random() % errors.size()];
}

}  // namespace plinth::capi
