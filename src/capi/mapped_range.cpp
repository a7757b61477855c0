#include "capi/mapped_range.hpp"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "capi/await_here.hpp"

namespace plinth::capi {
namespace {

constexpr ByteView kAllThatFollow = "{...}";

Tuple unpacked(ByteView packed, ErrorCode otherwise) {
  try {
    return Tuple::unpack(packed);
  } catch (const Error& error) {
    throw Error(otherwise, "\"" + printable(packed) + "\": " + error.what());
  }
}

// Text and bytes; nothing for elements of other types.
std::optional<Bytes> text_of(const Element& element) {
  if (auto text = element.get_if<std::string>()) return text;
  if (auto bytes = element.get_if<ByteString>()) return std::move(bytes->bytes);
  return std::nullopt;
}

Element like(const Element& element, Bytes text) {
  if (element.type() == ElementType::bytes) return ByteString{std::move(text)};
  return text;
}

Bytes unescaped(ByteView text) {
  Bytes plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    plain += text[i];
    const bool brace = text[i] == '{' || text[i] == '}';
    if (brace && i + 1 < text.size() && text[i + 1] == text[i]) ++i;
  }
  return plain;
}

// "{K[12]}"
bool is_reference(ByteView text) {
  return (text.starts_with("{K[") || text.starts_with("{V[")) && text.ends_with("]}");
}

}  // namespace

Mapper::Part Mapper::part_of(const Element& element, ByteView text) {
  if (Bytes plain = unescaped(text); plain != text)
    return {Kind::literal, like(element, std::move(plain))};
  if (!is_reference(text)) return {Kind::literal, element};
  const ByteView digits = text.substr(3, text.size() - 5);
  Part part{text[1] == 'K' ? Kind::of_key : Kind::of_value, Element()};
  const auto [end, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), part.index);
  if (error != std::errc() || end != digits.data() + digits.size())
    throw Error(ErrorCode::mapper_bad_index, "In \"" + printable(text) + "\"");
  return part;
}

Mapper::Mapper(ByteView packed) {
  const Tuple tuple = unpacked(packed, ErrorCode::mapper_not_tuple);
  for (std::size_t i = 0; i < tuple.size(); ++i) {
    const std::optional<Bytes> text = text_of(tuple[i]);
    if (!text) {
      parts_.push_back({Kind::literal, tuple[i]});
    } else if (*text != kAllThatFollow) {
      parts_.push_back(part_of(tuple[i], *text));
    } else if (i + 1 == tuple.size()) {
      is_prefix_ = true;
    } else {
      throw Error(ErrorCode::mapper_bad_range_decriptor,
                  "It is element " + std::to_string(i) + " of " + std::to_string(tuple.size()));
    }
  }
}

KeyRange Mapper::map(const KeyValueView& row) const {
  std::optional<Tuple> of_key;
  std::optional<Tuple> of_value;
  Tuple mapped;
  for (const Part& part : parts_) {
    if (part.kind == Kind::literal) {
      mapped.push_back(part.literal);
      continue;
    }
    const bool key = part.kind == Kind::of_key;
    std::optional<Tuple>& source = key ? of_key : of_value;
    if (!source)
      source = key ? unpacked(row.key, ErrorCode::key_not_tuple)
                   : unpacked(row.value, ErrorCode::value_not_tuple);
    if (part.index >= source->size())
      throw Error(ErrorCode::mapper_bad_index, "There is no element " + std::to_string(part.index) +
                                                   " in " + source->to_string());
    mapped.push_back((*source)[part.index]);
  }
  const Bytes packed = mapped.pack();
  if (is_prefix_) return KeyRange::starts_with(packed);
  return {packed, key_after(packed)};
}

MappedKeyValueArray get_mapped_range(const ReadTransaction& transaction, KeySelector begin,
                                     KeySelector end, const Mapper& mapper,
                                     const RangeOptions& options, int iteration) {
  MappedKeyValueArray result;
  result.rows =
      await_here(transaction.get_page(std::move(begin), std::move(end), options, iteration));
  // All are asked for before the first is waited for.
  std::vector<Future<Rows>> asked;
  for (const KeyValueView row : result.rows) {
    KeyRange range = mapper.map(row);
    asked.push_back(transaction.get_range(range.begin, range.end));
    result.secondaries.push_back({std::move(range), {}});
  }
  for (std::size_t i = 0; i < asked.size(); ++i)
    result.secondaries[i].found.rows = await_here(std::move(asked[i]));
  return result;
}

}  // namespace plinth::capi
