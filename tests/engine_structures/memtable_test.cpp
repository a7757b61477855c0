#include "engine/memtable.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "random_keys.hpp"
#include "support/failing_heap.hpp"
#include "support/seed.hpp"

namespace plinth::engine {
namespace {

using test::KeyKind;
using test::Random;
using Kind = MemtableImage::Kind;

struct ModelEntry {
  Bytes key;
  bool is_set;
  Bytes operand;  // the value, or the end of the clear
  friend bool operator==(const ModelEntry&, const ModelEntry&) = default;
};

std::ostream& operator<<(std::ostream& out, const ModelEntry& entry) {
  return out << (entry.is_set ? "set " : "clear ") << printable(entry.key) << " "
             << printable(entry.operand);
}

// What is set, and beside it a step function that says which keys are cleared.
class Model {
 public:
  void set(const Bytes& key, const Bytes& value) {
    mark(key, key_after(key), false);
    values_[key] = value;
  }

  void clear(const Bytes& begin, const Bytes& end) {
    if (begin >= end) return;
    mark(begin, end, true);
    values_.erase(values_.lower_bound(begin), values_.lower_bound(end));
  }

  Kind kind(const Bytes& key) const {
    if (values_.count(key) != 0) return Kind::value;
    const auto step = steps_.upper_bound(key);
    return step != steps_.begin() && std::prev(step)->second ? Kind::cleared : Kind::unknown;
  }

  const Bytes& value(const Bytes& key) const { return values_.at(key); }

  std::vector<ModelEntry> entries() const {
    std::vector<ModelEntry> entries;
    for (const auto& [key, value] : values_) entries.push_back({key, true, value});
    for (auto step = steps_.begin(); step != steps_.end(); ++step)
      if (step->second) entries.push_back({step->first, false, std::next(step)->first});
    std::sort(entries.begin(), entries.end(),
              [](const ModelEntry& a, const ModelEntry& b) { return a.key < b.key; });
    return entries;
  }

 private:
  void mark(const Bytes& begin, const Bytes& end, bool cleared) {
    const auto at_end = steps_.upper_bound(end);
    const bool behind = at_end != steps_.begin() && std::prev(at_end)->second;
    const auto at_begin = steps_.lower_bound(begin);
    const bool before = at_begin != steps_.begin() && std::prev(at_begin)->second;
    steps_.erase(at_begin, at_end);
    if (before != cleared) steps_[begin] = cleared;
    if (behind != cleared) steps_[end] = behind;
  }

