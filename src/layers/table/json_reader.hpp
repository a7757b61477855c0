// From JSON text to values, numbers with all their digits.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

#include "plinth/item.hpp"

namespace plinth::layers::table {

// Why a JSON value does not stand for what it should.
struct JsonRefused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What becomes of objects: gets each as it ends, with how many others it is in. May throw
// JsonRefused.
using ObjectMeaning = Value (*)(Map object, int depth);

inline Value as_plain_map(Map object, int) {
  return object;
}

// The one value that `text` is. Throws Error(item_not_json) that names the place, also for what is
// nested in more than `max_depth` arrays and objects. `first_line`: the number of its first line.
Value read_json(std::string_view text, ObjectMeaning meaning, int max_depth,
                std::int64_t first_line = 1);

// Elements of an array as the elements of a set. Throw JsonRefused for an empty array, an element
// twice, and one of another type.
StringSet to_string_set(const Value& array);
NumberSet to_number_set(const Value& array);
// From base64.
BinarySet to_binary_set(const Value& array);
ByteString to_binary(const Value& base64);

}  // namespace plinth::layers::table
