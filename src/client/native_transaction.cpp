#include "client/native_transaction.hpp"

#include <algorithm>
#include <utility>

namespace plinth::client {

NativeTransaction::NativeTransaction(std::shared_ptr<NativeDatabase> database)
    : database_(std::move(database)),
      service_(database_->service()),
      settings_(database_->defaults()),
      begun_us_(service_.monotonic_us()) {}

NativeTransaction::~NativeTransaction() {
  close();
}

void NativeTransaction::check_phase() {
  switch (phase_) {
    case Phase::active:
      if (settings_.timeout_ms == 0 || service_.monotonic_us() < deadline_us()) return;
      phase_ = Phase::timed_out;
      if (in_flight_) in_flight_->end(Error(ErrorCode::transaction_timed_out));
      [[fallthrough]];
    case Phase::timed_out:
      throw Error(ErrorCode::transaction_timed_out);
    case Phase::committed:
      used_after_commit_ = true;
      throw Error(ErrorCode::used_during_commit);
    case Phase::cancelled:
    case Phase::given_up:
    case Phase::closed:
      throw Error(ErrorCode::transaction_cancelled);
  }
}

InFlight& NativeTransaction::in_flight() {
  if (in_flight_ == nullptr) in_flight_ = std::make_shared<InFlight>(service_.executor());
  if (settings_.timeout_ms != 0 && !in_flight_->has_timer()) arm_timeout();
  return *in_flight_;
}

void NativeTransaction::arm_timeout() {
  const std::int64_t left = std::max<std::int64_t>(deadline_us() - service_.monotonic_us(), 0);
  in_flight_->end_after(service_.delay(left), Error(ErrorCode::transaction_timed_out));
}

CommitOutcome& NativeTransaction::outcome() {
  if (outcome_ == nullptr) outcome_ = std::make_shared<CommitOutcome>();
  return *outcome_;
}

void NativeTransaction::end_attempt(const Error& stamp_error) {
  const Error cancelled(ErrorCode::transaction_cancelled);
  ++attempt_;
  if (in_flight_) in_flight_->end(cancelled);
  if (outcome_) {
    outcome_->drop_stamps(stamp_error);
    outcome_->drop_watches(cancelled);
  }
  in_flight_.reset();
  outcome_.reset();
  overlay_ = Overlay();
  reads_ = ConflictRanges();
  set_version_ = kInvalidVersion;
  snapshot_.reset();
  source_.reset();
  failed_read_ = nullptr;
  vars_.reset();
  fresh_ = true;
  used_after_commit_ = false;
  watching_ = false;
  phase_ = Phase::active;
}

Future<void> NativeTransaction::on_error(const Error& error) {
  try {
    const bool after_commit = phase_ == Phase::committed;
    if (!after_commit || (used_after_commit_ && outcome_->has_failed())) check_phase();
  } catch (const Error& refused) {
    return Future<void>::failed(refused);
  }
  std::optional<std::int64_t> delay_us;
  if (settings_.retry_limit < 0 || retries_ < settings_.retry_limit)
    delay_us = backoff_.next_us(error, settings_.max_retry_delay_ms, service_.random());
  if (!delay_us) {
    phase_ = Phase::given_up;
    if (in_flight_) in_flight_->end(Error(ErrorCode::transaction_cancelled));
    return Future<void>::failed(error);
  }
  ++retries_;
  end_attempt(Error(ErrorCode::broken_promise));
  settings_ = settings_.for_retry(database_->defaults());
  if (*delay_us == 0) return Future<void>::done();
  return in_flight().adopt<void>(service_.delay(*delay_us), [](Future<void> over) { over.get(); });
}

void NativeTransaction::reset() {
  end_attempt(Error(ErrorCode::broken_promise));
  settings_ = database_->defaults();
  backoff_ = Backoff();
  retries_ = 0;
  begun_us_ = service_.monotonic_us();
}

void NativeTransaction::cancel() {
  phase_ = Phase::cancelled;
  const Error cancelled(ErrorCode::transaction_cancelled);
  if (in_flight_) in_flight_->end(cancelled);
  if (outcome_) outcome_->drop_stamps(cancelled);
}

void NativeTransaction::close() noexcept {
  if (phase_ == Phase::closed) return;
  end_attempt(Error(ErrorCode::transaction_cancelled));
  phase_ = Phase::closed;
}

void NativeTransaction::set_read_version(Version version) {
  check_usable();
  if (version <= 0)
    throw Error(ErrorCode::version_invalid, "This one is " + std::to_string(version));
  if (set_version_ != kInvalidVersion || snapshot_ || source_)
    throw Error(ErrorCode::read_version_already_set);
  set_version_ = version;
}

std::int64_t NativeTransaction::approximate_size() {
  if (phase_ == Phase::active) absorb_late_reads();
  return size_now();
}

void NativeTransaction::set_option(TransactionOption option, ByteView value) {
  settings_.set(option, value, fresh_);
  if (option != TransactionOption::timeout || in_flight_ == nullptr) return;
  if (settings_.timeout_ms != 0) {
    arm_timeout();
  } else {
    in_flight_->stop_timer();
  }
}

Vars& NativeTransaction::vars() {
  if (vars_ == nullptr) vars_ = std::make_unique<Vars>();
  return *vars_;
}

double NativeTransaction::elapsed_s() const {
  return static_cast<double>(service_.monotonic_us() - begun_us_) / 1e6;
}

}  // namespace plinth::client
