// Many threads at once, with checkpoints meanwhile: what holds for the whole history of a database.
#include <algorithm>
#include <map>
#include <mutex>
#include <random>

#include "support/each_database.hpp"
#include "support/seed.hpp"

namespace plinth::test {
namespace {

class Serializability : public EachDatabase {
 protected:
  const std::uint64_t seed = seed_or(20261121);
  testing::ScopedTrace trace{__FILE__, __LINE__, seed_trace(seed)};
  std::mt19937_64 random_of(int thread) const {
    return std::mt19937_64(seed + static_cast<std::uint64_t>(thread));
  }
};
PLINTH_ON_EACH_DATABASE(Serializability);

Bytes numbered(const char* prefix, int i) {
  return prefix + std::to_string(1000 + i);
}

int number_at(const ReadTransaction& tx, ByteView key) {
  return std::stoi(value_of(tx, key).value());
}

// How many steps from node 0 until a node comes again; -1 when that is not node 0.
int length_of_cycle(const ReadTransaction& tx, int nodes) {
  int node = 0;
  for (int steps = 1; steps <= nodes; ++steps) {
    node = number_at(tx, numbered("node", node));
    if (node == 0) return steps;
  }
  return -1;
}

// A ring of pointers in which each transaction takes three nodes in a row, 1 → 2 → 3 → 4, and makes
// them 1 → 3 → 2 → 4. Two at once without isolation would break the ring or shorten it.
TEST_P(Serializability, Cycle) {
  constexpr int kNodes = 12;
  constexpr int kWriters = 3;
  db.run([](Transaction& tx) {
    for (int i = 0; i < kNodes; ++i) tx.set(numbered("node", i), std::to_string((i + 1) % kNodes));
  });
  Checkpoints checkpoints(db);
  on_threads(kWriters + 1, [&](int thread) {
    auto random = random_of(thread);
    for (int i = 0; i < 150 * long_factor(); ++i) {
      if (thread == kWriters) {
        ASSERT_EQ(db.read([](ReadTransaction& tx) { return length_of_cycle(tx, kNodes); }), kNodes);
        continue;
      }
      const int first = static_cast<int>(random() % kNodes);
      db.run([&](Transaction& tx) {
        const int second = number_at(tx, numbered("node", first));
        const int third = number_at(tx, numbered("node", second));
        const int fourth = number_at(tx, numbered("node", third));
        tx.set(numbered("node", first), std::to_string(third));
        tx.set(numbered("node", third), std::to_string(second));
        tx.set(numbered("node", second), std::to_string(fourth));
      });
    }
  });
  EXPECT_EQ(db.read([](ReadTransaction& tx) { return length_of_cycle(tx, kNodes); }), kNodes);
}

int sum_of(const Rows& rows) {
  int sum = 0;
  for (const KeyValueView row : rows) sum += std::stoi(Bytes(row.value));
  return sum;
}

// Transfers between accounts that may go down to 0, and are then removed: the sum that a reader
// sees stays, whether it reads all accounts in one range or in two, forwards or backwards.
TEST_P(Serializability, BankTransfers) {
  constexpr int kAccounts = 20;
  constexpr int kTotal = kAccounts * 10;
  db.run([](Transaction& tx) {
    for (int i = 0; i < kAccounts; ++i) tx.set(numbered("account", i), "10");
  });
  Checkpoints checkpoints(db);
  on_threads(5, [&](int thread) {
    auto random = random_of(thread);
    for (int i = 0; i < 200 * long_factor(); ++i) {
      if (thread >= 3) {
        const int total = db.read([&](ReadTransaction& tx) {
          const Bytes middle = numbered("account", static_cast<int>(random() % kAccounts));
          const int upper = sum_of(tx.get_range(middle, "b", {.reverse = random() % 2 == 0}).get());
          return sum_of(tx.get_range("a", middle, {.reverse = random() % 2 == 0}).get()) + upper;
        });
        ASSERT_EQ(total, kTotal);
        continue;
      }
      const Bytes from = numbered("account", static_cast<int>(random() % kAccounts));
      const Bytes to = numbered("account", static_cast<int>(random() % kAccounts));
      const int amount = 1 + static_cast<int>(random() % 10);
      db.run([&](Transaction& tx) {
        const int has = std::stoi(value_of(tx, from).value_or("0"));
        if (has < amount || from == to) return;
        const int other = std::stoi(value_of(tx, to).value_or("0"));
        if (has == amount)
          tx.clear(from);
        else
          tx.set(from, std::to_string(has - amount));
        tx.set(to, std::to_string(other + amount));
      });
    }
  });
  EXPECT_EQ(sum_of(db.begin().get_range("a", "b").get()), kTotal);
}

// --- Random histories, replayed in the order of their commits ---

using State = std::map<Bytes, Bytes>;

// What one transaction did, and what its reads gave.
struct Step {
  enum Kind { get, range, snapshot_range, set, clear_range, append } kind;
  Bytes begin;
  Bytes end;  // range ends; values of writes
  RangeOptions options;
  std::vector<KeyValue> rows;  // what it read
};

struct Done {
  Version read_version = 0;
  Version commit_version = -1;  // -1: wrote nothing
  CommitStamp stamp;
  std::vector<Step> steps;
};

constexpr int kKeys = 10;

Step random_step(std::mt19937_64& random, const Bytes& unique) {
  const auto key = [&] { return numbered("k", static_cast<int>(random() % kKeys)); };
  Step step{static_cast<Step::Kind>(random() % 6), key(), key(), {}, {}};
  if (step.end < step.begin) std::swap(step.begin, step.end);
  if (step.kind == Step::set || step.kind == Step::append) step.end = unique;
  step.options.limit = static_cast<int>(random() % 4);
  step.options.reverse = random() % 2 == 0;
  return step;
}

void perform(Transaction& tx, Step& step) {
  switch (step.kind) {
    case Step::get:
      step.rows.clear();
      if (const Value value = value_of(tx, step.begin)) step.rows.push_back({step.begin, *value});
      break;
    case Step::range:
      step.rows = tx.get_range(step.begin, step.end, step.options).get().to_vector();
      break;
    case Step::snapshot_range:
      step.rows = tx.snapshot().get_range(step.begin, step.end, step.options).get().to_vector();
      break;
    case Step::set:
      tx.set(step.begin, step.end);
      break;
    case Step::clear_range:
      tx.clear_range(step.begin, step.end);
      break;
    case Step::append:
      tx.append_if_fits(step.begin, step.end);
      break;
  }
}

std::vector<KeyValue> rows_of(const State& state, const Step& step) {
  std::vector<KeyValue> rows;
  const Bytes end = step.kind == Step::get ? key_after(step.begin) : step.end;
  for (auto row = state.lower_bound(step.begin); row != state.lower_bound(end); ++row)
    rows.push_back({row->first, row->second});
  if (step.kind == Step::get) return rows;
  if (step.options.reverse) std::reverse(rows.begin(), rows.end());
  const auto limit = static_cast<std::size_t>(step.options.limit);
  if (limit != 0 && rows.size() > limit) rows.resize(limit);
  return rows;
}

void write_to(State& state, const Step& step) {
  if (step.kind == Step::set) state[step.begin] = step.end;
  if (step.kind == Step::append) state[step.begin] += step.end;
  if (step.kind == Step::clear_range)
    state.erase(state.lower_bound(step.begin), state.lower_bound(step.end));
}

// All steps of `done` on `state`, which it changes. Reads must give what they gave: snapshot reads
// only when `snapshots`, the others unless it is set.
void replay(State& state, const Done& done, bool snapshots) {
  for (const Step& step : done.steps) {
    write_to(state, step);
    const bool reads = snapshots ? step.kind == Step::snapshot_range
                                 : step.kind == Step::get || step.kind == Step::range;
    if (!reads) continue;
    ASSERT_EQ(rows_of(state, step), step.rows) << "at " << step.begin;
  }
}

using Order = std::vector<const Done*>;

// All transactions for which `take` holds, by `less`.
Order ordered(const std::vector<Done>& history, auto take, auto less) {
  Order order;
  for (const Done& done : history)
    if (take(done)) order.push_back(&done);
  std::sort(order.begin(), order.end(), [&](auto* a, auto* b) { return less(*a, *b); });
  return order;
}

Order commits_of(const std::vector<Done>& history) {
  return ordered(
      history, [](const Done& done) { return done.commit_version != -1; },
      [](const Done& a, const Done& b) { return a.stamp < b.stamp; });
}

// Runs what was committed, one after the other in the order of the versionstamps, on a map: each
// read must give what it gave, own writes included.
State replay_in_commit_order(const std::vector<Done>& history) {
  State state;
  for (const Done* commit : commits_of(history)) replay(state, *commit, false);
  return state;
}

// A transaction that wrote nothing stands at its read version, and so do the snapshot reads of one
// that did.
void replay_at_read_versions(const std::vector<Done>& history) {
  const Order commits = commits_of(history);
  const Order readers = ordered(
      history, [](const Done&) { return true; },
      [](const Done& a, const Done& b) { return a.read_version < b.read_version; });
  State state;
  auto next = commits.begin();
  for (const Done* reader : readers) {
    for (; next != commits.end() && (*next)->commit_version <= reader->read_version; ++next)
      for (const Step& step : (*next)->steps) write_to(state, step);
    State of_snapshots = state;
    replay(of_snapshots, *reader, true);
    State of_reads = state;
    if (reader->commit_version == -1) replay(of_reads, *reader, false);
  }
}

// One attempt at a random transaction; nothing when it was refused.
std::optional<Done> attempt(Database& db, std::mt19937_64& random, const Bytes& unique) {
  Transaction tx = db.begin();
  Done done;
  Future<CommitStamp> stamp = tx.versionstamp();
  try {
    done.read_version = tx.read_version().get();
    for (int steps = 1 + static_cast<int>(random() % 5); steps > 0; --steps) {
      done.steps.push_back(random_step(random, unique + "." + std::to_string(steps) + " "));
      perform(tx, done.steps.back());
    }
    tx.commit_and_wait();
  } catch (const Error& error) {
    if (!error.retryable()) throw;
    return std::nullopt;
  }
  done.commit_version = tx.committed_version();
  if (done.commit_version != -1) done.stamp = stamp.get();
  return done;
}

TEST_P(Serializability, RandomHistoriesAreThoseOfTheirCommitOrder) {
  constexpr int kThreads = 4;
  std::vector<Done> history;
  std::mutex mutex;
  int refused = 0;
  Checkpoints checkpoints(db);
  on_threads(kThreads, [&](int thread) {
    auto random = random_of(thread);
    for (int i = 0; i < 400 * long_factor(); ++i) {
      const Bytes unique = std::to_string(thread) + "/" + std::to_string(i);
      std::optional<Done> done = attempt(db, random, unique);
      std::lock_guard lock(mutex);
      if (done) {
        history.push_back(std::move(*done));
      } else {
        ++refused;
      }
    }
  });
  EXPECT_GT(commits_of(history).size(), history.size() / 2);
  RecordProperty("refused", refused);
  const State state = replay_in_commit_order(history);
  replay_at_read_versions(history);
  std::vector<KeyValue> expected;
  for (const auto& [key, value] : state) expected.push_back({key, value});
  EXPECT_EQ(db.begin().get_range("", "z").get().to_vector(), expected);
}

// A transaction that begins after a commit was acknowledged, in whichever thread, sees it.
TEST_P(Serializability, AnAcknowledgedCommitIsSeenByWhateverBeginsLater) {
  std::atomic<int> acknowledged{0};
  put("n", "0");
  constexpr int kCommits = 500;
  Checkpoints checkpoints(db);
  on_threads(4, [&](int thread) {
    if (thread == 0) {
      for (int i = 1; i <= kCommits * long_factor(); ++i) {
        put("n", std::to_string(i));
        acknowledged = i;
      }
      acknowledged = -1;
      return;
    }
    while (true) {
      const int before = acknowledged;
      if (before == -1) return;
      Transaction tx = db.begin();
      ASSERT_GE(number_at(tx, "n"), before);
    }
  });
}

}  // namespace
}  // namespace plinth::test
