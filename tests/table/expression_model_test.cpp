// Random expressions, written in random ways: conditions are read back as the tree that was
// written, and hold for random items when an evaluator says so that knows nothing of the real one;
// updates make of an item what rebuilding it from the top makes of it.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "layers/table/expressions/parser.hpp"
#include "plinth/error.hpp"
#include "plinth/expression.hpp"
#include "support/seed.hpp"

namespace plinth::layers::table {
namespace {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}
  int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(engine_); }
  bool one_in(int n) { return below(n) == 0; }
  template <class Range>
  auto pick(const Range& range) {
    return *std::next(std::begin(range), below(static_cast<int>(std::size(range))));
  }

 private:
  std::mt19937_64 engine_;
};

// --- What the model knows of ---------------------------------------------------------------------

// Seconds since 1970, by the texts of instants.
const std::map<std::string, Number> kInstants = {{"2024-02-29", 1709164800},
                                                 {"2024-02-29T00:00Z", 1709164800},
                                                 {"2024-02-29 01:30:00+01:00", 1709166600},
                                                 {"1970-01-01T00:00:07.5", Number::parse("7.5")}};

struct KnownRegex {
  const char* pattern;
  const char* flags;
  bool (*found)(const std::string&);
};
const std::vector<KnownRegex> kRegexes = {
    {"a", "", [](const std::string& s) { return s.find('a') != s.npos; }},
    {"A", "i", [](const std::string& s) { return s.find_first_of("aA") != s.npos; }},
    {"^a", "", [](const std::string& s) { return s.starts_with("a"); }},
    {"^10\\.", "s", [](const std::string& s) { return s.starts_with("10."); }},
    {"/", "", [](const std::string& s) { return s.find('/') != s.npos; }},
};

struct KnownNetwork {
  const char* text;
  bool (*contains)(const std::string&);
};
const std::vector<KnownNetwork> kNetworks = {
    {"10.0.0.0/8", [](const std::string& s) { return s == "10.0.0.1" || s == "10.9.8.7"; }},
    {"10.9.8.7", [](const std::string& s) { return s == "10.9.8.7"; }},
    {"fe80::/10", [](const std::string& s) { return s == "fe80::1"; }},
    {"2a00::/16", [](const std::string&) { return false; }},
};

const std::vector<std::string> kTexts = {"",
                                         "a",
                                         "ab",
                                         "A",
                                         "b",
                                         "é",
                                         "a/b",
                                         "it's \"q\" \\ `",
                                         "10.0.0.1",
                                         "10.9.8.7",
                                         "fe80::1",
                                         "2024-02-29",
                                         "2024-02-29T00:00Z",
                                         "1970-01-01T00:00:07.5",
                                         "line\nend"};
const std::vector<std::string> kNames = {"a",   "b",     "c",    "x y", "and",
                                         "p.q", "größe", "size", "1st"};

class Source : public Random {
 public:
  using Random::Random;

