// Expressions: conditions and filters, projections, key conditions and updates, as text.
//
//   auto cheap = Condition::parse("price < :limit AND #n =~ /^a/i",
//                                 {.values = {{":limit", 20}}, .names = {{"#n", "name"}}});
//   cheap.matches({{"name", "Apple"}, {"price", 3}});  // true
//   auto sold = Update::parse("SET stock = stock - 1 ADD sold 1");
//   Item after = sold.apply(before);
//
// The language is DynamoDB's with literals, regular expressions and some more; docs/expressions.md
// has its grammar, an example of each construct, and the differences. Parsing throws
// Error(invalid_expression), which names the column and what was expected there.
//
// Parsed expressions are immutable, cheap to copy, and may be used by any number of threads.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plinth/item.hpp"

namespace plinth {

namespace layers::table {
struct ConditionTree;
struct PathTree;
struct UpdateTree;
}  // namespace layers::table

inline constexpr std::size_t kMaxExpressionBytes = 65'536;

// What stands for :name and #name in an expression; the keys of the maps begin with ':' and '#'. An
// expression need not use all of them.
struct Placeholders {
  Map values;
  std::map<std::string, std::string, std::less<>> names;
};

// A condition of a write, or a filter.
class PLINTH_API Condition {
 public:
  static Condition parse(std::string_view text, const Placeholders& placeholders = {});

  // Never throws for what is in the item: what is missing, or of another type than it is compared
  // with, makes a comparison false.
  bool matches(const Item& item) const;

 private:
  explicit Condition(std::shared_ptr<const layers::table::ConditionTree> tree)
      : tree_(std::move(tree)) {}

  std::shared_ptr<const layers::table::ConditionTree> tree_;
};

// Some paths into items: "name, address.city, tags[0]".
class PLINTH_API Projection {
 public:
  static Projection parse(std::string_view text, const Placeholders& placeholders = {});

  // What the item has at the paths, in the maps and lists that lead there. Lists have only the
  // elements that were asked for, without gaps.
  Item apply(const Item& item) const;
  // The names of attributes with which the paths begin, in rising order, each once.
  std::vector<std::string> attributes() const;

 private:
  friend class Update;
  explicit Projection(std::shared_ptr<const layers::table::PathTree> paths)
      : paths_(std::move(paths)) {}

  std::shared_ptr<const layers::table::PathTree> paths_;
};

// A range of sort keys.
struct PLINTH_API SortKeyCondition {
  enum class Kind { equal, less, less_equal, greater, greater_equal, between, begins_with };

  // Between includes both ends, and is empty when `low` is above `high`.
  static SortKeyCondition equal(Value key);
  static SortKeyCondition less(Value key);
  static SortKeyCondition less_equal(Value key);
  static SortKeyCondition greater(Value key);
  static SortKeyCondition greater_equal(Value key);
  static SortKeyCondition between(Value low, Value high);
  static SortKeyCondition begins_with(Value prefix);
  // A condition of the attribute `sort_key` alone: "sk BETWEEN 1 AND 9", "begins_with(sk, 'a')".
  // Also throws Error(invalid_expression) for other conditions and for values that are neither
  // strings, numbers nor binaries, or, as prefixes, numbers.
  static SortKeyCondition parse(std::string_view text, std::string_view sort_key,
                                const Placeholders& placeholders = {});

  // False for keys of another type than that of the condition's values.
  bool matches(const Value& key) const;

  friend bool operator==(const SortKeyCondition&, const SortKeyCondition&) = default;

  Kind kind = Kind::equal;
  Value value;  // of between: the lower end
  Value high;   // of between alone
};

// What a query looks for.
struct PLINTH_API KeyCondition {
  // "pk = :id", or, in any order, "pk = :id AND sk < 5", "pk = :id AND begins_with(sk, :prefix)".
  // `sort_key`: empty for a table without one. Errors as SortKeyCondition::parse's.
  static KeyCondition parse(std::string_view text, std::string_view partition_key,
                            std::string_view sort_key, const Placeholders& placeholders = {});

  friend bool operator==(const KeyCondition&, const KeyCondition&) = default;

  Value partition;
  std::optional<SortKeyCondition> sort;
};

// Changes of an item: "SET a = a + 1, b.c = :c REMOVE d[0] ADD hits 1 DELETE tags :t".
class PLINTH_API Update {
 public:
  static Update parse(std::string_view text, const Placeholders& placeholders = {});

  // The item with all changes made. Each change sees `before`, not what the others did. The result
  // may be over a limit (see check_item).
  // Throws Error(invalid_update) for what cannot be done to this item: computing with an attribute
  // that is missing or of another type, setting something in a map or list that is not there; and
  // Error(invalid_number) for a sum that a Number does not hold.
  Item apply(const Item& before) const;
  // The paths that are changed. What they find in an item before and after the update is what
  // DynamoDB calls UPDATED_OLD and UPDATED_NEW.
  Projection touched() const;
  // The attributes that are changed, wholly or in part; as touched().attributes().
  std::vector<std::string> attributes() const { return touched().attributes(); }

 private:
  explicit Update(std::shared_ptr<const layers::table::UpdateTree> tree) : tree_(std::move(tree)) {}

  std::shared_ptr<const layers::table::UpdateTree> tree_;
};

}  // namespace plinth
