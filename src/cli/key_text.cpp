#include "cli/key_text.hpp"

#include <fmt/format.h>

#include "base/little_endian.hpp"
#include "cli/output.hpp"
#include "plinth/error.hpp"
#include "plinth/tuple.hpp"
#include "tuple/hex.hpp"

namespace plinth::cli {
namespace {

using tuple::hex_digit;

bool is_printable_ascii(unsigned char c) {
  return c >= 0x20 && c < 0x7f;
}

// The length of the well-formed UTF-8 sequence at the start of `bytes` that a terminal shows
// without being told anything by it, 0 when there is none. Not shown: control characters, marks of
// direction and other format characters, with which one text can be made to look like another.
std::size_t showable_utf8(ByteView bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned char lead = byte(0);
  const std::size_t size = lead < 0xc2   ? 0
                           : lead < 0xe0 ? 2
                           : lead < 0xf0 ? 3
                           : lead < 0xf5 ? 4
                                         : 0;
  if (size == 0 || bytes.size() < size) return 0;
  char32_t code = lead & (0x7f >> size);
  for (std::size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = code << 6 | (byte(i) & 0x3f);
  }
  const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  const bool control = code < 0xa0 || code == 0xad || code == 0x61c || code == 0xfeff;
  const bool format = (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
                      (code >= 0x2060 && code <= 0x206f) || (code >= 0xfff0 && code <= 0xffff) ||
                      (code >= 0xe0000 && code <= 0xe0fff);
  if (overlong || surrogate || code > 0x10ffff || control || format) return 0;
  return size;
}

}  // namespace

Bytes parse_key_text(std::string_view text) {
  if (text.starts_with('(')) return Tuple::parse(text).pack();
  Bytes bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      bytes.push_back(text[i]);
      continue;
    }
    if (text.substr(i + 1).starts_with('\\')) {
      bytes.push_back('\\');
      i += 1;
      continue;
    }
    const bool is_hex = i + 3 < text.size() && text[i + 1] == 'x' && hex_digit(text[i + 2]) >= 0 &&
                        hex_digit(text[i + 3]) >= 0;
    if (!is_hex)
      throw UsageError(fmt::format(
          "the escape at offset {} of '{}' is not one: write \\xNN with two hexadecimal digits for "
          "a byte, \\\\ for a backslash",
          i, text));
    bytes.push_back(static_cast<char>(hex_digit(text[i + 2]) << 4 | hex_digit(text[i + 3])));
    i += 3;
  }
  return bytes;
}

std::string escaped(ByteView bytes) {
  return printable(bytes, ByteView::npos);
}

std::string shown_text(ByteView bytes) {
  std::string shown;
  for (std::size_t i = 0; i < bytes.size();) {
    const unsigned char c = static_cast<unsigned char>(bytes[i]);
    const bool starts_tuple = i == 0 && c == '(';
    std::size_t size = 1;
    if (is_printable_ascii(c) && c != '\\' && !starts_tuple) {
      shown.push_back(bytes[i]);
    } else if (size = showable_utf8(bytes.substr(i)); size > 0) {
      shown.append(bytes.substr(i, size));
    } else {
      fmt::format_to(std::back_inserter(shown), "\\x{:02x}", c);
      size = 1;
    }
    i += size;
  }
  return shown;
}

std::string shown_key(ByteView key) {
  bool all_printable = true;
  for (const char c : key) all_printable &= is_printable_ascii(static_cast<unsigned char>(c));
  if (!all_printable) {
    try {
      const Tuple tuple = Tuple::unpack(key);
      // Encodings that pack() would not make have no text form of their own.
      if (!tuple.has_incomplete_versionstamp() && tuple.pack() == key) return tuple.to_string();
    } catch (const Error& error) {
      if (error != ErrorCode::invalid_tuple) throw;
    }
  }
  return shown_text(key);
}

std::optional<std::int64_t> number_of(ByteView value) {
  if (value.size() > sizeof(std::int64_t)) return std::nullopt;
  return base::from_little_endian(value);
}

std::string shown_value(ByteView value, ValueForm form) {
  switch (form) {
    case ValueForm::tuple:
      return Tuple::unpack(value).to_string();
    case ValueForm::number:
      if (const auto number = number_of(value)) return std::to_string(*number);
      throw CommandFailed(ErrorCode::client_invalid_operation,
                          fmt::format("the value '{}' is no number: it has {} bytes, a number has "
                                      "at most 8; leave out --as number",
                                      printable(value), value.size()));
    case ValueForm::text:
      break;
  }
  return shown_text(value);
}

}  // namespace plinth::cli