  Value scalar() {
    switch (below(8)) {
      case 0:
        return nullptr;
      case 1:
        return one_in(2);
      case 2:
      case 3:
        return number();
      case 4:
        return ByteString{std::string(static_cast<std::size_t>(below(3)), 'a')};
      default:
        return pick(kTexts);
    }
  }
  Value number() {
    return one_in(5) ? Value(1709164800) : Value(Number(below(7) - 3) + Number(below(2)) - 0.5);
  }
  Value value(int depth) {
    if (depth == 0 || one_in(2)) return scalar();
    switch (below(5)) {
      case 0: {
        StringSet set;
        for (int i = below(3); i >= 0; --i) set.insert(pick(kTexts));
        return set;
      }
      case 1: {
        NumberSet set;
        for (int i = below(3); i >= 0; --i) set.insert(below(4));
        return set;
      }
      case 2:
        return item(depth - 1);
      default: {
        List list;
        for (int i = below(4); i > 0; --i) list.push_back(value(depth - 1));
        return list;
      }
    }
  }
  Item item(int depth) {
    Item item;
    for (int i = below(8); i > 0; --i) item[pick(kNames)] = value(depth);
    return item;
  }
  Path path() {
    Path path = {pick(kNames)};
    while (one_in(3)) {
      if (one_in(2))
        path.emplace_back(static_cast<std::size_t>(below(4)));
      else
        path.emplace_back(pick(kNames));
    }
    return path;
  }
  Operand operand() {
    switch (below(6)) {
      case 0:
        return value(2);
      case 1:
        return scalar();
      case 2: {
        const auto known = pick(kInstants);
        return *Moment::parse(known.first);
      }
      case 3:
        return SizeOf{path()};
      default:
        return path();
    }
  }
  ConditionTree condition(int depth) {
    if (depth > 0 && one_in(2)) {
      if (one_in(3)) return {Not{{condition(depth - 1)}}};
      std::vector<ConditionTree> parts;
      for (int i = below(3); i >= -1; --i) parts.push_back(condition(depth - 1));
      if (one_in(2)) return {All{std::move(parts)}};
      return {Any{std::move(parts)}};
    }
    switch (below(11)) {
      case 0:
        return {Between{operand(), operand(), operand()}};
      case 1: {
        OneOf one_of{operand(), {}};
        for (int i = below(3); i >= 0; --i) {
          if (one_in(4))
            one_of.choices.emplace_back(*Network::parse(pick(kNetworks).text));
          else
            one_of.choices.emplace_back(operand());
        }
        return {std::move(one_of)};
      }
      case 2: {
        const KnownRegex known = pick(kRegexes);
        return {Matches{operand(), Regex(known.pattern, known.flags)}};
      }
      case 3:
        return {Exists{path()}};
      case 4:
        return {HasType{path(), static_cast<ValueType>(below(10))}};
      case 5:
        return {BeginsWith{operand(), operand()}};
      case 6:
        return {Contains{operand(), operand()}};
      default:
        return {Comparison{static_cast<Comparison::Operator>(below(6)), operand(), operand()}};
    }
  }
};

// --- Writing expressions -------------------------------------------------------------------------

class Writer {
 public:
  explicit Writer(Source& random) : random_(random) {}

  const Placeholders& placeholders() const { return placeholders_; }

  std::string condition(const ConditionTree& tree) {
    if (random_.one_in(8)) return "(" + space() + condition(tree) + space() + ")";
    return std::visit([this](const auto& node) { return write(node); }, tree.node);
  }
  std::string path(const Path& path) {
    std::string text;
    for (const Step& step : path) {
      if (const std::size_t* index = std::get_if<std::size_t>(&step))
        text += "[" + space() + std::to_string(*index) + "]";
      else
        text += (text.empty() ? "" : ".") + space() + name(std::get<std::string>(step));
    }
    return text;
  }
  std::string constant(const Value& value) {
    if (random_.one_in(3)) {
      const std::string placeholder = ":" + std::to_string(placeholders_.values.size());
      placeholders_.values[placeholder] = value;
      return placeholder;
    }
    if (const std::string* text = value.get_if<std::string>()) return quoted(*text);
    const std::string json = to_json(value);
    return value.type() <= ValueType::boolean ? keyword(json) : json;
  }
  std::string keyword(std::string word) {
    const bool upper = random_.one_in(2);
    for (char& c : word) c = static_cast<char>(upper ? std::toupper(c) : std::tolower(c));
    return word;
  }
  std::string space() { return std::string(random_.one_in(6) ? " \n" : ""); }

 private:
  std::string name(const std::string& name) {
    static const std::set<std::string> kPlain = {"a", "b", "c", "größe", "size"};
    if (kPlain.contains(name) && random_.one_in(2)) return name;
    if (random_.one_in(2)) {
      const std::string placeholder = "#" + std::to_string(placeholders_.names.size());
      placeholders_.names[placeholder] = name;
      return placeholder;
    }
    return "`" + name + "`";
  }
  std::string quoted(const std::string& text) {
    const char quote = random_.one_in(2) ? '"' : '\'';
    std::string out(1, quote);
    for (const char c : text) {
      if (c == quote || c == '\\' || (c == '/' && random_.one_in(2))) out += '\\';
      out += c;
    }
    return out + quote;
  }
  std::string operand(const Operand& operand) {
    return space() + std::visit([this](const auto& node) { return write(node); }, operand) +
           space();
  }
  std::string within(const ConditionTree& tree) {
    const bool is_joined =
        std::holds_alternative<All>(tree.node) || std::holds_alternative<Any>(tree.node);
    return is_joined ? "(" + condition(tree) + ")" : condition(tree);
  }
  std::string joined(const std::vector<ConditionTree>& parts, const char* word) {
    std::string text = within(parts.front());
    for (std::size_t i = 1; i < parts.size(); ++i)
      text += " " + keyword(word) + " " + within(parts[i]);
    return text;
  }

