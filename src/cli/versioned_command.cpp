// plinth versioned NAME new|add|rm|…: tuples with their history, each store under
// ("plinth", "versioned", NAME).

#include <fmt/format.h>

#include <memory>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/tuple_words.hpp"
#include "cli/uid_text.hpp"
#include "cli/verbs.hpp"
#include "plinth/versioned_store.hpp"

namespace plinth::cli {
namespace {

// Of a store whose NAME does not say: a thing, what about it, and that.
constexpr std::size_t kWidth = 3;

struct Arguments {
  std::string name, change, other, message, value;
  std::vector<std::string> words;
  std::optional<std::string> as_of, preview;
  std::size_t limit = SIZE_MAX;
  bool no_check = false;
};

StoreName store_name(const Arguments& arguments) {
  return {"versioned", arguments.name};
}

VersionedStore store_of(const StoreName& name, const ReadTransaction& reads) {
  const std::size_t width = width_of(name, reads).value_or(kWidth);
  std::vector<std::string> columns{"uid", "key", "value"};
  if (width != columns.size()) {
    columns.clear();
    for (std::size_t i = 0; i < width; ++i) columns.push_back(fmt::format("column{}", i + 1));
  }
  return VersionedStore(shown_text(name.name), columns, name.prefix());
}

// --- Changes -----------------------------------------------------------------------------------

int print_change(const Session& session, const Uuid& change) {
  print_line(session.json() ? fmt::format(R"({{"change":"{}"}})", shown_uid(change))
                            : shown_uid(change));
  return kSuccess;
}

int create(Session& session, const Arguments& arguments) {
  const StoreName name = store_name(arguments);
  Uuid change;
  session.write([&](Transaction& tx) {
    const VersionedStore store = store_of(name, tx);
    keep_width(name, tx, store.columns().size());
    change = store.create(tx, arguments.message).get();
  });
  return print_change(session, change);
}

int write(Session& session, const Arguments& arguments,
          const std::function<void(Transaction&, const VersionedStore&, Uuid)>& work) {
  const StoreName name = store_name(arguments);
  const Uuid change = parse_uid(arguments.change);
  session.database(Access::read);  // does not make one
  const Version version =
      session.write([&](Transaction& tx) { work(tx, store_of(name, tx), change); });
  if (session.json()) print_line(json_version(version));
  return kSuccess;
}

int add(Session& session, const Arguments& arguments) {
  const Tuple items = tuple_of(arguments.words);
  const Bytes value = parse_key_text(arguments.value);
  return write(session, arguments, [&](Transaction& tx, const VersionedStore& store, Uuid change) {
    store.add(tx, change, items, value).get();
  });
}

int remove(Session& session, const Arguments& arguments) {
  const Tuple items = tuple_of(arguments.words);
  return write(session, arguments, [&](Transaction& tx, const VersionedStore& store, Uuid change) {
    store.remove(tx, change, items).get();
  });
}

int set_message(Session& session, const Arguments& arguments) {
  return write(session, arguments, [&](Transaction& tx, const VersionedStore& store, Uuid change) {
    store.set_message(tx, change, arguments.message).get();
  });
}

int apply(Session& session, const Arguments& arguments) {
  using Check = VersionedStore::Check;
  return write(session, arguments, [&](Transaction& tx, const VersionedStore& store, Uuid change) {
    store.apply(tx, change, arguments.no_check ? Check::none : Check::overlapping).get();
  });
}

int drop(Session& session, const Arguments& arguments) {
  return write(session, arguments, [](Transaction& tx, const VersionedStore& store, Uuid change) {
    store.drop(tx, change).get();
  });
}

int revert(Session& session, const Arguments& arguments) {
  const StoreName name = store_name(arguments);
  const Uuid change = parse_uid(arguments.change);
  session.database(Access::read);
  Uuid made;
  session.write([&](Transaction& tx) {
    const VersionedStore store = store_of(name, tx);
    const std::string message = arguments.message.empty()
                                    ? "revert " + store.change(tx, change).get().message
                                    : arguments.message;
    made = store.revert(tx, change, message).get();
  });
  return print_change(session, made);
}

// --- Their history -----------------------------------------------------------------------------

std::string shown_stamp(const Versionstamp& stamp) {
  return fmt::format("{:016x}{:04x}{:04x}", stamp.version(), stamp.batch_order(),
                     stamp.user_order());
}

std::string shown_info(const Session& session, const ChangeInfo& change) {
  if (!session.json())
    return fmt::format("{}  {}  {}", shown_uid(change.id),
                       change.significance ? "applied" : "open   ", shown_text(change.message));
  return fmt::format(R"({{"change":"{}","message":{},"significance":{}}})", shown_uid(change.id),
                     json_string(change.message),
                     change.significance ? json_string(shown_stamp(*change.significance)) : "null");
}

std::string shown_value(const std::optional<Bytes>& value) {
  return value && !value->empty() ? " = " + shown_text(*value) : "";
}

std::string json_value_or_null(const std::optional<Bytes>& value) {
  return value ? json_string(escaped(*value)) : "null";
}

int log(Session& session, const Arguments& arguments) {
  const StoreName name = store_name(arguments);
  constexpr std::size_t kPage = 500;
  std::size_t left = arguments.limit;
  std::optional<Versionstamp> before;
  while (left > 0) {
    check_interrupt();
    const std::size_t most = std::min(left, kPage);
    const std::vector<ChangeInfo> page = session.read([&](const ReadTransaction& reads) {
      return store_of(name, reads).changes(reads, most, before).get();
    });
    for (const ChangeInfo& change : page) print_line(shown_info(session, change));
    if (page.size() < most) break;
    before = page.back().created;
    left -= page.size();
  }
  return kSuccess;
}

int show(Session& session, const Arguments& arguments) {
  const StoreName name = store_name(arguments);
  const Uuid change = parse_uid(arguments.change);
  ChangeInfo info;
  std::vector<ChangeOperation> operations;
  session.read([&](const ReadTransaction& reads) {
    const VersionedStore store = store_of(name, reads);
    info = store.change(reads, change).get();
    operations = store.operations(reads, change).get();
  });
  print_line(shown_info(session, info));
  for (const auto& [items, value] : operations)
    print_line(
        session.json()
            ? fmt::format(R"({{"operation":"{}","items":{},"value":{}}})", value ? "add" : "remove",
                          json_tuple(items), json_value_or_null(value))
            : fmt::format("{} {}{}", value ? '+' : '-', shown_tuple(items), shown_value(value)));
  return kSuccess;
}

int diff(Session& session, const Arguments& arguments) {
  const StoreName name = store_name(arguments);
  const Uuid from = parse_uid(arguments.change), to = parse_uid(arguments.other);
  const std::vector<TupleDifference> differences = session.read([&](const ReadTransaction& reads) {
    return store_of(name, reads).diff(reads, from, to).get();
  });
  for (const auto& [items, before, after] : differences) {
    if (session.json()) {
      print_line(fmt::format(R"({{"items":{},"before":{},"after":{}}})", json_tuple(items),
                             json_value_or_null(before), json_value_or_null(after)));
      continue;
    }
    if (before) print_line(fmt::format("- {}{}", shown_tuple(items), shown_value(before)));
    if (after) print_line(fmt::format("+ {}{}", shown_tuple(items), shown_value(after)));
  }
  return kSuccess;
}

int history(Session& session, const Arguments& arguments) {
  const StoreName name = store_name(arguments);
  const Tuple items = tuple_of(arguments.words);
  const std::vector<HistoryEntry> entries = session.read([&](const ReadTransaction& reads) {
    return store_of(name, reads).history(reads, items, arguments.limit).get();
  });
  for (const auto& [change, significance, value] : entries)
    print_line(session.json() ? fmt::format(R"({{"change":"{}","significance":"{}","value":{}}})",
                                            shown_uid(change), shown_stamp(significance),
                                            json_value_or_null(value))
                              : fmt::format("{}  {}{}", shown_uid(change),
                                            value ? "added" : "removed", shown_value(value)));
  if (!entries.empty() || session.json()) return kSuccess;
  fmt::print(stderr, "plinth: no change of {} has touched this tuple\n", shown_text(name.name));
  return kNo;
}

// --- Tuples ------------------------------------------------------------------------------------

VersionedView view_of(const VersionedStore& store, const ReadTransaction& reads,
                      const Arguments& arguments) {
  if (arguments.as_of) return store.as_of(reads, parse_uid(*arguments.as_of)).get();
  if (arguments.preview) return store.preview(reads, parse_uid(*arguments.preview)).get();
  return store.now(reads);
}

int query(Session& session, const Arguments& arguments) {
  const StoreName name = store_name(arguments);
  const std::vector<Pattern> patterns = patterns_of(arguments.words);
  std::size_t printed = 0;
  session.read([&](const ReadTransaction& reads) {
    if (printed > 0)
      throw CommandFailed(ErrorCode::transaction_too_old,
                          "the query takes longer than a transaction may; ask for less, or with "
                          "--limit");
    const VersionedStore store = store_of(name, reads);
    BindingStream found = view_of(store, reads, arguments).query(patterns);
    while (printed < arguments.limit) {
      check_interrupt();
      const std::optional<Bindings> one = found.next().get();
      if (!one) break;
      print_line(shown_bindings(*one, session.json()));
      ++printed;
    }
  });
  if (session.json() || printed > 0) return kSuccess;
  fmt::print(stderr, "plinth: no tuples of {} agree\n", shown_text(name.name));
  return kNo;
}

// --- The command line --------------------------------------------------------------------------

constexpr const char* kChangeHelp = "32 hexadecimal digits, as new prints them";

CLI::App* takes_change(CLI::App* command, Arguments& arguments) {
  command->add_option("CHANGE", arguments.change, kChangeHelp)->required()->type_name("");
  return command;
}
void takes_tuple(CLI::App* command, Arguments& arguments) {
  command->add_option("V", arguments.words, kValueHelp)->required()->type_name("");
}
void takes_limit(CLI::App* command, Arguments& arguments, const char* help) {
  command->add_option("--limit", arguments.limit, help)
      ->check(CLI::Range(1, 2'147'483'647).description(""))
      ->type_name("N");
}

void add_changing_verbs(Verbs<Arguments>& verbs) {
  Arguments& arguments = verbs.arguments();
  CLI::App* command = verbs.verb("new", create, "Create a change, and print it",
                                 "  plinth versioned facts new 'first import'\n");
  command->add_option("MESSAGE", arguments.message, "What it is about")->required()->type_name("");
  command = takes_change(verbs.verb("add", add, "Let a change add a tuple",
                                    "  plinth versioned facts add CHANGE ada born '#i1815'\n"),
                         arguments);
  takes_tuple(command, arguments);
  command->add_option("--value", arguments.value, "What is kept with it (default: nothing)")
      ->type_name("VALUE");
  command = takes_change(verbs.verb("rm", remove, "Let a change remove a tuple",
                                    "  plinth versioned facts rm CHANGE ada born '#i1816'\n"),
                         arguments);
  takes_tuple(command, arguments);
  command = takes_change(verbs.verb("message", set_message, "Give a change another message",
                                    "  plinth versioned facts message CHANGE 'second import'\n"),
                         arguments);
  command->add_option("MESSAGE", arguments.message, "What it is about")->required()->type_name("");
  command = takes_change(verbs.verb("apply", apply, "Make what a change does visible, and history",
                                    "  plinth versioned facts apply CHANGE\n",
                                    "It fails when changes that were applied since this one was "
                                    "created have touched the same\n"
                                    "tuples, unless with --no-check.\n"),
                         arguments);
  command->add_flag("--no-check", arguments.no_check, "What this change does counts");
  takes_change(verbs.verb("drop", drop, "Forget a change that is not applied",
                          "  plinth versioned facts drop CHANGE\n"),
               arguments);
  command = takes_change(
      verbs.verb("revert", revert, "Create a change that undoes an applied one, and print it",
                 "  plinth versioned facts apply $(plinth versioned facts revert CHANGE)\n"),
      arguments);
  command->add_option("--message", arguments.message, "What it is about")->type_name("MESSAGE");
}

void add_reading_verbs(Verbs<Arguments>& verbs) {
  Arguments& arguments = verbs.arguments();
  CLI::App* command = verbs.verb(
      "query", query, "Find what agrees with one pattern or more",
      "  plinth versioned facts query '?who' born '?year'\n"
      "  plinth versioned facts query '?who' born '?year' --as-of CHANGE\n"
      "  plinth versioned facts query '?a' likes '?b' , '?b' likes '?a'\n",
      "?name is a variable, the same one wherever it stands; all else is a value. Between two\n"
      "patterns stands a comma of its own.\n");
  command->add_option("PATTERN", arguments.words, "A value or a ?variable for each column")
      ->required()
      ->type_name("");
  CLI::Option* const as_of =
      command->add_option("--as-of", arguments.as_of, "As it was after this change")
          ->type_name("CHANGE");
  command->add_option("--preview", arguments.preview, "As it would be after this open change")
      ->type_name("CHANGE")
      ->excludes(as_of);
  takes_limit(command, arguments, "Answers at the most");
  command = verbs.verb("log", log, "List the changes, the newest first",
                       "  plinth versioned facts log --limit 10\n");
  takes_limit(command, arguments, "Changes at the most");
  takes_change(verbs.verb("show", show, "Print what a change does",
                          "  plinth versioned facts show CHANGE\n"),
               arguments);
  command = verbs.verb("diff", diff, "Print how tuples differ after two changes",
                       "  plinth versioned facts diff CHANGE ANOTHER\n");
  command->add_option("A", arguments.change, kChangeHelp)->required()->type_name("");
  command->add_option("B", arguments.other, "Another one, older or newer")
      ->required()
      ->type_name("");
  command =
      verbs.verb("history", history, "Print what changes have done to a tuple, the latest first",
                 "  plinth versioned facts history ada born '#i1815'\n");
  takes_tuple(command, arguments);
  takes_limit(command, arguments, "Changes at the most");
}

}  // namespace

void add_versioned_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* versioned = add_command(
      app, "versioned", "Tuples with their history, which changes make",
      "  change=$(plinth versioned facts new 'first import')\n"
      "  plinth versioned facts add $change ada born '#i1815'\n"
      "  plinth versioned facts apply $change\n"
      "  plinth versioned facts query '?who' born '?year'\n",
      "A store is named by NAME, and made with its first change. It has three columns; NAME:5 "
      "makes\n"
      "one of five. Its keys begin with the tuple (\"plinth\", \"versioned\", NAME).\n");
  versioned->add_option("NAME", arguments->name, "Of the store")->required()->type_name("");
  versioned->require_subcommand(1);
  Verbs verbs(*versioned, arguments, action);
  add_changing_verbs(verbs);
  add_reading_verbs(verbs);
}

}  // namespace plinth::cli
