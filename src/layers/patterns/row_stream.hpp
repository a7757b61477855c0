// RowStream: what stands behind a BindingStream.
#pragma once

#include <memory>
#include <vector>

#include "plinth/future.hpp"
#include "plinth/tuple.hpp"

namespace plinth::layers {

// A value for each variable, by number. Variables that are not bound yet are null.
using Row = std::vector<Element>;

// One consumer; one call at a time, each of which is waited for.
class RowStream {
 public:
  virtual ~RowStream() = default;
  // The next rows; none at the end.
  virtual Future<std::vector<Row>> next_page() = 0;
};

// Rows that are there already.
class ReadyRows final : public RowStream {
 public:
  explicit ReadyRows(std::vector<Row> rows) : rows_(std::move(rows)) {}
  Future<std::vector<Row>> next_page() override { return std::exchange(rows_, {}); }

 private:
  std::vector<Row> rows_;
};

}  // namespace plinth::layers
