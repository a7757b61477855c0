// Arbitrary bytes as an item that was stored, as JSON of both kinds, and as the key of a number:
// refused with an error of their own, or read; and what is read is written as the same again.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "layers/table/item_codec.hpp"
#include "plinth/error.hpp"
#include "plinth/item.hpp"

namespace {

using namespace plinth;

void require(bool condition) {
  if (!condition) std::abort();
}

template <class F>
void refused_or_read(ErrorCode code, F read) {
  try {
    read();
  } catch (const Error& error) {
    require(error == code);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(reinterpret_cast<const char*>(data), size);
  refused_or_read(ErrorCode::layer_data_damaged, [&] {
    require(layers::table::encode_item(layers::table::decode_item(input)) == input);
  });
  refused_or_read(ErrorCode::item_not_json, [&] {
    const Item item = parse_item(input);
    require(parse_item(to_json(item)) == item);
    require(parse_dynamodb_item(to_dynamodb_json(item)) == item);
  });
  refused_or_read(ErrorCode::item_not_json, [&] {
    const Value value = parse_dynamodb_value(input);
    require(parse_dynamodb_value(to_dynamodb_json(value)) == value);
  });
  refused_or_read(ErrorCode::invalid_number, [&] {
    ByteView rest = input;
    const Number number = Number::take_key(rest);
    Bytes key;
    number.append_key(key);
    require(input == key + Bytes(rest));
    require(Number::parse(number.to_string()) == number);
  });
  return 0;
}
