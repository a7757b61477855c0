// plinth tuples NAME add|rm|get|query: tuple stores, each under ("plinth", "tuples", NAME).

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/value_text.hpp"
#include "plinth/tuple_store.hpp"

namespace plinth::cli {
namespace {

struct Arguments {
  std::string name;
  std::vector<std::string> words;
  std::string value;
  std::size_t limit = SIZE_MAX;
  bool keep_order = false;
};

// NAME or NAME:WIDTH.
struct StoreName {
  explicit StoreName(const std::string& text) : name(text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string::npos) return;
    std::size_t columns = 0;
    const char* const end = text.data() + text.size();
    const auto [behind, error] = std::from_chars(text.data() + colon + 1, end, columns);
    if (error != std::errc() || behind != end) return;
    width = columns;
    name.resize(colon);
  }

  Tuple prefix() const { return Tuple::of("plinth", "tuples", name); }
  // Beside the keys of the store's indexes, which have numbers there.
  Bytes width_key() const { return (prefix() + Tuple::of("width")).pack(); }
  TupleStore store(std::size_t columns) const { return {shown_text(name), columns, prefix()}; }

  std::string name;
  std::optional<std::size_t> width;
};

// How many columns the store has: what was written down with its first tuple, else what NAME says;
// nothing when there is no store.
std::optional<std::size_t> width_of(const StoreName& name, const ReadTransaction& reads) {
  const std::optional<Bytes> written = reads.get(name.width_key()).get();
  if (!written) return name.width;
  const auto width = std::get<0>(unpack<std::size_t>(*written));
  if (name.width && *name.width != width)
    throw UsageError(
        fmt::format("{} has {} columns, not {}", shown_text(name.name), width, *name.width));
  return width;
}

Tuple tuple_of(const std::vector<std::string>& words) {
  Tuple tuple;
  for (const std::string& word : words) tuple.push_back(parse_value(word));
  return tuple;
}

int add(Session& session, const Arguments& arguments) {
  const StoreName name(arguments.name);
  const Tuple tuple = tuple_of(arguments.words);
  const Bytes value = parse_key_text(arguments.value);
  const Version version = session.write([&](Transaction& tx) {
    const std::size_t width = width_of(name, tx).value_or(tuple.size());
    name.store(width).add(tx, tuple, value);
    if (!tx.get(name.width_key()).get()) tx.set(name.width_key(), pack(width));
  });
  if (session.json()) print_line(json_version(version));
  return kSuccess;
}

int no_such_store(const StoreName& name) {
  fmt::print(stderr, "plinth: there are no tuples {}\n", shown_text(name.name));
  return kNo;
}

int remove(Session& session, const Arguments& arguments) {
  const StoreName name(arguments.name);
  const Tuple tuple = tuple_of(arguments.words);
  bool there = false;
  const Version version = session.write([&](Transaction& tx) {
    const TupleStore store = name.store(width_of(name, tx).value_or(tuple.size()));
    there = store.get(tx, tuple).get().has_value();
    store.remove(tx, tuple);
  });
  if (session.json()) {
    print_line(json_version(version));
  } else if (!there) {
    fmt::print(stderr, "plinth: {} has no such tuple\n", shown_text(name.name));
    return kNo;
  }
  return kSuccess;
}

int get(Session& session, const Arguments& arguments) {
  const StoreName name(arguments.name);
  const Tuple tuple = tuple_of(arguments.words);
  const std::optional<Bytes> value = session.read([&](const ReadTransaction& reads) {
    return name.store(width_of(name, reads).value_or(tuple.size())).get(reads, tuple).get();
  });
  if (session.json()) {
    print_line(fmt::format(R"({{"value":{}}})", value ? json_string(escaped(*value)) : "null"));
    return kSuccess;
  }
  if (!value) {
    fmt::print(stderr, "plinth: {} has no such tuple\n", shown_text(name.name));
    return kNo;
  }
  print_line(shown_text(*value));
  return kSuccess;
}

// Patterns stand behind one another, with a comma of its own between two.
std::vector<Pattern> patterns_of(const std::vector<std::string>& words) {
  std::vector<Pattern> patterns;
  std::vector<PatternItem> items;
  const auto end_pattern = [&] {
    if (items.empty()) throw UsageError("a pattern is missing before or behind a comma");
    patterns.emplace_back(std::exchange(items, {}));
  };
  for (const std::string& word : words) {
    if (word == ",") {
      end_pattern();
    } else {
      items.push_back(parse_pattern_item(word));
    }
  }
  end_pattern();
  return patterns;
}

std::string shown(const Session& session, const Bindings& bindings) {
  std::string text;
  for (std::size_t i = 0; i < bindings.size(); ++i) {
    const std::string& name = bindings.name(i);
    if (session.json()) {
      text += fmt::format("{}{}:{}", i > 0 ? "," : "", json_string(name),
                          json_value(bindings.value(i)));
    } else {
      text += fmt::format("{}{} = {}", i > 0 ? ", " : "", name,
                          shown_text(shown_value_text(bindings.value(i))));
    }
  }
  if (session.json()) return "{" + text + "}";
  return bindings.empty() ? "yes" : text;
}

int query(Session& session, const Arguments& arguments) {
  const StoreName name(arguments.name);
  const std::vector<Pattern> patterns = patterns_of(arguments.words);
  std::size_t printed = 0;
  const bool is_there = session.read([&](const ReadTransaction& reads) {
    if (printed > 0)
      throw CommandFailed(ErrorCode::transaction_too_old,
                          "the query takes longer than a transaction may; ask for less, or with "
                          "--limit");
    const std::optional<std::size_t> width = width_of(name, reads);
    if (!width) return false;
    BindingStream found =
        name.store(*width).query(reads, patterns, {.reorder = !arguments.keep_order});
    while (printed < arguments.limit) {
      check_interrupt();
      const std::optional<Bindings> one = found.next().get();
      if (!one) break;
      print_line(shown(session, *one));
      ++printed;
    }
    return true;
  });
  if (session.json() || printed > 0) return kSuccess;
  if (!is_there) return no_such_store(name);
  fmt::print(stderr, "plinth: no tuples of {} agree\n", shown_text(name.name));
  return kNo;
}

constexpr const char* kValueHelp =
    "Text, or #i42, #f3.14, #true, #false, #none, #u<hex>, #b<hex>; _ is a fresh UUID";

void add_verbs(CLI::App& tuples, std::shared_ptr<Arguments> arguments, Action& action) {
  const auto runs = [arguments, &action](int (*work)(Session&, const Arguments&)) {
    return [arguments, work, &action] {
      action = [arguments, work](Session& session) { return work(session, *arguments); };
    };
  };
  const auto takes_tuple = [&](CLI::App* command) {
    command->add_option("V", arguments->words, kValueHelp)->required()->type_name("");
  };
  CLI::App* command = add_command(tuples, "add", "Add a tuple, or give it another value",
                                  "  plinth tuples deps add apt depends libc6\n"
                                  "  plinth tuples ages add ada '#i36' --value 'in 1852'\n");
  takes_tuple(command);
  command->add_option("--value", arguments->value, "What is kept with it (default: nothing)")
      ->type_name("VALUE");
  command->callback(runs(add));
  command =
      add_command(tuples, "rm", "Remove a tuple", "  plinth tuples deps rm apt depends libc6\n");
  takes_tuple(command);
  command->callback(runs(remove));
  command = add_command(tuples, "get", "Print the value of a tuple",
                        "  plinth tuples ages get ada '#i36'\n");
  takes_tuple(command);
  command->callback(runs(get));
  command = add_command(
      tuples, "query", "Find what agrees with one pattern or more",
      "  plinth tuples deps query '?package' depends libc6\n"
      "  plinth tuples deps query '?a' depends '?b' , '?b' section libs\n",
      "?name is a variable, the same one wherever it stands; all else is a value. Between two\n"
      "patterns stands a comma of its own.\n");
  command->add_option("PATTERN", arguments->words, "A value or a ?variable for each column")
      ->required()
      ->type_name("");
  command->add_option("--limit", arguments->limit, "Answers at the most")
      ->check(CLI::Range(1, 2'147'483'647).description(""))
      ->type_name("N");
  command->add_flag("--keep-order", arguments->keep_order,
                    "Look for the patterns in this order, not in that of what there is less of");
  command->callback(runs(query));
}

}  // namespace

void add_tuples_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* tuples = add_command(
      app, "tuples", "Tuples, found by patterns and by joins of them",
      "  plinth tuples deps add apt depends libc6\n"
      "  plinth tuples deps query '?package' depends '?b' , '?b' section libs\n"
      "  plinth --json tuples deps query apt depends '?b'    {\"b\":\"libc6\"}\n"
      "  plinth tuples deps rm apt depends libc6\n",
      "A store is named by NAME, and made with its first tuple, which says how many columns it\n"
      "has; NAME:3 says that it has three. Its keys begin with the tuple\n"
      "(\"plinth\", \"tuples\", NAME).\n");
  tuples->add_option("NAME", arguments->name, "Of the store")->required()->type_name("");
  tuples->require_subcommand(1);
  add_verbs(*tuples, arguments, action);
}

}  // namespace plinth::cli
