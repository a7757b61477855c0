// How keys and values are written on a command line, and how they are shown.
//
//   hello            text: its bytes as they are
//   a\x00b  a\\b     a byte by its two hexadecimal digits; a backslash
//   ("user", 42)     what begins with a parenthesis is a tuple, packed (docs/tuple.md)
//
// Text that begins with a parenthesis is written with \x28 for it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plinth/bytes.hpp"

namespace plinth::cli {

// The bytes that `text` stands for. Throws UsageError for a malformed escape, Error(invalid_tuple)
// for a malformed tuple; both name the place.
Bytes parse_key_text(std::string_view text);

// All bytes but printable ASCII, and the backslash, as the four characters \xNN. Any bytes have
// exactly one such form, and parse_key_text takes it back unless it begins with a parenthesis.
std::string escaped(ByteView bytes);

// For people: UTF-8 text that a terminal shows as it is, all else as \xNN.
// parse_key_text(shown_text(b)) == b.
std::string shown_text(ByteView bytes);

// For people: the tuple that `key` packs, when it packs one and is not wholly printable ASCII; else
// as shown_text. parse_key_text(shown_key(k)) == k.
std::string shown_key(ByteView key);

// How a value is to be shown.
enum class ValueForm { text, tuple, number };

// `value` as a little-endian number, as `add` makes them: signed when it has 8 bytes, and nothing
// when it has more.
std::optional<std::int64_t> number_of(ByteView value);

// Throws Error(invalid_tuple) or CommandFailed, naming the value, when it has no such form.
std::string shown_value(ByteView value, ValueForm form);

}  // namespace plinth::cli
