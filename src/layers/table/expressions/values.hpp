// How values compare.
#pragma once

#include <compare>
#include <cstddef>
#include <optional>

#include "plinth/item.hpp"

namespace plinth::layers::table {

// Of two numbers, strings or binaries; nothing for others.
std::optional<std::strong_ordering> order_of(const Value& a, const Value& b);

// Of two strings or binaries; false for others.
bool begins_with(const Value& text, const Value& prefix);

// The characters of a string, the bytes of a binary, the elements of a set, list or map; nothing
// for other values.
std::optional<std::size_t> size_of(const Value& value);

// May it be (a part of) a key?
inline bool has_key_type(const Value& value) {
  return value.type() == ValueType::string || value.type() == ValueType::number ||
         value.type() == ValueType::binary;
}

}  // namespace plinth::layers::table
