#include "cli/item_files.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "plinth/error.hpp"
#include "tuple/utf8.hpp"

namespace plinth::cli {
namespace {

// More than an item can take, however it is written: a character of it may be written as six.
constexpr std::size_t kMaxRecordBytes = 8 * kMaxItemBytes;

[[noreturn]] void refuse(std::int64_t line, const std::string& reason) {
  throw Error(ErrorCode::invalid_item, "Line " + std::to_string(line) + ": " + reason + ".");
}

// A file, character by character; counts its lines.
class Characters {
 public:
  explicit Characters(Chunks chunks) : chunks_(std::move(chunks)) {}

  // The next one; nothing at the end.
  std::optional<char> peek() {
    if (at_ == chunk_.size()) {
      chunk_ = chunks_();
      at_ = 0;
      if (chunk_.empty()) return std::nullopt;
    }
    return chunk_[at_];
  }
  std::optional<char> next() {
    const std::optional<char> c = peek();
    if (c) ++at_;
    if (c == '\n') ++line_;
    return c;
  }
  bool take(char wanted) {
    if (peek() != wanted) return false;
    next();
    return true;
  }
  // What some programs begin a file with to say that it is UTF-8.
  void skip_byte_order_mark() {
    constexpr std::string_view kMark = "\ufeff";
    while (chunk_.size() < kMark.size()) {
      const Bytes more = chunks_();
      if (more.empty()) break;
      chunk_ += more;
    }
    if (chunk_.starts_with(kMark)) at_ = kMark.size();
  }
  std::int64_t line() const { return line_; }

 private:
  Chunks chunks_;
  Bytes chunk_;
  std::size_t at_ = 0;
  std::int64_t line_ = 1;
};

class JsonLinesReader final : public ItemReader {
 public:
  explicit JsonLinesReader(Chunks chunks) : characters_(std::move(chunks)) {
    characters_.skip_byte_order_mark();
  }

  std::optional<Item> next() override {
    while (characters_.peek()) {
      line_ = characters_.line();
      const std::string text = take_line();
      if (text.find_first_not_of(" \t\r") != text.npos) return parse_item(text, line_);
    }
    return std::nullopt;
  }
  std::int64_t line() const override { return line_; }

 private:
  std::string take_line() {
    std::string text;
    for (auto c = characters_.next(); c && c != '\n'; c = characters_.next()) {
      text += *c;
      if (text.size() > kMaxRecordBytes) refuse(line_, "it is longer than an item can be");
    }
    return text;
  }

  Characters characters_;
  std::int64_t line_ = 0;
};

// --- CSV -----------------------------------------------------------------------------------------

// Is it JSON that is no string? Most texts are told by their first character.
std::optional<Value> read_as_json(const std::string& field) {
  if (field == "true") return Value(true);
  if (field == "false") return Value(false);
  if (field == "null") return Value(nullptr);
  if (field.empty() ||
      std::string_view("\"-0123456789[{").find(field.front()) == std::string_view::npos)
    return std::nullopt;
  try {
    return parse_value(field);
  } catch (const Error&) {
    return std::nullopt;
  }
}

Value value_of(std::string field) {
  std::optional<Value> value = read_as_json(field);
  return value ? *std::move(value) : Value(std::move(field));
}

class CsvReader final : public ItemReader {
 public:
  explicit CsvReader(Chunks chunks) : characters_(std::move(chunks)) {
    characters_.skip_byte_order_mark();
  }

  std::optional<Item> next() override {
    if (columns_.empty() && !read_header()) return std::nullopt;
    std::optional<std::vector<std::string>> fields;
    do {
      fields = read_record();
      if (!fields) return std::nullopt;
    } while (columns_.size() > 1 && fields->size() == 1 && fields->front().empty());
    if (fields->size() != columns_.size())
      refuse(line_, "it has " + std::to_string(fields->size()) + " fields, and the first line " +
                        std::to_string(columns_.size()));
    Item item;
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (!(*fields)[i].empty()) item.emplace(columns_[i], value_of(std::move((*fields)[i])));
    return item;
  }
  std::int64_t line() const override { return line_; }

