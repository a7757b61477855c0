// How elements of tuples are written on a command line and on pages, and how they are shown.
//
//   apt                text is a string, as it is
//   #i42  #f3.14       an integer of any size; a double
//   #true #false #none
//   #u550e8400…        a UUID by its 32 hexadecimal digits, with dashes or without
//   #b00ff             bytes by their hexadecimal digits
//   _                  a fresh UUID
//   ?name              a variable, in patterns
//   ##tag              a string that begins with a #: "#tag"
//   #s?name            any string, whatever it begins with: "?name"
//   #(("a", 1))        any element, as a tuple in parentheses has it (docs/tuple.md)
#pragma once

#include <string>
#include <string_view>

#include "plinth/pattern.hpp"
#include "plinth/tuple.hpp"

namespace plinth::cli {

// Throws UsageError for what is none of these, and for a variable; it says what is wrong.
Element parse_value(std::string_view text);

// The same with variables, whose names are letters, digits and underscores.
PatternItem parse_pattern_item(std::string_view text);

// parse_value(shown_value_text(element)) == element.
std::string shown_value_text(const Element& element);

// As JSON: integers, doubles that are numbers, booleans and null are JSON's own, all else is a
// string that is written as above, in the ASCII of json_output.hpp.
std::string json_value(const Element& element);

}  // namespace plinth::cli
