// Plinth in programs of Boost.Asio: futures with completion tokens, coroutines on an io_context.
//
//   boost::asio::awaitable<void> f(plinth::Transaction& tx) {
//     auto value = co_await plinth::async_wait(tx.get("key"), boost::asio::use_awaitable);
//   }
//
// Needs Boost 1.79 or later; not part of plinth.hpp.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/system_executor.hpp>
#include <exception>
#include <type_traits>
#include <utility>

#include "plinth/executor.hpp"
#include "plinth/future.hpp"

namespace plinth {

namespace detail {

template <class T>
struct AsioSignature {
  using type = void(std::exception_ptr, T);
};
template <>
struct AsioSignature<void> {
  using type = void(std::exception_ptr);
};

template <class T, class Handler>
void complete_asio_handler(Handler handler, Future<T> ready) {
  if constexpr (std::is_void_v<T>) {
    std::exception_ptr error = ready.error();
    std::move(handler)(error);
  } else if (std::exception_ptr error = ready.error()) {
    std::move(handler)(error, T());
  } else {
    std::move(handler)(std::exception_ptr(), ready.get());
  }
}

// What begins the wait, once the token has become a handler.
template <class T, class IoExecutor>
struct AsioWait {
  IoExecutor fallback;

  template <class Handler>
  void operator()(Handler handler, Future<T> future) const {
    auto executor = boost::asio::get_associated_executor(handler, fallback);
    auto slot = boost::asio::get_associated_cancellation_slot(handler);
    if (slot.is_connected()) {
      slot.assign([cancellation = future.cancellation()](boost::asio::cancellation_type type) {
        if (type != boost::asio::cancellation_type::none) cancellation.cancel();
      });
    }
    std::move(future).on_ready(
        [handler = std::move(handler), executor, slot,
         work = boost::asio::make_work_guard(executor)](Future<T> ready) mutable {
          boost::asio::post(
              executor, [handler = std::move(handler), slot, ready = std::move(ready)]() mutable {
                if (slot.is_connected()) slot.clear();
                complete_asio_handler(std::move(handler), std::move(ready));
              });
        });
  }
};

}  // namespace detail

// Waits for `future` and completes the token with void(std::exception_ptr, T), or
// void(std::exception_ptr) for a Future<void>: on the handler's associated executor, else on
// `executor`; never inside of this call. T must have a default constructor. The token's
// cancellation slot cancels the future, which then completes with Error(operation_cancelled).
// The executor has outstanding work meanwhile, so an io_context does not run out of it; it must
// live until the future is ready or cancelled.
template <class T, class IoExecutor, class Token>
auto async_wait(const IoExecutor& executor, Future<T> future, Token&& token) {
  return boost::asio::async_initiate<Token, typename detail::AsioSignature<T>::type>(
      detail::AsioWait<T, IoExecutor>{executor}, token, std::move(future));
}

// The same; with no associated executor the handler runs on Asio's system executor.
template <class T, class Token>
auto async_wait(Future<T> future, Token&& token) {
  return async_wait(boost::asio::system_executor(), std::move(future), std::forward<Token>(token));
}

// An io_context (or a strand) as an executor of Plinth: coroutines that begin on it (see start_on
// in parallel.hpp, or run_here) go on on it. It must run one handler at a time: give it a strand
// where several threads run the io_context. It must outlive what waits on it, and the Database, one
// of whose threads may still be about to wake it when what it posted has run already.
class AsioExecutor final : public Executor {
 public:
  explicit AsioExecutor(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void post(Work& work) override {
    boost::asio::post(executor_, [this, &work] {
      Scope scope(this);
      work.run();
    });
  }

  // Calls f() with this as the current executor. On one of its threads.
  template <class F>
  auto run_here(F f) {
    Scope scope(this);
    return f();
  }

 private:
  boost::asio::any_io_executor executor_;
};

}  // namespace plinth
