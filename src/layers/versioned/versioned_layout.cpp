#include "layers/versioned/versioned_layout.hpp"

namespace plinth::layers {
namespace {

constexpr char kAdded = '+', kRemoved = '-';
constexpr std::size_t kUuidBytes = 16;

}  // namespace

VersionedLayout::VersionedLayout(std::string name, std::size_t width, const Subspace& at)
    : present_(std::make_shared<const TupleLayout>(name, width, at[0])),
      ever_(std::make_shared<const TupleLayout>(name, width, at[1])),
      history_(at[2]),
      applied_(at[3]),
      created_(at[4]),
      operations_(at[5]),
      changes_(at[6]) {}

KeyRange VersionedLayout::history_of(const Tuple& items) const {
  return history_.range(Element(items));
}

Bytes VersionedLayout::operation_key(Uuid change, const Tuple& items) const {
  return operations_.pack(change, Element(items));
}

Bytes VersionedLayout::field_key(Uuid change, Field field) const {
  return changes_.pack(change, static_cast<std::int64_t>(field));
}

void VersionedLayout::fail(ErrorCode code, Uuid change, const std::string& more) const {
  throw Error(code, title() + ", change " + change.to_string() + more);
}

void VersionedLayout::damaged(ByteView key) const {
  throw Error(ErrorCode::layer_data_damaged, title() + ": the row of the key " + printable(key) +
                                                 " is not as versioned stores write it");
}

Bytes encoded_operation(const std::optional<Bytes>& value) {
  return value ? kAdded + *value : Bytes(1, kRemoved);
}

std::optional<Bytes> decoded_operation(const VersionedLayout& layout, ByteView key, ByteView row) {
  if (row.starts_with(kAdded)) return Bytes(row.substr(1));
  if (row.size() != 1 || row.front() != kRemoved) layout.damaged(key);
  return std::nullopt;
}

Bytes encoded_history(Uuid change, const std::optional<Bytes>& value) {
  return Bytes(reinterpret_cast<const char*>(change.bytes.data()), kUuidBytes) +
         encoded_operation(value);
}

DecodedHistory decoded_history(const VersionedLayout& layout, ByteView key, ByteView row) {
  if (row.size() <= kUuidBytes) layout.damaged(key);
  return {Uuid::from_bytes(row.substr(0, kUuidBytes)),
          decoded_operation(layout, key, row.substr(kUuidBytes))};
}

}  // namespace plinth::layers
