// InFlight: the operations of one attempt of a transaction that are not ready yet.
//
// They belong to the attempt, not to the futures that were handed out for them: a read whose future
// was dropped still counts, and when the attempt ends they all fail at once, whatever they wait
// for.
#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <utility>
#include <vector>

#include "base/sync.hpp"
#include "plinth/bytes.hpp"
#include "plinth/future.hpp"

namespace plinth::client {

// Any thread.
class InFlight : public std::enable_shared_from_this<InFlight> {
 public:
  // `executor`: where those who wait go on if they have no executor of their own.
  explicit InFlight(Executor& executor) : executor_(executor) {}

  // Takes an operation over. Once it is ready, finish(its future) makes the result (or throws), on
  // any thread, unless the attempt has ended; the future that comes back is that result.
  template <class T, class R, class Finish>
  Future<T> adopt(Future<R> operation, Finish finish);

  // Ready when nothing is under way any more.
  Future<void> idle();
  // All that is under way fails with `error`, now; its results are dropped. So does all that comes.
  void end(const Error& error);
  // Calls end(`error`) when `timer` is ready; replaces an earlier timer.
  void end_after(Future<void> timer, const Error& error);
  void stop_timer();
  bool has_timer();

  // What operations leave behind for the commit.
  void add_looked_at(std::vector<KeyRange> ranges);
  std::vector<KeyRange> take_looked_at();
  void note_failure(std::exception_ptr error);  // the first one stays
  std::exception_ptr failure();

 private:
  class Operation {
   public:
    virtual ~Operation() = default;
    virtual void fail(const Error& error) = 0;
    Cancellation cancellation;
    std::list<std::shared_ptr<Operation>>::iterator place;
    bool listed = false;
  };
  template <class T>
  class OperationOf final : public Operation {
   public:
    explicit OperationOf(Executor& executor) : promise(&executor) {}
    void fail(const Error& error) override { promise.fail(error); }
    Promise<T> promise;
  };

  // False when the attempt has ended: then the operation has failed.
  bool list(const std::shared_ptr<Operation>& operation);
  // True unless the attempt's end was first; then finished() must follow.
  bool begin_finish(Operation& operation);
  void finished();

  Executor& executor_;
  base::Mutex mutex_;
  std::list<std::shared_ptr<Operation>> operations_;
  std::size_t finishing_ = 0;
  std::unique_ptr<Error> ended_;
  std::vector<Promise<void>> idle_waiters_;
  Cancellation timer_;
  bool has_timer_ = false;
  std::vector<KeyRange> looked_at_;
  std::exception_ptr failure_;
};

template <class T, class R, class Finish>
Future<T> InFlight::adopt(Future<R> operation, Finish finish) {
  auto entry = std::make_shared<OperationOf<T>>(executor_);
  Future<T> result = entry->promise.future();
  entry->cancellation = operation.cancellation();
  if (!list(entry)) return result;
  std::move(operation).on_ready(
      [self = shared_from_this(), entry, finish = std::move(finish)](Future<R> ready) mutable {
        if (!self->begin_finish(*entry)) return;
        std::exception_ptr error;
        try {
          if constexpr (std::is_void_v<T>) {
            finish(std::move(ready));
            entry->promise.set();
          } else {
            entry->promise.set(finish(std::move(ready)));
          }
        } catch (...) {
          error = std::current_exception();
        }
        // Not in the handler, which holds the exception to its end, when it is another thread's.
        if (error) entry->promise.fail(std::move(error));
        self->finished();
      });
  return result;
}

}  // namespace plinth::client
