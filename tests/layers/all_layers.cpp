#include "all_layers.hpp"

#include <gtest/gtest.h>

namespace plinth::test {

// Of two chunks.
Bytes AllLayers::content_of(std::int64_t number) {
  return std::to_string(number) + Bytes(120'000, 'b');
}

Uuid AllLayers::id_of(std::int64_t number) {
  Uuid id;
  for (std::size_t i = 0; i < 8; ++i) id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return id;
}

std::string AllLayers::word_of(std::int64_t number) {
  return "word" + std::to_string(number);
}

void AllLayers::add(Transaction& tx, std::int64_t number) const {
  const Uuid blob = blobs_.put(tx, content_of(number)).get();
  tuples_.add(tx, Tuple::of(number, "blob", blob));
  entities_.create(tx, id_of(number), {{"number", number}}).get();
  texts_.index_text(tx, number, "an item with " + word_of(number)).get();
  const Uuid change = versions_.create(tx, "item " + std::to_string(number)).get();
  versions_.add(tx, change, Tuple::of(number, "there")).get();
  versions_.apply(tx, change).get();
  const Directory directory = directories_.create(tx, {"items", std::to_string(number)}).get();
  tx.set(directory.subspace().pack("number"), std::to_string(number));
}

void AllLayers::remove(Transaction& tx, std::int64_t number) const {
  const std::vector<Bindings> blobs =
      tuples_.select(tx, {number, "blob", var("id")}).collect().get();
  const Uuid blob = blobs.at(0).get<Uuid>("id");
  blobs_.remove(tx, blob).get();
  tuples_.remove(tx, Tuple::of(number, "blob", blob));
  entities_.remove(tx, id_of(number)).get();
  texts_.remove(tx, number).get();
  const Uuid change = versions_.create(tx, "no item " + std::to_string(number)).get();
  versions_.remove(tx, change, Tuple::of(number, "there")).get();
  versions_.apply(tx, change).get();
  directories_.remove(tx, {"items", std::to_string(number)}).get();
}

std::set<std::int64_t> AllLayers::items(Database& db) const {
  std::set<std::int64_t> items;
  db.read([&](ReadTransaction& tx) {
    items.clear();
    std::set<Uuid> blobs;
    for (const Bindings& one :
         tuples_.select(tx, {var("item"), "blob", var("id")}).collect().get()) {
      const auto number = one.get<std::int64_t>("item");
      const auto blob = one.get<Uuid>("id");
      items.insert(number);
      blobs.insert(blob);
      EXPECT_TRUE(blobs_.get(tx, blob, BlobStore::Check::digest).get() == content_of(number));
      EXPECT_EQ(entities_.find(tx, "number", number).get(), std::vector<Uuid>{id_of(number)});
      EXPECT_EQ(texts_.search(tx, std::vector<std::string>{word_of(number)}).get().size(), 1u);
      EXPECT_TRUE(versions_.now(tx).ask(Tuple::of(number, "there")).get());
      const Directory directory = directories_.open(tx, {"items", std::to_string(number)}).get();
      EXPECT_EQ(tx.get(directory.subspace().pack("number")).get(), std::to_string(number));
    }
    EXPECT_EQ(blobs_.list(tx).get().size(), items.size());
    EXPECT_EQ(blobs.size(), items.size());
    EXPECT_EQ(entities_.list(tx).get().size(), items.size());
    EXPECT_EQ(texts_.statistics(tx).get().documents, static_cast<std::int64_t>(items.size()));
    EXPECT_EQ(versions_.now(tx).select({var("i"), var("s")}).collect().get().size(), items.size());
    const bool any = directories_.exists(tx, {"items"}).get();
    EXPECT_EQ(any ? directories_.list(tx, {"items"}).get().size() : 0, items.size());
  });
  return items;
}

}  // namespace plinth::test
