// Chance for the model tests: keys of the kinds that break ordered structures.
#pragma once

#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "plinth/bytes.hpp"

namespace plinth::engine::test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  std::uint64_t below(std::uint64_t limit) { return engine_() % limit; }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  Bytes bytes(std::size_t size) {
    Bytes made(size, '\0');
    for (char& c : made) c = static_cast<char>(engine_());
    return made;
  }

 private:
  std::mt19937_64 engine_;
};

// Where a test's keys come from.
struct KeyKind {
  const char* name;
  Bytes (*make)(Random&);
};

inline Bytes few_letters(Random& random, std::size_t max_size) {
  static constexpr char kLetters[] = {'\0', '\x01', 'a', 'b', '\xff'};
  Bytes key(random.below(max_size + 1), '\0');
  for (char& c : key) c = kLetters[random.below(std::size(kLetters))];
  return key;
}

inline const std::vector<KeyKind>& key_kinds() {
  static const std::vector<KeyKind> kinds = {
      // The empty key, "a" beside "a\0", runs of 0xFF, often the same key again.
      {"short", [](Random& random) { return few_letters(random, 4); }},
      // The same first eight bytes; lengths around eight, where heads are filled up with zeros.
      {"same first eight",
       [](Random& random) {
         return Bytes("prefix.8").substr(0, 5 + random.below(4)) + few_letters(random, 5);
       }},
      // Long shared prefixes of several lengths, as tuples in directories have them.
      {"shared prefixes",
       [](Random& random) {
         static const Bytes kLong(3000, 'p');
         static constexpr std::size_t kSizes[] = {0, 1, 7, 20, 300, 3000};
         return kLong.substr(0, kSizes[random.below(std::size(kSizes))]) + few_letters(random, 6);
       }},
      // Wide apart: deep trees.
      {"random", [](Random& random) { return random.bytes(6 + random.below(12)); }},
      // Rising numbers, with gaps.
      {"numbers",
       [](Random& random) {
         Bytes key = std::to_string(random.below(60'000));
         return "table/" + Bytes(5 - key.size(), '0') + key;
       }},
      {"longest",
       [](Random& random) {
         Bytes key(kMaxKeyBytes - random.below(3), random.one_in(2) ? '\xff' : 'k');
         key[random.below(key.size())] = 'j';
         return key;
       }},
  };
  return kinds;
}

inline const KeyKind& key_kind(std::string_view name) {
  for (const KeyKind& kind : key_kinds())
    if (kind.name == name) return kind;
  std::abort();
}

// The name of a parameterised test: without blanks.
struct KindName {
  template <class Info>
  std::string operator()(const Info& info) const {
    std::string name = info.param.name;
    std::erase(name, ' ');
    return name;
  }
};

}  // namespace plinth::engine::test
