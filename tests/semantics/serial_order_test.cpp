// Transactions that overlap in an order that the test decides, so that it can say exactly which
// must be refused.
#include <algorithm>
#include <array>
#include <map>
#include <random>

#include "support/each_database.hpp"
#include "support/seed.hpp"

namespace plinth::test {
namespace {

constexpr int kConflict = 1020;

class SerialOrder : public EachDatabase {
 protected:
  const std::uint64_t seed = seed_or(20261122);
  testing::ScopedTrace trace{__FILE__, __LINE__, seed_trace(seed)};
  std::mt19937_64 random{seed};
  int below(int n) { return static_cast<int>(random() % static_cast<std::uint64_t>(n)); }
};
PLINTH_ON_EACH_DATABASE(SerialOrder);

// --- Refused if, and only if, what was read has changed ---

Bytes key_number(int i) {
  return "k" + std::to_string(100 + i);
}

// A commit's write, [begin, end) of keys, in the log that the test keeps.
struct Written {
  Version version;
  Bytes begin, end;
};

// A transaction under way that has read [begin, end) at its read version.
struct Reader {
  Transaction tx;
  Bytes begin, end;
};

class ConflictRange : public SerialOrder {
 protected:
  static constexpr int kKeys = 60;

  // Sets a key or clears a range, and logs it.
  void write() {
    Transaction tx = db.begin();
    Written written{0, key_number(below(kKeys)), {}};
    if (below(3) == 0) {
      written.end = std::max(written.begin, key_number(below(kKeys)));
      tx.clear_range(written.begin, written.end);
    } else {
      written.end = key_after(written.begin);
      tx.set(written.begin, "");
    }
    tx.commit_and_wait();
    written.version = tx.committed_version();
    log.push_back(written);
  }

  // Reads in one of the ways there are; `begin` and `end` are what that must guard.
  Reader read() {
    Reader reader{db.begin(), key_number(below(kKeys)), key_number(below(kKeys))};
    if (reader.end < reader.begin) std::swap(reader.begin, reader.end);
    RangeOptions options{.limit = below(4), .reverse = below(2) == 0};
    switch (below(3)) {
      case 0:
        reader.end = key_after(reader.begin);
        (void)value_of(reader.tx, reader.begin);
        break;
      case 1: {
        const Rows rows = reader.tx.get_range(reader.begin, reader.end, options).get();
        if (options.limit == 0 || rows.size() < static_cast<std::size_t>(options.limit)) break;
        if (options.reverse)
          reader.begin = rows.back().key;
        else
          reader.end = key_after(rows.back().key);
        break;
      }
      default:
        reader.end =
            key_after(reader.tx.get_key(KeySelector::first_greater_or_equal(reader.begin)).get());
    }
    reader.tx.set("mark", "");
    return reader;
  }

  bool changed(const Reader& reader, Version read_version) const {
    return std::any_of(log.begin(), log.end(), [&](const Written& written) {
      return written.version > read_version && written.begin < written.end &&
             written.begin < reader.end && reader.begin < written.end;
    });
  }

  std::vector<Written> log;
};
PLINTH_ON_EACH_DATABASE(ConflictRange);

TEST_P(ConflictRange, RefusedIfAndOnlyIfTheRangeWasWritten) {
  for (int i = 0; i < 30; ++i) write();
  std::vector<Reader> readers;
  std::array<int, 2> outcomes{};
  for (int i = 0; i < 2500 * long_factor(); ++i) {
    if (i % 100 == 0) db.checkpoint().get();
    switch (below(3)) {
      case 0:
        write();
        break;
      case 1:
        readers.push_back(read());
        break;
      default:
        if (readers.empty()) break;
        const auto chosen = readers.begin() + below(static_cast<int>(readers.size()));
        const Version read_version = chosen->tx.read_version().get();
        const bool expected = changed(*chosen, read_version);
        ASSERT_EQ(commit_code(chosen->tx), expected ? kConflict : 0)
            << "step " << i << ": [" << chosen->begin << ", " << chosen->end << ") read at "
            << read_version;
        ++outcomes[expected];
        readers.erase(chosen);
    }
  }
  EXPECT_GT(outcomes[0], 100) << "committed";
  EXPECT_GT(outcomes[1], 100) << "refused";
}

// --- Some serial order gives the same ---

using State = std::map<Bytes, int>;

// Reads two keys and writes their sum and one more to a third, so that what it writes tells what it
// has read.
struct Program {
  Bytes first, second, target;
  int sum = 0;  // what it read, 1 added
};

// Whether the programs, one after the other, read what they read and leave `final`.
bool explains(const std::vector<Program>& order, State state, const State& final) {
  for (const Program& program : order) {
    if (state[program.first] + state[program.second] + 1 != program.sum) return false;
    state[program.target] = program.sum;
  }
  return state == final;
}

TEST_P(SerialOrder, ThreeTransactionsAreLikeSomeOrderOfThem) {
  const std::array<Bytes, 3> keys{"a", "b", "c"};
  int refused = 0;
  for (int round = 0; round < 400 * long_factor(); ++round) {
    State state;
    db.run([&](Transaction& tx) {
      for (const Bytes& key : keys) {
        state[key] = below(50);
        tx.set(key, std::to_string(state[key]));
      }
    });
    struct Running {
      Transaction tx;
      Program program;
      int step = 0;
    };
    std::vector<Running> running;
    for (int i = 0; i < 3; ++i)
      running.push_back({db.begin(), {keys[random() % 3], keys[random() % 3], keys[random() % 3]}});
    std::vector<Program> committed;
    const auto number = [](Running& r, const Bytes& key) {
      return std::stoi(value_of(r.tx, key).value());
    };
    for (int left = 12; left > 0;) {
      Running& r = running[random() % 3];
      if (r.step == 4) continue;
      --left;
      switch (r.step++) {
        case 0:
          r.program.sum = 1 + number(r, r.program.first);
          break;
        case 1:
          r.program.sum += number(r, r.program.second);
          break;
        case 2:
          r.tx.set(r.program.target, std::to_string(r.program.sum));
          break;
        default:
          if (commit_code(r.tx) == 0) {
            committed.push_back(r.program);
          } else {
            ++refused;
          }
      }
    }
    State final;
    db.run([&](Transaction& tx) {
      for (const Bytes& key : keys) final[key] = std::stoi(value_of(tx, key).value());
    });
    std::vector<std::size_t> order(committed.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    bool explained = false;
    do {
      std::vector<Program> serial;
      for (const std::size_t i : order) serial.push_back(committed[i]);
      explained = explained || explains(serial, state, final);
    } while (std::next_permutation(order.begin(), order.end()));
    ASSERT_TRUE(explained) << "round " << round;
    ASSERT_FALSE(committed.empty()) << "the first to commit is never refused";
  }
  EXPECT_GT(refused, 50);
}

}  // namespace
}  // namespace plinth::test
