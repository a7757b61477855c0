// EntityStore: dictionaries with no schema under ids, found by what is in them.
//
//   EntityStore people("people", Tuple::of("app", "people"));
//   Uuid ada = db.run([&](Transaction& tx) {
//     return people.create(tx, {{"name", "Ada"}, {"born", 1815}});
//   });
//   auto ids = db.read([&](ReadTransaction& tx) { return people.find(tx, "born", 1815); });
//
// Keys and values are elements of tuples, and equal when they are of one type and value: 1 is not
// 1.0. Every pair is indexed, and the index is exact in every transaction. An entity with no pairs
// is one that is not there. docs/entities.md has the layout, which programs in other languages
// share, and what each operation costs.
//
// A handle is immutable, cheap to copy, and may be used by any thread; a Transaction& must stay
// until the future is ready.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "plinth/subspace.hpp"
#include "plinth/transaction.hpp"
#include "plinth/tuple.hpp"
#include "plinth/uuid.hpp"

namespace plinth {

using Entity = std::map<Element, Element>;

// Keys to be set, and keys to be removed, which have no value.
using EntityPatch = std::map<Element, std::optional<Element>>;

struct IdentifiedEntity {
  Uuid id;
  Entity entity;
  friend bool operator==(const IdentifiedEntity&, const IdentifiedEntity&) = default;
};

// A value of the key that was asked for, and whose it is.
struct EntityValue {
  Element value;
  Uuid id;
  friend bool operator==(const EntityValue&, const EntityValue&) = default;
};

inline constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

// Part of an answer: what comes after an id, that many at the most.
struct EntityPage {
  std::optional<Uuid> after = std::nullopt;
  std::size_t limit = kNoLimit;
};

// Values from `from` on and before `to`, in tuple order; without them from the first, to the last.
// `after`: the last one of the page before this one, in the direction that is asked for.
struct EntityValueRange {
  std::optional<Element> from = std::nullopt;
  std::optional<Element> to = std::nullopt;
  bool reverse = false;
  std::size_t limit = kNoLimit;
  std::optional<EntityValue> after = std::nullopt;
};

class PLINTH_API EntityStore {
 public:
  // `name` appears in errors. All keys are within `within`, and in it begin with a tuple of
  // `prefix`'s elements and one more.
  explicit EntityStore(std::string name, Tuple prefix = {}, Subspace within = {});

  // --- Writing ---------------------------------------------------------------------------------
  // A pair is in a key of the index, whose 10,000 bytes it must fit: Error(key_too_large) names the
  // pair that does not, before anything is written.

  // Under an id that is new, and random.
  Future<Uuid> create(Transaction& tx, Entity entity) const;
  // Under an id of the caller's; what was there is replaced.
  Future<void> create(Transaction& tx, Uuid id, Entity entity) const;
  // Replaces the entity as a whole, as create() does. Writes the pairs that differ.
  Future<void> update(Transaction& tx, Uuid id, Entity entity) const;
  // Changes the keys that are named, and reads no others.
  Future<void> patch(Transaction& tx, Uuid id, EntityPatch changes) const;
  // Nothing happens if it is not there.
  Future<void> remove(Transaction& tx, Uuid id) const;

  // --- Reading ---------------------------------------------------------------------------------
  // Error(layer_data_damaged) where a row is not of this layout.

  // Empty for an unknown id.
  Future<Entity> get(ReadTransaction tx, Uuid id) const;
  // Those in which `key` has this value, in the order of their ids.
  Future<std::vector<Uuid>> find(ReadTransaction tx, Element key, Element value,
                                 EntityPage page = {}) const;
  // Those that have all of these pairs. Error(client_invalid_operation) when there are none: that
  // would be all entities, which list() gives.
  Future<std::vector<Uuid>> find(ReadTransaction tx, Entity pairs, EntityPage page = {}) const;
  // The values that `key` has, in order, and equal ones in the order of the ids.
  Future<std::vector<EntityValue>> values(ReadTransaction tx, Element key,
                                          EntityValueRange range = {}) const;
  // All entities in the order of their ids.
  Future<std::vector<IdentifiedEntity>> list(ReadTransaction tx, EntityPage page = {}) const;

  const std::string& name() const noexcept { return name_; }

 private:
  Bytes pair_key(Uuid id, const Element& key) const;
  Bytes index_key(const Element& key, const Element& value, Uuid id) const;
  KeyRange ids_with(const Element& key, const Element& value,
                    const std::optional<Uuid>& after) const;
  template <class... T>
  std::tuple<T...> parts(ByteView key) const;
  Uuid indexed_id(ByteView key) const;
  Element value_of(ByteView key, ByteView row) const;
  void check_sizes(const Element& key, const Element& value) const;
  Future<void> replace(Transaction& tx, Uuid id, Entity entity) const;
  Future<Element> rarest(ReadTransaction tx, Entity pairs, std::optional<Uuid> after) const;
  [[noreturn]] void damaged(ByteView key) const;

  std::string name_;
  Subspace within_;
  // The kinds of keys.
  Tuple pairs_;  // (id, key) → pack((value,))
  Tuple index_;  // (key, value, id) → nothing
};

}  // namespace plinth
