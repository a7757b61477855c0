#include "plinth/table_transaction.hpp"

#include <map>
#include <utility>

#include "layers/table/planned_write.hpp"
#include "plinth/error.hpp"

namespace plinth {

using layers::table::ItemWrite;
using layers::table::plan_write;
using layers::table::PlannedWrite;

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
  std::vector<Future<PlannedWrite>> reads;
  for (TransactWrite& write : writes) {
    ItemWrite one{write.table.table_,
                  static_cast<ItemWrite::Kind>(write.kind),
                  std::move(write.item),
                  std::move(write.change),
                  {}};
    one.options.condition = std::move(write.condition);
    reads.push_back(plan_write(tx, std::move(one)));
  }
  std::vector<PlannedWrite> plans;
  for (Future<PlannedWrite>& read : reads) plans.push_back(co_await std::move(read));
  check_distinct(plans);
  check_conditions(plans, refused);
  for (const PlannedWrite& plan : plans) plan.apply(tx);
}

Future<std::vector<std::optional<Item>>> transact_get(ReadTransaction tx,
                                                      std::vector<TransactGet> gets) {
  std::vector<Future<std::optional<Item>>> reads;
  for (TransactGet& get : gets) reads.push_back(get.table.get(tx, std::move(get.key)));
  std::vector<std::optional<Item>> items;
  for (Future<std::optional<Item>>& read : reads) items.push_back(co_await std::move(read));
  co_return items;
}

}  // namespace plinth
