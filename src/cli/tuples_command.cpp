// plinth tuples NAME add|rm|get|query: tuple stores, each under ("plinth", "tuples", NAME).

#include <fmt/format.h>

#include <memory>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/tuple_words.hpp"
#include "cli/verbs.hpp"
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

StoreName store_name(const Arguments& arguments) {
  return {"tuples", arguments.name};
}

TupleStore store_of(const StoreName& name, std::size_t columns) {
  return {shown_text(name.name), columns, name.prefix()};
}

int add(Session& session, const Arguments& arguments) {
  const StoreName name = store_name(arguments);
  const Tuple tuple = tuple_of(arguments.words);
  const Bytes value = parse_key_text(arguments.value);
  const Version version = session.write([&](Transaction& tx) {
    const std::size_t width = width_of(name, tx).value_or(tuple.size());
    store_of(name, width).add(tx, tuple, value);
    keep_width(name, tx, width);
  });
  if (session.json()) print_line(json_version(version));
  return kSuccess;
}

int no_such_store(const StoreName& name) {
  fmt::print(stderr, "plinth: there are no tuples {}\n", shown_text(name.name));
  return kNo;
}

int remove(Session& session, const Arguments& arguments) {
  const StoreName name = store_name(arguments);
  const Tuple tuple = tuple_of(arguments.words);
  bool there = false;
  const Version version = session.write([&](Transaction& tx) {
    const TupleStore store = store_of(name, width_of(name, tx).value_or(tuple.size()));
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
  const StoreName name = store_name(arguments);
  const Tuple tuple = tuple_of(arguments.words);
  const std::optional<Bytes> value = session.read([&](const ReadTransaction& reads) {
    return store_of(name, width_of(name, reads).value_or(tuple.size())).get(reads, tuple).get();
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

int query(Session& session, const Arguments& arguments) {
  const StoreName name = store_name(arguments);
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
        store_of(name, *width).query(reads, patterns, {.reorder = !arguments.keep_order});
    while (printed < arguments.limit) {
      check_interrupt();
      const std::optional<Bindings> one = found.next().get();
      if (!one) break;
      print_line(shown_bindings(*one, session.json()));
      ++printed;
    }
    return true;
  });
  if (session.json() || printed > 0) return kSuccess;
  if (!is_there) return no_such_store(name);
  fmt::print(stderr, "plinth: no tuples of {} agree\n", shown_text(name.name));
  return kNo;
}

void add_verbs(Verbs<Arguments>& verbs) {
  Arguments& arguments = verbs.arguments();
  const auto takes_tuple = [&](CLI::App* command) {
    command->add_option("V", arguments.words, kValueHelp)->required()->type_name("");
  };
  CLI::App* command = verbs.verb("add", add, "Add a tuple, or give it another value",
                                 "  plinth tuples deps add apt depends libc6\n"
                                 "  plinth tuples ages add ada '#i36' --value 'in 1852'\n");
  takes_tuple(command);
  command->add_option("--value", arguments.value, "What is kept with it (default: nothing)")
      ->type_name("VALUE");
  command =
      verbs.verb("rm", remove, "Remove a tuple", "  plinth tuples deps rm apt depends libc6\n");
  takes_tuple(command);
  command =
      verbs.verb("get", get, "Print the value of a tuple", "  plinth tuples ages get ada '#i36'\n");
  takes_tuple(command);
  command = verbs.verb(
      "query", query, "Find what agrees with one pattern or more",
      "  plinth tuples deps query '?package' depends libc6\n"
      "  plinth tuples deps query '?a' depends '?b' , '?b' section libs\n",
      "?name is a variable, the same one wherever it stands; all else is a value. Between two\n"
      "patterns stands a comma of its own.\n");
  command->add_option("PATTERN", arguments.words, "A value or a ?variable for each column")
      ->required()
      ->type_name("");
  command->add_option("--limit", arguments.limit, "Answers at the most")
      ->check(CLI::Range(1, 2'147'483'647).description(""))
      ->type_name("N");
  command->add_flag("--keep-order", arguments.keep_order,
                    "Look for the patterns in this order, not in that of what there is less of");
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
  Verbs verbs(*tuples, arguments, action);
  add_verbs(verbs);
}

}  // namespace plinth::cli
