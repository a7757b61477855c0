// RowStream: what stands behind a BindingStream.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "plinth/future.hpp"
#include "plinth/tuple.hpp"

namespace plinth::layers {

// A value for each variable, by number. Variables that are not bound yet are null.
using Row = std::vector<Element>;

// Rows in one piece of memory, one after the other; the values of row i, of so many variables each,
// begin at i times as many.
struct RowPage {
  std::size_t rows = 0;
  std::vector<Element> values;
  bool empty() const noexcept { return rows == 0; }
};

// One consumer; one call at a time, each of which is waited for.
class RowStream {
 public:
  virtual ~RowStream() = default;
  // The next rows; none at the end.
  virtual Future<RowPage> next_page() = 0;
};

// Rows that are there already.
class ReadyRows final : public RowStream {
 public:
  explicit ReadyRows(RowPage rows) : rows_(std::move(rows)) {}
  Future<RowPage> next_page() override { return std::exchange(rows_, {}); }

 private:
  RowPage rows_;
};

}  // namespace plinth::layers
