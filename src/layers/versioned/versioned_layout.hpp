// VersionedLayout: where a versioned store has its tuples, changes and history. docs/versions.md
// describes the keys.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "layers/tuple_layout.hpp"
#include "plinth/error.hpp"
#include "plinth/subspace.hpp"
#include "plinth/tuple.hpp"
#include "plinth/uuid.hpp"
#include "plinth/versionstamp.hpp"

namespace plinth::layers {

class VersionedLayout {
 public:
  VersionedLayout(std::string name, std::size_t width, const Subspace& at);

  std::string title() const { return "Versioned store " + present_->name(); }
  const std::string& name() const noexcept { return present_->name(); }

  // The tuples that are there now, with their values.
  const std::shared_ptr<const TupleLayout>& present() const noexcept { return present_; }
  // Those that were ever there, without.
  const std::shared_ptr<const TupleLayout>& ever() const noexcept { return ever_; }

  // (items, significance) → the change, and what it did.
  const Subspace& history() const noexcept { return history_; }
  KeyRange history_of(const Tuple& items) const;
  // (significance) → the change.
  const Subspace& applied() const noexcept { return applied_; }
  // (creation, change) → nothing.
  const Subspace& created() const noexcept { return created_; }
  // (change, items) → what it does.
  Bytes operation_key(Uuid change, const Tuple& items) const;
  Subspace operations(Uuid change) const { return operations_[change]; }

  // Of a change: when it was created, and its message; its creation's stamp; its significance; that
  // it is applied, which its own transaction can read.
  enum class Field : std::int64_t { record, creation, significance, applied };
  Bytes field_key(Uuid change, Field field) const;
  KeyRange fields(Uuid change) const { return changes_.range(change); }

  [[noreturn]] void fail(ErrorCode code, Uuid change, const std::string& more = {}) const;
  [[noreturn]] void damaged(ByteView key) const;

 private:
  std::shared_ptr<const TupleLayout> present_, ever_;
  Subspace history_, applied_, created_, operations_, changes_;
};

// As everything that reads a store keeps it.
using Layout = std::shared_ptr<const VersionedLayout>;

// What a change does to a tuple, as a value: a sign and the value it is added with.
Bytes encoded_operation(const std::optional<Bytes>& value);
// Nothing: it is removed. Throws Error(layer_data_damaged) by way of `layout`.
std::optional<Bytes> decoded_operation(const VersionedLayout& layout, ByteView key, ByteView row);

// The same as history has it, together with the change.
Bytes encoded_history(Uuid change, const std::optional<Bytes>& value);
struct DecodedHistory {
  Uuid change;
  std::optional<Bytes> value;
};
DecodedHistory decoded_history(const VersionedLayout& layout, ByteView key, ByteView row);

}  // namespace plinth::layers
