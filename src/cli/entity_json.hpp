// Entities as JSON objects, and their values as words of a command line.
#pragma once

#include <string>
#include <string_view>

#include "plinth/entity_store.hpp"

namespace plinth::cli {

// A value is a string, a number, true, false, null, or an array of them, which is a nested tuple.
// A whole number is an integer, one with a point or an exponent a double. Throws UsageError for
// anything else, and names the place.
Entity parse_entity(std::string_view json);
// The same, with null for keys to be removed.
EntityPatch parse_patch(std::string_view json);

// JSON when it is JSON, else the text itself: 42 is an integer, Ada a string, and "42" one too.
Element parse_json_word(std::string_view word);

// What JSON has no form for, bytes, UUIDs and the rest, is a string: as tuples show it
// (docs/tuple.md).
std::string json_entity(const Entity& entity);
std::string json_element(const Element& element);

}  // namespace plinth::cli
