#include "plinth/entity_store.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "layers/random_uuid.hpp"
#include "layers/row_kind.hpp"
#include "plinth/error.hpp"

namespace plinth {
namespace {

// Rows that are read of each pair to see which has the fewest.
constexpr int kProbeRows = 100;
// Ids that are compared with the other pairs at a time.
constexpr std::size_t kBatchIds = 100;

constexpr Uuid kFirstId{};
constexpr Uuid kLastId = [] {
  Uuid id;
  id.bytes.fill(0xff);
  return id;
}();

}  // namespace

EntityStore::EntityStore(std::string name, Tuple prefix, Subspace within)
    : name_(std::move(name)),
      within_(std::move(within)),
      pairs_(layers::rows_of(prefix, '\x01')),
      index_(layers::rows_of(prefix, '\x02')) {}

// --- Rows --------------------------------------------------------------------------------------

Bytes EntityStore::pair_key(Uuid id, const Element& key) const {
  return within_.pack(pairs_, id, key);
}
Bytes EntityStore::index_key(const Element& key, const Element& value, Uuid id) const {
  return within_.pack(index_, key, value, id);
}

// Behind key and value come ids alone.
KeyRange EntityStore::ids_with(const Element& key, const Element& value,
                               const std::optional<Uuid>& after) const {
  return {after ? key_after(index_key(key, value, *after)) : index_key(key, value, kFirstId),
          key_after(index_key(key, value, kLastId))};
}

template <class... T>
std::tuple<T...> EntityStore::parts(ByteView key) const {
  try {
    return within_.unpack<T...>(key);
  } catch (const Error&) {
    damaged(key);
  }
}

Uuid EntityStore::indexed_id(ByteView key) const {
  return std::get<3>(parts<Tuple, Element, Element, Uuid>(key));
}

Element EntityStore::value_of(ByteView key, ByteView row) const {
  try {
    return std::get<0>(unpack<Element>(row));
  } catch (const Error&) {
    damaged(key);
  }
}

void EntityStore::damaged(ByteView key) const {
  throw Error(ErrorCode::layer_data_damaged, "Entity store " + name_ + ": the row of the key " +
                                                 printable(key) +
                                                 " is not as entity stores write it");
}

void EntityStore::check_sizes(const Element& key, const Element& value) const {
  const std::size_t size = index_key(key, value, kFirstId).size();
  if (size <= kMaxKeyBytes) return;
  throw Error(ErrorCode::key_too_large, "Entity store " + name_ + ": in the index a pair of " +
                                            key.to_string().substr(0, 60) + " takes " +
                                            std::to_string(size) +
                                            " bytes, of 10,000 at the most; keep long " +
                                            "values as blobs, and their ids here");
}

// --- Writing -----------------------------------------------------------------------------------

Future<Uuid> EntityStore::create(Transaction& tx, Entity entity) const {
  const EntityStore self = *this;
  for (const auto& [key, value] : entity) self.check_sizes(key, value);
  const Uuid id = layers::random_uuid();
  for (const auto& [key, value] : entity) {
    tx.set(self.pair_key(id, key), pack(value));
    tx.set(self.index_key(key, value, id), {});
  }
  co_return id;
}

Future<void> EntityStore::create(Transaction& tx, Uuid id, Entity entity) const {
  return replace(tx, id, std::move(entity));
}
Future<void> EntityStore::update(Transaction& tx, Uuid id, Entity entity) const {
  return replace(tx, id, std::move(entity));
}
Future<void> EntityStore::remove(Transaction& tx, Uuid id) const {
  return replace(tx, id, {});
}

Future<void> EntityStore::replace(Transaction& tx, Uuid id, Entity entity) const {
  const EntityStore self = *this;
  for (const auto& [key, value] : entity) self.check_sizes(key, value);
  const Entity before = co_await self.get(tx, id);
  for (const auto& [key, value] : before) {
    const auto now = entity.find(key);
    if (now == entity.end()) tx.clear(self.pair_key(id, key));
    if (now == entity.end() || now->second != value) tx.clear(self.index_key(key, value, id));
  }
  for (const auto& [key, value] : entity) {
    const auto old = before.find(key);
    if (old != before.end() && old->second == value) continue;
    tx.set(self.pair_key(id, key), pack(value));
    tx.set(self.index_key(key, value, id), {});
  }
}

Future<void> EntityStore::patch(Transaction& tx, Uuid id, EntityPatch changes) const {
  const EntityStore self = *this;
  for (const auto& [key, value] : changes)
    if (value) self.check_sizes(key, *value);
  std::vector<Future<std::optional<Bytes>>> olds;
  for (const auto& [key, value] : changes) olds.push_back(tx.get(self.pair_key(id, key)));
  auto next_old = olds.begin();
  for (const auto& [key, value] : changes) {
    const Bytes row_key = self.pair_key(id, key);
    const std::optional<Bytes> old = co_await std::move(*next_old++);
    if (old) {
      const Element old_value = self.value_of(row_key, *old);
      if (value == old_value) continue;
      tx.clear(self.index_key(key, old_value, id));
      if (!value) tx.clear(row_key);
    }
    if (value) {
      tx.set(row_key, pack(*value));
      tx.set(self.index_key(key, *value, id), {});
    }
  }
}

// --- Reading -----------------------------------------------------------------------------------

Future<Entity> EntityStore::get(ReadTransaction tx, Uuid id) const {
  const EntityStore self = *this;
  Entity entity;
  RangeStream rows =
      tx.range(self.within_.range(self.pairs_, id), {.mode = StreamingMode::want_all});
  while (true) {
    const Rows page = co_await rows.next_page();
    if (page.empty()) break;
    for (const KeyValueView row : page) {
      auto [kind, of, key] = self.parts<Tuple, Uuid, Element>(row.key);
      entity.emplace(std::move(key), self.value_of(row.key, row.value));
    }
  }
  co_return entity;
}

Future<std::vector<Uuid>> EntityStore::find(ReadTransaction tx, Element key, Element value,
                                            EntityPage page) const {
  return find(std::move(tx), Entity{{std::move(key), std::move(value)}}, page);
}

// The key of the pair of which the fewest entities seem to have it: any would do, this one costs
// the least.
Future<Element> EntityStore::rarest(ReadTransaction tx, Entity pairs,
                                    std::optional<Uuid> after) const {
  const EntityStore self = *this;
  std::vector<Future<Rows>> probes;
  for (const auto& [key, value] : pairs) {
    const KeyRange ids = self.ids_with(key, value, after);
    probes.push_back(
        tx.get_range(ids.begin, ids.end, {.limit = kProbeRows, .mode = StreamingMode::exact}));
  }
  const Element* best = nullptr;
  std::size_t best_rows = 0;
  Bytes best_last;
  auto probe = probes.begin();
  for (const auto& [key, value] : pairs) {
    const Rows rows = co_await std::move(*probe++);
    // Ids are random: the further as many of them reach, the fewer there are in all.
    const Bytes last =
        rows.empty() ? Bytes() : Bytes(rows.back().key.substr(rows.back().key.size() - 16));
    if (best == nullptr || rows.size() < best_rows ||
        (rows.size() == best_rows && last > best_last)) {
      best = &key;
      best_rows = rows.size();
      best_last = last;
    }
  }
  co_return *best;
}

Future<std::vector<Uuid>> EntityStore::find(ReadTransaction tx, Entity pairs,
                                            EntityPage page) const {
  if (pairs.empty())
    throw Error(ErrorCode::client_invalid_operation,
                "Entity store " + name_ + ": find needs at least one pair; list gives all");
  const EntityStore self = *this;
  std::vector<Uuid> found;
  for (const auto& [key, value] : pairs)
    if (self.index_key(key, value, kFirstId).size() > kMaxKeyBytes) co_return found;
  Element rarest = pairs.begin()->first;
  // A look that is not a reason for a conflict.
  if (pairs.size() > 1) rarest = co_await self.rarest(tx.snapshot(), pairs, page.after);
  const auto driver = pairs.extract(rarest);
  RangeStream rows = tx.range(self.ids_with(driver.key(), driver.mapped(), page.after));
  while (found.size() < page.limit) {
    const Rows some = co_await rows.take(std::min(kBatchIds, page.limit - found.size()));
    if (some.empty()) break;
    std::vector<Future<std::optional<Bytes>>> others;
    for (const KeyValueView row : some)
      for (const auto& [key, value] : pairs)
        others.push_back(tx.get(self.pair_key(self.indexed_id(row.key), key)));
    auto other = others.begin();
    for (const KeyValueView row : some) {
      bool all = true;
      for (const auto& [key, value] : pairs) {
        const std::optional<Bytes> stored = co_await std::move(*other++);
        all = all && stored == pack(value);
      }
      if (all) found.push_back(self.indexed_id(row.key));
    }
  }
  co_return found;
}

Future<std::vector<EntityValue>> EntityStore::values(ReadTransaction tx, Element key,
                                                     EntityValueRange range) const {
  const EntityStore self = *this;
  KeyRange within = self.within_.range(self.index_, key);
  if (range.from) within.begin = self.within_.pack(self.index_, key, *range.from);
  if (range.to) within.end = self.within_.pack(self.index_, key, *range.to);
  if (range.after) {
    const Bytes last = self.index_key(key, range.after->value, range.after->id);
    (range.reverse ? within.end : within.begin) = range.reverse ? last : key_after(last);
  }
  std::vector<EntityValue> found;
  if (within.begin >= within.end) co_return found;
  RangeStream rows = tx.range(within, {.reverse = range.reverse});
  while (found.size() < range.limit) {
    const Rows some = co_await rows.take(std::min(kBatchIds, range.limit - found.size()));
    if (some.empty()) break;
    for (const KeyValueView row : some) {
      auto [kind, of, value, id] = self.parts<Tuple, Element, Element, Uuid>(row.key);
      found.push_back({std::move(value), id});
    }
  }
  co_return found;
}

Future<std::vector<IdentifiedEntity>> EntityStore::list(ReadTransaction tx, EntityPage page) const {
  const EntityStore self = *this;
  KeyRange all = self.within_.range(Element(self.pairs_));
  if (page.after) all.begin = self.within_.range(self.pairs_, *page.after).end;
  std::vector<IdentifiedEntity> entities;
  RangeStream rows = tx.range(all);
  while (true) {
    const Rows some = co_await rows.next_page();
    if (some.empty()) co_return entities;
    for (const KeyValueView row : some) {
      auto [kind, id, key] = self.parts<Tuple, Uuid, Element>(row.key);
      if (entities.empty() || entities.back().id != id) {
        if (entities.size() == page.limit) co_return entities;
        entities.push_back({id, {}});
      }
      entities.back().entity.emplace(std::move(key), self.value_of(row.key, row.value));
    }
  }
}

}  // namespace plinth
