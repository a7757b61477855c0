// The text form of tuples, written. parse.cpp reads it; docs/tuple.md describes it.
#include <charconv>
#include <cmath>
#include <ostream>

#include "plinth/tuple.hpp"
#include "tuple/big_endian.hpp"
#include "tuple/float_order.hpp"
#include "tuple/hex.hpp"
#include "tuple/text.hpp"

namespace plinth {
namespace tuple {
namespace {

void append_escaped(std::string& out, unsigned char byte) {
  out.append("\\x");
  append_hex(out, byte);
}

// Whether a control character of two bytes (U+0080…U+009F) begins at `at`, which some terminals
// obey.
bool is_c1_control(ByteView text, std::size_t at) noexcept {
  return text[at] == '\xc2' && at + 1 < text.size() &&
         static_cast<unsigned char>(text[at + 1]) < 0xa0;
}

void append_text_byte(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  if (c == '"' || c == '\\')
    out.append({'\\', c});
  else if (c == '\n')
    out.append("\\n");
  else if (byte < 0x20 || byte == 0x7f)
    append_escaped(out, byte);
  else
    out.push_back(c);
}

template <class Float>
void append_number(std::string& out, Float number) {
  constexpr bool kIsFloat = std::same_as<Float, float>;
  const auto bits = std::bit_cast<FloatBits<Float>>(number);
  std::string text;
  if (std::isnan(number)) {
    text = "nan";
  } else {
    char buffer[32];
    text.assign(buffer, std::to_chars(buffer, std::end(buffer), number).ptr);
    if (text.find_first_of(".en") == std::string::npos) text.append(".0");
  }
  if (kIsFloat) text.push_back('f');
  if (std::isnan(number) && bits != kPlainNan<Float>) {
    char bytes[sizeof bits];
    store_big_endian(bytes, bits, sizeof bits);
    text.append("(0x").append(to_hex({bytes, sizeof bytes})).push_back(')');
  }
  out.append(text);
}

class Printer {
 public:
  explicit Printer(std::string& out) noexcept : out_(out) {}

  void operator()(std::monostate) { out_.append("null"); }
  void operator()(const ByteString& bytes) {
    out_.append("b\"");
    for (const char byte : bytes.bytes) {
      if (static_cast<unsigned char>(byte) < 0x80)
        append_text_byte(out_, byte);
      else
        append_escaped(out_, static_cast<unsigned char>(byte));
    }
    out_.push_back('"');
  }
  void operator()(const std::string& text) {
    out_.push_back('"');
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (is_c1_control(text, i)) {
        append_escaped(out_, static_cast<unsigned char>(text[i]));
        append_escaped(out_, static_cast<unsigned char>(text[++i]));
      } else {
        append_text_byte(out_, text[i]);
      }
    }
    out_.push_back('"');
  }
  void operator()(const Tuple& tuple) {
    out_.push_back('(');
    for (std::size_t i = 0; i < tuple.size(); ++i) {
      if (i > 0) out_.append(", ");
      std::visit(*this, tuple[i].value());
    }
    out_.push_back(')');
  }
  void operator()(std::int64_t number) { out_.append(std::to_string(number)); }
  void operator()(const BigInt& number) { out_.append(number.to_string()); }
  void operator()(float number) { append_number(out_, number); }
  void operator()(double number) { append_number(out_, number); }
  void operator()(bool flag) { out_.append(flag ? "true" : "false"); }
  void operator()(const Uuid& uuid) { out_.append("uuid(" + uuid.to_string() + ")"); }
  void operator()(const Versionstamp& stamp) { out_.append(stamp.to_string()); }

 private:
  std::string& out_;
};

std::string shortened(std::string text) {
  constexpr std::size_t kMaxBytes = 200;
  if (text.size() <= kMaxBytes) return text;
  const auto inside_character = [&](std::size_t at) { return (text[at] & 0xc0) == 0x80; };
  std::size_t end = kMaxBytes;
  while (inside_character(end)) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

std::string shown(const Tuple& tuple) {
  return shortened(tuple.to_string());
}

std::string shown(const Element& element) {
  return shortened(element.to_string());
}

}  // namespace tuple

std::string Element::to_string() const {
  std::string out;
  std::visit(tuple::Printer(out), value_);
  return out;
}

std::string Tuple::to_string() const {
  std::string out;
  tuple::Printer printer(out);
  printer(*this);
  return out;
}

std::ostream& operator<<(std::ostream& out, const Tuple& tuple) {
  return out << tuple.to_string();
}

std::ostream& operator<<(std::ostream& out, const Element& element) {
  return out << element.to_string();
}

}  // namespace plinth
