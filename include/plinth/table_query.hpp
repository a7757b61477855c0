// What to look for in a table, and what comes of it.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plinth/expression.hpp"
#include "plinth/future.hpp"
#include "plinth/item.hpp"

namespace plinth {

namespace layers::table {
class ItemCursor;
}

// A condition of a write, or a filter: an expression or a function. It gets an empty item where
// there is none. A default one is met by everything.
class ItemTest {
 public:
  ItemTest() = default;
  ItemTest(Condition condition)
      : test_([condition = std::move(condition)](const Item& item) {
          return condition.matches(item);
        }) {}
  template <std::predicate<const Item&> F>
  ItemTest(F test) : test_(std::move(test)) {}

  // Whether there is something to be met.
  explicit operator bool() const noexcept { return static_cast<bool>(test_); }
  bool operator()(const Item& item) const { return !test_ || test_(item); }

 private:
  std::function<bool(const Item&)> test_;
};

struct TableQuery {
  std::optional<SortKeyCondition> sort_key;  // none: all
  bool reverse = false;
  std::size_t limit = SIZE_MAX;     // items that are given, at the most
  std::optional<Item> start_after;  // the last key of the page before
  ItemTest filter;
  std::optional<Projection> projection;  // none: whole items
  std::string index;                     // none: the table itself
};

struct TableScan {
  std::size_t limit = SIZE_MAX;
  std::optional<Item> start_after;
  ItemTest filter;
  std::optional<Projection> projection;
  std::string index;
  // Part `segment`, from 0, of `segments` (256 at the most): every item is in one of them. Not of
  // an index.
  std::size_t segment = 0;
  std::size_t segments = 1;
};

struct ItemPage {
  std::vector<Item> items;
  // Where to go on: start_after of the next page. Nothing when all has been seen.
  std::optional<Item> last_key;
};

// Items one after another. One consumer; one call at a time.
class PLINTH_API ItemStream {
 public:
  explicit ItemStream(std::shared_ptr<layers::table::ItemCursor> cursor);
  ItemStream(ItemStream&&) noexcept;
  ItemStream& operator=(ItemStream&&) noexcept;
  ~ItemStream();

  // Nothing at the end.
  Future<std::optional<Item>> next();
  // Of the last item that next() gave, as start_after takes it.
  std::optional<Item> last_key() const;
  // All items that are left.
  Future<std::vector<Item>> collect();

 private:
  std::shared_ptr<layers::table::ItemCursor> cursor_;
};

}  // namespace plinth
