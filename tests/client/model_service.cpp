#include "model_service.hpp"

#include <algorithm>

#include "engine/atomic_operation.hpp"
#include "engine/versionstamp_place.hpp"

namespace plinth::test {
namespace {

constexpr Version kLifetime = 5'000'000;

class GivenUp final : public detail::Canceller {
 public:
  explicit GivenUp(std::shared_ptr<bool> flag) : flag_(std::move(flag)) {}
  void cancel() noexcept override { *flag_ = true; }

 private:
  std::shared_ptr<bool> flag_;
};

bool overlap(const KeyRange& a, const engine::RangeView& b) {
  return a.begin < b.end && b.begin < a.end;
}

std::vector<KeyRange> copied(const std::vector<engine::RangeView>& ranges) {
  std::vector<KeyRange> copies;
  for (const engine::RangeView& range : ranges)
    copies.push_back({Bytes(range.begin), Bytes(range.end)});
  return copies;
}

}  // namespace

class ModelService::Snapshot final : public engine::ReadSnapshot {
 public:
  Snapshot(std::shared_ptr<ModelService> model, Version version, bool long_reads)
      : model_(std::move(model)), version_(version), long_reads_(long_reads) {}

  Version version() const noexcept override { return version_; }

  Future<std::optional<Bytes>> get(ByteView key) override {
    return model_->answer<std::optional<Bytes>>([self = *this, key = Bytes(key)] {
      self.check();
      return self.model_->value_at(key, self.version_);
    });
  }

  Future<Rows> get_range(const engine::RangeRequest& r) override {
    return model_->answer<Rows>([self = *this, begin = Bytes(r.begin), end = Bytes(r.end), r] {
      self.check();
      Rows rows;
      std::size_t bytes = 0;
      const auto take = [&](const Bytes& key) {
        const std::optional<Bytes> value = self.model_->value_at(key, self.version_);
        if (!value) return true;
        if (rows.size() == r.limit_rows || bytes >= r.limit_bytes ||
            rows.size() == self.model_->page_rows) {
          rows.set_more(true);
          return false;
        }
        rows.append(key, *value);
        bytes += key.size() + value->size() + 24;
        return true;
      };
      if (begin >= end) return rows;
      auto first = self.model_->rows_.lower_bound(begin);
      auto last = self.model_->rows_.lower_bound(end);
      if (r.reverse) {
        while (last != first && take((--last)->first)) {
        }
      } else {
        while (first != last && take(first->first)) ++first;
      }
      return rows;
    });
  }

  Future<std::int64_t> estimated_size(ByteView begin, ByteView end) override {
    return model_->answer<std::int64_t>([self = *this, begin = Bytes(begin), end = Bytes(end)] {
      std::int64_t bytes = 0;
      for (const auto& [key, versions] : self.model_->rows_)
        if (key >= begin && key < end)
          if (const auto value = self.model_->value_at(key, self.version_))
            bytes += static_cast<std::int64_t>(key.size() + value->size());
      return bytes;
    });
  }

  Future<std::vector<Bytes>> split_points(ByteView begin, ByteView end,
                                          std::int64_t chunk_bytes) override {
    return model_->answer<std::vector<Bytes>>(
        [self = *this, begin = Bytes(begin), end = Bytes(end), chunk_bytes] {
          std::vector<Bytes> points;
          std::int64_t bytes = 0;
          for (const auto& [key, versions] : self.model_->rows_) {
            if (key < begin || key >= end) continue;
            const auto value = self.model_->value_at(key, self.version_);
            if (!value) continue;
            if (bytes >= chunk_bytes && key > begin) {
              points.push_back(key);
              bytes = 0;
            }
            bytes += static_cast<std::int64_t>(key.size() + value->size());
          }
          return points;
        });
  }

 private:
  void check() const {
    if (!long_reads_ && model_->version_ > version_ + kLifetime)
      throw Error(ErrorCode::transaction_too_old);
  }