  std::string write(const Value& value) { return constant(value); }
  std::string write(const Moment& moment) { return moment.text; }
  std::string write(const Path& path) { return this->path(path); }
  std::string write(const SizeOf& size) { return "size" + space() + "(" + path(size.path) + ")"; }
  std::string write(const Comparison& comparison) {
    static const std::vector<std::vector<std::string>> kOperators = {
        {"=", "=="}, {"<>", "!="}, {"<"}, {"<="}, {">"}, {">="}};
    return operand(comparison.left) +
           random_.pick(kOperators[static_cast<std::size_t>(comparison.op)]) +
           operand(comparison.right);
  }
  std::string write(const Between& between) {
    return operand(between.operand) + " " + keyword("between") + " " + operand(between.low) + " " +
           keyword("and") + " " + operand(between.high);
  }
  std::string write(const OneOf& one_of) {
    std::string list;
    for (const auto& choice : one_of.choices) {
      if (!list.empty()) list += "," + space();
      if (const Operand* operand = std::get_if<Operand>(&choice)) {
        list += this->operand(*operand);
        continue;
      }
      for (const KnownNetwork& known : kNetworks)
        if (std::get<Network>(choice) == Network::parse(known.text)) list += known.text;
      if (one_of.choices.size() == 1 && random_.one_in(2))
        return operand(one_of.operand) + " " + keyword("in") + " " + list;
    }
    return operand(one_of.operand) + " " + keyword("in") + " (" + list + ")";
  }
  std::string write(const Matches& matches) {
    std::string regex;
    for (const KnownRegex& known : kRegexes)
      if (matches.regex == Regex(known.pattern, known.flags))
        regex =
            (known.pattern == std::string("/") ? "/\\//" : "/" + std::string(known.pattern) + "/") +
            known.flags;
    return operand(matches.text) + "=~" + space() + regex;
  }
  std::string write(const Exists& exists) { return "attribute_exists(" + path(exists.path) + ")"; }
  std::string write(const HasType& has_type) {
    return "attribute_type(" + path(has_type.path) + "," +
           constant(std::string(type_name(has_type.type))) + ")";
  }
  std::string write(const BeginsWith& begins) {
    return "begins_with(" + operand(begins.text) + "," + operand(begins.prefix) + ")";
  }
  std::string write(const Contains& contains) {
    if (random_.one_in(2))
      return operand(contains.element) + " " + keyword("in") + " " + operand(contains.container);
    return "contains(" + operand(contains.container) + "," + operand(contains.element) + ")";
  }
  std::string write(const All& all) { return joined(all.conditions, "and"); }
  std::string write(const Any& any) { return joined(any.conditions, "or"); }
  std::string write(const Not& negated) {
    const Exists* exists = std::get_if<Exists>(&negated.condition.front().node);
    if (exists != nullptr && random_.one_in(2))
      return "attribute_not_exists(" + path(exists->path) + ")";
    return keyword("not") + " " + within(negated.condition.front());
  }

  Source& random_;
  Placeholders placeholders_;
};

// --- The model of conditions ---------------------------------------------------------------------

struct Seen {
  std::optional<Value> value;  // of a moment: its text
  bool is_moment = false;
};

std::optional<Value> look(const std::optional<Value>& value, const Path& path, std::size_t step) {
  if (!value || step == path.size()) return value;
  if (const std::string* name = std::get_if<std::string>(&path[step])) {
    if (value->type() != ValueType::map || !value->as<Map>().contains(*name)) return std::nullopt;
    return look(value->as<Map>().at(*name), path, step + 1);
  }
  const std::size_t index = std::get<std::size_t>(path[step]);
  if (value->type() != ValueType::list || index >= value->as<List>().size()) return std::nullopt;
  return look(value->as<List>()[index], path, step + 1);
}

std::optional<Value> size_by_json(const Value& value) {
  switch (value.type()) {
    case ValueType::string: {
      int characters = 0;
      for (const unsigned char c : value.as<std::string>()) characters += c < 0x80 || c >= 0xc0;
      return Value(characters);
    }
    case ValueType::binary:
      return Value(value.as<ByteString>().bytes.size());
    case ValueType::list:
      return Value(value.as<List>().size());
    case ValueType::map:
      return Value(value.as<Map>().size());
    case ValueType::string_set:
      return Value(value.as<StringSet>().size());
    case ValueType::number_set:
      return Value(value.as<NumberSet>().size());
    default:
      return std::nullopt;
  }
}

