// Changes: how they are made, filled, applied and dropped.
#include <algorithm>
#include <utility>

#include "layers/versioned/change_records.hpp"
#include "layers/versioned/versioned_layout.hpp"
#include "layers/versioned/versioned_state.hpp"
#include "plinth/versioned_store.hpp"

namespace plinth {

using layers::ChangeRecord;
using layers::Layout;
using layers::VersionedLayout;
using Field = VersionedLayout::Field;

namespace {

// Tuples that an error names.
constexpr std::size_t kNamedTuples = 3;
// Tuples whose history is looked up at a time.
constexpr std::size_t kLookups = 256;

// No key of the tuple's is longer than that of its history.
void check_fits(const VersionedLayout& layout, const Tuple& items, std::size_t value_bytes) {
  layout.present()->check_width(items);
  const std::size_t longest = std::max(
      {layout.history().pack(Element(items), Versionstamp(0, 0)).size(),
       layout.operation_key(Uuid(), items).size(), layout.present()->keys(items).back().size()});
  if (longest > kMaxKeyBytes)
    throw Error(ErrorCode::tuple_too_large, layout.title() + ": as a key the tuple has " +
                                                std::to_string(longest) + " bytes. It begins " +
                                                printable(items.to_string()));
  if (value_bytes > VersionedStore::kMaxValueBytes)
    throw Error(ErrorCode::value_too_large, layout.title() + ": the value of a tuple has " +
                                                std::to_string(value_bytes) + " bytes, of " +
                                                std::to_string(VersionedStore::kMaxValueBytes) +
                                                " at the most");
}

// What applying them writes.
std::size_t written_bytes(const VersionedLayout& layout,
                          const std::vector<ChangeOperation>& operations) {
  std::size_t bytes = 0;
  for (const auto& [items, value] : operations) {
    for (const Bytes& key : layout.present()->keys(items))
      bytes += 2 * key.size() + (value ? value->size() : 0);
    bytes += layout.operation_key(Uuid(), items).size() + (value ? value->size() : 0);
  }
  return bytes;
}

// Whether another change has touched the tuple since `created`, or in this transaction, whose own
// history it cannot read.
Future<bool> is_touched(Layout layout, Future<Rows> last, Version created) {
  try {
    const Rows rows = co_await std::move(last);
    if (rows.empty()) co_return false;
    const auto [items, stamp] = layout->history().unpack<Element, Versionstamp>(rows.front().key);
    co_return stamp.version() > created;
  } catch (const Error& error) {
    if (error != ErrorCode::accessed_unreadable) throw;
  }
  co_return true;
}

Future<void> check_overlaps(Layout layout, ReadTransaction tx, Uuid change, Version created,
                            const std::vector<ChangeOperation>& operations) {
  std::size_t touched = 0;
  std::string names;
  for (std::size_t begin = 0; begin < operations.size(); begin += kLookups) {
    const std::size_t end = std::min(begin + kLookups, operations.size());
    std::vector<Future<bool>> reads;
    for (std::size_t i = begin; i < end; ++i) {
      const KeyRange history = layout->history_of(operations[i].items);
      Future<Rows> last = tx.get_range(history.begin, history.end,
                                       {.limit = 1, .reverse = true, .mode = StreamingMode::exact});
      reads.push_back(is_touched(layout, std::move(last), created));
    }
    for (std::size_t i = begin; i < end; ++i) {
      const bool is = co_await std::move(reads[i - begin]);
      if (!is) continue;
      if (++touched <= kNamedTuples)
        names += (names.empty() ? "" : ", ") + operations[i].items.to_string();
    }
  }
  if (touched > 0)
    layout->fail(ErrorCode::changes_overlap, change,
                 ": " + std::to_string(touched) + " of " + std::to_string(operations.size()) +
                     " tuples: " + names + (touched > kNamedTuples ? ", …" : ""));
}

void write_applied(const VersionedLayout& layout, Transaction& tx, Uuid change,
                   const std::vector<ChangeOperation>& operations) {
  const Versionstamp significance = Versionstamp::incomplete(layers::next_order(tx, "applied"));
  for (const auto& [items, value] : operations) {
    for (const Bytes& key : layout.present()->keys(items)) {
      if (value) {
        tx.set(key, *value);
      } else {
        tx.clear(key);
      }
    }
    if (value)
      for (const Bytes& key : layout.ever()->keys(items)) tx.set(key, "");
    tx.set_versionstamped_key(
        layout.history().pack_with_versionstamp(Tuple::of(Element(items), significance)),
        layers::encoded_history(change, value));
  }
  tx.set(layout.field_key(change, Field::applied), "");
  tx.set_versionstamped_value(layout.field_key(change, Field::significance),
                              Tuple::of(significance).pack_with_versionstamp());
  tx.set_versionstamped_key(layout.applied().pack_with_versionstamp(Tuple::of(significance)),
                            pack(change));
}

}  // namespace

Future<Uuid> VersionedStore::create(Transaction& tx, std::string message) const {
  return layers::create_change(layout_, tx, std::move(message));
}

Future<void> VersionedStore::set_message(Transaction& tx, Uuid change, std::string message) const {
  const Layout layout = layout_;
  ChangeRecord record = co_await layers::read_record(layout, tx, change);
  record.message = std::move(message);
  layers::write_record(*layout, tx, change, record);
}

Future<void> VersionedStore::add(Transaction& tx, Uuid change, Tuple items, Bytes value) const {
  const Layout layout = layout_;
  check_fits(*layout, items, value.size());
  co_await layers::read_open_record(layout, tx, change);
  tx.set(layout->operation_key(change, items), layers::encoded_operation(std::move(value)));
}

Future<void> VersionedStore::remove(Transaction& tx, Uuid change, Tuple items) const {
  const Layout layout = layout_;
  check_fits(*layout, items, 0);
  const Bytes key = layout->operation_key(change, items);
  Future<ChangeRecord> record = layers::read_open_record(layout, tx, change);
  Future<std::optional<Bytes>> operation = tx.get(key);
  Future<std::optional<Bytes>> present = layers::present_state(layout, tx)->get(items);
  co_await std::move(record);
  const std::optional<Bytes> before = co_await std::move(operation);
  const std::optional<Bytes> there = co_await std::move(present);
  if (!there && before && layers::decoded_operation(*layout, key, *before)) {
    tx.clear(key);
  } else {
    tx.set(key, layers::encoded_operation(std::nullopt));
  }
}

Future<void> VersionedStore::apply(Transaction& tx, Uuid change, Check check) const {
  const Layout layout = layout_;
  const ChangeRecord record = co_await layers::read_record(layout, tx, change);
  if (record.applied) co_return;
  const std::vector<ChangeOperation> operations =
      co_await layers::read_operations(layout, tx, change);
  if (const std::size_t bytes = written_bytes(*layout, operations); bytes > kMaxTransactionBytes)
    layout->fail(ErrorCode::change_too_large, change,
                 ": " + std::to_string(operations.size()) + " tuples, which take " +
                     std::to_string(bytes) + " bytes with their indexes, of 10,000,000");
  if (check == Check::overlapping)
    co_await check_overlaps(layout, tx, change, record.created, operations);
  write_applied(*layout, tx, change, operations);
}

Future<void> VersionedStore::drop(Transaction& tx, Uuid change) const {
  const Layout layout = layout_;
  co_await layers::read_open_record(layout, tx, change);
  const Bytes key = layout->field_key(change, Field::creation);
  const std::optional<Bytes> creation = co_await tx.get(key);
  if (!creation) layout->damaged(key);
  tx.clear(layout->created().pack(std::get<0>(unpack<Versionstamp>(*creation)), change));
  tx.clear_range(layout->fields(change));
  tx.clear_range(layout->operations(change).range());
}

Future<Uuid> VersionedStore::revert(Transaction& tx, Uuid change, std::string message) const {
  const Layout layout = layout_;
  const Versionstamp significance = co_await layers::read_significance(layout, tx, change);
  const std::vector<ChangeOperation> operations =
      co_await layers::read_operations(layout, tx, change);
  const Uuid reverting = co_await layers::create_change(layout, tx, std::move(message));
  for (std::size_t begin = 0; begin < operations.size(); begin += kLookups) {
    const std::size_t end = std::min(begin + kLookups, operations.size());
    std::vector<Future<Rows>> befores;
    for (std::size_t i = begin; i < end; ++i)
      befores.push_back(
          layers::last_history_before(*layout, tx, operations[i].items, significance));
    for (std::size_t i = begin; i < end; ++i) {
      const Rows before = co_await std::move(befores[i - begin]);
      tx.set(layout->operation_key(reverting, operations[i].items),
             layers::encoded_operation(layers::value_after(*layout, before)));
    }
  }
  co_return reverting;
}

}  // namespace plinth
