// CommitOutcome: what one attempt's commit brought, and those who wait for it.
#pragma once

#include <memory>
#include <vector>

#include "base/sync.hpp"
#include "client/watches.hpp"
#include "engine/service.hpp"
#include "plinth/transaction.hpp"

namespace plinth::client {

// Where the last reported conflict was. Outlives attempts. Any thread.
class ConflictReport {
 public:
  void set(std::vector<KeyRange> ranges);
  std::vector<KeyRange> get();

 private:
  base::Mutex mutex_;
  std::vector<KeyRange> ranges_;
};

// Any thread: the commit may end on another one than the transaction is used on.
class CommitOutcome {
 public:
  // Waiting, until one of the next three comes.
  Future<CommitStamp> stamp(Executor& executor);
  void add_watch(std::shared_ptr<WatchState> watch);
  // The watches that wait for the commit.
  WatchList watches();

  void committed(const engine::CommitResult& result, engine::Service& service);
  void nothing_to_commit(engine::Service& service);
  void failed(const Error& error);
  // The attempt ends otherwise. Does nothing to those whose commit is known.
  void drop_stamps(const Error& error);
  void drop_watches(const Error& error);

  bool has_failed();
  // -1 unless committed.
  Version version();

 private:
  std::vector<Promise<CommitStamp>> take_stamps();
  WatchList take_watches();
  void arm_watches(engine::Service& service);

  base::Mutex mutex_;
  std::vector<Promise<CommitStamp>> stamps_;
  WatchList watches_;
  Version version_ = kInvalidVersion;
  bool failed_ = false;
};

}  // namespace plinth::client