  std::map<Bytes, Bytes> values_;
  std::map<Bytes, bool> steps_;  // from this key on: cleared or not; neighbours differ
};

ModelEntry shown(const MemtableImage::Cursor& cursor) {
  return {Bytes(cursor.key()), cursor.is_set(),
          Bytes(cursor.is_set() ? cursor.value() : cursor.end())};
}

std::vector<ModelEntry> forward(const MemtableImage& image) {
  std::vector<ModelEntry> entries;
  MemtableImage::Cursor cursor = image.cursor();
  for (cursor.seek(""); cursor.valid(); cursor.next()) entries.push_back(shown(cursor));
  return entries;
}

std::vector<ModelEntry> backward(const MemtableImage& image) {
  std::vector<ModelEntry> entries;
  MemtableImage::Cursor cursor = image.cursor();
  for (cursor.seek_before(Bytes(kMaxKeyBytes + 2, '\xff')); cursor.valid(); cursor.prev())
    entries.push_back(shown(cursor));
  std::reverse(entries.begin(), entries.end());
  return entries;
}

std::vector<ModelEntry> rest(storage::ChangeSource& changes) {
  std::vector<ModelEntry> entries;
  while (const auto change = changes.next())
    entries.push_back(
        {Bytes(change->key), change->kind == storage::Change::Kind::set, Bytes(change->operand)});
  return entries;
}

void check_get(const MemtableImage& image, const Model& model, const Bytes& key) {
  const MemtableImage::Lookup found = image.get(key);
  ASSERT_EQ(found.kind, model.kind(key)) << printable(key);
  if (found.kind == Kind::value) {
    ASSERT_EQ(found.value, model.value(key)) << printable(key);
  }
}

void check_seeks(const MemtableImage& image, const std::vector<ModelEntry>& entries,
                 const Bytes& key) {
  const auto covers_or_behind = [&](const ModelEntry& entry) {
    return entry.key >= key || (!entry.is_set && entry.operand > key);
  };
  MemtableImage::Cursor cursor = image.cursor();
  const auto at = std::find_if(entries.begin(), entries.end(), covers_or_behind);
  cursor.seek(key);
  ASSERT_EQ(cursor.valid(), at != entries.end()) << printable(key);
  if (cursor.valid()) {
    ASSERT_EQ(shown(cursor), *at);
    cursor.prev();
    ASSERT_EQ(cursor.valid(), at != entries.begin());
    if (cursor.valid()) {
      ASSERT_EQ(shown(cursor), *std::prev(at));
    }
  }
  const auto behind = std::find_if(entries.begin(), entries.end(),
                                   [&](const ModelEntry& entry) { return entry.key >= key; });
  cursor.seek_before(key);
  ASSERT_EQ(cursor.valid(), behind != entries.begin()) << printable(key);
  if (cursor.valid()) {
    ASSERT_EQ(shown(cursor), *std::prev(behind));
    cursor.next();
    ASSERT_EQ(cursor.valid(), behind != entries.end());
    if (cursor.valid()) {
      ASSERT_EQ(shown(cursor), *behind);
    }
  }
}

void check(const MemtableImage& image, const Model& model, const KeyKind& keys, Random& random) {
  const std::vector<ModelEntry> entries = model.entries();
  ASSERT_EQ(image.check_invariants(), "");
  ASSERT_EQ(image.entries(), entries.size());
  ASSERT_EQ(image.empty(), entries.empty());
  ASSERT_EQ(forward(image), entries);
  ASSERT_EQ(backward(image), entries);
  for (int i = 0; i < 30; ++i) {
    Bytes key = keys.make(random);
    if (!entries.empty() && random.one_in(2)) {  // at an edge, or right beside it
      const ModelEntry& entry = entries[random.below(entries.size())];
      key = entry.is_set || random.one_in(2) ? entry.key : entry.operand;
      if (random.one_in(3)) key = key_after(key);
      if (random.one_in(3) && !key.empty()) key.pop_back();
    }
    ASSERT_NO_FATAL_FAILURE(check_get(image, model, key));
    ASSERT_NO_FATAL_FAILURE(check_seeks(image, entries, key));
  }
}

struct Run {
  int operations;
  std::uint64_t check_every;  // operations, on average
  std::uint64_t wide_clears;  // one clear in so many may take any share of all keys
  std::uint64_t copies;       // of so many publishes the model of one is kept
};

// Sets, clears, publishes and takes back at random; older images must stay as they were.
void run_model(const KeyKind& keys, const Run& run, std::uint64_t seed) {
  SCOPED_TRACE(keys.name + (", " + plinth::test::seed_trace(seed)));
  Random random(seed);
  const std::shared_ptr<Memtable> memtable = Memtable::create();
  Model model;
  std::optional<Model> last_published;
  std::vector<std::pair<MemtableImage, Model>> old(4);
  for (int i = 0; i < run.operations; ++i) {
    const Bytes key = keys.make(random);
    if (random.below(10) < 7) {
      const Bytes value = random.bytes(random.one_in(500) ? kMaxValueBytes : random.below(20));
      memtable->set(key, value);
      model.set(key, value);
    } else {
      Bytes end = random.one_in(2) ? key_after(key) : key + "b";
      if (random.one_in(run.wide_clears)) end = keys.make(random);  // or an empty range
      memtable->clear(key, end);
      model.clear(key, end);
    }
    if (random.one_in(run.check_every)) {
      ASSERT_NO_FATAL_FAILURE(check(memtable->writer_image(), model, keys, random));
    }
    if (random.one_in(20)) {
      MemtableImage image = memtable->publish();
      last_published.reset();
      if (random.one_in(run.copies)) {
        last_published = model;
        if (random.one_in(3)) old[random.below(old.size())] = {std::move(image), model};
      }
    } else if (last_published && random.one_in(30)) {
      memtable->discard();
      model = *last_published;
    }
  }
  for (const auto& [image, its_model] : old)
    ASSERT_NO_FATAL_FAILURE(check(image, its_model, keys, random));
}

class MemtableModel : public testing::TestWithParam<KeyKind> {};

TEST_P(MemtableModel, AgreesWithMapsAndKeepsOldImages) {
  const bool long_keys = GetParam().name == std::string("longest");
  for (std::uint64_t round = 0; round < (long_keys ? 1 : 4); ++round) {
    run_model(GetParam(), {long_keys ? 300 : 3000, 100, 30, 2}, plinth::test::seed_or(100) + round);
    if (HasFatalFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Keys, MemtableModel, testing::ValuesIn(test::key_kinds()),
                         test::KindName());

// Trees of three and four levels, of which wide clears take away whole parts.
TEST(Memtable, AgreesWithMapsWhenItIsLarge) {
  for (const char* name : {"random", "numbers", "shared prefixes"})
    run_model(test::key_kind(name), {40'000, 8000, 1000, 150}, plinth::test::seed_or(1));
}

std::vector<ModelEntry> list(std::initializer_list<ModelEntry> entries) {
  return entries;
}

TEST(Memtable, ASetInsideAClearPartsIt) {
  const auto memtable = Memtable::create();
  memtable->clear("b", "f");
  memtable->set("d", "1");
  EXPECT_EQ(forward(memtable->writer_image()),
            list({{"b", false, "d"}, {"d", true, "1"}, {Bytes("d\0", 2), false, "f"}}));
  memtable->set("b", "2");
  memtable->set(Bytes("d\0", 2), "3");
  EXPECT_EQ(forward(memtable->writer_image()), list({{"b", true, "2"},
                                                     {Bytes("b\0", 2), false, "d"},
                                                     {"d", true, "1"},
                                                     {Bytes("d\0", 2), true, "3"},
                                                     {Bytes("d\0\0", 3), false, "f"}}));
}

TEST(Memtable, ClearsThatTouchBecomeOne) {
  const auto memtable = Memtable::create();
  memtable->clear("a", "b");
  memtable->clear("c", "d");
  memtable->set("bb", "gone");
  memtable->set("d", "stays");
  memtable->clear("b", "c");
  EXPECT_EQ(forward(memtable->writer_image()), list({{"a", false, "d"}, {"d", true, "stays"}}));
  EXPECT_EQ(memtable->writer_image().check_invariants(), "");
}

TEST(Memtable, ASetOfAClearedKeyAndBackLeavesOneClear) {
  const auto memtable = Memtable::create();
  memtable->clear("a", "z");
  memtable->set("m", "1");
  memtable->clear("m", key_after("m"));
  EXPECT_EQ(forward(memtable->writer_image()), list({{"a", false, "z"}}));
}

TEST(Memtable, EmptyAndInvertedClearsDoNothing) {
  const auto memtable = Memtable::create();
  memtable->set("b", "1");
  memtable->clear("b", "b");
  memtable->clear("c", "a");
  EXPECT_EQ(forward(memtable->writer_image()), list({{"b", true, "1"}}));
}

TEST(Memtable, AnImageWithoutEntriesKnowsNothing) {
  for (const MemtableImage& image : {MemtableImage(), Memtable::create()->publish()}) {
    EXPECT_TRUE(image.empty());
    EXPECT_EQ(image.get("a").kind, Kind::unknown);
    MemtableImage::Cursor cursor = image.cursor();
    cursor.seek("");
    EXPECT_FALSE(cursor.valid());
    cursor.seek_before("z");
    EXPECT_FALSE(cursor.valid());
    EXPECT_FALSE(image.changes()->next().has_value());
  }
}

TEST(Memtable, DiscardTakesBackWhatWasNotPublished) {
  const auto memtable = Memtable::create();
  memtable->set("never", "published");
  memtable->discard();
  EXPECT_TRUE(memtable->empty());
  memtable->set("a", "1");
  memtable->publish();
  memtable->set("a", "2");
  memtable->clear("", "z");
  memtable->discard();
  EXPECT_EQ(forward(memtable->writer_image()), list({{"a", true, "1"}}));
}

TEST(Memtable, ChangesAreTheEntriesAndCanBeReadAgain) {
  const auto memtable = Memtable::create();
  memtable->set("a", "1");
  memtable->clear("b", "c");
  memtable->set("d", "");
  const std::unique_ptr<storage::ChangeSource> changes = memtable->publish().changes();
  memtable->clear("", "z");
  const auto expected = list({{"a", true, "1"}, {"b", false, "c"}, {"d", true, ""}});
  EXPECT_EQ(rest(*changes), expected);
  EXPECT_EQ(rest(*changes), list({}));
  changes->rewind();
  EXPECT_EQ(rest(*changes), expected);
  changes->rewind();
  changes->next();
  changes->rewind();
  EXPECT_EQ(rest(*changes), expected);
}

TEST(Memtable, AnImageKeepsTheMemoryAlive) {
  auto memtable = Memtable::create();
  memtable->set("key", Bytes(1000, 'v'));
  const std::weak_ptr<Memtable> watched = memtable;
  MemtableImage image = memtable->publish();
  memtable.reset();
  EXPECT_EQ(image.get("key").value, Bytes(1000, 'v'));
  EXPECT_FALSE(watched.expired());
  image = MemtableImage();
  EXPECT_TRUE(watched.expired());
}

TEST(Memtable, MemoryIsProportionalToWhatIsWritten) {
  const auto memtable = Memtable::create();
  EXPECT_EQ(memtable->bytes(), 0u);
  memtable->set("a", "1");
  memtable->publish();
  EXPECT_LE(memtable->bytes(), 4096u);
  Random random(1);
  for (int i = 0; i < 20'000; ++i) memtable->set(random.bytes(16), Bytes(100, 'v'));
  memtable->publish();
  EXPECT_LE(memtable->bytes(), 20'000u * 250);
  // Batches of one row copy a path of small nodes each.
  const std::size_t before = memtable->bytes();
  for (int i = 0; i < 10'000; ++i) {
    memtable->set(random.bytes(16), Bytes(100, 'v'));
    memtable->publish();
  }
  EXPECT_LE(memtable->bytes() - before, 10'000u * 1300);
}

TEST(Memtable, ClearingWhatIsClearedTakesNoMemory) {
  const auto memtable = Memtable::create();
  memtable->clear("a", "z");
  const std::size_t before = memtable->bytes();
  for (int i = 0; i < 1000; ++i) {
    memtable->clear("key" + std::to_string(i), "keys");
    memtable->publish();
  }
  EXPECT_EQ(memtable->bytes(), before);
}

// Keys that come in order leave no half empty nodes behind.
TEST(Memtable, RisingKeysFillTheirNodes) {
  const auto memtable = Memtable::create();
  for (int i = 0; i < 100'000; ++i) memtable->set(std::to_string(1'000'000 + i), "");
  EXPECT_LE(memtable->bytes(), 100'000u * 70);
}

// Sets inside a clear with long ends must not copy these ends each time.
TEST(Memtable, PartsOfAClearShareItsEnds) {
  const auto memtable = Memtable::create();
  memtable->clear(Bytes(kMaxKeyBytes, 'a'), Bytes(kMaxKeyBytes, 'z'));
  const std::size_t before = memtable->bytes();
  for (int i = 0; i < 1000; ++i) memtable->set("m" + std::to_string(i), "");
  EXPECT_LE(memtable->bytes() - before, 1'000'000u);
}

// When memory runs out, at whatever point, what was published stays, and the batch can be taken
// back and made again.
TEST(Memtable, ABatchThatRanOutOfMemoryCanBeTakenBack) {
  constexpr int kBatches = 50;
  const KeyKind& keys = test::key_kind("random");
  Random random(1);
  std::vector<std::pair<Bytes, Bytes>> sets;
  for (int i = 0; i < kBatches * 40; ++i) sets.emplace_back(keys.make(random), random.bytes(30));
  const auto make_batch = [&](Memtable& memtable, int batch) {
    for (int i = 40 * batch; i < 40 * (batch + 1); ++i) {
      if (i % 3 == 0) memtable.clear(sets[i].first, "\x7f");
      memtable.set(sets[i].first, sets[i].second);
    }
  };
  const auto expected = Memtable::create();
  for (int batch = 0; batch < kBatches; ++batch) make_batch(*expected, batch);

  int allocations = 0;
  for (bool failed = true; failed; ++allocations) {
    const auto memtable = Memtable::create();
    {
      const plinth::test::FailingHeap heap(allocations);
      for (int batch = 0; batch < kBatches; ++batch) {
        const MemtableImage before = memtable->writer_image();
        try {
          make_batch(*memtable, batch);
        } catch (const std::bad_alloc&) {
          memtable->discard();
          ASSERT_EQ(forward(memtable->writer_image()), forward(before));
          ASSERT_EQ(memtable->writer_image().check_invariants(), "");
          make_batch(*memtable, batch);
        }
        memtable->publish();
      }
      failed = heap.failed();
    }
    ASSERT_EQ(forward(memtable->writer_image()), forward(expected->writer_image()));
  }
  EXPECT_GT(allocations, 3);
}

// For the thread sanitizer, and for its own sake: each image shows one batch, whole.
TEST(Memtable, ReadersOfPublishedImagesNeedNoLock) {
  constexpr int kBatches = 400;
  constexpr int kKeys = 60;
  const auto memtable = Memtable::create();
  std::mutex mutex;
  MemtableImage newest;
  std::atomic<bool> done{false};
  std::atomic<int> reads{0};
  const auto read = [&] {
    Bytes last_seen;
    while (!done || reads < 100) {
      MemtableImage image;
      {
        std::lock_guard lock(mutex);
        image = newest;
      }
      if (image.empty()) continue;
      const Bytes batch(image.get("key00").value);
      EXPECT_GE(batch, last_seen);
      last_seen = batch;
      int rows = 0;
      MemtableImage::Cursor cursor = image.cursor();
      for (cursor.seek(""); cursor.valid(); cursor.next()) {
        if (!cursor.is_set()) continue;
        EXPECT_EQ(cursor.value(), batch);
        ++rows;
      }
      EXPECT_EQ(rows, kKeys);
      EXPECT_LE(memtable->bytes(), 100'000'000u);
      ++reads;
    }
  };
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) readers.emplace_back(read);
  for (int batch = 0; batch < kBatches; ++batch) {
    const Bytes text = std::to_string(1000 + batch);
    memtable->clear("key1", "key3");
    for (int i = 0; i < kKeys; ++i)
      memtable->set("key" + std::to_string(i / 10) + std::to_string(i % 10), text);
    memtable->clear("other" + text, "other" + text + "z");
    MemtableImage image = memtable->publish();
    std::lock_guard lock(mutex);
    newest = std::move(image);
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace plinth::engine