  std::shared_ptr<ModelService> model_;
  Version version_;
  bool long_reads_;
};

// --- Answers -----------------------------------------------------------------------------------

// `make` is called under the mutex.
template <class T>
Future<T> ModelService::answer(std::function<T()> make) {
  base::Lock lock(mutex_);
  if (!slow) {
    try {
      return make();
    } catch (...) {
      return Future<T>::failed(std::current_exception());
    }
  }
  auto promise = std::make_shared<Promise<T>>(&executor());
  Future<T> future = promise->future();
  held_.push_back([this, promise, make = std::move(make)] {
    std::optional<T> value;
    std::exception_ptr error;
    try {
      base::Lock inner(mutex_);
      value.emplace(make());
    } catch (...) {
      error = std::current_exception();
    }
    if (error) {
      promise->fail(error);
    } else {
      promise->set(std::move(*value));
    }
  });
  return future;
}

bool ModelService::release_one() {
  std::function<void()> next;
  {
    base::Lock lock(mutex_);
    if (held_.empty()) return false;
    next = std::move(held_.front());
    held_.pop_front();
  }
  next();
  return true;
}

void ModelService::release() {
  do {
    while (release_one()) {
    }
    loop_.poll();
    base::Lock lock(mutex_);
    if (held_.empty()) return;
  } while (true);
}

// --- Time --------------------------------------------------------------------------------------

std::int64_t ModelService::monotonic_us() {
  base::Lock lock(mutex_);
  return now_us_;
}

std::uint64_t ModelService::random() {
  base::Lock lock(mutex_);
  random_ ^= random_ << 13;
  random_ ^= random_ >> 7;
  random_ ^= random_ << 17;
  return random_;
}

void ModelService::advance(std::int64_t us) {
  std::vector<Delay> over;
  {
    base::Lock lock(mutex_);
    now_us_ += us;
    version_ += us;
    for (auto it = delays_.begin(); it != delays_.end();) {
      if (it->deadline <= now_us_) {
        over.push_back(*it);
        it = delays_.erase(it);
      } else {
        ++it;
      }
    }
  }
  for (const Delay& delay : over)
    if (!*delay.given_up) delay.promise->set();
  loop_.poll();
}

Future<void> ModelService::delay(std::int64_t delay_us) {
  if (clock_follows_delays) {
    advance(delay_us);
    return Future<void>::done();
  }
  base::Lock lock(mutex_);
  auto promise = std::make_shared<Promise<void>>(&executor());
  auto given_up = std::make_shared<bool>(false);
  Future<void> future = promise->future();
  promise->on_cancel(std::make_unique<GivenUp>(given_up));
  delays_.push_back({now_us_ + delay_us, promise, given_up});
  return future;
}

std::size_t ModelService::waiting_delays() {
  base::Lock lock(mutex_);
  return static_cast<std::size_t>(std::count_if(
      delays_.begin(), delays_.end(), [](const Delay& delay) { return !*delay.given_up; }));
}

// --- Reads -------------------------------------------------------------------------------------

std::shared_ptr<engine::ReadSnapshot> ModelService::snapshot(Version version, bool long_reads) {
  return std::make_shared<Snapshot>(shared_from_this(), version, long_reads);
}

Future<std::shared_ptr<engine::ReadSnapshot>> ModelService::begin_read(
    const engine::ReadOptions& options) {
  return answer<std::shared_ptr<engine::ReadSnapshot>>(
      [this, options] { return snapshot(version_, options.long_reads); });
}

Future<std::shared_ptr<engine::ReadSnapshot>> ModelService::read_at(
    Version version, const engine::ReadOptions& options) {
  {
    base::Lock lock(mutex_);
    if (version > version_) {
      lock.unlock();
      return wait_for(version, options);
    }
  }
  return answer<std::shared_ptr<engine::ReadSnapshot>>([this, version, options] {
    if (version_ > version + kLifetime && !options.long_reads)
      throw Error(ErrorCode::transaction_too_old);
    return snapshot(version, options.long_reads);
  });
}

Future<std::shared_ptr<engine::ReadSnapshot>> ModelService::wait_for(Version version,
                                                                     engine::ReadOptions options) {
  co_await delay(1'000'000);
  {
    base::Lock lock(mutex_);
    if (version > version_) throw Error(ErrorCode::future_version);
  }
  co_return co_await read_at(version, options);
}

std::optional<Bytes> ModelService::value_at(const Bytes& key, Version version) const {
  const auto row = rows_.find(key);
  if (row == rows_.end()) return std::nullopt;
  const auto newer = row->second.upper_bound(version);
  return newer == row->second.begin() ? std::nullopt : std::prev(newer)->second;
}

// --- Commits -----------------------------------------------------------------------------------

void ModelService::fail_next_commit(const Error& error) {
  base::Lock lock(mutex_);
  fail_next_ = error;
}

Future<engine::CommitResult> ModelService::commit(engine::CommitRequest request) {
  auto kept = std::make_shared<engine::CommitRequest>(std::move(request));
  Future<engine::CommitResult> result =
      answer<engine::CommitResult>([this, kept] { return judge(*kept); });
  fire_watches();
  return result;
}

engine::CommitResult ModelService::commit_and_wait(engine::CommitRequest request) {
  engine::CommitResult result;
  {
    base::Lock lock(mutex_);
    result = judge(request);
  }
  fire_watches();
  return result;
}

engine::CommitResult ModelService::judge(const engine::CommitRequest& request) {
  last_ = {
      copied(request.read_conflicts), copied(request.write_conflicts), request.mutations.size(),
      request.snapshot ? request.snapshot->version() : request.read_version, request.durability};
  if (fail_next_) {
    const Error error = *std::exchange(fail_next_, std::nullopt);
    throw error;
  }
  engine::CommitResult result;
  const Version read_version = last_.read_version;
  version_ += kStep;
  if (read_version != kInvalidVersion) {
    if (version_ > read_version + kLifetime) {
      result.status = engine::CommitStatus::too_old;
      return result;
    }
    for (std::size_t i = 0; i < request.read_conflicts.size(); ++i) {
      const bool changed = std::any_of(commits_.begin(), commits_.end(), [&](const Commit& c) {
        return c.version > read_version &&
               std::any_of(c.writes.begin(), c.writes.end(), [&](const KeyRange& written) {
                 return overlap(written, request.read_conflicts[i]);
               });
      });
      if (changed) result.conflicting_reads.push_back(i);
    }
    if (!result.conflicting_reads.empty()) {
      result.status = engine::CommitStatus::conflict;
      return result;
    }
  }
  result.version = version_;
  apply(request, result);
  commits_.push_back({version_, last_.writes});
  return result;
}

void ModelService::put(const Bytes& key, std::optional<Bytes> value, Version version) {
  rows_[key][version] = std::move(value);
}

void ModelService::apply(const engine::CommitRequest& request, const engine::CommitResult& result) {
  for (const engine::Mutation& mutation : request.mutations) {
    const Bytes key(mutation.key);
    switch (mutation.type) {
      case MutationType::set:
        put(key, Bytes(mutation.operand), result.version);
        break;
      case MutationType::clear_range:
        for (auto& [k, versions] : rows_)
          if (k >= mutation.key && k < mutation.operand) versions[result.version] = std::nullopt;
        break;
      case MutationType::set_versionstamped_key:
        put(engine::with_versionstamp(key, result.version, result.batch_order),
            Bytes(mutation.operand), result.version);
        break;
      case MutationType::set_versionstamped_value:
        put(key, engine::with_versionstamp(mutation.operand, result.version, result.batch_order),
            result.version);
        break;
      default: {
        const std::optional<Bytes> old = value_at(key, result.version);
        std::optional<ByteView> view;
        if (old) view = *old;
        put(key, engine::apply_atomic(mutation.type, view, mutation.operand), result.version);
      }
    }
  }
}

// --- Watches -----------------------------------------------------------------------------------

Future<void> ModelService::watch(ByteView key, std::optional<Bytes> seen) {
  base::Lock lock(mutex_);
  auto promise = std::make_shared<Promise<void>>(&executor());
  auto given_up = std::make_shared<bool>(false);
  Future<void> future = promise->future();
  promise->on_cancel(std::make_unique<GivenUp>(given_up));
  watchers_.push_back({Bytes(key), std::move(seen), promise, given_up});
  lock.unlock();
  fire_watches();
  return future;
}

void ModelService::fire_watches() {
  std::vector<Watcher> fired;
  {
    base::Lock lock(mutex_);
    for (auto it = watchers_.begin(); it != watchers_.end();) {
      if (*it->given_up || value_at(it->key, version_) != it->seen) {
        fired.push_back(*it);
        it = watchers_.erase(it);
      } else {
        ++it;
      }
    }
  }
  for (const Watcher& watcher : fired)
    if (!*watcher.given_up) watcher.promise->set();
}

std::size_t ModelService::armed_watches() {
  base::Lock lock(mutex_);
  return static_cast<std::size_t>(std::count_if(watchers_.begin(), watchers_.end(),
                                                [](const Watcher& w) { return !*w.given_up; }));
}

ModelService::Seen ModelService::last_commit() {
  base::Lock lock(mutex_);
  return last_;
}

std::size_t ModelService::commits() {
  base::Lock lock(mutex_);
  return commits_.size();
}

std::map<Bytes, Bytes> ModelService::rows() {
  base::Lock lock(mutex_);
  std::map<Bytes, Bytes> rows;
  for (const auto& [key, versions] : rows_)
    if (const auto value = value_at(key, version_)) rows[key] = *value;
  return rows;
}

}  // namespace plinth::test
