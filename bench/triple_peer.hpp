// What the benchmark of tuples asks of each engine.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "package_graph.hpp"

namespace plinth::bench {

// Patterns of triples: "?name" is a variable, "$0", "$1" … what is given with each run, all else a
// value.
using TriplePattern = std::array<std::string, 3>;
using TriplePatterns = std::vector<TriplePattern>;

// How many rows there were, and a sum over the bytes that were looked at.
struct TripleAnswer {
  std::uint64_t rows = 0;
  std::uint64_t sum = 0;
  TripleAnswer& operator+=(const TripleAnswer& other) {
    rows += other.rows;
    sum += other.sum;
    return *this;
  }
};

// What a query is given: "$0" is the first.
using Given = std::vector<std::string>;

class TripleQuery {
 public:
  virtual ~TripleQuery() = default;
  // Looks at every variable of every row, in the state of the database at this moment. Stops once
  // `most_s` seconds have passed: then it returns no rows.
  virtual TripleAnswer run(const Given& given, double most_s = 1e9) = 0;
  // The same for each of them, all in one state.
  virtual TripleAnswer run_all(std::span<const Given> givens) = 0;
};

class TriplePeer {
 public:
  virtual ~TriplePeer() = default;
  virtual std::string name() const = 0;
  virtual std::string durability() const = 0;
  virtual void write(const Triple* begin, const Triple* end) = 0;  // one transaction, durable
  // After the last write: lets work in the background come to its end.
  virtual void settle() = 0;
  // `reorder`: in whatever order of the patterns the engine thinks best; else in theirs.
  virtual std::unique_ptr<TripleQuery> prepare(const TriplePatterns& patterns, bool reorder) = 0;
};

std::unique_ptr<TriplePeer> make_plinth_triples(const std::string& directory);
std::unique_ptr<TriplePeer> make_sqlite_triples(const std::string& directory);

}  // namespace plinth::bench
