#include "cli/demo_stores.hpp"

#include <algorithm>
#include <array>

#include "cli/tuple_words.hpp"
#include "tuple/utf8.hpp"

namespace plinth::cli {
namespace {

constexpr const char* kRoot = "demo";
constexpr const char* kTable = "packages";

struct Place {
  const char* name;  // of the directory in "demo"; empty: "demo" itself
  const char* layer;
  Bytes prefix;
};

const StoreName& tuples_name() {
  static const StoreName name("tuples", "packages");
  return name;
}

const StoreName& versions_name() {
  static const StoreName name("versioned", "packages");
  return name;
}

// What the keys of an EntityStore begin with: a nested tuple with the elements of the store's
// prefix, and then one more.
Bytes nested_beginning(const Tuple& prefix) {
  Bytes nested = Tuple::of(prefix).pack();
  nested.pop_back();
  return nested;
}

// In the order of the first members of PackageStores.
const std::array<Place, 6>& places() {
  static const std::array<Place, 6> places{{
      {"", "", pack("demo", "counters")},
      {"entities", "entities", nested_beginning(Tuple::of("plinth", "entities", "packages"))},
      {"tuples", "tuples", tuples_name().prefix().pack()},
      {"search", "search", pack("plinth", "search", "packages")},
      {"blobs", "blobs", pack("demo", "blobs")},
      {"versions", "versions", versions_name().prefix().pack()},
  }};
  return places;
}

DirectoryPath path_of(const Place& place) {
  if (*place.name == '\0') return {kRoot};
  return {kRoot, place.name};
}

// With prefixes of our own choosing.
const DirectoryLayer& directory_layer() {
  static const DirectoryLayer layer(Subspace::from_raw("\xfe"), {}, true);
  return layer;
}

PackageStores stores_in(const std::vector<Directory>& directories) {
  return {directories.at(0).subspace(), directories.at(1).subspace(), directories.at(2).subspace(),
          directories.at(3).subspace(), directories.at(4).subspace(), directories.at(5).subspace()};
}

TableDefinition table_definition() {
  TableDefinition definition;
  definition.partition_key = {"section"};
  definition.sort_key = KeyAttribute{"package"};
  definition.indexes.push_back({.name = "maintainer", .partition_key = KeyAttribute{"maintainer"}});
  return definition;
}

// A demo of an earlier version has none.
void drop_own_table(Transaction& tx) {
  try {
    tables().drop_table(tx, kTable).get();
  } catch (const Error& error) {
    if (error != ErrorCode::table_not_found) throw;
  }
}

// Lists of packages are UTF-8, but nobody has to keep to that.
Element text_element(const std::string& text) {
  if (tuple::find_invalid_utf8(text) == ByteView::npos) return Element(text);
  return Element(ByteString{text});
}

Entity entity_of(const Package& package) {
  Entity entity{{"Package", package.name},
                {"Section", text_element(package.section)},
                {"Installed-Size", package.installed_kb}};
  for (const auto& [field, value] : package.fields) entity.emplace(field, text_element(value));
  return entity;
}

}  // namespace

std::vector<Directory> demo_directories(const ReadTransaction& reads) {
  std::vector<Directory> directories;
  for (const Place& place : places())
    directories.push_back(directory_layer().open(reads, path_of(place), place.layer).get());
  return directories;
}

std::optional<PackageStores> find_stores(const ReadTransaction& reads) {
  if (!directory_layer().exists(reads, {kRoot}).get()) return std::nullopt;
  return stores_in(demo_directories(reads));
}

PackageStores create_stores(Transaction& tx) {
  const bool replaces = directory_layer().remove_if_exists(tx, {kRoot}).get();
  if (replaces) drop_own_table(tx);
  tables().create_table(tx, kTable, table_definition()).get();
  std::vector<Directory> directories;
  for (const Place& place : places())
    directories.push_back(
        directory_layer().create(tx, path_of(place), place.layer, place.prefix).get());
  keep_width(tuples_name(), tx, 3);
  keep_width(versions_name(), tx, 3);
  return stores_in(directories);
}

std::optional<Progress> read_progress(const ReadTransaction& reads, const PackageStores& stores) {
  const auto value = reads.get(stores.progress).get();
  if (!value) return std::nullopt;
  const auto [fingerprint, source, done, total] =
      unpack<std::int64_t, std::string, std::int64_t, std::int64_t>(*value);
  return Progress{fingerprint, source, done, total};
}

void write_progress(Transaction& tx, const PackageStores& stores, const Progress& progress) {
  tx.set(stores.progress,
         pack(progress.fingerprint, progress.source, progress.done, progress.total));
}

void write_package(Transaction& tx, const PackageStores& stores, const Package& package) {
  Entity entity = entity_of(package);
  if (!package.files.empty()) entity["Files"] = stores.file_lists.put(tx, package.files).get();
  stores.packages.create(tx, std::move(entity)).get();
  stores.table.put(tx, row_of(package)).get();

  const std::string& name = package.name;
  for (const auto& [target, text] : package.dependencies)
    stores.relations.add(tx, Tuple::of(name, "depends", target), text);
  for (const auto& [target, text] : package.recommendations)
    stores.relations.add(tx, Tuple::of(name, "recommends", target), text);
  for (const std::string& target : package.provides)
    stores.relations.add(tx, Tuple::of(name, "provides", target));
  stores.relations.add(tx, Tuple::of(name, "section", text_element(package.section)));

  stores.descriptions.index_text(tx, name, package.description).get();

  tx.add(stores.section_count.pack(text_element(package.section)), 1);
  tx.add(stores.section_size.pack(text_element(package.section)), package.installed_kb);
}

std::string row_text(const std::string& text) {
  return tuple::find_invalid_utf8(text) == ByteView::npos ? text : printable(text);
}

Item row_of(const Package& package) {
  Item row{{"section", row_text(package.section)},
           {"package", row_text(package.name)},
           {"version", row_text(package.version())},
           {"installed_size", package.installed_kb},
           {"description", row_text(package.description)}};
  for (const auto& [field, value] : package.fields)
    if (field == "Maintainer") row["maintainer"] = row_text(value);
  return row;
}

bool is_base(const Entity& package) {
  return text_of(package, "Essential") == "yes" || text_of(package, "Priority") == "required";
}

bool is_base(const Package& package) {
  return is_base(entity_of(package));
}

std::optional<Uuid> find_package(const ReadTransaction& reads, const PackageStores& stores,
                                 const std::string& name) {
  const std::vector<Uuid> ids =
      stores.packages.find(reads, "Package", name, {.after = std::nullopt, .limit = 1}).get();
  if (ids.empty()) return std::nullopt;
  return ids.front();
}

std::string text_of(const Entity& package, const std::string& field) {
  const auto found = package.find(field);
  if (found == package.end()) return {};
  if (const auto bytes = found->second.get_if<ByteString>()) return bytes->bytes;
  return found->second.get_if<std::string>().value_or("");
}

Rating read_rating(const ReadTransaction& reads, const PackageStores& stores,
                   const std::string& name) {
  const auto value = reads.get(stores.rating.pack(name)).get();
  if (!value) return {};
  const auto [votes, stars] = unpack<std::int64_t, std::int64_t>(*value);
  return {votes, stars};
}

RatingChange rate(Transaction& tx, const PackageStores& stores, const std::string& name,
                  std::int64_t stars) {
  const Rating before = read_rating(tx, stores, name);
  const Rating after{before.votes + 1, before.stars + stars};
  if (before.votes > 0) tx.clear(stores.by_rating.pack(before.mean_hundredths(), name));
  tx.set(stores.by_rating.pack(after.mean_hundredths(), name), "");
  tx.set(stores.rating.pack(name), pack(after.votes, after.stars));
  return {before, after};
}

Transaction begin_long_reads(Session& session) {
  Transaction transaction = session.begin_single(Access::read);
  transaction.set_option(TransactionOption::long_reads);
  return transaction;
}

}  // namespace plinth::cli
