// How the demo keeps packages: every key is a tuple that begins with "packages".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/dpkg_status.hpp"
#include "cli/session.hpp"
#include "plinth/subspace.hpp"

namespace plinth::cli {

struct PackageKeys {
  Subspace all{Tuple::of("packages")};
  Subspace field = all["field"];                  // NAME, FIELD -> text
  Subspace depends = all["depends"];              // NAME, TARGET -> how the list says so
  Subspace needed_by = all["needed-by"];          // TARGET, NAME -> the same
  Subspace provides = all["provides"];            // NAME, VIRTUAL -> ""
  Subspace provided_by = all["provided-by"];      // VIRTUAL, NAME -> ""
  Subspace by_size = all["by-size"];              // KILOBYTES, NAME -> ""
  Subspace by_section = all["by-section"];        // SECTION, NAME -> ""
  Subspace section_count = all["section-count"];  // SECTION -> number of packages
  Subspace section_size = all["section-size"];    // SECTION -> their kilobytes
  Subspace rating = all["rating"];                // NAME -> (votes, sum of stars)
  Subspace by_rating = all["by-rating"];          // mean of stars in hundredths, NAME -> ""
  Bytes progress = all.pack("progress");          // -> see Progress
};
const PackageKeys& package_keys();

// How far the load of one list of packages is.
struct Progress {
  std::int64_t fingerprint = 0;  // of the list
  std::string source;            // what the list was read from
  std::int64_t done = 0;         // packages that are in the database, from the list's begin
  std::int64_t total = 0;
};
std::optional<Progress> read_progress(const ReadTransaction& reads);
void write_progress(Transaction& tx, const Progress& progress);

// Writes all keys of a package that is not there yet.
void write_package(Transaction& tx, const Package& package);

struct Rating {
  std::int64_t votes = 0;
  std::int64_t stars = 0;
  std::int64_t mean_hundredths() const { return votes == 0 ? 0 : stars * 100 / votes; }
};
// No votes when there are none.
Rating read_rating(const ReadTransaction& reads, const std::string& name);
// Gives a package one more rating, and moves it in the index.
struct RatingChange {
  Rating before;
  Rating after;
};
RatingChange rate(Transaction& tx, const std::string& name, std::int64_t stars);

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
