// Where the demo keeps packages: in the directory "demo" and the directories in it, one for each
// layer. Their prefixes are those of what the commands `entity`, `tuples`, `search` and `versioned`
// know as "packages", so that these commands work on the demo's data. The table of this name is in
// no directory, but among the other tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/dpkg_status.hpp"
#include "cli/session.hpp"
#include "cli/table_text.hpp"
#include "plinth/blob_store.hpp"
#include "plinth/directory.hpp"
#include "plinth/entity_store.hpp"
#include "plinth/search_index.hpp"
#include "plinth/table.hpp"
#include "plinth/tuple_store.hpp"
#include "plinth/versioned_store.hpp"

namespace plinth::cli {

struct PackageStores {
  // The directories' contents.
  Subspace counters, entities, tuples, search, blobs, versions;

  // The packages' fields, under Debian's names: "Package" is the name, "Installed-Size" an integer
  // of kilobytes, "Files" the id of the blob that lists the package's files, if that is known.
  EntityStore packages{"packages", Tuple::of("plinth", "entities", "packages")};
  // (NAME, "depends" or "recommends", TARGET) with how the list says so; (NAME, "provides",
  // VIRTUAL); (NAME, "section", SECTION).
  TupleStore relations{"packages", 3, {}, tuples};
  // The descriptions, by name.
  SearchIndex descriptions{"packages", search, {.keep_text = true}};
  BlobStore file_lists{"file lists", {}, blobs};
  // "section" and "package" are the key; what has a "maintainer" is also in the index of that name.
  // One of the tables that the command `table` knows.
  Table table = tables().table("packages");
  // (NAME, "version", VERSION) of the packages of the base system.
  VersionedStore base_system{"packages", {"uid", "key", "value"}, {}, versions};

  Subspace section_count = counters["section-count"];  // SECTION -> number of packages
  Subspace section_size = counters["section-size"];    // SECTION -> their kilobytes
  Subspace rating = counters["rating"];                // NAME -> (votes, sum of stars)
  Subspace by_rating = counters["by-rating"];          // mean of stars in hundredths, NAME -> ""
  Bytes progress = counters.pack("progress");          // -> see Progress
};

// Nothing when the directory is not there.
std::optional<PackageStores> find_stores(const ReadTransaction& reads);
// Empty ones, in place of what is there.
PackageStores create_stores(Transaction& tx);
// The directories, "demo" itself first.
std::vector<Directory> demo_directories(const ReadTransaction& reads);

// How far the load of one list of packages is.
struct Progress {
  std::int64_t fingerprint = 0;  // of the list
  std::string source;            // what the list was read from
  std::int64_t done = 0;         // packages that are in the database, from the list's begin
  std::int64_t total = 0;
};
std::optional<Progress> read_progress(const ReadTransaction& reads, const PackageStores& stores);
void write_progress(Transaction& tx, const PackageStores& stores, const Progress& progress);

// Brings a package that is not there yet into all stores but the base system.
void write_package(Transaction& tx, const PackageStores& stores, const Package& package);

// The package's row in the table, whose strings must be UTF-8: as printable() shows what is not.
Item row_of(const Package& package);
std::string row_text(const std::string& text);

// Whether dpkg cannot do without the package.
bool is_base(const Entity& package);
bool is_base(const Package& package);

// Of the package of this name; nothing when there is none.
std::optional<Uuid> find_package(const ReadTransaction& reads, const PackageStores& stores,
                                 const std::string& name);
// A field that is a text; empty when it is missing.
std::string text_of(const Entity& package, const std::string& field);

struct Rating {
  std::int64_t votes = 0;
  std::int64_t stars = 0;
  std::int64_t mean_hundredths() const { return votes == 0 ? 0 : stars * 100 / votes; }
};
// No votes when there are none.
Rating read_rating(const ReadTransaction& reads, const PackageStores& stores,
                   const std::string& name);
// Gives a package one more rating, and moves it in the index.
struct RatingChange {
  Rating before;
  Rating after;
};
RatingChange rate(Transaction& tx, const PackageStores& stores, const std::string& name,
                  std::int64_t stars);

// A transaction for reads that may take longer than five seconds.
Transaction begin_long_reads(Session& session);

// Calls `each` with every row of the range.
template <class F>
void for_each_row(const ReadTransaction& reads, const KeyRange& range, F each) {
  RangeStream stream = reads.range(range, {.mode = StreamingMode::want_all});
  while (true) {
    const Rows rows = stream.next_page().get();
    if (rows.empty()) return;
    for (const KeyValueView row : rows) each(row);
  }
}

}  // namespace plinth::cli
