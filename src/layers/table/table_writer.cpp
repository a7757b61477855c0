#include "plinth/table_writer.hpp"

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "base/probe.hpp"
#include "plinth/error.hpp"

namespace plinth {
namespace {

// Of one transaction: of items, which come to several times as much with indexes and a stream.
constexpr std::size_t kMostBytes = 1'000'000;
constexpr std::size_t kMostWrites = 1'000;

using Count = std::atomic<std::int64_t>;

// Together, unless that is too much: what was there before may be larger than what comes, and a
// stream takes both.
Future<void> commit(Database db, Table table, std::vector<TableWrite> writes,
                    std::shared_ptr<Count> done) {
  std::size_t most = writes.size();
  for (auto next = writes.begin(); next != writes.end();) {
    const auto count = std::min(most, static_cast<std::size_t>(writes.end() - next));
    const auto end = next + static_cast<std::ptrdiff_t>(count);
    const auto work = [&](Transaction& tx) { return table.batch_write(tx, {next, end}); };
    bool too_large = false;
    try {
      co_await db.run_async(work);
    } catch (const Error& error) {
      if (error != ErrorCode::transaction_too_large || count == 1) throw;
      too_large = true;
    }
    if (too_large) {
      PLINTH_PROBE("a batch of a table is divided");
      most = (count + 1) / 2;
    } else {
      next = end;
      *done += static_cast<std::int64_t>(count);
    }
  }
}

}  // namespace

class TableWriter::Impl {
 public:
  Impl(Database db, Table table) : db_(std::move(db)), table_(std::move(table)) {}

  static Future<void> write(std::shared_ptr<Impl> self, TableWrite write) {
    self->bytes_ += size_in_bytes(write.item);
    self->collected_.push_back(std::move(write));
    if (self->bytes_ < kMostBytes && self->collected_.size() < kMostWrites) co_return;
    co_await self->finish();
    self->begin();
  }

  static Future<void> flush(std::shared_ptr<Impl> self) {
    co_await self->finish();
    self->begin();
    co_await self->finish();
  }

  std::int64_t done() const noexcept { return *done_; }

 private:
  // What is under way.
  Future<void> finish() {
    if (failure_) std::rethrow_exception(failure_);
    if (!under_way_.valid()) co_return;
    try {
      co_await std::move(under_way_);
    } catch (...) {
      failure_ = std::current_exception();
      throw;
    }
  }

  // Commits what has been collected; nothing is under way.
  void begin() {
    if (collected_.empty()) return;
    bytes_ = 0;
    under_way_ = commit(db_, table_, std::exchange(collected_, {}), done_);
  }

  const Database db_;
  const Table table_;
  std::vector<TableWrite> collected_;
  std::size_t bytes_ = 0;  // of them
  // Counted up by what is under way, which may be on another thread.
  const std::shared_ptr<Count> done_ = std::make_shared<Count>(0);
  std::exception_ptr failure_;
  Future<void> under_way_;
};

TableWriter::TableWriter(Database db, Table table)
    : impl_(std::make_shared<Impl>(std::move(db), std::move(table))) {}
TableWriter::TableWriter(TableWriter&&) noexcept = default;
TableWriter& TableWriter::operator=(TableWriter&&) noexcept = default;
TableWriter::~TableWriter() = default;

Future<void> TableWriter::put(Item item) {
  return write(TableWrite::put(std::move(item)));
}
Future<void> TableWriter::remove(Item key) {
  return write(TableWrite::remove(std::move(key)));
}
Future<void> TableWriter::write(TableWrite write) {
  return Impl::write(impl_, std::move(write));
}
Future<void> TableWriter::flush() {
  return Impl::flush(impl_);
}
std::int64_t TableWriter::done() const noexcept {
  return impl_->done();
}

Future<TableBatchResult> Table::long_batch_write(Database db,
                                                 std::vector<TableWrite> writes) const {
  TableWriter writer(std::move(db), *this);
  TableBatchResult result;
  try {
    for (TableWrite& write : writes) co_await writer.write(std::move(write));
    co_await writer.flush();
  } catch (...) {
    result.failure = std::current_exception();
  }
  result.done = static_cast<std::size_t>(writer.done());
  co_return result;
}

}  // namespace plinth
