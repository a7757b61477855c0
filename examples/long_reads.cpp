// A report that takes its time. A transaction may read for five seconds; with the option long_reads
// a read-only one keeps its snapshot as long as it likes, while writers go on.
//   long_reads [SECONDS [URL]]
#include <atomic>
#include <chrono>
#include <iostream>
#include <optional>
#include <thread>

#include "plinth/plinth.hpp"

namespace {

// A fresh value in all rows at once, so that each snapshot has the same value everywhere.
constexpr int kRows = 100;
const plinth::Subspace kTable(plinth::Tuple::of("table"));

void write_all(plinth::Database& db, int value) {
  db.run([&](plinth::Transaction& tx) {
    for (int row = 0; row < kRows; ++row) tx.set(kTable.pack(row), plinth::pack(value));
  });
}

// The value of a row as `tx` sees it; nothing when its snapshot has been given up.
std::optional<int> read_row(const plinth::Transaction& tx, int row) try {
  return std::get<0>(plinth::unpack<int>(tx.get(kTable.pack(row)).get().value()));
} catch (const plinth::Error& error) {
  if (error != plinth::ErrorCode::transaction_too_old) throw;
  std::cout << "an ordinary transaction: " << error.name() << '\n';
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) try {
  const double seconds = argc > 1 ? std::stod(argv[1]) : 7;
  plinth::Database db = plinth::open(argc > 2 ? argv[2] : "memory:");
  write_all(db, 0);

  plinth::Transaction report = db.begin();
  report.set_option(plinth::TransactionOption::long_reads);
  plinth::Transaction ordinary = db.begin();
  if (read_row(report, 0) != 0 || read_row(ordinary, 0) != 0) return 1;

  std::atomic<int> written = 0;
  std::jthread writer([&](std::stop_token stop) {
    while (!stop.stop_requested()) write_all(db, ++written);
  });
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  for (int row = 0; row < kRows; ++row)
    if (read_row(report, row) != 0) return 1;
  writer.request_stop();
  writer.join();

  std::cout << "after " << seconds << " s the report still reads what it read first; meanwhile "
            << written << " transactions were committed\n";
  // Five seconds are counted in versions, a million for each second.
  const bool given_up = read_row(ordinary, 1) == std::nullopt;
  return written > 0 && given_up == (seconds > 5) ? 0 : 1;
} catch (const plinth::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