Seen see(const Operand& operand, const Item& item) {
  if (const Value* value = std::get_if<Value>(&operand)) return {*value};
  if (const Moment* moment = std::get_if<Moment>(&operand)) return {Value(moment->text), true};
  if (const Path* path = std::get_if<Path>(&operand)) return {look(Value(item), *path, 0)};
  const auto value = look(Value(item), std::get<SizeOf>(operand).path, 0);
  return {value ? size_by_json(*value) : std::nullopt};
}

// -1, 0, 1; or 2: no order, 3: not to be compared at all.
int compare(const Seen& a, const Seen& b) {
  if (!a.value || !b.value) return 3;
  const auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : y < x ? 1 : 0; };
  if (a.is_moment || b.is_moment) {
    const auto seconds = [](const Value& value) -> std::optional<Number> {
      if (value.type() == ValueType::number) return value.as<Number>();
      if (value.type() != ValueType::string) return std::nullopt;
      const auto known = kInstants.find(value.as<std::string>());
      return known == kInstants.end() ? std::nullopt : std::optional(known->second);
    };
    const auto left = seconds(*a.value);
    const auto right = seconds(*b.value);
    return left && right ? sign(*left, *right) : 3;
  }
  if (a.value->type() != b.value->type()) return 3;
  if (*a.value == *b.value) {
    const bool has_order = a.value->type() == ValueType::number ||
                           a.value->type() == ValueType::string ||
                           a.value->type() == ValueType::binary;
    return has_order ? 0 : 4;  // equal, without an order
  }
  switch (a.value->type()) {
    case ValueType::number:
      return sign(a.value->as<Number>(), b.value->as<Number>());
    case ValueType::string:
      return sign(a.value->as<std::string>(), b.value->as<std::string>());
    case ValueType::binary:
      return sign(a.value->as<ByteString>().bytes, b.value->as<ByteString>().bytes);
    default:
      return 2;
  }
}

