// Debian's lists of packages: /var/lib/dpkg/status and what `apt-cache dumpavail` prints. Stanzas
// of "Field: value" lines, a blank line between two of them (deb-control(5), Debian Policy chapters
// 5 and 7).
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plinth::cli {

// That a package needs another, or any one that provides it.
struct Dependency {
  std::string target;  // a package's name, without version and architecture
  std::string text;    // as the list has it, alternatives too: "Depends: mta | postfix (>= 3)"
  friend bool operator==(const Dependency&, const Dependency&) = default;
};

struct Package {
  std::string name;  // ":ARCHITECTURE" behind it if the list has the name for another one before
  std::string section;
  std::int64_t installed_kb = 0;
  // Of the other fields those that are of interest; Version is always there.
  std::vector<std::pair<std::string, std::string>> fields;
  std::string description;                  // a line that sums it up, and more lines
  std::vector<Dependency> dependencies;     // of Pre-Depends and Depends; each target once, sorted
  std::vector<Dependency> recommendations;  // of Recommends, likewise
  std::vector<std::string> provides;        // names of virtual packages, each once, sorted
  std::string files;  // the paths of its files, a line each; empty when they are not known

  const std::string& version() const;
};

// The installed packages of a list. `source` names it in errors. Throws CommandFailed, naming the
// line, when the input is not such a list or cannot be read.
std::vector<Package> read_packages(std::FILE* input, const std::string& source);

// Fills in `files` where `folder` has a list: NAME.list or NAME:ARCHITECTURE.list, as dpkg leaves
// them for what is installed. Throws CommandFailed when a list is there but cannot be read.
void read_file_lists(std::vector<Package>& packages, const std::string& folder);

// The relations of one field: alternatives are several with the same text.
std::vector<Dependency> parse_relations(std::string_view field, std::string_view value);

}  // namespace plinth::cli