 private:
  bool read_header() {
    auto names = read_record();
    if (!names) return false;
    std::set<std::string> seen;
    for (const std::string& name : *names) {
      if (name.empty()) refuse(line_, "an attribute has no name");
      if (!seen.insert(name).second)
        refuse(line_, "the attribute '" + printable(name) + "' comes twice");
    }
    columns_ = *std::move(names);
    return true;
  }

  // Nothing at the end.
  std::optional<std::vector<std::string>> read_record() {
    if (!characters_.peek()) return std::nullopt;
    line_ = characters_.line();
    size_ = 0;
    std::vector<std::string> fields;
    do fields.push_back(characters_.take('"') ? read_quoted() : read_plain());
    while (characters_.take(','));
    const bool has_return = characters_.take('\r');
    if (!characters_.take('\n') && (has_return || characters_.peek()))
      refuse(characters_.line(),
             "behind the quote that ends a field there must be a comma or the "
             "end of the line");
    for (const std::string& field : fields)
      if (tuple::find_invalid_utf8(field) != field.npos) refuse(line_, "it is not UTF-8");
    return fields;
  }
  std::string read_plain() {
    std::string field;
    for (auto c = characters_.peek(); c && c != ',' && c != '\n' && c != '\r';
         c = characters_.peek()) {
      if (c == '"')
        refuse(characters_.line(),
               "a quote within a field: put the field in quotes, and the quote "
               "twice");
      append(field, *characters_.next());
    }
    return field;
  }
  // Behind the first quote.
  std::string read_quoted() {
    const std::int64_t begin = characters_.line();
    std::string field;
    for (;;) {
      const std::optional<char> c = characters_.next();
      if (!c) refuse(begin, "there is no quote that ends the field that begins here");
      if (c == '"' && !characters_.take('"')) return field;
      append(field, *c);
    }
  }
  void append(std::string& field, char c) {
    field += c;
    if (++size_ > kMaxRecordBytes) refuse(line_, "it is longer than an item can be");
  }

  Characters characters_;
  std::vector<std::string> columns_;
  std::int64_t line_ = 0;
  std::size_t size_ = 0;  // of the record, so far
};

std::string quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == field.npos) return field;
  std::string out = "\"";
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

std::string field_of(const Value& value) {
  const std::string* text = value.get_if<std::string>();
  return text != nullptr && !text->empty() && !read_as_json(*text) ? *text : to_json(value);
}

template <class Field>
std::string joined(const std::vector<std::string>& columns, const Field& field) {
  std::string record;
  for (const std::string& column : columns) {
    if (&column != &columns.front()) record += ',';
    record += quoted(field(column));
  }
  return record + "\r\n";
}

}  // namespace

std::unique_ptr<ItemReader> read_json_lines(Chunks chunks) {
  return std::make_unique<JsonLinesReader>(std::move(chunks));
}

std::unique_ptr<ItemReader> read_csv(Chunks chunks) {
  return std::make_unique<CsvReader>(std::move(chunks));
}

std::string csv_header(const std::vector<std::string>& columns) {
  return joined(columns, [](const std::string& column) { return column; });
}

std::string csv_record(const Item& item, const std::vector<std::string>& columns) {
  std::size_t found = 0;
  std::string record = joined(columns, [&](const std::string& column) {
    const auto attribute = item.find(column);
    if (attribute == item.end()) return std::string();
    ++found;
    return field_of(attribute->second);
  });
  if (found < item.size())
    for (const auto& [name, value] : item)
      if (std::find(columns.begin(), columns.end(), name) == columns.end())
        throw Error(ErrorCode::invalid_item,
                    "There is no column for the attribute '" + printable(name) + "'.");
  return record;
}

}  // namespace plinth::cli
