// Work on many items at a time, on one executor.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "plinth/bytes.hpp"
#include "plinth/executor.hpp"
#include "plinth/future.hpp"
#include "plinth/range.hpp"

namespace plinth {

// Calls start(), which returns a Future, on `executor`, and gives what that Future gives: the way
// to begin a coroutine on another thread. Dropping the result gives the work up.
template <class F>
auto start_on(Executor& executor, F start) -> std::invoke_result_t<F&>;

// Calls work(item) for each item of `stream`, with at most `in_flight` of the futures that it
// returns unfinished, and sink(result) for each result, one at a time and in the order in which
// they come; sink() if there is nothing in the futures. All calls are made on `executor`. Ready
// when all is done; the first error (of the stream, of work or of sink) ends it and cancels what is
// in flight.
//
// `stream` has next(), which returns a Future of an optional item, as RangeStream has (its rows
// come as KeyValue). sink returns nothing, or a Future<void>, which is waited for.
template <class Stream, class Work, class Sink>
Future<void> parallel_for_each(Executor& executor, Stream stream, Work work, Sink sink,
                               std::size_t in_flight = 16);

namespace detail {

// Cancels work that begins later than its future is handed out. Any thread.
class PLINTH_API CancelLink {
 public:
  CancelLink();
  // For the promise of that future.
  std::unique_ptr<Canceller> canceller() const;
  // The work has begun; it is cancelled at once if that came first.
  void connect(const Cancellation& work) const;
  bool cancelled() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// The numbers of finished items, in the order in which they were finished. Any thread.
class PLINTH_API FinishedQueue {
 public:
  explicit FinishedQueue(Executor& executor);
  ~FinishedQueue();
  void push(std::size_t number);
  // One caller at a time.
  Future<std::size_t> pop();

 private:
  struct State;
  const std::unique_ptr<State> state_;
};

template <class T, class F>
class StartOn final : public Executor::Work {
 public:
  StartOn(F start, Promise<T> promise, CancelLink link)
      : start_(std::move(start)), promise_(std::move(promise)), link_(std::move(link)) {}

  void run() noexcept override {
    const std::unique_ptr<StartOn> self(this);
    if (link_.cancelled()) return;
    Future<T> future;
    try {
      future = start_();
    } catch (...) {
      future = Future<T>::failed(std::current_exception());
    }
    link_.connect(future.cancellation());
    std::move(future).on_ready([promise = std::move(promise_)](Future<T> ready) mutable {
      if (std::exception_ptr error = ready.error()) return promise.fail(std::move(error));
      if constexpr (std::is_void_v<T>) {
        promise.set();
      } else {
        promise.set(ready.get());
      }
    });
  }

 private:
  F start_;
  Promise<T> promise_;
  CancelLink link_;
};

// An item that is kept while the stream goes on.
template <class Item>
Item kept_item(Item item) {
  return item;
}
inline KeyValue kept_item(const KeyValueView& row) {
  return {Bytes(row.key), Bytes(row.value)};
}

// What is in flight, by number; cancelled with it.
template <class R>
class InFlightItems {
 public:
  explicit InFlightItems(Executor& executor)
      : finished_(std::make_shared<FinishedQueue>(executor)) {}
  ~InFlightItems() {
    for (auto& [number, item] : items_) item.cancellation.cancel();
  }
  std::size_t size() const { return items_.size(); }
  void add(Future<R> future) {
    const std::size_t number = next_++;
    auto result = std::make_shared<std::optional<Future<R>>>();
    items_[number] = {future.cancellation(), result};
    std::move(future).on_ready([number, result, finished = finished_](Future<R> ready) {
      result->emplace(std::move(ready));
      finished->push(number);
    });
  }
  Future<std::size_t> next_finished() { return finished_->pop(); }
  Future<R> take(std::size_t number) {
    auto node = items_.extract(number);
    return std::move(**node.mapped().result);
  }

 private:
  struct Item {
    Cancellation cancellation;
    std::shared_ptr<std::optional<Future<R>>> result;
  };
  std::size_t next_ = 0;
  std::map<std::size_t, Item> items_;
  std::shared_ptr<FinishedQueue> finished_;
};

template <class R, class Sink>
Future<void> give_to(Sink& sink, Future<R> result) {
  if constexpr (std::is_void_v<R>) {
    result.get();
    if constexpr (std::is_void_v<std::invoke_result_t<Sink&>>) {
      sink();
    } else {
      co_await sink();
    }
  } else if constexpr (std::is_void_v<std::invoke_result_t<Sink&, R>>) {
    sink(result.get());
  } else {
    co_await sink(result.get());
  }
  co_return;
}

template <class R, class Stream, class Work, class Sink>
Future<void> for_each_in_parallel(Executor& executor, Stream stream, Work work, Sink sink,
                                  std::size_t most) {
  InFlightItems<R> items(executor);
  bool more = true;
  while (true) {
    while (more && items.size() < most) {
      auto next = co_await stream.next();
      more = next.has_value();
      if (more) items.add(work(kept_item(std::move(*next))));
    }
    if (items.size() == 0) co_return;
    const std::size_t number = co_await items.next_finished();
    co_await give_to<R>(sink, items.take(number));
  }
}

}  // namespace detail

template <class F>
auto start_on(Executor& executor, F start) -> std::invoke_result_t<F&> {
  using T = typename std::invoke_result_t<F&>::value_type;
  Promise<T> promise(&executor);
  Future<T> future = promise.future();
  const detail::CancelLink link;
  promise.on_cancel(link.canceller());
  executor.post(*new detail::StartOn<T, F>(std::move(start), std::move(promise), link));
  return future;
}

template <class Stream, class Work, class Sink>
Future<void> parallel_for_each(Executor& executor, Stream stream, Work work, Sink sink,
                               std::size_t in_flight) {
  using Next = typename decltype(stream.next())::value_type;
  using Item = decltype(detail::kept_item(std::declval<typename Next::value_type>()));
  using R = typename std::invoke_result_t<Work&, Item>::value_type;
  return start_on(executor, [&executor, stream = std::move(stream), work = std::move(work),
                             sink = std::move(sink), in_flight]() mutable {
    return detail::for_each_in_parallel<R>(executor, std::move(stream), std::move(work),
                                           std::move(sink), in_flight > 0 ? in_flight : 1);
  });
}

}  // namespace plinth
