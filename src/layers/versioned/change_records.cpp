#include "layers/versioned/change_records.hpp"

#include <any>
#include <limits>

#include "layers/random_uuid.hpp"

namespace plinth::layers {
namespace {

using Field = VersionedLayout::Field;

}  // namespace

Future<ChangeRecord> read_record(Layout layout, ReadTransaction tx, Uuid change) {
  const Bytes key = layout->field_key(change, Field::record);
  Future<std::optional<Bytes>> record_read = tx.get(key);
  Future<std::optional<Bytes>> applied_read = tx.get(layout->field_key(change, Field::applied));
  const std::optional<Bytes> packed = co_await std::move(record_read);
  const std::optional<Bytes> applied = co_await std::move(applied_read);
  if (!packed) layout->fail(ErrorCode::change_not_found, change);
  ChangeRecord record;
  try {
    std::tie(record.message, record.created) = unpack<std::string, Version>(*packed);
  } catch (const Error&) {
    layout->damaged(key);
  }
  record.applied = applied.has_value();
  co_return record;
}

Future<ChangeRecord> read_open_record(Layout layout, ReadTransaction tx, Uuid change) {
  ChangeRecord record = co_await read_record(layout, std::move(tx), change);
  if (record.applied) layout->fail(ErrorCode::change_applied, change);
  co_return record;
}

void write_record(const VersionedLayout& layout, Transaction& tx, Uuid change,
                  const ChangeRecord& record) {
  tx.set(layout.field_key(change, Field::record), pack(record.message, record.created));
}

Future<Versionstamp> read_significance(Layout layout, ReadTransaction tx, Uuid change) {
  const ChangeRecord record = co_await read_record(layout, tx, change);
  if (!record.applied) layout->fail(ErrorCode::change_not_applied, change);
  const Bytes key = layout->field_key(change, Field::significance);
  const std::optional<Bytes> packed = co_await tx.get(key);
  if (!packed) layout->damaged(key);
  co_return std::get<0>(unpack<Versionstamp>(*packed));
}

Future<Uuid> create_change(Layout layout, Transaction& tx, std::string message) {
  const Uuid id = random_uuid();
  ChangeRecord record;
  record.message = std::move(message);
  record.created = co_await tx.read_version();
  write_record(*layout, tx, id, record);
  const Versionstamp creation = Versionstamp::incomplete(next_order(tx, "created"));
  tx.set_versionstamped_value(layout->field_key(id, Field::creation),
                              Tuple::of(creation).pack_with_versionstamp());
  tx.set_versionstamped_key(layout->created().pack_with_versionstamp(Tuple::of(creation, id)), "");
  co_return id;
}

Future<std::vector<ChangeOperation>> read_operations(Layout layout, ReadTransaction tx, Uuid change,
                                                     std::size_t limit,
                                                     std::optional<Tuple> after) {
  std::vector<ChangeOperation> operations;
  const Subspace place = layout->operations(change);
  KeyRange range = place.range();
  if (after) range.begin = key_after(layout->operation_key(change, *after));
  RangeStream rows = tx.range(range, {.mode = StreamingMode::want_all});
  while (operations.size() < limit) {
    const Rows page = co_await rows.next_page();
    if (page.empty()) break;
    for (const KeyValueView row : page) {
      if (operations.size() == limit) break;
      operations.push_back({std::get<0>(place.unpack<Tuple>(row.key)),
                            decoded_operation(*layout, row.key, row.value)});
    }
  }
  co_return operations;
}

std::uint16_t next_order(Transaction& tx, const char* of) {
  std::any& count = tx.vars()[std::string("plinth.versioned.") + of];
  if (!count.has_value()) count = std::uint32_t{0};
  const std::uint32_t order = std::any_cast<std::uint32_t&>(count)++;
  if (order > std::numeric_limits<std::uint16_t>::max())
    throw Error(ErrorCode::client_invalid_operation,
                "Versioned stores: more than 65,536 changes in one transaction");
  return static_cast<std::uint16_t>(order);
}

}  // namespace plinth::layers
