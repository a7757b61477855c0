#include "layers/table/json_text.hpp"

#include "layers/table/base64.hpp"
#include "tuple/hex.hpp"

namespace plinth::layers::table {

void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\r') {
      out += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      tuple::append_hex(out, static_cast<unsigned char>(c));
    } else {
      out.push_back(c);
    }
  }
  out.push_back('"');
}

void append_json_binary(std::string& out, ByteView bytes) {
  append_json_string(out, to_base64(bytes));
}

}  // namespace plinth::layers::table
