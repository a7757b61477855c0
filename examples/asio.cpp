// Plinth in a program of Boost.Asio: each Future completes a token of Asio's, be that a callback,
// use_future or use_awaitable; and a timer cancels a wait that takes too long.
//   asio [URL]
#include "plinth/asio.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <chrono>
#include <future>
#include <iostream>

#include "plinth/plinth.hpp"

namespace {

namespace asio = boost::asio;
using plinth::async_wait;

// What a future, an awaitable and a callback wait for: how often the page was visited.
plinth::Future<int> visit(plinth::Database db, std::string page) {
  co_return co_await db.run_async([&page](plinth::Transaction& tx) -> plinth::Future<int> {
    const auto value = co_await tx.get(page);
    const int visits = value ? std::get<0>(plinth::unpack<int>(*value)) + 1 : 1;
    tx.set(page, plinth::pack(visits));
    co_return visits;
  });
}

int with_callback(plinth::Database& db, asio::io_context& io) {
  int visits = 0;
  async_wait(io.get_executor(), visit(db, "page"), [&](std::exception_ptr error, int n) {
    if (!error) visits = n;
  });
  io.restart();
  io.run();
  return visits;
}

int with_future(plinth::Database& db, asio::io_context& io) {
  std::future<int> visits = async_wait(io.get_executor(), visit(db, "page"), asio::use_future);
  io.restart();
  io.run();
  return visits.get();
}

int with_awaitable(plinth::Database& db, asio::io_context& io) {
  int visits = 0;
  const auto coroutine = [&]() -> asio::awaitable<void> {
    co_await async_wait(visit(db, "page"), asio::use_awaitable);
    visits = co_await async_wait(visit(db, "page"), asio::use_awaitable);
  };
  asio::co_spawn(io, coroutine, [](std::exception_ptr error) {
    if (error) std::rethrow_exception(error);
  });
  io.restart();
  io.run();
  return visits;
}

// Waits for a change of a page that nobody visits, for a tenth of a second at the most.
std::string with_cancellation(plinth::Database& db, asio::io_context& io) {
  std::string outcome = "changed";
  plinth::Watch watch;
  db.run([&](plinth::Transaction& tx) { watch = tx.watch("page never visited"); });

  asio::steady_timer timer(io, std::chrono::milliseconds(100));
  asio::cancellation_signal signal;
  async_wait(io.get_executor(), std::move(watch),
             asio::bind_cancellation_slot(signal.slot(), [&](std::exception_ptr error) {
               timer.cancel();
               try {
                 if (error) std::rethrow_exception(error);
               } catch (const plinth::Error& cancelled) {
                 outcome = cancelled.name();
               }
             }));
  timer.async_wait([&](boost::system::error_code stopped) {
    if (!stopped) signal.emit(asio::cancellation_type::terminal);
  });
  io.restart();
  io.run();
  return outcome;
}

}  // namespace

int main(int argc, char** argv) try {
  plinth::Database db = plinth::open(argc > 1 ? argv[1] : "memory:");
  db.run([](plinth::Transaction& tx) { tx.clear("page"); });
  asio::io_context io;

  const int first = with_callback(db, io);
  const int second = with_future(db, io);
  const int fourth = with_awaitable(db, io);
  const std::string outcome = with_cancellation(db, io);
  std::cout << "visits seen by a callback: " << first << ", by a future: " << second
            << ", by a coroutine after its own two: " << fourth << '\n'
            << "a wait with a timer: " << outcome << '\n';
  return first == 1 && second == 2 && fourth == 4 && outcome == "operation_cancelled" ? 0 : 1;
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
