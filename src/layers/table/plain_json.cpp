// Items as plain JSON, with {"$binary": …} and its like for what JSON has not.
#include <algorithm>
#include <array>
#include <utility>

#include "layers/table/json_reader.hpp"
#include "layers/table/json_text.hpp"
#include "plinth/error.hpp"

namespace plinth {
namespace {

using namespace layers::table;

constexpr std::string_view kBinary = "$binary";
constexpr std::string_view kStrings = "$strings";
constexpr std::string_view kNumbers = "$numbers";
constexpr std::string_view kBinaries = "$binaries";
constexpr std::array kMarks = {kBinary, kStrings, kNumbers, kBinaries};

// Besides an item and what is nested in it: a set is an array in an object.
constexpr int kMaxDepth = 1 + kMaxItemNesting + 2;

// Is `name` one of the marks with so many "$" more before it, or none?
bool is_like_mark(std::string_view name) {
  const std::size_t dollars = name.find_first_not_of('$');
  return dollars != name.npos && dollars > 0 &&
         std::find(kMarks.begin(), kMarks.end(), name.substr(dollars - 1)) != kMarks.end();
}

Value meant_by(Map object) {
  if (object.size() != 1 || !is_like_mark(object.begin()->first)) return object;
  const auto& [name, value] = *object.begin();
  if (name == kBinary) return to_binary(value);
  if (name == kStrings) return to_string_set(value);
  if (name == kNumbers) return to_number_set(value);
  if (name == kBinaries) return to_binary_set(value);
  auto member = object.extract(object.begin());
  member.key().erase(0, 1);
  object.insert(std::move(member));
  return object;
}

Value meant_in_value(Map object, int) {
  return meant_by(std::move(object));
}

Value meant_in_item(Map object, int depth) {
  return depth == 0 ? Value(std::move(object)) : meant_by(std::move(object));
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void write(const Value& value) const {
    std::visit([&](const auto& content) { write(content); }, value.variant());
  }
  void write_members(const Map& map, std::string_view escape) const {
    append_json_list(out_, "{}", map, [&](const Map::value_type& member) {
      append_json_string(out_, std::string(escape) + member.first);
      out_.push_back(':');
      write(member.second);
    });
  }

 private:
  void write(std::nullptr_t) const { out_ += "null"; }
  void write(bool value) const { out_ += value ? "true" : "false"; }
  void write(const Number& number) const { out_ += number.to_string(); }
  void write(const std::string& text) const { append_json_string(out_, text); }
  void write(const ByteString& binary) const {
    write_mark(kBinary);
    append_json_binary(out_, binary.bytes);
    out_.push_back('}');
  }
  void write(const List& list) const {
    append_json_list(out_, "[]", list, [&](const Value& value) { write(value); });
  }
  void write(const Map& map) const {
    write_members(map, map.size() == 1 && is_like_mark(map.begin()->first) ? "$" : "");
  }
  void write(const StringSet& set) const {
    write_set(kStrings, set, [&](const std::string& text) { write(text); });
  }
  void write(const NumberSet& set) const {
    write_set(kNumbers, set, [&](const Number& number) { write(number); });
  }
  void write(const BinarySet& set) const {
    write_set(kBinaries, set,
              [&](const ByteString& binary) { append_json_binary(out_, binary.bytes); });
  }
  template <class Set, class Append>
  void write_set(std::string_view mark, const Set& set, const Append& append) const {
    write_mark(mark);
    append_json_list(out_, "[]", set, append);
    out_.push_back('}');
  }
  void write_mark(std::string_view mark) const {
    out_.push_back('{');
    append_json_string(out_, mark);
    out_.push_back(':');
  }

  std::string& out_;
};

}  // namespace

Item parse_item(std::string_view json, std::int64_t first_line) {
  Value value = read_json(json, meant_in_item, kMaxDepth, first_line);
  if (Map* item = value.get_if<Map>()) return std::move(*item);
  throw Error(ErrorCode::item_not_json,
              "An item is an object, as {\"name\": \"Ada\", \"born\": 1815}; this is of type " +
                  std::string(value.type_name()) + ".");
}

Value parse_value(std::string_view json) {
  return read_json(json, meant_in_value, kMaxDepth);
}

std::string to_json(const Item& item) {
  std::string json;
  Writer(json).write_members(item, "");
  return json;
}

std::string to_json(const Value& value) {
  std::string json;
  Writer(json).write(value);
  return json;
}

}  // namespace plinth
