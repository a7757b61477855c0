#include "remote/shared_service.hpp"

#include <algorithm>
#include <utility>

#include "base/environment.hpp"
#include "base/probe.hpp"
#include "remote/dial.hpp"
#include "remote/remote_snapshot.hpp"

namespace plinth::remote {
namespace {

constexpr base::Micros kHelloPatience = 5'000'000;
constexpr base::Micros kFirstPause = 1'000;
constexpr base::Micros kLongestPause = 50'000;

void pause(base::Micros duration_us) {
  base::Mutex mutex;
  base::CondVar never;
  base::Lock lock(mutex);
  never.wait_until(lock, base::monotonic_now() + duration_us);
}

}  // namespace

SharedService::SharedService(engine::EngineOptions options, base::Micros patience)
    : own_executor_(options.options.executor == nullptr
                        ? std::make_unique<base::CompletionThread>("plinth-complete")
                        : nullptr),
      executor_(own_executor_ ? own_executor_.get() : options.options.executor),
      options_(std::move(options)),
      timers_("plinth-timers", executor_) {
  options_.options.executor = executor_;
  options_.wait_for_holder = false;
  const base::Micros deadline = base::monotonic_now() + patience;
  for (base::Micros wait = kFirstPause; current_ == nullptr;
       wait = std::min(2 * wait, kLongestPause)) {
    try {
      hold();
      return;
    } catch (const Error& error) {
      if (error != ErrorCode::database_in_use) throw;
    }
    try {
      remote_ = std::make_unique<RemoteService>(
          dial(socket_path(), kHelloPatience), [this] { return dial_holder(); }, patience,
          executor_);
      engine::Service* none = nullptr;  // it may have taken over already
      current_.compare_exchange_strong(none, remote_.get());
    } catch (const Error& error) {
      if (error != ErrorCode::connection_failed) throw;
      if (base::monotonic_now() >= deadline)
        throw Error(ErrorCode::database_in_use,
                    options_.path +
                        " is held by a process that does not share it; open it with "
                        "?shared there too (" +
                        std::string(error.what()) + ")");
      pause(wait);
    }
  }
}

SharedService::~SharedService() {
  remote_.reset();  // its thread may be just about to take over
  server_.reset();
  engine_.reset();
}

std::string SharedService::socket_path() const {
  return options_.path + "/SOCKET";
}

void SharedService::hold() {
  std::shared_ptr<engine::Service> engine = engine::open_engine(options_);
  // Who has the lock is the only server; one that was killed may have a moment left to be closed.
  server_ = std::make_unique<Server>(engine, socket_path(), ListeningSocket::Others::impossible);
  engine_ = std::move(engine);
  current_.store(engine_.get(), std::memory_order_release);
}

// On the link's thread, when the connection was lost.
Descriptor SharedService::dial_holder() {
  if (engine_ == nullptr) {
    try {
      return dial(socket_path(), kHelloPatience);
    } catch (const Error& error) {
      if (error != ErrorCode::connection_failed) throw;
    }
    hold();
    PLINTH_PROBE("took over from a holder that is gone");
  }
  return dial(socket_path(), kHelloPatience);
}

// A snapshot's commit goes where the snapshot is from. The durability is that of this process.
engine::Service& SharedService::prepare(engine::CommitRequest& request) const {
  if (!request.durability) request.durability = options_.options.durability;
  const bool is_remote = dynamic_cast<const RemoteSnapshot*>(request.snapshot.get()) != nullptr;
  return is_remote ? *remote_ : current();
}

Future<engine::CommitResult> SharedService::commit(engine::CommitRequest request) {
  engine::Service& service = prepare(request);
  return service.commit(std::move(request));
}

engine::CommitResult SharedService::commit_and_wait(engine::CommitRequest request) {
  engine::Service& service = prepare(request);
  return service.commit_and_wait(std::move(request));
}

std::int64_t SharedService::monotonic_us() {
  return base::Environment::real().monotonic();
}

std::uint64_t SharedService::random() {
  return base::Environment::real().random();
}

}  // namespace plinth::remote
