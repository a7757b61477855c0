// Arbitrary text as an expression of each kind: refused with the error for that, or understood;
// what is understood can be asked and done, whatever comes of it.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "plinth/error.hpp"
#include "plinth/expression.hpp"

namespace {

using namespace plinth;

void require(bool condition) {
  if (!condition) std::abort();
}

template <class F>
void refused_or_understood(F read) {
  try {
    read();
  } catch (const Error& error) {
    require(error == ErrorCode::invalid_expression || error == ErrorCode::invalid_update ||
            error == ErrorCode::invalid_number);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Placeholders given{
      .values = {{":n", 5}, {":s", "text"}, {":net", "10.0.0.0/8"}, {":set", StringSet{"a", "b"}}},
      .names = {{"#a", "a"}, {"#dot", "a.b"}}};
  static const Item item = parse_item(
      R"({"a":1,"b":"text","c":[1,[2],{"x":3}],"m":{"x":{"y":1}},"s":{"$strings":["a"]},
          "ip":"10.0.0.1","d":"2024-02-29","z":null,"t":true,"bin":{"$binary":"AQI="}})");
  const ByteView input(reinterpret_cast<const char*>(data), size);
  refused_or_understood([&] {
    const Condition condition = Condition::parse(input, given);
    condition.matches(item);
    condition.matches({});
  });
  refused_or_understood([&] {
    const Projection projection = Projection::parse(input, given);
    projection.apply(item);
    require(projection.apply({}).empty());
  });
  refused_or_understood([&] {
    const KeyCondition condition = KeyCondition::parse(input, "a", "b", given);
    if (condition.sort) condition.sort->matches("text");
  });
  refused_or_understood([&] {
    const Update update = Update::parse(input, given);
    const Item after = update.apply(item);
    const std::vector<std::string> touched = update.attributes();
    for (const auto& [name, value] : item)
      if (std::find(touched.begin(), touched.end(), name) == touched.end())
        require(after.contains(name) && after.at(name) == value);
  });
  return 0;
}