bool model(const ConditionTree& tree, const Item& item) {
  const auto equal = [](int order) { return order == 0 || order == 4; };
  if (const auto* all = std::get_if<All>(&tree.node)) {
    bool result = true;
    for (const auto& part : all->conditions) result = result && model(part, item);
    return result;
  }
  if (const auto* any = std::get_if<Any>(&tree.node)) {
    bool result = false;
    for (const auto& part : any->conditions) result = result || model(part, item);
    return result;
  }
  if (const auto* negated = std::get_if<Not>(&tree.node))
    return !model(negated->condition[0], item);
  if (const auto* comparison = std::get_if<Comparison>(&tree.node)) {
    const int order = compare(see(comparison->left, item), see(comparison->right, item));
    static const std::map<Comparison::Operator, std::set<int>> kHolds = {
        {Comparison::Operator::equal, {0, 4}}, {Comparison::Operator::not_equal, {-1, 1, 2}},
        {Comparison::Operator::less, {-1}},    {Comparison::Operator::less_equal, {-1, 0}},
        {Comparison::Operator::greater, {1}},  {Comparison::Operator::greater_equal, {0, 1}}};
    return kHolds.at(comparison->op).contains(order);
  }
  if (const auto* between = std::get_if<Between>(&tree.node)) {
    const Seen value = see(between->operand, item);
    const int low = compare(see(between->low, item), value);
    const int high = compare(value, see(between->high, item));
    return (low == -1 || low == 0) && (high == -1 || high == 0);
  }
  if (const auto* one_of = std::get_if<OneOf>(&tree.node)) {
    const Seen value = see(one_of->operand, item);
    for (const auto& choice : one_of->choices) {
      if (const Operand* operand = std::get_if<Operand>(&choice)) {
        if (equal(compare(value, see(*operand, item)))) return true;
        continue;
      }
      if (!value.value || value.is_moment || value.value->type() != ValueType::string) continue;
      for (const KnownNetwork& known : kNetworks)
        if (std::get<Network>(choice) == Network::parse(known.text) &&
            known.contains(value.value->as<std::string>()))
          return true;
    }
    return false;
  }
  if (const auto* matches = std::get_if<Matches>(&tree.node)) {
    const Seen text = see(matches->text, item);
    if (!text.value || text.is_moment || text.value->type() != ValueType::string) return false;
    for (const KnownRegex& known : kRegexes)
      if (matches->regex == Regex(known.pattern, known.flags))
        return known.found(text.value->as<std::string>());
    return false;
  }
  if (const auto* exists = std::get_if<Exists>(&tree.node))
    return look(Value(item), exists->path, 0).has_value();
  if (const auto* has_type = std::get_if<HasType>(&tree.node)) {
    const auto value = look(Value(item), has_type->path, 0);
    return value && value->type() == has_type->type;
  }
  if (const auto* begins = std::get_if<BeginsWith>(&tree.node)) {
    const auto text = see(begins->text, item).value;
    const auto prefix = see(begins->prefix, item).value;
    if (!text || !prefix || text->type() != prefix->type()) return false;
    if (text->type() == ValueType::string)
      return text->as<std::string>().rfind(prefix->as<std::string>(), 0) == 0;
    return text->type() == ValueType::binary &&
           text->as<ByteString>().bytes.rfind(prefix->as<ByteString>().bytes, 0) == 0;
  }
  const auto& contains = std::get<Contains>(tree.node);
  const Seen container = see(contains.container, item);
  const auto element = see(contains.element, item).value;
  if (!container.value || container.is_moment || !element) return false;
  bool found = false;
  switch (container.value->type()) {
    case ValueType::list:
      for (const Value& value : container.value->as<List>()) found = found || value == *element;
      return found;
    case ValueType::string_set:
      for (const auto& text : container.value->as<StringSet>())
        found = found || Value(text) == *element;
      return found;
    case ValueType::number_set:
      for (const auto& number : container.value->as<NumberSet>())
        found = found || Value(number) == *element;
      return found;
    case ValueType::string:
      return element->type() == ValueType::string &&
             container.value->as<std::string>().find(element->as<std::string>()) !=
                 std::string::npos;
    case ValueType::binary:
      return element->type() == ValueType::binary &&
             container.value->as<ByteString>().bytes.find(element->as<ByteString>().bytes) !=
                 std::string::npos;
    default:
      return false;
  }
}

TEST(ExpressionModel, ConditionsAreReadAsWrittenAndHoldAsTheModelSays) {
  const std::uint64_t seed = plinth::test::seed_or(1);
  SCOPED_TRACE(plinth::test::seed_trace(seed));
  Source random(seed);
  int held = 0;
  const int rounds = 4'000 * plinth::test::long_factor();
  for (int round = 0; round < rounds; ++round) {
    const ConditionTree tree = random.condition(3);
    Writer writer(random);
    const std::string text = writer.condition(tree);
    ASSERT_EQ(Parser(text, writer.placeholders()).whole_condition(), tree) << text;
    const Condition condition = Condition::parse(text, writer.placeholders());
    for (int i = 0; i < 5; ++i) {
      const Item item = random.item(3);
      const bool wanted = model(tree, item);
      ASSERT_EQ(condition.matches(item), wanted) << text << "\n" << to_json(item);
      held += wanted ? 1 : 0;
    }
  }
  EXPECT_GT(held, rounds / 2);
}

// --- The model of updates ------------------------------------------------------------------------

// What is to be at a path: a value, or nothing.
using Actions = std::map<Path, std::optional<Value>>;

struct Impossible {};

bool is_below(const Path& path, const Path& above) {
  return path.size() > above.size() && std::equal(above.begin(), above.end(), path.begin());
}

Path child(Path path, Step step) {
  path.push_back(std::move(step));
  return path;
}

