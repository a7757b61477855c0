#include "layers/table/expressions/updater.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>

#include "plinth/error.hpp"

namespace plinth::layers::table {
namespace {

[[noreturn]] void refuse(const std::string& reason) {
  throw Error(ErrorCode::invalid_update, reason);
}

// --- Values, of the item as it was before --------------------------------------------------------

class Calculator {
 public:
  explicit Calculator(const Item& before) : before_(before) {}

  Value value(const UpdateValue& wanted) const {
    return std::visit([this](const auto& node) { return calculate(node); }, wanted.node);
  }

 private:
  Value calculate(const Value& constant) const { return constant; }
  Value calculate(const Path& path) const {
    if (const Value* value = find(before_, path)) return *value;
    refuse("There is no " + to_text(path) + " in the item to take a value from.");
  }
  Value calculate(const IfNotExists& function) const {
    const Value* value = find(before_, function.path);
    return value != nullptr ? *value : this->value(function.otherwise.front());
  }
  Value calculate(const ListAppend& function) const {
    List all;
    for (const UpdateValue& part : function.lists) {
      Value value = this->value(part);
      List* list = value.get_if<List>();
      if (list == nullptr)
        refuse("list_append takes lists, and " + printable(to_json(value)) + " is none.");
      std::move(list->begin(), list->end(), std::back_inserter(all));
    }
    return all;
  }
  Value calculate(const Sum& sum) const {
    Number total;
    for (std::size_t i = 0; i < sum.terms.size(); ++i) {
      const Value value = this->value(sum.terms[i]);
      const Number* number = value.get_if<Number>();
      if (number == nullptr)
        refuse("Only numbers can be added and subtracted, and " + printable(to_json(value)) +
               " is none.");
      total = sum.subtracted[i] ? total - *number : total + *number;
    }
    return total;
  }

  const Item& before_;
};

// --- Changes -------------------------------------------------------------------------------------

void write(Item& item, const Path& path, Value value) {
  const Step& last = path.back();
  if (path.size() == 1) {
    item.insert_or_assign(std::get<std::string>(last), std::move(value));
    return;
  }
  Value* parent = find_parent(item, path);
  if (const std::string* name = std::get_if<std::string>(&last)) {
    Map* map = parent != nullptr ? parent->get_if<Map>() : nullptr;
    if (map == nullptr)
      refuse("There is no map in the item that " + to_text(path) + " could be in.");
    map->insert_or_assign(*name, std::move(value));
    return;
  }
  List* list = parent != nullptr ? parent->get_if<List>() : nullptr;
  if (list == nullptr)
    refuse("There is no list in the item that " + to_text(path) + " could be in.");
  const std::size_t index = std::get<std::size_t>(last);
  if (index < list->size())
    (*list)[index] = std::move(value);
  else
    list->push_back(std::move(value));
}

// What is there.
void erase(Item& item, const Path& path) {
  const Step& last = path.back();
  if (path.size() == 1) {
    item.erase(std::get<std::string>(last));
    return;
  }
  Value& parent = *find_parent(item, path);
  if (const std::string* name = std::get_if<std::string>(&last)) {
    parent.as<Map>().erase(*name);
  } else {
    List& list = parent.as<List>();
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(std::get<std::size_t>(last)));
  }
}

// `change` is called with the two, whose types are the same: with numbers, or with sets.
template <class Change>
Value changed(const ChangeAction& action, const Value& existing, const Change& change) {
  if (existing.type() != action.operand.type())
    refuse(to_text(action.path) + " is of type " + std::string(existing.type_name()) +
           ", which does not go with " + printable(to_json(action.operand)) + ".");
  Value result = existing;
  if (Number* number = result.get_if<Number>())
    change(*number, action.operand.as<Number>());
  else if (StringSet* strings = result.get_if<StringSet>())
    change(*strings, action.operand.as<StringSet>());
  else if (NumberSet* numbers = result.get_if<NumberSet>())
    change(*numbers, action.operand.as<NumberSet>());
  else
    change(result.as<BinarySet>(), action.operand.as<BinarySet>());
  return result;
}

Value added(const ChangeAction& add, const Value& existing) {
  return changed(add, existing, [](auto& content, const auto& more) {
    if constexpr (std::is_same_v<std::decay_t<decltype(content)>, Number>)
      content = content + more;
    else
      content.insert(more.begin(), more.end());
  });
}

// An empty set when nothing is left.
Value reduced(const ChangeAction& remove, const Value& existing) {
  return changed(remove, existing, [](auto& content, const auto& less) {
    if constexpr (!std::is_same_v<std::decay_t<decltype(content)>, Number>)
      for (const auto& element : less) content.erase(element);
  });
}

bool is_empty_set(const Value& value) {
  return value == Value(StringSet()) || value == Value(NumberSet()) || value == Value(BinarySet());
}

}  // namespace

Item updated(const UpdateTree& update, const Item& before) {
  std::vector<std::pair<const Path*, Value>> written;
  std::vector<const Path*> erased;
  const Calculator calculator(before);
  for (const SetAction& set : update.sets)
    written.emplace_back(&set.path, calculator.value(set.value));
  for (const ChangeAction& add : update.adds) {
    const Value* existing = find(before, add.path);
    written.emplace_back(&add.path, existing == nullptr ? add.operand : added(add, *existing));
  }
  for (const ChangeAction& remove : update.deletes) {
    const Value* existing = find(before, remove.path);
    if (existing == nullptr) continue;
    Value left = reduced(remove, *existing);
    if (is_empty_set(left))
      erased.push_back(&remove.path);
    else
      written.emplace_back(&remove.path, std::move(left));
  }
  for (const Path& path : update.removes)
    if (find(before, path) != nullptr) erased.push_back(&path);

  // Elements of lists are appended in the order of their positions; and erased behind all that is
  // written, from the last one on, since those behind them move.
  std::sort(written.begin(), written.end(),
            [](const auto& a, const auto& b) { return *a.first < *b.first; });
  std::sort(erased.begin(), erased.end(), [](const Path* a, const Path* b) { return *a > *b; });
  Item item = before;
  for (auto& [path, value] : written) write(item, *path, std::move(value));
  for (const Path* path : erased) erase(item, *path);
  return item;
}

}  // namespace plinth::layers::table
