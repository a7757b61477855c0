// plinth entity NAME create|get|update|patch|rm|find|values|ls: entities under
// ("plinth", "entities", NAME).

#include <fmt/format.h>

#include <memory>

#include "cli/command.hpp"
#include "cli/entity_json.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/uid_text.hpp"
#include "cli/verbs.hpp"
#include "plinth/entity_store.hpp"

namespace plinth::cli {
namespace {

constexpr std::size_t kPage = 1000;

struct Arguments {
  std::string name, uid, json, key;
  std::vector<std::string> pairs;
  std::optional<std::string> from, to;
  std::optional<std::size_t> limit;
  bool reverse = false;
};

EntityStore store_of(const Arguments& arguments) {
  return EntityStore(arguments.name, Tuple::of("plinth", "entities", arguments.name));
}

int written(const Session& session, Version version) {
  if (session.json()) print_line(json_version(version));
  return kSuccess;
}

void print_uid(const Session& session, const Uuid& id) {
  print_line(session.json() ? fmt::format(R"({{"uid":"{}"}})", shown_uid(id)) : shown_uid(id));
}

int create(Session& session, const Arguments& arguments) {
  const Entity entity = parse_entity(arguments.json);
  if (entity.empty())
    throw UsageError("an entity needs at least one key: one with none is not there");
  Uuid id;
  session.write([&](Transaction& tx) { id = store_of(arguments).create(tx, entity).get(); });
  print_uid(session, id);
  return kSuccess;
}

int get(Session& session, const Arguments& arguments) {
  const Uuid id = parse_uid(arguments.uid);
  const Entity entity = session.read(
      [&](const ReadTransaction& reads) { return store_of(arguments).get(reads, id).get(); });
  if (entity.empty() && !session.json()) {
    fmt::print(stderr, "plinth: {} has no entity {}\n", shown_text(arguments.name), shown_uid(id));
    return kNo;
  }
  print_line(json_entity(entity));
  return kSuccess;
}

int update(Session& session, const Arguments& arguments) {
  const Uuid id = parse_uid(arguments.uid);
  const Entity entity = parse_entity(arguments.json);
  return written(session, session.write([&](Transaction& tx) {
    store_of(arguments).update(tx, id, entity).get();
  }));
}

int patch(Session& session, const Arguments& arguments) {
  const Uuid id = parse_uid(arguments.uid);
  const EntityPatch changes = parse_patch(arguments.json);
  return written(session, session.write([&](Transaction& tx) {
    store_of(arguments).patch(tx, id, changes).get();
  }));
}

int remove(Session& session, const Arguments& arguments) {
  const Uuid id = parse_uid(arguments.uid);
  session.database(Access::read);  // does not make one
  bool there = false;
  const Version version = session.write([&](Transaction& tx) {
    there = !store_of(arguments).get(tx, id).get().empty();
    store_of(arguments).remove(tx, id).get();
  });
  if (!there && !session.json()) {
    fmt::print(stderr, "plinth: {} has no entity {}\n", shown_text(arguments.name), shown_uid(id));
    return kNo;
  }
  return written(session, version);
}

int find(Session& session, const Arguments& arguments) {
  if (arguments.pairs.size() % 2 != 0)
    throw UsageError(fmt::format("the key '{}' has no value; give KEY VALUE, and more such pairs",
                                 arguments.pairs.back()));
  Entity wanted;
  for (std::size_t i = 0; i < arguments.pairs.size(); i += 2)
    if (!wanted.emplace(arguments.pairs[i], parse_json_word(arguments.pairs[i + 1])).second)
      throw UsageError(fmt::format("the key '{}' is given twice", arguments.pairs[i]));
  const EntityPage page{.after = std::nullopt, .limit = arguments.limit.value_or(kNoLimit)};
  const std::vector<Uuid> found = session.read([&](const ReadTransaction& reads) {
    return store_of(arguments).find(reads, wanted, page).get();
  });
  for (const Uuid& id : found) print_uid(session, id);
  return kSuccess;
}

int values(Session& session, const Arguments& arguments) {
  EntityValueRange range{.reverse = arguments.reverse, .limit = arguments.limit.value_or(kNoLimit)};
  if (arguments.from) range.from = parse_json_word(*arguments.from);
  if (arguments.to) range.to = parse_json_word(*arguments.to);
  const std::vector<EntityValue> found = session.read([&](const ReadTransaction& reads) {
    return store_of(arguments).values(reads, arguments.key, range).get();
  });
  for (const EntityValue& one : found)
    print_line(session.json() ? fmt::format(R"({{"value":{},"uid":"{}"}})", json_element(one.value),
                                            shown_uid(one.id))
                              : fmt::format("{}  {}", shown_uid(one.id), json_element(one.value)));
  return kSuccess;
}

int list(Session& session, const Arguments& arguments) {
  std::size_t left = arguments.limit.value_or(kNoLimit);
  EntityPage page;
  while (left > 0) {
    check_interrupt();
    page.limit = std::min(left, kPage);
    const std::vector<IdentifiedEntity> found = session.read(
        [&](const ReadTransaction& reads) { return store_of(arguments).list(reads, page).get(); });
    for (const IdentifiedEntity& one : found)
      print_line(session.json()
                     ? fmt::format(R"({{"uid":"{}","entity":{}}})", shown_uid(one.id),
                                   json_entity(one.entity))
                     : fmt::format("{}  {}", shown_uid(one.id), json_entity(one.entity)));
    if (found.size() < page.limit) break;
    page.after = found.back().id;
    left -= found.size();
  }
  return kSuccess;
}

constexpr const char* kUidHelp = "32 hexadecimal digits, as create prints them";
constexpr const char* kJsonHelp = "An object of strings, numbers, true, false, null and arrays";
constexpr const char* kValueHelp = "JSON, or else text: 42 is a number, Ada and '\"42\"' are texts";

void add_limit(CLI::App& command, Arguments& arguments, const char* help) {
  command.add_option("--limit", arguments.limit, help)
      ->check(CLI::Range(1, 1'000'000'000).description(""))
      ->type_name("N");
}

void add_writing_verbs(Verbs<Arguments>& verbs) {
  Arguments& arguments = verbs.arguments();
  CLI::App* command = verbs.verb("create", create, "Store an entity, and print its uid",
                                 "  plinth entity people create "
                                 "'{\"name\":\"Ada\",\"born\":1815}'\n");
  command->add_option("JSON", arguments.json, kJsonHelp)->required()->type_name("");
  command = verbs.verb("update", update, "Replace an entity as a whole",
                       "  plinth entity people update UID '{\"name\":\"Ada King\"}'\n");
  command->add_option("UID", arguments.uid, kUidHelp)->required()->type_name("");
  command->add_option("JSON", arguments.json, kJsonHelp)->required()->type_name("");
  command =
      verbs.verb("patch", patch, "Change some keys, and remove those that are null",
                 "  plinth entity people patch UID '{\"field\":\"computing\",\"born\":null}'\n");
  command->add_option("UID", arguments.uid, kUidHelp)->required()->type_name("");
  command->add_option("JSON", arguments.json, kJsonHelp)->required()->type_name("");
  command = verbs.verb("rm", remove, "Remove an entity", "  plinth entity people rm UID\n");
  command->add_option("UID", arguments.uid, kUidHelp)->required()->type_name("");
}

void add_reading_verbs(Verbs<Arguments>& verbs) {
  Arguments& arguments = verbs.arguments();
  CLI::App* command = verbs.verb("get", get, "Print an entity", "  plinth entity people get UID\n");
  command->add_option("UID", arguments.uid, kUidHelp)->required()->type_name("");
  command = verbs.verb("find", find, "Print the uids of those that have a value, or several",
                       "  plinth entity people find name Ada\n"
                       "  plinth entity people find born 1815 field computing\n");
  command->add_option("KEY VALUE", arguments.pairs, kValueHelp)
      ->required()
      ->expected(2, 200)
      ->type_name("");
  add_limit(*command, arguments, "Entities at the most");
  command = verbs.verb("values", values, "Print the values of a key, in order",
                       "  plinth entity people values born --from 1800 --to 1900\n"
                       "  plinth entity people values born --reverse --limit 1\n");
  command->add_option("KEY", arguments.key, "Of entities")->required()->type_name("");
  command->add_option("--from", arguments.from, "The first value that is meant")
      ->type_name("VALUE");
  command->add_option("--to", arguments.to, "The first value that is not meant")
      ->type_name("VALUE");
  command->add_flag("--reverse", arguments.reverse, "The last one first");
  add_limit(*command, arguments, "Values at the most");
  command = verbs.verb("ls", list, "Print all entities", "  plinth entity people ls\n");
  add_limit(*command, arguments, "Entities at the most");
}

}  // namespace

void add_entity_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* entity = add_command(
      app, "entity", "Entities: dictionaries with no schema, found by what is in them",
      "  plinth entity people create '{\"name\":\"Ada\",\"born\":1815}'    prints its uid\n"
      "  plinth entity people find born 1815\n"
      "  plinth entity people get UID\n",
      "Entities are kept in a store that NAME names. Its keys begin with the tuple\n"
      "(\"plinth\", \"entities\", NAME).\n");
  entity->add_option("NAME", arguments->name, "Of the store")->required()->type_name("");
  entity->require_subcommand(1);
  Verbs verbs(*entity, arguments, action);
  add_writing_verbs(verbs);
  add_reading_verbs(verbs);
}

}  // namespace plinth::cli