// What `old`, which is at `here`, becomes.
std::optional<Value> rebuilt(const std::optional<Value>& old, const Path& here,
                             const Actions& actions) {
  if (const auto action = actions.find(here); action != actions.end()) return action->second;
  std::set<Step> next;
  bool sets = false;
  for (const auto& [path, value] : actions) {
    if (!is_below(path, here)) continue;
    next.insert(path[here.size()]);
    sets = sets || value;
  }
  if (next.empty()) return old;
  const bool names = std::holds_alternative<std::string>(*next.begin());
  if (!old || old->type() != (names ? ValueType::map : ValueType::list)) {
    if (sets) throw Impossible();
    return old;
  }
  if (names) {
    Map map;
    for (const auto& [name, value] : old->as<Map>()) next.insert(name);
    for (const Step& step : next) {
      const auto& members = old->as<Map>();
      const auto member = members.find(std::get<std::string>(step));
      auto value = rebuilt(member == members.end() ? std::nullopt : std::optional(member->second),
                           child(here, step), actions);
      if (value) map.emplace(std::get<std::string>(step), *value);
    }
    return map;
  }
  List list;
  const List& elements = old->as<List>();
  for (std::size_t i = 0; i < elements.size(); ++i)
    if (auto value = rebuilt(elements[i], child(here, i), actions)) list.push_back(*value);
  for (const Step& step : next)
    if (std::get<std::size_t>(step) >= elements.size())
      if (auto value = rebuilt(std::nullopt, child(here, step), actions)) list.push_back(*value);
  return list;
}

TEST(ExpressionModel, UpdatesMakeWhatRebuildingMakes) {
  const std::uint64_t seed = plinth::test::seed_or(2);
  SCOPED_TRACE(plinth::test::seed_trace(seed));
  Source random(seed);
  int done = 0;
  int refused = 0;
  for (int round = 0; round < 20'000 * plinth::test::long_factor(); ++round) {
    const Item before = random.item(3);
    Writer writer(random);
    Actions actions;
    std::map<std::string, std::string> clauses;
    PathTree paths;
    bool possible = true;
    const auto add = [&](const std::string& clause, const std::string& action) {
      std::string& all = clauses[clause];
      all += (all.empty() ? writer.keyword(clause) + " " : ", ") + action;
    };
    for (int i = random.below(5); i >= 0; --i) {
      const Path path = random.path();
      PathTree with = paths;
      if (with.insert(path)) continue;  // which UpdateTest shows to be refused
      paths = with;
      const auto old = look(Value(before), path, 0);
      const std::string place = writer.path(path);
      switch (random.below(5)) {
        case 0: {
          const Path from = random.path();
          const auto value = look(Value(before), from, 0);
          possible = possible && value;
          actions[path] = value;
          add("SET", place + "=" + writer.path(from));
          break;
        }
        case 1: {
          const Path from = random.path();
          const Value otherwise = random.value(1);
          actions[path] = look(Value(before), from, 0).value_or(otherwise);
          add("SET", place + "=if_not_exists(" + writer.path(from) + "," +
                         writer.constant(otherwise) + ")");
          break;
        }
        case 2:
          actions[path] = std::nullopt;
          add("REMOVE", place);
          break;
        case 3: {
          const int more = random.below(9) - 4;
          if (!old || old->type() == ValueType::number)
            actions[path] = (old ? old->as<Number>() : Number()) + more;
          else
            possible = false;
          add("ADD", place + " " + writer.constant(more));
          break;
        }
        default: {
          const StringSet less = {random.pick(kTexts), random.pick(kTexts)};
          if (!old) {
            actions[path] = std::nullopt;
          } else if (old->type() == ValueType::string_set) {
            StringSet left = old->as<StringSet>();
            for (const std::string& text : less) left.erase(text);
            actions[path] = left.empty() ? std::nullopt : std::optional(Value(left));
          } else {
            possible = false;
          }
          add("DELETE", place + " " + writer.constant(less));
        }
      }
    }
    std::string text;
    for (const auto& [clause, all] : clauses)
      text = random.one_in(2) ? all + " " + text : text + " " + all;
    std::optional<Item> wanted;
    try {
      if (possible) wanted = rebuilt(Value(before), {}, actions)->as<Map>();
    } catch (const Impossible&) {
    }
    const Update update = Update::parse(text, writer.placeholders());
    try {
      const Item after = update.apply(before);
      ASSERT_TRUE(wanted) << text << "\n" << to_json(before) << "\n" << to_json(after);
      ASSERT_EQ(to_json(after), to_json(*wanted)) << text << "\n" << to_json(before);
      ++done;
    } catch (const Error& error) {
      ASSERT_EQ(error, ErrorCode::invalid_update);
      ASSERT_FALSE(wanted) << text << "\n" << to_json(before) << "\n" << error.what();
      ++refused;
    }
  }
  EXPECT_GT(done, 2'000);
  EXPECT_GT(refused, 2'000);
}

}  // namespace
}  // namespace plinth::layers::table
