// plinth table create|put|get|…: tables under ("plinth", "tables").

#include <fmt/format.h>

#include <functional>
#include <memory>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/table_files.hpp"
#include "cli/table_text.hpp"
#include "cli/verbs.hpp"
#include "plinth/table.hpp"
#include "plinth/table_store.hpp"
#include "plinth/table_stream.hpp"

namespace plinth::cli {
namespace {

struct Arguments {
  std::string name, to, json, expression, value, file;
  std::string partition_key;
  std::optional<std::string> sort_key, ttl, condition, sort_condition, filter, projection, index,
      segment, add, drop, consumer;
  std::vector<std::string> indexes;
  std::size_t limit = SIZE_MAX;
  bool reverse = false, exact = false, off = false, on = false, sweep = false, csv = false;
};

Table table_of(const Arguments& arguments) {
  return tables().table(arguments.name);
}

TableDescription description_of(Session& session, const Arguments& arguments) {
  return session.read(
      [&](const ReadTransaction& reads) { return tables().describe(reads, arguments.name).get(); });
}

int written(const Session& session, Version version) {
  if (session.json()) print_line(json_version(version));
  return kSuccess;
}

// --- Tables ------------------------------------------------------------------------------------

int create(Session& session, const Arguments& arguments) {
  TableDefinition definition;
  definition.partition_key = parse_key_attribute(arguments.partition_key);
  if (arguments.sort_key) definition.sort_key = parse_key_attribute(*arguments.sort_key);
  for (const std::string& index : arguments.indexes)
    definition.indexes.push_back(parse_index(index));
  definition.ttl_attribute = arguments.ttl;
  definition.stream = arguments.on;
  return written(session, session.write([&](Transaction& tx) {
    tables().create_table(tx, arguments.name, definition).get();
  }));
}

int list(Session& session, const Arguments&) {
  constexpr std::size_t kPage = 1000;
  std::string after;
  while (true) {
    check_interrupt();
    const std::vector<std::string> names = session.read(
        [&](const ReadTransaction& reads) { return tables().list(reads, after, kPage).get(); });
    for (const std::string& name : names)
      print_line(session.json() ? fmt::format(R"({{"name":{}}})", to_json(Value(name)))
                                : shown_text(name));
    if (names.size() < kPage) return kSuccess;
    after = names.back();
  }
}

int describe(Session& session, const Arguments& arguments) {
  const TableDescription description = description_of(session, arguments);
  const TableSize size =
      arguments.exact ? tables().counted_size(session.database(Access::read), arguments.name).get()
                      : session.read([&](const ReadTransaction& reads) {
                          return tables().estimated_size(reads, arguments.name).get();
                        });
  print_line(session.json() ? json_description(description, size)
                            : shown_description(description, size));
  return kSuccess;
}

int rename(Session& session, const Arguments& arguments) {
  session.database(Access::read);  // does not make one
  return written(session, session.write([&](Transaction& tx) {
    tables().rename_table(tx, arguments.name, arguments.to).get();
  }));
}

int drop(Session& session, const Arguments& arguments) {
  session.database(Access::read);
  return written(session, session.write([&](Transaction& tx) {
    tables().drop_table(tx, arguments.name).get();
  }));
}

int fill(Session& session, const Arguments& arguments) {
  const std::int64_t items = tables().fill(session.database(Access::read), arguments.name).get();
  print_line(session.json() ? fmt::format(R"({{"items":{}}})", items)
                            : counted(items, "item") + " looked at");
  return kSuccess;
}

int change_index(Session& session, const Arguments& arguments) {
  if (arguments.add.has_value() == arguments.drop.has_value())
    throw UsageError("give either --add or --drop");
  session.database(Access::read);
  session.write([&](Transaction& tx) {
    if (arguments.add) {
      tables().add_index(tx, arguments.name, parse_index(*arguments.add)).get();
    } else {
      tables().drop_index(tx, arguments.name, *arguments.drop).get();
    }
  });
  return arguments.add ? fill(session, arguments) : kSuccess;
}

int change_ttl(Session& session, const Arguments& arguments) {
  session.database(Access::read);
  if (arguments.sweep) {
    const std::int64_t items = table_of(arguments).sweep(session.database(Access::read)).get();
    print_line(session.json() ? fmt::format(R"({{"swept":{}}})", items)
                              : counted(items, "item") + " swept");
    return kSuccess;
  }
  if (arguments.ttl.has_value() == arguments.off)
    throw UsageError("name the attribute, or give --off or --sweep");
  session.write(
      [&](Transaction& tx) { tables().set_ttl(tx, arguments.name, arguments.ttl).get(); });
  return arguments.ttl ? fill(session, arguments) : kSuccess;
}

// --- Items -------------------------------------------------------------------------------------

WriteOptions write_options(const Arguments& arguments) {
  WriteOptions options;
  if (arguments.condition) options.condition = Condition::parse(*arguments.condition);
  return options;
}

int put(Session& session, const Arguments& arguments) {
  const Item item = parse_json_item(arguments.json);
  const WriteOptions options = write_options(arguments);
  session.database(Access::read);
  return written(session, session.write([&](Transaction& tx) {
    table_of(arguments).put(tx, item, options).get();
  }));
}

int get(Session& session, const Arguments& arguments) {
  const Item key = parse_json_item(arguments.json);
  std::optional<Projection> projection;
  if (arguments.projection) projection = Projection::parse(*arguments.projection);
  const std::optional<Item> item = session.read([&](const ReadTransaction& reads) {
    return table_of(arguments).get(reads, key, projection).get();
  });
  if (!item && !session.json()) {
    fmt::print(stderr, "plinth: {} has no item {}\n", shown_text(arguments.name), to_json(key));
    return kNo;
  }
  print_line(item ? to_json(*item) : "null");
  return kSuccess;
}

int remove(Session& session, const Arguments& arguments) {
  const Item key = parse_json_item(arguments.json);
  const WriteOptions options = write_options(arguments);
  session.database(Access::read);
  return written(session, session.write([&](Transaction& tx) {
    table_of(arguments).remove(tx, key, options).get();
  }));
}

int update(Session& session, const Arguments& arguments) {
  const Item key = parse_json_item(arguments.json);
  const Update update = Update::parse(arguments.expression);
  WriteOptions options = write_options(arguments);
  options.return_values = ReturnValues::all_new;
  session.database(Access::read);
  std::optional<Item> after;
  session.write(
      [&](Transaction& tx) { after = table_of(arguments).update(tx, key, update, options).get(); });
  print_line(to_json(*after));
  return kSuccess;
}

// Each item of `stream` as a line.
int print_items(ItemStream stream) {
  while (true) {
    check_interrupt();
    const std::optional<Item> item = stream.next().get();
    if (!item) return kSuccess;
    print_line(to_json(*item));
  }
}

// The type of the partition key, and the name of the sort key, of the table or the index.
std::pair<KeyType, std::string> queried_key(const TableDefinition& definition,
                                            const std::optional<std::string>& index) {
  KeyType type = definition.partition_key.type;
  std::optional<KeyAttribute> sort_key = definition.sort_key;
  for (const TableIndex& one : definition.indexes)
    if (one.name == index) {
      if (one.partition_key) type = one.partition_key->type;
      sort_key = one.sort_key;
    }
  return {type, sort_key ? sort_key->name : ""};
}

int query(Session& session, const Arguments& arguments) {
  const Database db = session.database(Access::read);
  const auto [type, sort_key] =
      queried_key(description_of(session, arguments).definition, arguments.index);
  TableQuery options;
  if (arguments.sort_condition)
    options.sort_key = SortKeyCondition::parse(*arguments.sort_condition, sort_key);
  if (arguments.filter) options.filter = Condition::parse(*arguments.filter);
  if (arguments.projection) options.projection = Projection::parse(*arguments.projection);
  options.index = arguments.index.value_or("");
  options.limit = arguments.limit;
  options.reverse = arguments.reverse;
  return print_items(
      table_of(arguments).long_query(db, parse_key_value(arguments.value, type), options));
}

int scan(Session& session, const Arguments& arguments) {
  TableScan options;
  if (arguments.filter) options.filter = Condition::parse(*arguments.filter);
  if (arguments.projection) options.projection = Projection::parse(*arguments.projection);
  options.index = arguments.index.value_or("");
  options.limit = arguments.limit;
  if (arguments.segment)
    std::tie(options.segment, options.segments) = parse_segment(*arguments.segment);
  return print_items(table_of(arguments).long_scan(session.database(Access::read), options));
}

// --- Files -------------------------------------------------------------------------------------

int import(Session& session, const Arguments& arguments) {
  const std::int64_t items =
      import_items(session.database(Access::read), table_of(arguments), arguments.file);
  print_line(session.json() ? fmt::format(R"({{"items":{}}})", items)
                            : counted(items, "item") + " imported");
  return kSuccess;
}

int export_all(Session& session, const Arguments& arguments) {
  export_items(session.database(Access::read), table_of(arguments), arguments.csv);
  return kSuccess;
}

int batch(Session& session, const Arguments& arguments) {
  const std::int64_t writes =
      batch_write_file(session.database(Access::read), table_of(arguments), arguments.file);
  print_line(session.json() ? fmt::format(R"({{"writes":{}}})", writes)
                            : counted(writes, "write") + " done");
  return kSuccess;
}

int transact(Session& session, const Arguments& arguments) {
  const std::vector<TransactWrite> writes = read_transaction(tables(), arguments.file);
  session.database(Access::read);
  return written(session,
                 session.write([&](Transaction& tx) { transact_write(tx, writes).get(); }));
}

// --- The stream --------------------------------------------------------------------------------

int read_stream(Session& session, const Arguments& arguments) {
  constexpr std::size_t kPage = 1000;
  const TableStream stream(table_of(arguments));
  std::optional<Versionstamp> after;
  std::size_t left = arguments.limit;
  while (left > 0) {
    check_interrupt();
    const std::size_t most = std::min(left, kPage);
    std::vector<StreamRecord> records;
    if (arguments.consumer) {
      session.write(
          [&](Transaction& tx) { records = stream.take(tx, *arguments.consumer, most).get(); });
    } else {
      records = session.read(
          [&](const ReadTransaction& reads) { return stream.read(reads, after, most).get(); });
    }
    for (const StreamRecord& record : records) print_line(json_record(record));
    if (records.size() < most) break;
    after = records.back().position;
    left -= records.size();
  }
  return kSuccess;
}

int stream(Session& session, const Arguments& arguments) {
  session.database(Access::read);
  if (!arguments.on && !arguments.off) return read_stream(session, arguments);
  return written(session, session.write([&](Transaction& tx) {
    tables().set_stream(tx, arguments.name, arguments.on).get();
  }));
}

// --- The command line --------------------------------------------------------------------------

constexpr const char* kItemHelp = "An object: {\"id\":7,\"name\":\"Ada\"}";
constexpr const char* kKeyJsonHelp = "An object with the key's attributes: {\"id\":7}";
constexpr const char* kIndexHelp = "NAME=PK[,SK], each as NAME[:S|N|B]; NAME=,SK is local";

CLI::App* takes_table(CLI::App* command, Arguments& arguments) {
  command->add_option("T", arguments.name, "The table's name")->required()->type_name("");
  return command;
}
void takes_json(CLI::App* command, Arguments& arguments, const char* name, const char* help) {
  command->add_option(name, arguments.json, help)->required()->type_name("");
}
void takes_condition(CLI::App* command, Arguments& arguments) {
  command->add_option("--if", arguments.condition, "What must hold for the item as it is")
      ->type_name("COND");
}
void takes_reading(CLI::App* command, Arguments& arguments) {
  command->add_option("--filter", arguments.filter, "Only items for which it holds")
      ->type_name("EXPR");
  command->add_option("--show", arguments.projection, "Only these attributes: 'name, tags[0]'")
      ->type_name("PATHS");
  command->add_option("--index", arguments.index, "Of the table")->type_name("NAME");
  command->add_option("--limit", arguments.limit, "Items at the most")
      ->check(CLI::Range(1, 2'147'483'647).description(""))
      ->type_name("N");
}
void takes_file(CLI::App* command, Arguments& arguments, const char* help) {
  command->add_option("FILE", arguments.file, help)->required()->type_name("");
}

void add_table_verbs(Verbs<Arguments>& verbs) {
  Arguments& arguments = verbs.arguments();
  CLI::App* command = takes_table(
      verbs.verb(
          "create", create, "Create a table",
          "  plinth table create people --pk country --sk name\n"
          "  plinth table create log --pk host --sk at:N --ttl until --index level=level,at:N\n",
          "A key attribute is a string, or as :S, :N or :B says: a string, a number, bytes.\n"),
      arguments);
  command->add_option("--pk", arguments.partition_key, "The partition key")
      ->required()
      ->type_name("NAME[:S|N|B]");
  command->add_option("--sk", arguments.sort_key, "The sort key")->type_name("NAME[:S|N|B]");
  command->add_option("--ttl", arguments.ttl, "The second since 1970 when an item expires")
      ->type_name("NAME");
  command->add_option("--index", arguments.indexes, kIndexHelp)->type_name("NAME=PK[,SK]");
  command->add_flag("--stream", arguments.on, "Record every change");
  verbs.verb("ls", list, "List the tables", "  plinth table ls\n");
  command = takes_table(verbs.verb("describe", describe, "Print what a table is, and its size",
                                   "  plinth table describe people --exact\n"),
                        arguments);
  command->add_flag("--exact", arguments.exact, "Count the items of a large table too");
  command = takes_table(verbs.verb("rename", rename, "Give a table another name",
                                   "  plinth table rename people persons\n"),
                        arguments);
  command->add_option("TO", arguments.to, "The new name")->required()->type_name("");
  takes_table(
      verbs.verb("drop", drop, "Remove a table, with all in it", "  plinth table drop people\n"),
      arguments);
  command = takes_table(verbs.verb("index", change_index, "Add or drop an index",
                                   "  plinth table index people --add born=born:N\n"
                                   "  plinth table index people --drop born\n"),
                        arguments);
  command->add_option("--add", arguments.add, kIndexHelp)->type_name("NAME=PK[,SK]");
  command->add_option("--drop", arguments.drop, "Of the table")->type_name("NAME");
  takes_table(verbs.verb("fill", fill, "Go on with indexes that are not filled yet",
                         "  plinth table fill people\n"),
              arguments);
  command = takes_table(verbs.verb("ttl", change_ttl, "Let items expire, or remove those that have",
                                   "  plinth table ttl people until\n"
                                   "  plinth table ttl people --sweep\n"),
                        arguments);
  command->add_option("NAME", arguments.ttl, "Of the attribute")->type_name("");
  command->add_flag("--off", arguments.off, "No item expires any more");
  command->add_flag("--sweep", arguments.sweep, "Remove what has expired");
  command = takes_table(verbs.verb("stream", stream, "Print the changes of a table",
                                   "  plinth table stream people --on\n"
                                   "  plinth table stream people --consumer mirror --limit 10\n"),
                        arguments);
  command->add_flag("--on", arguments.on, "Record changes from now on");
  command->add_flag("--off", arguments.off, "No more, and forget those that are there");
  command->add_option("--consumer", arguments.consumer, "Those that this one has not got yet")
      ->type_name("NAME");
  command->add_option("--limit", arguments.limit, "Changes at the most")
      ->check(CLI::Range(1, 2'147'483'647).description(""))
      ->type_name("N");
}

void add_item_verbs(Verbs<Arguments>& verbs) {
  Arguments& arguments = verbs.arguments();
  CLI::App* command = takes_table(
      verbs.verb("put", put, "Put an item, in place of one with its key",
                 "  plinth table put people '{\"country\":\"UK\",\"name\":\"Ada\"}'\n"
                 "  plinth table put people \"$item\" --if 'attribute_not_exists(name)'\n"),
      arguments);
  takes_json(command, arguments, "JSON", kItemHelp);
  takes_condition(command, arguments);
  command = takes_table(verbs.verb("get", get, "Print an item",
                                   "  plinth table get people "
                                   "'{\"country\":\"UK\",\"name\":\"Ada\"}'\n"),
                        arguments);
  takes_json(command, arguments, "KEYJSON", kKeyJsonHelp);
  command->add_option("--show", arguments.projection, "Only these attributes: 'name, tags[0]'")
      ->type_name("PATHS");
  command = takes_table(verbs.verb("rm", remove, "Remove an item",
                                   "  plinth table rm people "
                                   "'{\"country\":\"UK\",\"name\":\"Ada\"}'\n"),
                        arguments);
  takes_json(command, arguments, "KEYJSON", kKeyJsonHelp);
  takes_condition(command, arguments);
  command = takes_table(
      verbs.verb("update", update, "Change an item, and print it",
                 "  plinth table update people \"$key\" 'SET born = 1815 ADD visits 1'\n"
                 "  plinth table update people \"$key\" 'REMOVE died' --if 'died > 2000'\n"),
      arguments);
  takes_json(command, arguments, "KEYJSON", kKeyJsonHelp);
  command->add_option("EXPR", arguments.expression, "An update: SET, REMOVE, ADD, DELETE")
      ->required()
      ->type_name("");
  takes_condition(command, arguments);
  command = takes_table(
      verbs.verb("query", query, "Print the items of a partition, in order",
                 "  plinth table query people UK --sk \"begins_with(name, 'A')\"\n"
                 "  plinth table query people 1815 --index born --filter 'size(tags) > 2'\n"),
      arguments);
  command->add_option("PKVALUE", arguments.value, "Of the partition key, as its type says")
      ->required()
      ->type_name("");
  command->add_option("--sk", arguments.sort_condition, "A condition of the sort key")
      ->type_name("COND");
  command->add_flag("--reverse", arguments.reverse, "The last one first");
  takes_reading(command, arguments);
  command =
      takes_table(verbs.verb("scan", scan, "Print all items of a table",
                             "  plinth table scan people --filter 'born BETWEEN 1800 AND 1899'\n"
                             "  plinth table scan people --segment 0/4\n"),
                  arguments);
  command->add_option("--segment", arguments.segment, "A part of the table: 0/4 to 3/4")
      ->type_name("I/N");
  takes_reading(command, arguments);
}

void add_file_verbs(Verbs<Arguments>& verbs) {
  Arguments& arguments = verbs.arguments();
  CLI::App* command = takes_table(verbs.verb("import", import, "Put items from a file",
                                             "  plinth table import people people.jsonl\n"
                                             "  plinth table import people people.csv\n"),
                                  arguments);
  takes_file(command, arguments,
             "An item a line, as JSON, or CSV if its name ends so; - is standard input");
  command = takes_table(verbs.verb("export", export_all, "Print all items, one a line",
                                   "  plinth table export people > people.jsonl\n"
                                   "  plinth table export people --csv > people.csv\n"),
                        arguments);
  command->add_flag("--csv", arguments.csv, "With a column for each attribute that there is");
  command = takes_table(verbs.verb("batch", batch, "Put and remove items from a file, in order",
                                   "  echo '{\"remove\":{\"id\":2}}' | plinth table batch t -\n"),
                        arguments);
  takes_file(command, arguments, "{\"put\":ITEM} or {\"remove\":KEY} a line; - is standard input");
  command = verbs.verb("transact", transact, "Make all of a list of writes, or none",
                       "  plinth table transact writes.jsonl\n",
                       "A line is {\"put\":{\"table\":T,\"item\":ITEM,\"if\":COND}},\n"
                       "{\"update\":{\"table\":T,\"key\":KEY,\"set\":EXPR,\"if\":COND}},\n"
                       "{\"remove\":{\"table\":T,\"key\":KEY,\"if\":COND}} or\n"
                       "{\"check\":{\"table\":T,\"key\":KEY,\"if\":COND}}. Only a check needs "
                       "its \"if\". Those that\n"
                       "do not hold are named by their positions, from 0.\n");
  takes_file(command, arguments, "A write a line, as JSON; - is standard input");
}

}  // namespace

void add_table_command(CLI::App& app, Action& action) {
  CLI::App* table = add_command(
      app, "table", "Tables: items under a partition key and a sort key",
      "  plinth table create people --pk country --sk name --index born=born:N\n"
      "  plinth table put people '{\"country\":\"UK\",\"name\":\"Ada\",\"born\":1815}'\n"
      "  plinth table query people UK --filter 'born < 1900'\n",
      "Conditions, filters and updates are expressions: docs/expressions.md. The keys begin with\n"
      "the tuple (\"plinth\", \"tables\").\n");
  table->require_subcommand(1);
  Verbs verbs(*table, std::make_shared<Arguments>(), action);
  add_table_verbs(verbs);
  add_item_verbs(verbs);
  add_file_verbs(verbs);
}

}  // namespace plinth::cli
