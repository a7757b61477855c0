#include "plinth/table_transaction.hpp"

#include <map>
#include <utility>

#include "layers/table/planned_write.hpp"
#include "plinth/error.hpp"

namespace plinth {

using layers::table::begin_write;
using layers::table::ItemWrite;
using layers::table::Layout;
using layers::table::PlannedWrite;
using layers::table::read_item;
using layers::table::StoredItem;

namespace {

void check_distinct(const std::vector<PlannedWrite>& plans) {
  std::map<ByteView, std::size_t> positions;
  for (std::size_t i = 0; i < plans.size(); ++i)
    if (const auto [first, fresh] = positions.emplace(plans[i].row_key(), i); !fresh)
      throw Error(ErrorCode::client_invalid_operation,
                  "The writes " + std::to_string(first->second) + " and " + std::to_string(i) +
                      " of a list are of the same item: " + plans[i].title());
}

void check_conditions(const std::vector<PlannedWrite>& plans, std::vector<std::size_t>* refused) {
  std::string names;
  if (refused != nullptr) refused->clear();
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (plans[i].holds()) continue;
    names += (names.empty() ? "Write " : "; write ") + std::to_string(i) + ": " + plans[i].title();
    if (refused != nullptr) refused->push_back(i);
  }
  if (!names.empty()) throw Error(ErrorCode::transact_write_refused, names);
}

}  // namespace

Future<void> transact_write(Transaction& tx, std::vector<TransactWrite> writes,
                            std::vector<std::size_t>* refused) {
  std::vector<PlannedWrite> plans;
  for (TransactWrite& write : writes) {
    ItemWrite one{write.table.table_,
                  static_cast<ItemWrite::Kind>(write.kind),
                  std::move(write.item),
                  std::move(write.change),
                  {}};
    one.options.condition = std::move(write.condition);
    plans.push_back(co_await begin_write(tx, std::move(one)));
  }
  check_distinct(plans);
  for (PlannedWrite& plan : plans) co_await plan.decide(tx);
  check_conditions(plans, refused);
  for (const PlannedWrite& plan : plans) plan.apply(tx);
}

Future<std::vector<std::optional<Item>>> transact_get(ReadTransaction tx,
                                                      std::vector<TransactGet> gets) {
  struct Read {
    Layout layout;
    Bytes key;
    Future<std::optional<Bytes>> first;
  };
  std::vector<Read> reads;
  for (const TransactGet& get : gets) {
    const Layout layout = co_await get.table.table_->layout(tx);
    const Bytes key = layout->item_key_alone(get.key);
    reads.push_back({layout, key, tx.get(key)});
  }
  std::vector<std::optional<Item>> items;
  for (std::size_t i = 0; i < reads.size(); ++i) {
    const StoredItem stored = co_await read_item(tx, reads[i].key, std::move(reads[i].first));
    items.push_back(stored.valid(*reads[i].layout, gets[i].table.table_->now()));
  }
  co_return items;
}

}  // namespace plinth
