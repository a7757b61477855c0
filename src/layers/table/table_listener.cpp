#include <utility>

#include "base/sync.hpp"
#include "plinth/error.hpp"
#include "plinth/table_stream.hpp"

namespace plinth {

class TableListener::Impl {
 public:
  Impl(Database db, const Table& table, Callback callback, std::optional<Versionstamp> after)
      : db_(std::move(db)), stream_(table), callback_(std::move(callback)), after_(after) {
    const auto newest = [this](ReadTransaction& tx) { return stream_.newest(tx); };
    const std::optional<Versionstamp> now = db_.read(newest);
    if (!after_) after_ = now;
    thread_ = base::Thread("plinth-listener", [this] { listen(); });
  }
  ~Impl() {
    {
      const base::Lock lock(mutex_);
      stopped_ = true;
      pending_.cancel();
    }
    thread_.join();
  }

  std::exception_ptr failure() const {
    const base::Lock lock(mutex_);
    return failure_;
  }

 private:
  using Records = std::vector<StreamRecord>;

  void listen() {
    try {
      while (true) {
        const Records records = wait_for(next_records());
        for (const StreamRecord& record : records) {
          if (is_stopped()) return;
          callback_(record);
          after_ = record.position;
        }
        if (records.empty()) wait_for_change();
      }
    } catch (...) {
      const base::Lock lock(mutex_);
      if (!stopped_) failure_ = std::current_exception();
    }
  }

  // When there are none, changed_ is ready once there may be some.
  Future<Records> next_records() {
    const auto work = [this](Transaction& tx) -> Future<Records> {
      Records records = co_await stream_.read(tx.snapshot(), after_);
      if (records.empty()) changed_ = co_await stream_.watch(tx);
      co_return records;
    };
    co_return co_await db_.run_async(work);
  }

  void wait_for_change() {
    try {
      wait_for(std::move(changed_));
    } catch (const Error& error) {
      // The watch is gone, with a connection perhaps; the next transaction waits as long as it
      // must.
      if (!error.retryable()) throw;
    }
  }

  // Throws when the listener is to end.
  template <class T>
  T wait_for(Future<T> future) {
    {
      const base::Lock lock(mutex_);
      if (stopped_) throw Error(ErrorCode::operation_cancelled);
      pending_ = future.cancellation();
    }
    return future.get();
  }

  bool is_stopped() const {
    const base::Lock lock(mutex_);
    return stopped_;
  }

  Database db_;
  const TableStream stream_;
  const Callback callback_;
  std::optional<Versionstamp> after_;
  Watch changed_;

  mutable base::Mutex mutex_;
  bool stopped_ = false;
  Cancellation pending_;  // of what the thread waits for
  std::exception_ptr failure_;
  base::Thread thread_;
};

TableListener::TableListener(Database db, const Table& table, Callback callback,
                             std::optional<Versionstamp> after)
    : impl_(std::make_unique<Impl>(std::move(db), table, std::move(callback), after)) {}
TableListener::~TableListener() = default;

std::exception_ptr TableListener::failure() const {
  return impl_->failure();
}

}  // namespace plinth
