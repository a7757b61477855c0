#include "cli/entity_json.hpp"

#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "cli/output.hpp"

namespace plinth::cli {
namespace {

namespace json = boost::json;

Element element_of(const json::value& value, std::string_view where) {
  switch (value.kind()) {
    case json::kind::null:
      return {};
    case json::kind::bool_:
      return value.get_bool();
    case json::kind::int64:
      return value.get_int64();
    case json::kind::uint64:
      return value.get_uint64();
    case json::kind::double_:
      return value.get_double();
    case json::kind::string:
      return std::string(value.get_string());
    case json::kind::array: {
      Tuple tuple;
      for (const json::value& item : value.get_array()) tuple.push_back(element_of(item, where));
      return tuple;
    }
    case json::kind::object:
      break;
  }
  throw UsageError(fmt::format(
      "the value of '{}' is an object; an entity's values are strings, numbers, true, false, null "
      "and arrays of them",
      where));
}

json::object parse_object(std::string_view text) {
  json::error_code error;
  json::value value = json::parse(text, error);
  if (error || !value.is_object())
    throw UsageError(fmt::format("'{}' is no JSON object, as {{\"name\":\"Ada\",\"born\":1815}}{}",
                                 text, error ? ": " + error.message() : ""));
  return std::move(value.get_object());
}

json::value value_of(const Element& element) {
  switch (element.type()) {
    case ElementType::null:
      return nullptr;
    case ElementType::boolean:
      return element.as<bool>();
    case ElementType::integer:
      if (const auto number = element.get_if<std::int64_t>()) return *number;
      if (const auto number = element.get_if<std::uint64_t>()) return *number;
      return json::string(element.to_string());
    case ElementType::float32:
      if (const float number = element.as<float>(); std::isfinite(number)) return number;
      return json::string(element.to_string());
    case ElementType::float64:
      if (const double number = element.as<double>(); std::isfinite(number)) return number;
      return json::string(element.to_string());
    case ElementType::string:
      return json::string(element.as<std::string>());
    case ElementType::tuple: {
      json::array array;
      for (const Element& item : element.as<Tuple>()) array.push_back(value_of(item));
      return array;
    }
    case ElementType::bytes:
    case ElementType::uuid:
    case ElementType::versionstamp:
      break;
  }
  return json::string(element.to_string());
}

}  // namespace

Entity parse_entity(std::string_view text) {
  Entity entity;
  for (const auto& [key, value] : parse_object(text))
    entity.emplace(std::string(key), element_of(value, key));
  return entity;
}

EntityPatch parse_patch(std::string_view text) {
  EntityPatch changes;
  for (const auto& [key, value] : parse_object(text))
    changes.emplace(std::string(key),
                    value.is_null() ? std::nullopt : std::optional(element_of(value, key)));
  return changes;
}

Element parse_json_word(std::string_view word) {
  json::error_code error;
  const json::value value = json::parse(word, error);
  return error ? Element(std::string(word)) : element_of(value, word);
}

std::string json_entity(const Entity& entity) {
  json::object object;
  for (const auto& [key, value] : entity) {
    const auto name = key.get_if<std::string>();
    object[name ? *name : key.to_string()] = value_of(value);
  }
  return json::serialize(object);
}

std::string json_element(const Element& element) {
  return json::serialize(value_of(element));
}

}  // namespace plinth::cli
