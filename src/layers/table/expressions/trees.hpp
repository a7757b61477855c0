// What the parser makes of expressions, with all placeholders replaced.
#pragma once

#include <compare>
#include <string>
#include <variant>
#include <vector>

#include "layers/table/expressions/moment.hpp"
#include "layers/table/expressions/network.hpp"
#include "layers/table/expressions/path.hpp"
#include "layers/table/expressions/regex.hpp"
#include "plinth/item.hpp"

namespace plinth::layers::table {

struct ConditionTree;

// --- Conditions ----------------------------------------------------------------------------------

struct SizeOf {
  Path path;
  friend bool operator==(const SizeOf&, const SizeOf&) = default;
};

// What is compared. A Value is a constant.
using Operand = std::variant<Value, Moment, Path, SizeOf>;

struct Comparison {
  enum class Operator { equal, not_equal, less, less_equal, greater, greater_equal };
  Operator op = Operator::equal;
  Operand left;
  Operand right;
  friend bool operator==(const Comparison&, const Comparison&) = default;
};

struct Between {
  Operand operand;
  Operand low;
  Operand high;
  friend bool operator==(const Between&, const Between&) = default;
};

struct OneOf {
  Operand operand;
  std::vector<std::variant<Operand, Network>> choices;
  friend bool operator==(const OneOf&, const OneOf&) = default;
};

struct Matches {
  Operand text;
  Regex regex;
  friend bool operator==(const Matches&, const Matches&) = default;
};

struct Exists {
  Path path;
  friend bool operator==(const Exists&, const Exists&) = default;
};

struct HasType {
  Path path;
  ValueType type = ValueType::null;
  friend bool operator==(const HasType&, const HasType&) = default;
};

struct BeginsWith {
  Operand text;
  Operand prefix;
  friend bool operator==(const BeginsWith&, const BeginsWith&) = default;
};

// Also of what is written `element in container`.
struct Contains {
  Operand container;
  Operand element;
  friend bool operator==(const Contains&, const Contains&) = default;
};

struct All {
  std::vector<ConditionTree> conditions;
  friend bool operator==(const All&, const All&) = default;
};

struct Any {
  std::vector<ConditionTree> conditions;
  friend bool operator==(const Any&, const Any&) = default;
};

struct Not {
  std::vector<ConditionTree> condition;  // one
  friend bool operator==(const Not&, const Not&) = default;
};

struct ConditionTree {
  std::variant<Comparison, Between, OneOf, Matches, Exists, HasType, BeginsWith, Contains, All, Any,
               Not>
      node;
  friend bool operator==(const ConditionTree&, const ConditionTree&) = default;
};

// --- Updates -------------------------------------------------------------------------------------

struct UpdateValue;

struct IfNotExists {
  Path path;
  std::vector<UpdateValue> otherwise;  // one
  friend bool operator==(const IfNotExists&, const IfNotExists&) = default;
};

struct ListAppend {
  std::vector<UpdateValue> lists;  // two
  friend bool operator==(const ListAppend&, const ListAppend&) = default;
};

struct Sum {
  std::vector<UpdateValue> terms;  // two at least
  std::vector<bool> subtracted;    // of each term; the first is not
  friend bool operator==(const Sum&, const Sum&) = default;
};

struct UpdateValue {
  std::variant<Value, Path, IfNotExists, ListAppend, Sum> node;
  friend bool operator==(const UpdateValue&, const UpdateValue&) = default;
};

struct SetAction {
  Path path;
  UpdateValue value;
  friend bool operator==(const SetAction&, const SetAction&) = default;
};

// ADD and DELETE.
struct ChangeAction {
  Path path;
  Value operand;  // a set; of ADD also a number
  friend bool operator==(const ChangeAction&, const ChangeAction&) = default;
};

struct UpdateTree {
  std::vector<SetAction> sets;
  std::vector<Path> removes;
  std::vector<ChangeAction> adds;
  std::vector<ChangeAction> deletes;
  PathTree touched;  // by all of these
  friend bool operator==(const UpdateTree&, const UpdateTree&) = default;
};

}  // namespace plinth::layers::table
