// Flipped bits in each kind of page of an LMDB store. The store must refuse to open, or report the
// damage, or the bit must have no meaning; it must never show a row that was never written. Reads
// of a file that is in use trust LMDB, which trusts its pages: a page that still is what it was
// some commits ago shows old rows until verify looks. See docs/stores.md.
#include <fcntl.h>

#include <fstream>
#include <random>
#include <set>

#include "child_process.hpp"
#include "storage/file_util.hpp"
#include "storage/lmdb_file.hpp"
#include "storage/lmdb_format.hpp"
#include "store_fixture.hpp"

namespace plinth::storage {
namespace {

constexpr std::size_t kPageBytes = 4096;

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct History {
  Rows rows;                               // that are there now
  std::set<std::pair<Bytes, Bytes>> once;  // and all that ever were
};

// Small rows, long keys, values on pages of their own, and free pages.
History make_store(const std::string& path) {
  const auto store = open_store(StoreKind::lmdb, path);
  History history;
  const auto change = [&](const Batch& batch, Version version) {
    apply(*store, batch, version);
    history.rows = rows_forward(*store->snapshot());
    history.once.insert(history.rows.begin(), history.rows.end());
  };
  Batch batch;
  for (int i = 0; i < 4'000; ++i) batch.set("row " + std::to_string(i), Bytes(50, 'v'));
  for (int i = 0; i < 60; ++i) batch.set(Bytes(1'200, 'l') + std::to_string(i), "long");
  for (int i = 0; i < 40; ++i) batch.set("value " + std::to_string(i), Bytes(9'000, 'w'));
  change(batch, 1);
  change(Batch().clear("row 2", "row 3"), 2);
  store->compact({});  // no free pages, so nearly all bits mean something
  change(Batch().set("row 1", "new").clear("row 9"), 3);
  change(Batch().set("row 1", "newer"), 4);
  return history;
}

// Pages by what they say they are. Free ones still say what they were.
std::map<std::string, std::vector<std::size_t>> pages_by_kind(const std::string& file) {
  std::map<std::string, std::vector<std::size_t>> pages;
  for (std::size_t page = 0; page < file.size() / kPageBytes; ++page) {
    const auto flags = get_number<std::uint16_t>(&file[page * kPageBytes + 10]);
    switch (flags) {
      case 0x01:
        pages["branch"].push_back(page);
        break;
      case 0x02:
        pages["leaf"].push_back(page);
        break;
      case 0x04:
        pages["overflow"].push_back(page);
        break;
      case 0x08:
        pages["meta"].push_back(page);
        break;
      default:
        pages["other"].push_back(page);  // never written, or the inside of a value
    }
  }
  return pages;
}

// What became of one damaged file.
enum Outcome : int {
  kHarmless = 0,     // all rows are right, and verify is content
  kRefused = 1,      // at open
  kFound = 2,        // by verify
  kReadRefused = 4,  // a read threw
  kRowMissing = 8,   // a read did not see a row
  kOldRow = 16,      // a read showed a row that is overwritten or cleared by now
  kWrongRow = 32     // a read showed what was never written
};

int open_and_verify(const std::string& path) {
  try {
    const auto store = open_store(StoreKind::lmdb, path);
    return store->verify({}).damage.empty() ? kHarmless : kFound;
  } catch (const Error&) {
    return kRefused;
  }
}

int read_all(const std::string& path, const History& history) {
  const Rows& rows = history.rows;
  int outcome = kHarmless;
  const auto look_at = [&](Bytes key, Bytes value) {
    const auto row = rows.find(key);
    if (row != rows.end() && row->second == value) return;
    outcome |= history.once.contains({std::move(key), std::move(value)}) ? kOldRow : kWrongRow;
  };
  std::unique_ptr<Store> store;
  try {
    store = open_store(StoreKind::lmdb, path);
  } catch (const Error&) {
    return kRefused;
  }
  const auto snapshot = store->snapshot();
  for (const auto& [key, value] : rows) {
    try {
      const auto read = snapshot->get(key);
      if (read) {
        look_at(key, *read);
      } else {
        outcome |= kRowMissing;
      }
    } catch (const Error&) {
      outcome |= kReadRefused;
    }
  }
  for (const bool forward : {true, false}) {
    try {
      const auto cursor = snapshot->cursor();
      forward ? cursor->seek({}) : cursor->seek_before(Bytes(1, '\xff'));
      std::size_t count = 0;
      for (; cursor->valid(); forward ? cursor->next() : cursor->prev(), ++count) {
        look_at(Bytes(cursor->key()), Bytes(cursor->value()));
        if (count > 2 * rows.size()) break;  // it goes in a circle
      }
      if (count != rows.size()) outcome |= kRowMissing;
    } catch (const Error&) {
      outcome |= kReadRefused;
    }
  }
  return outcome;
}

class LmdbDamage : public ::testing::Test {
 protected:
  LmdbDamage()
      : seed_(test_seed()),
        random_(seed_),
        file_(directory_.path() + "/store.lmdb"),
        history_(make_store(directory_.path())),
        whole_(read_file(file_)) {}

  std::size_t below(std::size_t bound) { return random_() % bound; }

  // Puts `damaged` in the file's place, and counts what becomes of it.
  void try_out(const std::string& damaged, const std::string& where,
               std::map<std::string, int>& tally) {
    std::ofstream(file_, std::ios::binary | std::ios::trunc) << damaged;
    const ChildEnd verified = run_child([&] { return open_and_verify(directory_.path()); });
    ASSERT_EQ(verified.signal, 0) << "verify crashed: " << where;
    ASSERT_NE(verified.code, 255) << where;
    const ChildEnd read = run_child([&] { return read_all(directory_.path(), history_); });
    ASSERT_NE(read.code, 255) << where;
    // What verify is content with must read well.
    if (verified.code == kHarmless) {
      ASSERT_EQ(read.code, kHarmless) << "verify did not find it: " << where;
    }
    ++tally[verified.code == kHarmless  ? "harmless"
            : verified.code == kRefused ? "refused at open"
                                        : "found by verify"];
    if (read.signal != 0) {
      ++tally["(a read crashed)"];
      return;
    }
    ASSERT_EQ(read.code & kWrongRow, 0) << "a wrong row was shown: " << where;
    if (read.code & kReadRefused) {
      ++tally["(a read was refused)"];
    } else if (read.code & kRowMissing) {
      ++tally["(a row was not seen)"];
    }
    if (read.code & kOldRow) ++tally["(an old row was shown)"];
  }

  static void print(const std::string& kind, const std::map<std::string, int>& tally) {
    std::printf("%-24s", kind.c_str());
    for (const auto& [outcome, count] : tally) std::printf("  %s %d", outcome.c_str(), count);
    std::printf("\n");
  }

  const std::uint64_t seed_;
  std::mt19937_64 random_;
  const TemporaryDirectory directory_;
  const std::string file_;
  const History history_;
  const std::string whole_;
};

TEST_F(LmdbDamage, FlippedBitsAreFoundAndNeverServed) {
  SCOPED_TRACE("PLINTH_SEED=" + std::to_string(seed_));
  constexpr int kTrials = 25;
  for (const auto& [kind, pages] : pages_by_kind(whole_)) {
    for (const std::size_t bytes : {kPageBytes, std::size_t{100}}) {
      std::map<std::string, int> tally;
      for (int trial = 0; trial < kTrials; ++trial) {
        const std::size_t page = pages[below(pages.size())];
        const std::size_t in_page = below(bytes);
        const std::size_t bit = below(8);
        std::string damaged = whole_;
        damaged[page * kPageBytes + in_page] ^= static_cast<char>(1U << bit);
        try_out(damaged,
                kind + " page " + std::to_string(page) + ", byte " + std::to_string(in_page) +
                    ", bit " + std::to_string(bit),
                tally);
        if (HasFatalFailure()) return;
      }
      print(kind + (bytes == kPageBytes ? ", anywhere" : ", its first bytes"), tally);
    }
  }
}

TEST_F(LmdbDamage, LostAndMisplacedPagesAreFoundAndNeverServed) {
  SCOPED_TRACE("PLINTH_SEED=" + std::to_string(seed_));
  constexpr int kTrials = 25;
  const std::size_t count = whole_.size() / kPageBytes;
  std::map<std::string, int> zeroed;
  std::map<std::string, int> misplaced;
  for (int trial = 0; trial < kTrials; ++trial) {
    const std::size_t page = below(count);
    const std::size_t other = below(count);
    std::string damaged = whole_;
    damaged.replace(page * kPageBytes, kPageBytes, kPageBytes, '\0');
    try_out(damaged, "page " + std::to_string(page) + " zeroed", zeroed);
    if (HasFatalFailure()) return;
    damaged = whole_;
    damaged.replace(page * kPageBytes, kPageBytes, whole_, other * kPageBytes, kPageBytes);
    try_out(damaged, "page " + std::to_string(other) + " in the place of " + std::to_string(page),
            misplaced);
    if (HasFatalFailure()) return;
  }
  print("zeroed pages", zeroed);
  print("misplaced pages", misplaced);
}

}  // namespace
}  // namespace plinth::storage
