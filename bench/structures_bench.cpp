// What the engine's in-memory structures cost per operation, in processor time: 16-byte keys and
// 100-byte values, keys either random or alike in their first 20 bytes ("tuples").
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>

#include "engine/memtable.hpp"
#include "engine/resolver.hpp"

namespace plinth::engine {
namespace {

constexpr int kRows = 600'000;
constexpr int kBatch = 1000;
const Bytes kValue(100, 'v');

enum Keys { kRandom, kTuples, kRising };

// Each call gives the same keys.
const std::vector<Bytes>& keys_of(Keys kind) {
  static std::vector<Bytes> made[3];
  std::vector<Bytes>& keys = made[kind];
  std::mt19937_64 random(1);
  for (std::uint64_t i = 0; keys.size() < kRows; ++i) {
    const std::uint64_t number = kind == kRising ? __builtin_bswap64(i) : random();
    Bytes key = kind == kTuples ? Bytes("\x15\x08\x02users\0\x02by-city\0", 18) : Bytes();
    key.append(reinterpret_cast<const char*>(&number), sizeof number);
    key.append(8, 'k');
    keys.push_back(std::move(key));
  }
  return keys;
}

// Some of the keys in another order: one after the other in memory, so that getting at the next
// key costs nothing, but wide apart in the structure.
std::vector<Bytes> shuffled(const std::vector<Bytes>& keys, int from, int to) {
  std::vector<const Bytes*> order;
  for (int i = from; i < to; ++i) order.push_back(&keys[i]);
  std::shuffle(order.begin(), order.end(), std::mt19937_64(2));
  std::vector<Bytes> result;
  for (const Bytes* key : order) result.push_back(*key);
  return result;
}

std::shared_ptr<Memtable> filled(const std::vector<Bytes>& keys, int rows) {
  const std::shared_ptr<Memtable> memtable = Memtable::create();
  for (int i = 0; i < rows; ++i) {
    memtable->set(keys[i], kValue);
    if (i % kBatch == kBatch - 1) memtable->publish();
  }
  memtable->publish();
  return memtable;
}

void label(benchmark::State& state, int operations_per_round) {
  static const char* const kNames[] = {"random", "tuples", "rising"};
  state.SetLabel(kNames[state.range(0)]);
  state.SetItemsProcessed(state.iterations() * operations_per_round);
  state.counters["ns_per_op"] =
      benchmark::Counter(static_cast<double>(state.iterations()) * operations_per_round / 1e9,
                         benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void memtable_fill(benchmark::State& state) {
  const std::vector<Bytes>& keys = keys_of(static_cast<Keys>(state.range(0)));
  std::size_t bytes = 0;
  for (auto _ : state) {
    auto memtable = filled(keys, kRows);
    bytes = memtable->bytes();
    state.PauseTiming();  // to free it is another thread's work
    memtable.reset();
    state.ResumeTiming();
  }
  label(state, kRows);
  state.counters["bytes_per_row"] = static_cast<double>(bytes) / kRows;
}

void memtable_batches_of_one(benchmark::State& state) {
  const std::vector<Bytes>& keys = keys_of(static_cast<Keys>(state.range(0)));
  constexpr int kBefore = 500'000;
  const auto memtable = filled(keys, kBefore);
  const std::size_t before = memtable->bytes();
  int next = kBefore;
  for (auto _ : state) {
    memtable->set(keys[next++], kValue);
    benchmark::DoNotOptimize(memtable->publish());
  }
  label(state, 1);
  state.counters["bytes_per_batch"] =
      static_cast<double>(memtable->bytes() - before) / static_cast<double>(state.iterations());
}

void memtable_get(benchmark::State& state) {
  const std::vector<Bytes>& keys = keys_of(static_cast<Keys>(state.range(0)));
  const auto memtable = filled(keys, 500'000);
  const MemtableImage image = memtable->publish();
  const std::vector<Bytes> present = shuffled(keys, 0, 500'000);
  std::size_t i = 0;
  for (auto _ : state) {
    const MemtableImage::Lookup found = image.get(present[i++ % present.size()]);
    benchmark::DoNotOptimize(found.value.data());
  }
  label(state, 1);
}

void memtable_get_absent(benchmark::State& state) {
  const std::vector<Bytes>& keys = keys_of(static_cast<Keys>(state.range(0)));
  const auto memtable = filled(keys, 500'000);
  const MemtableImage image = memtable->publish();
  std::size_t i = 500'000;
  for (auto _ : state) {
    benchmark::DoNotOptimize(image.get(keys[i++]).kind);
    if (i == keys.size()) i = 500'000;
  }
  label(state, 1);
}

void memtable_scan(benchmark::State& state) {
  const std::vector<Bytes>& keys = keys_of(static_cast<Keys>(state.range(0)));
  const MemtableImage image = filled(keys, 500'000)->publish();
  for (auto _ : state) {
    std::size_t bytes = 0;
    MemtableImage::Cursor cursor = image.cursor();
    for (cursor.seek(""); cursor.valid(); cursor.next())
      bytes += cursor.key().size() + cursor.value().size() + static_cast<unsigned>(cursor.key()[0]);
    benchmark::DoNotOptimize(bytes);
  }
  label(state, 500'000);
}

constexpr std::size_t kResolverBytes = 128 << 20;

// Half of the points that it will have, in the generations that they fall into.
void resolver_add_key(benchmark::State& state) {
  const std::vector<Bytes>& keys = keys_of(static_cast<Keys>(state.range(0)));
  std::vector<Bytes> ends;
  for (const Bytes& key : keys) ends.push_back(key_after(key));
  std::size_t bytes = 0;
  for (auto _ : state) {
    Resolver resolver(kResolverBytes);
    for (int i = 0; i < kRows; ++i) resolver.add_write(keys[i], ends[i], 1 + i / kBatch);
    bytes = resolver.bytes();
  }
  label(state, kRows);
  state.counters["bytes_per_key"] = static_cast<double>(bytes) / kRows;
}

// `rows` recent writes of keys, read at the newest version but one: what nearly all reads are like.
Resolver& recent_writes(const std::vector<Bytes>& keys, int rows, Resolver& resolver) {
  for (int i = 0; i < rows; ++i) resolver.add_write(keys[i], key_after(keys[i]), 1 + i / kBatch);
  return resolver;
}

void resolver_check_key(benchmark::State& state) {
  const std::vector<Bytes>& keys = keys_of(static_cast<Keys>(state.range(0)));
  const int rows = static_cast<int>(state.range(1));
  Resolver resolver(kResolverBytes);
  recent_writes(keys, rows, resolver);
  const std::vector<Bytes> read = shuffled(keys, 0, kRows);
  std::vector<Bytes> ends;
  for (const Bytes& key : read) ends.push_back(key_after(key));
  std::size_t i = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(resolver.conflicts(read[i], ends[i], rows / kBatch - 1));
    if (++i == read.size()) i = 0;
  }
  label(state, 1);
}

// A read of all keys, which only an overview of whole parts can answer quickly.
void resolver_check_all(benchmark::State& state) {
  const std::vector<Bytes>& keys = keys_of(static_cast<Keys>(state.range(0)));
  Resolver resolver(kResolverBytes);
  recent_writes(keys, 500'000, resolver);
  for (auto _ : state) benchmark::DoNotOptimize(resolver.conflicts("", "\xff\xff", 499));
  label(state, 1);
}

void resolver_forget(benchmark::State& state) {
  const std::vector<Bytes>& keys = keys_of(static_cast<Keys>(state.range(0)));
  for (auto _ : state) {
    state.PauseTiming();
    Resolver resolver(kResolverBytes);
    recent_writes(keys, 100'000, resolver);
    state.ResumeTiming();
    resolver.forget_before(1'000'000);
  }
  label(state, 1);
}

BENCHMARK(memtable_fill)->Arg(kRandom)->Arg(kTuples)->Arg(kRising)->Iterations(3);
BENCHMARK(memtable_batches_of_one)->Arg(kRandom)->Arg(kTuples)->Iterations(100'000);
BENCHMARK(memtable_get)->Arg(kRandom)->Arg(kTuples);
BENCHMARK(memtable_get_absent)->Arg(kRandom)->Arg(kTuples);
BENCHMARK(memtable_scan)->Arg(kRandom)->Arg(kRising)->Unit(benchmark::kMillisecond);
BENCHMARK(resolver_add_key)->Arg(kRandom)->Arg(kTuples)->Iterations(3);
BENCHMARK(resolver_check_key)
    ->Args({kRandom, 100'000})
    ->Args({kRandom, 500'000})
    ->Args({kTuples, 500'000});
BENCHMARK(resolver_check_all)->Arg(kRandom);
BENCHMARK(resolver_forget)->Arg(kRandom)->Iterations(5);

}  // namespace
}  // namespace plinth::engine

BENCHMARK_MAIN();
