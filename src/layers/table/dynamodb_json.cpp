// Items in DynamoDB's own JSON, where each value is an object that names its type.
#include <utility>

#include "layers/table/json_reader.hpp"
#include "layers/table/json_text.hpp"
#include "plinth/error.hpp"

namespace plinth {
namespace {

using namespace layers::table;

// Each level of an item is two here, and a set two more.
constexpr int kMaxDepth = 2 * (1 + kMaxItemNesting) + 2;

// Makes values of what was read as plain JSON; knows where it is, for errors.
class Converter {
 public:
  Value convert(Value typed) {
    Map* object = typed.get_if<Map>();
    if (object == nullptr || object->size() != 1)
      throw JsonRefused("a value is an object with its type as the one name, as {\"N\": \"36\"}");
    auto& [type, value] = *object->begin();
    if (type == "S") return text(value);
    if (type == "N") return number(text(value));
    if (type == "B") return to_binary(value);
    if (type == "BOOL" && value.get_if<bool>() != nullptr) return value;
    if (type == "NULL" && value == Value(true)) return nullptr;
    if (type == "SS") return to_string_set(value);
    if (type == "NS") return to_number_set(numbers(value));
    if (type == "BS") return to_binary_set(value);
    if (type == "L" && value.get_if<List>() != nullptr) return list(value);
    if (type == "M" && value.get_if<Map>() != nullptr) return map(value);
    throw JsonRefused("{\"" + printable(type) + "\": …} is none of the types, or not with " +
                      "such a value");
  }
  Map members(Map map) {
    for (auto& [name, value] : map) {
      const std::size_t size = path_.size();
      if (size > 0) path_ += '.';
      path_ += printable(name);
      value = convert(std::move(value));
      path_.resize(size);
    }
    return map;
  }
  const std::string& path() const { return path_; }

 private:
  static const std::string& text(const Value& value) {
    if (const std::string* text = value.get_if<std::string>()) return *text;
    throw JsonRefused("strings and numbers are written as strings");
  }
  static Number number(const std::string& text) {
    try {
      return Number::parse(text);
    } catch (const Error& error) {
      throw JsonRefused(error.what());
    }
  }
  static Value numbers(const Value& array) {
    List numbers;
    if (const List* texts = array.get_if<List>())
      for (const Value& element : *texts) numbers.push_back(number(text(element)));
    return numbers;
  }
  Value list(Value& array) {
    List elements = std::move(array.as<List>());
    for (std::size_t i = 0; i < elements.size(); ++i) {
      const std::size_t size = path_.size();
      path_ += '[' + std::to_string(i) + ']';
      elements[i] = convert(std::move(elements[i]));
      path_.resize(size);
    }
    return elements;
  }
  Value map(Value& object) { return members(std::move(object.as<Map>())); }

  std::string path_;
};

template <class Convert>
auto converted(std::string_view json, const Convert& convert) {
  Value read = read_json(json, as_plain_map, kMaxDepth);
  Converter converter;
  try {
    return convert(converter, std::move(read));
  } catch (const JsonRefused& refused) {
    const std::string& path = converter.path();
    throw Error(ErrorCode::item_not_json,
                (path.empty() ? "" : "At " + path + ": ") + refused.what() + ".");
  }
}

class Writer {
 public:
  explicit Writer(std::string& out) : out_(out) {}

  void write(const Value& value) const {
    out_.push_back('{');
    append_json_string(out_, value.type_name());
    out_.push_back(':');
    std::visit([&](const auto& content) { write_content(content); }, value.variant());
    out_.push_back('}');
  }
  void write_content(const Map& map) const {
    append_json_list(out_, "{}", map, [&](const Map::value_type& member) {
      append_json_string(out_, member.first);
      out_.push_back(':');
      write(member.second);
    });
  }

 private:
  void write_content(std::nullptr_t) const { out_ += "true"; }
  void write_content(bool value) const { out_ += value ? "true" : "false"; }
  void write_content(const Number& number) const { append_json_string(out_, number.to_string()); }
  void write_content(const std::string& text) const { append_json_string(out_, text); }
  void write_content(const ByteString& binary) const { append_json_binary(out_, binary.bytes); }
  void write_content(const List& list) const {
    append_json_list(out_, "[]", list, [&](const Value& value) { write(value); });
  }
  template <class T, class Less>
  void write_content(const std::set<T, Less>& set) const {
    append_json_list(out_, "[]", set, [&](const T& element) { write_content(element); });
  }

  std::string& out_;
};

}  // namespace

Item parse_dynamodb_item(std::string_view json) {
  return converted(json, [](Converter& converter, Value read) {
    Map* item = read.get_if<Map>();
    if (item == nullptr) throw JsonRefused("an item is an object");
    return converter.members(std::move(*item));
  });
}

Value parse_dynamodb_value(std::string_view json) {
  return converted(
      json, [](Converter& converter, Value read) { return converter.convert(std::move(read)); });
}

std::string to_dynamodb_json(const Item& item) {
  std::string json;
  Writer(json).write_content(item);
  return json;
}

std::string to_dynamodb_json(const Value& value) {
  std::string json;
  Writer(json).write(value);
  return json;
}

}  // namespace plinth
