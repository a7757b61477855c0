// Random tuples that like the corners: lengths and bytes around the encoding's special ones, and
// numbers around its limits.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <random>

#include "plinth/tuple.hpp"

namespace plinth::test {

class RandomTuples {
 public:
  explicit RandomTuples(std::uint64_t seed) : random_(seed) {}

  Tuple tuple(int nesting = 0) {
    std::vector<Element> elements;
    for (auto count = below(nesting == 0 ? 5 : 4); count > 0; --count)
      elements.push_back(element(nesting));
    return Tuple(std::move(elements));
  }

  // Like `tuple`, with one element changed or the end cut: neighbours are what an order mixes up.
  Tuple neighbour(const Tuple& tuple) {
    std::vector<Element> elements(tuple.begin(), tuple.end());
    const auto at = below(elements.size() + 1);
    if (at == elements.size())
      elements.push_back(element(0));
    else if (below(3) == 0)
      elements.resize(at);
    else
      elements[at] = changed(elements[at]);
    return Tuple(std::move(elements));
  }

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

 private:
  Element element(int nesting) {
    switch (below(nesting < 3 ? 12 : 10)) {
      case 0:
        return nullptr;
      case 1:
        return ByteString{bytes()};
      case 2:
        return text();
      case 3:
        return static_cast<std::int64_t>(random_() >> below(64)) * (below(2) == 0 ? 1 : -1);
      case 4:
        return big_integer();
      case 5:
        return double_();
      case 6:
        return std::bit_cast<float>(static_cast<std::uint32_t>(random_()));
      case 7:
        return below(2) == 0;
      case 8:
        return Uuid{{static_cast<std::uint8_t>(below(2)), static_cast<std::uint8_t>(random_())}};
      case 9:
        return Versionstamp(static_cast<Version>(below(3)), static_cast<std::uint16_t>(below(3)),
                            static_cast<std::uint16_t>(random_()));
      default:
        return tuple(nesting + 1);
    }
  }

  Element changed(const Element& element) {
    if (const auto text = element.get_if<std::string>()) return *text + this->text();
    if (const auto old = element.get_if<ByteString>()) return ByteString{old->bytes + bytes()};
    if (const auto nested = element.get_if<Tuple>())
      if (nested->nesting() < 5) return neighbour(*nested);
    if (const auto number = element.get_if<std::int64_t>())
      return static_cast<std::int64_t>(static_cast<std::uint64_t>(*number) + below(3) - 1);
    return this->element(0);
  }

  Bytes bytes() {
    static constexpr char kBytes[] = {'\x00', '\x00', '\xff', '\x01', 'a', '\x14', '\xfe'};
    Bytes bytes;
    for (auto count = below(5); count > 0; --count) bytes.push_back(kBytes[below(sizeof kBytes)]);
    return bytes;
  }

  std::string text() {
    static const std::string kCharacters[] = {
        std::string(1, '\0'), "a", "b", "\"", "\\", "\n", "\x01", "é", "\xc2\x85",
        "\xef\xbf\xbf",       "🔥", "(", " "};
    std::string text;
    for (auto count = below(12); count > 0; --count)
      text += kCharacters[below(std::size(kCharacters))];
    return text;
  }

  BigInt big_integer() {
    const bool negative = below(2) == 0;
    Bytes magnitude(below(8) == 0 ? 247 + below(9) : 7 + below(4), '\xff');
    if (below(2) == 0)
      for (char& byte : magnitude) byte = static_cast<char>(random_());
    if (below(2) == 0) magnitude.back() = static_cast<char>(random_());
    return BigInt::from_magnitude(negative, magnitude);
  }

  double double_() {
    static constexpr double kDoubles[] = {0.0,
                                          -0.0,
                                          1.0,
                                          -1.0,
                                          1e300,
                                          std::numeric_limits<double>::infinity(),
                                          -std::numeric_limits<double>::infinity(),
                                          std::numeric_limits<double>::quiet_NaN(),
                                          std::numeric_limits<double>::denorm_min()};
    if (below(2) == 0) return kDoubles[below(std::size(kDoubles))];
    return std::bit_cast<double>(random_());
  }

  std::mt19937_64 random_;
};

}  // namespace plinth::test
