#include "remote/chore.hpp"

#include <algorithm>
#include <utility>

namespace plinth::remote {

Chore::Chore(RequestId id, Job job, std::function<void()> on_progress)
    : id_(id), on_progress_(std::move(on_progress)) {
  // Shared, since a thread's body must be copyable.
  auto promise = std::make_shared<Promise<Sentences>>();
  outcome_ = promise->future();
  thread_ = base::Thread("plinth-chore",
                         [this, job = std::move(job), promise] { run(job, std::move(*promise)); });
}

Chore::~Chore() = default;

bool Chore::take_progress(std::uint32_t& millionths) noexcept {
  millionths = progress_;
  return std::exchange(told_, millionths) != millionths;
}

void Chore::run(const Job& job, Promise<Sentences> promise) {
  const auto report = [this](double fraction) {
    progress_ = static_cast<std::uint32_t>(std::clamp(fraction, 0.0, 1.0) * 1e6);
    on_progress_();
    return !stop_;
  };
  std::exception_ptr error;
  try {
    promise.set(job(report));
  } catch (...) {
    error = std::current_exception();
  }
  if (error) promise.fail(std::move(error));
}

}  // namespace plinth::remote
