#include "engine/resolver.hpp"

#include <algorithm>
#include <new>

#include "base/assert.hpp"
#include "base/probe.hpp"

namespace plinth::engine {
namespace {

// A generation ends after a second's versions or a share of the memory, whichever comes first: few
// enough to be asked one by one, small enough that forgetting one does not hold up the leader.
constexpr Version kGenerationVersions = 1'000'000;
constexpr std::size_t kGenerationsInMemory = 8;

}  // namespace

Resolver::Resolver(std::size_t max_bytes) : max_bytes_(max_bytes) {}

bool Resolver::conflicts(ByteView begin, ByteView end, Version read_version) const {
  PLINTH_ASSERT(read_version >= oldest_);
  if (begin >= end) return false;
  return std::any_of(generations_.rbegin(), generations_.rend(), [&](const auto& generation) {
    return generation->last > read_version && conflicts(*generation, begin, end, read_version);
  });
}

bool Resolver::conflicts(const Generation& generation, ByteView begin, ByteView end,
                         Version read_version) {
  const TreeEntry* const entry = generation.tree.entry_of(begin);
  if (entry != nullptr && entry->version > read_version) return true;
  return !is_one_key(begin, end) &&
         any_newer_between(generation.tree.root(), begin, end, read_version);
}

void Resolver::add_write(ByteView begin, ByteView end, Version version) {
  PLINTH_ASSERT(version > 0 && (generations_.empty() || version >= generations_.back()->last));
  if (begin >= end) return;
  try {
    Generation& generation = generation_for(version);
    generation.last = version;
    if (is_one_key(begin, end)) {
      add_key(generation, begin, version);
    } else {
      add_range(generation, begin, end, version);
    }
  } catch (const std::bad_alloc&) {
    PLINTH_PROBE("resolver forgets all because memory ran out");
    while (!generations_.empty()) forget_oldest_generation();
    oldest_ = version;
  }
  while (bytes() > max_bytes_) {
    PLINTH_PROBE("resolver forgets for lack of memory");
    forget_oldest_generation();
  }
}

Resolver::Generation& Resolver::generation_for(Version version) {
  if (generations_.empty() || version - generations_.back()->first >= kGenerationVersions ||
      generations_.back()->arena.bytes() > max_bytes_ / kGenerationsInMemory) {
    generations_.push_back(std::make_unique<Generation>(version));
  }
  return *generations_.back();
}

void Resolver::add_key(Generation& generation, ByteView key, Version version) {
  KeyTree& tree = generation.tree;
  TreeEntry* const entry = tree.entry_of(key);
  if (entry == nullptr) {
    const ByteView kept = keep_key(generation.arena, key);
    tree.put(make_range_entry(generation.arena, kept, key_after_kept(kept), version));
  } else if (entry->version == version) {
    return;
  } else if (!entry->is_wide) {
    entry->version = version;
    tree.put(entry);
  } else {
    const Bytes end = key_after(key);
    add_range(generation, key, end, version);
  }
}

void Resolver::add_range(Generation& generation, ByteView begin, ByteView end, Version version) {
  KeyTree& tree = generation.tree;
  Arena& arena = generation.arena;
  const ByteView kept_begin = keep_key(arena, begin);
  const ByteView kept_end =
      is_one_key(begin, end) ? key_after_kept(kept_begin) : keep_key(arena, end);

  // What lies over the end goes on behind it; what lies over the begin ends there.
  const TreeEntry* const last = tree.last_before(end);
  TreeEntry* const left = tree.last_before(begin);
  if (last != nullptr && last->operand() > end)
    tree.put(make_range_entry(arena, kept_end, last->operand(), last->version));
  if (left != nullptr && left->operand() > begin) end_range_at(*left, kept_begin);
  if (last != nullptr && last->key() > begin) tree.erase(begin, last->key());
  tree.put(make_range_entry(arena, kept_begin, kept_end, version));
}

void Resolver::forget_oldest_generation() {
  oldest_ = std::max(oldest_, generations_.front()->last);
  generations_.pop_front();
}

void Resolver::forget_before(Version version) {
  while (!generations_.empty() && generations_.front()->last < version) forget_oldest_generation();
}

std::size_t Resolver::bytes() const noexcept {
  std::size_t bytes = 0;
  for (const std::unique_ptr<Generation>& generation : generations_)
    bytes += generation->arena.bytes();
  return bytes;
}

std::string Resolver::check_invariants() const {
  Version newest = oldest_;
  for (const std::unique_ptr<Generation>& generation : generations_) {
    const KeyTree& tree = generation->tree;
    if (std::string wrong = check_tree(tree.root(), tree.size()); !wrong.empty()) return wrong;
    if (tree.root() == nullptr || tree.root()->max_version != generation->last)
      return "wrong newest version of a generation";
    if (generation->first < newest) return "generations overlap";
    newest = generation->last;
  }
  return bytes() <= max_bytes_ ? "" : "too much memory";
}

}  // namespace plinth::engine
