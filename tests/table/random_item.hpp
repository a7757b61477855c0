// Items of all types, with what is awkward in each: names with quotes and dollars, text of all
// scripts, numbers of 38 digits, empty maps.
#pragma once

#include <random>
#include <string>
#include <string_view>

#include "plinth/item.hpp"

namespace plinth::test {

class RandomItems {
 public:
  explicit RandomItems(std::uint64_t seed) : random_(seed) {}

  int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }

  Item item() {
    Item item = map(4);
    item.erase("");
    return item;
  }
  // In which lists and maps are nested at most `depth` deep.
  Value value(int depth) {
    switch (below(depth > 0 ? 12 : 8)) {
      case 0:
        return nullptr;
      case 1:
        return below(2) == 0;
      case 2:
        return number();
      case 3:
        return text();
      case 4:
        return binary();
      case 5:
        return set<StringSet>([&] { return text(); });
      case 6:
        return set<NumberSet>([&] { return number(); });
      case 7:
        return set<BinarySet>([&] { return binary(); });
      case 8:
      case 9: {
        List list;
        for (int count = below(5); count > 0; --count) list.push_back(value(depth - 1));
        return list;
      }
      default:
        return map(depth - 1);
    }
  }
  Number number() {
    if (below(3) == 0) return below(2'000) - 1'000;
    std::string text = below(2) == 0 ? "-" : "";
    text += static_cast<char>('1' + below(9));
    for (int more = below(38); more > 0; --more) text += static_cast<char>('0' + below(10));
    return Number::parse(text + "e" + std::to_string(below(180) - 120));
  }
  std::string text() {
    static constexpr std::string_view kPieces[] = {
        "a",    "Z",    "0", " ",       ".", "[0]", "\"", "\\",     "/",   "\n", "\t",
        "\x01", "\x7f", "$", "$binary", "é", "語",  "😀",  "\u2028", "and", "#",  ":"};
    std::string text;
    for (int count = below(4); count > 0; --count) text += kPieces[below(std::size(kPieces))];
    if (below(30) == 0) text += '\0';
    return text;
  }
  ByteString binary() {
    Bytes bytes;
    for (int count = below(6); count > 0; --count) bytes += static_cast<char>(below(256));
    return {bytes};
  }

 private:
  Map map(int depth) {
    static constexpr std::string_view kMarks[] = {"$binary", "$strings", "$numbers", "$$binaries",
                                                  "$"};
    if (below(8) == 0) return {{std::string(kMarks[below(5)]), value(depth)}};
    Map map;
    for (int count = below(5); count > 0; --count) map[text()] = value(depth);
    return map;
  }
  template <class Set, class Element>
  Set set(const Element& element) {
    Set set;
    for (int count = 1 + below(4); count > 0; --count) set.insert(element());
    return set;
  }

  std::mt19937_64 random_;
};

}  // namespace plinth::test
