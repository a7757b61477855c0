#include "layers/table/item_codec.hpp"

#include <optional>
#include <string>
#include <utility>

#include "layers/varint.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::table {
namespace {

constexpr char kVersion = 1;

enum class Code : unsigned char {
  null = 0,
  false_value = 1,
  true_value = 2,
  number = 3,
  string = 4,
  binary = 5,
  list = 6,
  map = 7,
  string_set = 8,
  number_set = 9,
  binary_set = 10,
};

class Encoder {
 public:
  explicit Encoder(Bytes& out) : out_(out) {}

  void append_members(const Map& map) const {
    append_varint(out_, map.size());
    for (const auto& [name, value] : map) {
      append_text(name);
      append_value(value);
    }
  }

 private:
  void append_value(const Value& value) const {
    std::visit([&](const auto& content) { append(content); }, value.variant());
  }
  void append_code(Code code) const { out_.push_back(static_cast<char>(code)); }
  void append_text(ByteView text) const {
    append_varint(out_, text.size());
    out_ += text;
  }
  void append(std::nullptr_t) const { append_code(Code::null); }
  void append(bool value) const { append_code(value ? Code::true_value : Code::false_value); }
  void append(const Number& number) const {
    append_code(Code::number);
    number.append_key(out_);
  }
  void append(const std::string& text) const {
    append_code(Code::string);
    append_text(text);
  }
  void append(const ByteString& binary) const {
    append_code(Code::binary);
    append_text(binary.bytes);
  }
  void append(const List& list) const {
    append_code(Code::list);
    append_varint(out_, list.size());
    for (const Value& value : list) append_value(value);
  }
  void append(const Map& map) const {
    append_code(Code::map);
    append_members(map);
  }
  void append(const StringSet& set) const {
    append_code(Code::string_set);
    append_varint(out_, set.size());
    for (const std::string& text : set) append_text(text);
  }
  void append(const NumberSet& set) const {
    append_code(Code::number_set);
    append_varint(out_, set.size());
    for (const Number& number : set) number.append_key(out_);
  }
  void append(const BinarySet& set) const {
    append_code(Code::binary_set);
    append_varint(out_, set.size());
    for (const ByteString& binary : set) append_text(binary.bytes);
  }

  Bytes& out_;
};

class Decoder {
 public:
  explicit Decoder(ByteView bytes) : whole_(bytes), rest_(bytes) {}

  Item decode() {
    if (take_byte() != kVersion) damaged("it is of a version that is not known");
    Item item = take_members(0);
    if (!rest_.empty()) damaged("there is more behind its end");
    return item;
  }

 private:
  [[noreturn]] void damaged(const char* what) const {
    throw Error(ErrorCode::layer_data_damaged,
                "In the " + std::to_string(whole_.size()) + " bytes of an item, before byte " +
                    std::to_string(whole_.size() - rest_.size()) + ": " + what + ".");
  }
  unsigned char take_byte() {
    if (rest_.empty()) damaged("it is cut off");
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    return byte;
  }
  // Of elements that have a byte each at least.
  std::size_t take_count() {
    const std::size_t before = rest_.size();
    const std::optional<std::uint64_t> count = take_varint(rest_);
    if (!count || *count > rest_.size() || varint_size(*count) != before - rest_.size())
      damaged("it is cut off, or a count is wrong");
    return static_cast<std::size_t>(*count);
  }
  std::string take_text() {
    const std::size_t size = take_count();
    std::string text(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return text;
  }
  Number take_number() {
    try {
      return Number::take_key(rest_);
    } catch (const Error&) {
      damaged("a number is wrong");
    }
  }
  Map take_members(int depth) {
    Map map;
    for (std::size_t count = take_count(); count > 0; --count) {
      std::string name = take_text();
      if (!map.empty() && name <= map.rbegin()->first) damaged("names are not in order");
      map.emplace_hint(map.end(), std::move(name), take_value(depth));
    }
    return map;
  }
  List take_list(int depth) {
    List list;
    for (std::size_t count = take_count(); count > 0; --count) list.push_back(take_value(depth));
    return list;
  }
  template <class Set, class Take>
  Set take_set(const Take& take) {
    Set set;
    std::size_t count = take_count();
    if (count == 0) damaged("a set is empty");
    for (; count > 0; --count) {
      auto element = take();
      if (!set.empty() && !(*set.rbegin() < element)) damaged("a set is not in order");
      set.insert(set.end(), std::move(element));
    }
    return set;
  }
  // `depth`: in how many lists and maps it is.
  Value take_value(int depth) {
    switch (Code{take_byte()}) {
      case Code::null:
        return nullptr;
      case Code::false_value:
        return false;
      case Code::true_value:
        return true;
      case Code::number:
        return take_number();
      case Code::string:
        return take_text();
      case Code::binary:
        return ByteString{take_text()};
      case Code::list:
        return take_list(deeper(depth));
      case Code::map:
        return take_members(deeper(depth));
      case Code::string_set:
        return take_set<StringSet>([&] { return take_text(); });
      case Code::number_set:
        return take_set<NumberSet>([&] { return take_number(); });
      case Code::binary_set:
        return take_set<BinarySet>([&] { return ByteString{take_text()}; });
    }
    damaged("a type is not known");
  }
  int deeper(int depth) const {
    if (depth == kMaxItemNesting) damaged("it is nested too deep");
    return depth + 1;
  }

  const ByteView whole_;
  ByteView rest_;
};

}  // namespace

void append_item(Bytes& out, const Item& item) {
  out.push_back(kVersion);
  Encoder(out).append_members(item);
}

Bytes encode_item(const Item& item) {
  Bytes bytes;
  append_item(bytes, item);
  return bytes;
}

Item decode_item(ByteView bytes) {
  return Decoder(bytes).decode();
}

}  // namespace plinth::layers::table
