// What the commands for tuples have in common: how their stores are named, and how tuples and
// patterns are written in words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plinth/bindings.hpp"
#include "plinth/pattern.hpp"
#include "plinth/transaction.hpp"
#include "plinth/tuple.hpp"

namespace plinth::cli {

// NAME or NAME:WIDTH.
struct StoreName {
  // `kind`: "tuples", "versioned".
  StoreName(const char* kind, const std::string& text);

  Tuple prefix() const { return Tuple::of("plinth", kind, name); }
  // Beside the keys of the store, which have numbers there.
  Bytes width_key() const { return (prefix() + Tuple::of("width")).pack(); }

  const char* kind;
  std::string name;
  std::optional<std::size_t> width;
};

// How many columns the store has: what was written down, else what NAME says; nothing when there is
// no store. Throws UsageError when the two differ.
std::optional<std::size_t> width_of(const StoreName& name, const ReadTransaction& reads);
// Writes it down, with the first that is written to the store.
void keep_width(const StoreName& name, Transaction& tx, std::size_t width);

// A value in each word; value_text.hpp says how.
constexpr const char* kValueHelp =
    "Text, or #i42, #f3.14, #true, #false, #none, #u<hex>, #b<hex>; _ is a fresh UUID";
Tuple tuple_of(const std::vector<std::string>& words);
std::string shown_tuple(const Tuple& tuple);
// [value, …]
std::string json_tuple(const Tuple& tuple);

// Patterns behind one another, with a comma of its own between two.
std::vector<Pattern> patterns_of(const std::vector<std::string>& words);
// "a = apt, b = libc6", "yes" when there are none; or as a JSON object.
std::string shown_bindings(const Bindings& bindings, bool json);

}  // namespace plinth::cli
