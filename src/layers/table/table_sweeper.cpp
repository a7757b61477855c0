#include "plinth/table_sweeper.hpp"

#include <utility>

#include "base/sync.hpp"

namespace plinth {

class TableSweeper::Impl {
 public:
  Impl(Database db, const Table& table, std::chrono::milliseconds interval)
      : db_(std::move(db)), table_(table), interval_us_(interval.count() * 1000) {
    thread_ = base::Thread("plinth-sweeper", [this] { sweep(); });
  }
  ~Impl() {
    {
      const base::Lock lock(mutex_);
      stopped_ = true;
      under_way_.cancel();
    }
    stop_.notify_all();
    thread_.join();
  }

  std::int64_t swept() const {
    const base::Lock lock(mutex_);
    return swept_;
  }
  std::exception_ptr failure() const {
    const base::Lock lock(mutex_);
    return failure_;
  }

 private:
  void sweep() {
    base::Lock lock(mutex_);
    while (!stopped_) {
      lock.unlock();
      Future<std::int64_t> sweeping = table_.sweep(db_);
      lock.lock();
      under_way_ = sweeping.cancellation();
      if (stopped_) return;
      lock.unlock();
      sweeping.wait();
      lock.lock();
      failure_ = sweeping.error();
      if (!failure_) swept_ += sweeping.get();
      const base::Micros next = base::monotonic_now() + interval_us_;
      while (!stopped_ && stop_.wait_until(lock, next)) continue;
    }
  }

  Database db_;
  const Table table_;
  const base::Micros interval_us_;

  mutable base::Mutex mutex_;
  base::CondVar stop_;
  bool stopped_ = false;
  Cancellation under_way_;
  std::int64_t swept_ = 0;
  std::exception_ptr failure_;
  base::Thread thread_;
};

TableSweeper::TableSweeper(Database db, const Table& table, std::chrono::milliseconds interval)
    : impl_(std::make_unique<Impl>(std::move(db), table, interval)) {}
TableSweeper::~TableSweeper() = default;

std::int64_t TableSweeper::swept() const {
  return impl_->swept();
}
std::exception_ptr TableSweeper::failure() const {
  return impl_->failure();
}

}  // namespace plinth
