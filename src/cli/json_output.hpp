// The JSON forms that other programs rely on. Each is one line of ASCII-only keys and values: bytes
// that are not printable ASCII, and the backslash, are the four characters \xNN (see key_text.hpp).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/key_text.hpp"
#include "plinth/bytes.hpp"

namespace plinth::cli {

// A JSON string, quotes included.
std::string json_string(std::string_view text);
// An array of strings.
std::string json_array(const std::vector<std::string>& texts);

// {"key":…,"value":…}; the value is null when there is none, and a number with ValueForm::number.
std::string json_row(ByteView key, std::optional<ByteView> value, ValueForm form);

// {"version":…}: what a command that writes answers.
std::string json_version(Version version);

// {"error":{"code":…,"name":…,"message":…}}, with "line" when the error is in a line of a script.
std::string json_error(int code, std::string_view name, std::string_view message,
                       std::optional<int> line = std::nullopt);

}  // namespace plinth::cli
