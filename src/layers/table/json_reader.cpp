#include "layers/table/json_reader.hpp"

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <optional>
#include <utility>

#include "layers/table/base64.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::table {
namespace {

namespace json = boost::json;

// What the parser of Boost.JSON calls, piece by piece, while it reads.
class Handler {
 public:
  static constexpr std::size_t max_object_size = SIZE_MAX;
  static constexpr std::size_t max_array_size = SIZE_MAX;
  static constexpr std::size_t max_key_size = SIZE_MAX;
  static constexpr std::size_t max_string_size = SIZE_MAX;

  explicit Handler(ObjectMeaning meaning) : meaning_(meaning) {}

  // Empty unless one of the functions below has refused what it was given.
  const std::string& problem() const { return problem_; }
  Value take_result() { return std::move(result_); }

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }

  bool on_object_begin(json::error_code&) {
    open_.push_back({.is_object = true});
    return true;
  }
  bool on_object_end(std::size_t, json::error_code& error) {
    Map object = std::move(open_.back().object);
    open_.pop_back();
    try {
      add(meaning_(std::move(object), static_cast<int>(open_.size())));
    } catch (const JsonRefused& refused) {
      return refuse(refused.what(), error);
    }
    return true;
  }
  bool on_array_begin(json::error_code&) {
    open_.push_back({.is_object = false});
    return true;
  }
  bool on_array_end(std::size_t, json::error_code&) {
    List array = std::move(open_.back().array);
    open_.pop_back();
    add(std::move(array));
    return true;
  }

  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code& error) {
    append(part);
    Open& open = open_.back();
    const auto [place, is_new] = open.object.try_emplace(std::exchange(text_, {}));
    if (!is_new) return refuse("the name '" + printable(place->first) + "' comes twice", error);
    open.member = &place->second;
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
    return append(part);
  }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    append(part);
    add(std::exchange(text_, {}));
    return true;
  }
  bool on_number_part(json::string_view part, json::error_code&) { return append(part); }
  bool on_int64(std::int64_t, json::string_view part, json::error_code& error) {
    return on_number(part, error);
  }
  bool on_uint64(std::uint64_t, json::string_view part, json::error_code& error) {
    return on_number(part, error);
  }
  bool on_double(double, json::string_view part, json::error_code& error) {
    return on_number(part, error);
  }
  bool on_bool(bool value, json::error_code&) {
    add(value);
    return true;
  }
  bool on_null(json::error_code&) {
    add(nullptr);
    return true;
  }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

 private:
  // An object or an array whose end is still to come.
  struct Open {
    bool is_object = false;
    Map object = {};
    Value* member = nullptr;  // in `object`, the one whose name was last
    List array = {};
  };

  bool append(json::string_view part) {
    text_.append(part.data(), part.size());
    return true;
  }
  // By its text: what the parser has made of it may be rounded.
  bool on_number(json::string_view part, json::error_code& error) {
    append(part);
    const std::string text = std::exchange(text_, {});
    try {
      add(Number::parse(text));
    } catch (const Error&) {
      return refuse("the number " + printable(text) + " has more than 38 digits or is out of range",
                    error);
    }
    return true;
  }
  void add(Value value) {
    if (open_.empty())
      result_ = std::move(value);
    else if (open_.back().is_object)
      *open_.back().member = std::move(value);
    else
      open_.back().array.push_back(std::move(value));
  }
  bool refuse(std::string problem, json::error_code& error) {
    problem_ = std::move(problem);
    error = json::error::syntax;
    return false;
  }

  ObjectMeaning meaning_;
  std::vector<Open> open_;
  Value result_;
  std::string text_;  // of the name, string or number that is being read
  std::string problem_;
};

std::string place_of(std::string_view text, std::size_t offset, std::int64_t first_line) {
  const std::string_view before = text.substr(0, offset);
  const auto line = first_line + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin = before.rfind('\n') + 1;  // 0 when there is none
  return "Line " + std::to_string(line) + ", column " + std::to_string(offset - line_begin + 1);
}

const List& elements(const Value& array) {
  const List* list = array.get_if<List>();
  if (list == nullptr) throw JsonRefused("a set is written as an array");
  if (list->empty()) throw JsonRefused("a set has an element at least");
  return *list;
}

template <class Set, class Convert>
Set to_set(const Value& array, const Convert& convert) {
  Set set;
  for (const Value& element : elements(array))
    if (!set.insert(convert(element)).second)
      throw JsonRefused("the element " + to_json(element) + " comes twice in a set");
  return set;
}

template <class T>
const T& required(const Value& element, const char* problem) {
  if (const T* content = element.get_if<T>()) return *content;
  throw JsonRefused(problem);
}

}  // namespace

Value read_json(std::string_view text, ObjectMeaning meaning, int max_depth,
                std::int64_t first_line) {
  json::parse_options options;
  options.max_depth = static_cast<std::size_t>(max_depth);
  json::basic_parser<Handler> parser(options, meaning);
  json::error_code error;
  const std::size_t read = parser.write_some(false, text.data(), text.size(), error);
  if (!error && read == text.size()) return parser.handler().take_result();
  const std::string& problem = parser.handler().problem();
  throw Error(ErrorCode::item_not_json,
              place_of(text, read, first_line) + ": " +
                  (!problem.empty() ? problem
                   : error          ? error.message()
                                    : "there is more behind the end of the value") +
                  ".");
}

StringSet to_string_set(const Value& array) {
  return to_set<StringSet>(array, [](const Value& element) -> const std::string& {
    return required<std::string>(element, "the elements of a set of strings are strings");
  });
}

NumberSet to_number_set(const Value& array) {
  return to_set<NumberSet>(array, [](const Value& element) -> const Number& {
    return required<Number>(element, "the elements of a set of numbers are numbers");
  });
}

BinarySet to_binary_set(const Value& array) {
  return to_set<BinarySet>(array, to_binary);
}

ByteString to_binary(const Value& base64) {
  const char* problem = "a binary is written as a string in base64";
  std::optional<Bytes> bytes = from_base64(required<std::string>(base64, problem));
  if (!bytes) throw JsonRefused(problem);
  return {*std::move(bytes)};
}

}  // namespace plinth::layers::table
