// Items that have a part in each of the layers: all of them are there, or none.
#pragma once

#include <cstdint>
#include <set>

#include "plinth/blob_store.hpp"
#include "plinth/directory.hpp"
#include "plinth/entity_store.hpp"
#include "plinth/search_index.hpp"
#include "plinth/tuple_store.hpp"
#include "plinth/versioned_store.hpp"

namespace plinth::test {

class AllLayers {
 public:
  // In the caller's transaction.
  void add(Transaction& tx, std::int64_t number) const;
  void remove(Transaction& tx, std::int64_t number) const;

  // The items that are there. Fails the test when a layer says otherwise than another one, or when
  // there is anything that belongs to no item.
  std::set<std::int64_t> items(Database& db) const;

 private:
  static Bytes content_of(std::int64_t number);
  static Uuid id_of(std::int64_t number);
  static std::string word_of(std::int64_t number);

  const BlobStore blobs_{"blobs", Tuple::of("blobs")};
  const TupleStore tuples_{"tuples", 3, Tuple::of("tuples")};  // item, "blob", its id
  const EntityStore entities_{"entities", Tuple::of("entities")};
  const SearchIndex texts_{"texts", Subspace(Tuple::of("texts"))};
  const VersionedStore versions_{"versions", {"item", "state"}, Tuple::of("versions")};
  const DirectoryLayer directories_;
};

}  // namespace plinth::test
