// Arrays of results as the ABI lays them out, over memory that they own. view() makes the array,
// once the memory has come to its last place.
#pragma once

#include <string>
#include <vector>

#include "capi/abi.hpp"
#include "plinth/range.hpp"

namespace plinth::capi {

struct KeyValueArray {
  Rows rows;
  std::vector<FDBKeyValue> array;
  void view();
};

struct KeyArray {
  std::vector<Bytes> keys;
  std::vector<FDBKey> array;
  void view();
};

struct StringArray {
  std::vector<std::string> strings;
  std::vector<const char*> array;
  void view();
};

// Rows, and for each of them the rows that it was mapped to.
struct MappedKeyValueArray {
  struct Secondary {
    KeyRange range;
    KeyValueArray found;
  };

  Rows rows;
  std::vector<Secondary> secondaries;
  std::vector<FDBMappedKeyValue> array;
  void view();
};

}  // namespace plinth::capi
