#include "table_partition.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace plinth::bench {
namespace {

constexpr std::uint64_t kBatch = 1'000;

Table made_in(Database& db, const TableStore& store) {
  TableDefinition definition;
  definition.partition_key = {"partition"};
  definition.sort_key = KeyAttribute{"sort"};
  db.run([&](Transaction& tx) { return store.create_table(tx, "one", definition); });
  return store.table("one");
}

}  // namespace

TablePartition::TablePartition(const std::string& directory, std::uint64_t items,
                               std::uint64_t of_one)
    : items_(items),
      of_one_(of_one),
      db_(open("file:" + directory + "/partitions-of-" + std::to_string(of_one) +
               "?durability=buffered")),
      table_(made_in(db_, store_)) {
  for (std::uint64_t first = 0; first < items; first += kBatch)
    db_.run([&](Transaction& tx) {
      for (std::uint64_t i = first; i < std::min(first + kBatch, items); ++i)
        table_.put(tx, item(i)).get();
    });
  db_.checkpoint().get();
}

Item TablePartition::key(std::uint64_t number) const {
  char text[17];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(number));
  return {{"partition", "partition" + std::to_string(number / of_one_)}, {"sort", text}};
}

Item TablePartition::item(std::uint64_t number) const {
  Item item = key(number);
  item["text"] = "what there is to say of item " + std::to_string(number);
  item["count"] = number;
  return item;
}

void TablePartition::put(std::uint64_t random) {
  const Item put = item(random % items_);
  db_.run([&](Transaction& tx) { return table_.put(tx, put); });
}

void TablePartition::get(std::uint64_t random) {
  const Item wanted = key(random % items_);
  if (!db_.read([&](ReadTransaction& tx) { return table_.get(tx, wanted); }))
    throw std::runtime_error("an item is missing");
}

std::uint64_t TablePartition::page_through() {
  std::uint64_t count = 0;
  std::optional<Item> last;
  do {
    ItemPage page = db_.read([&](ReadTransaction& tx) {
      return table_.query(tx, "partition0", {.limit = 1'000, .start_after = last});
    });
    count += page.items.size();
    last = std::move(page.last_key);
  } while (last);
  return count;
}

}  // namespace plinth::bench
