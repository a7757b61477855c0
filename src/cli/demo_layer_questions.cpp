// What the demo asks of one layer each.

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>

#include "cli/demo_graph.hpp"
#include "cli/demo_questions.hpp"
#include "cli/key_text.hpp"
#include "cli/output.hpp"
#include "plinth/expression.hpp"

namespace plinth::cli {
namespace {

constexpr std::size_t kShownNames = 8;
constexpr std::size_t kShownFiles = 5;
constexpr std::size_t kShownResults = 5;
constexpr std::size_t kLargest = 10;

// Known packages with long chains of dependencies; not every machine has them.
constexpr const char* kKnownPackages[] = {"gnome", "kde-full", "libreoffice", "build-essential",
                                          "git",   "apt",      "dpkg"};

std::string first_names(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShownNames); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > kShownNames ? text + ", …" : text;
}

std::int64_t signed_size(const auto& items) {
  return static_cast<std::int64_t>(items.size());
}

// Those of the paths, a line each, that no other one is below: files, for dpkg lists directories
// too.
std::vector<std::string> leaves(const std::string& list) {
  std::vector<std::string> paths;
  std::set<std::string> directories;
  std::istringstream lines(list);
  for (std::string path; std::getline(lines, path);) {
    directories.insert(path.substr(0, path.rfind('/')));
    paths.push_back(path);
  }
  std::erase_if(
      paths, [&](const std::string& path) { return path == "/." || directories.contains(path); });
  return paths;
}

}  // namespace

// --- TupleStore ----------------------------------------------------------------------------------

void Questions::what_depends_on(const std::string& name) {
  ask(fmt::format("What depends on {}?", name), [&]() -> Lines {
    const Transaction tx = begin_long_reads(session_);
    const PackageGraph graph(stores_.relations, tx.snapshot());
    if (!graph.exists(name)) return {fmt::format("There is no package {}.", name)};
    const auto reached = graph.reach(name, PackageGraph::Direction::needed_by);
    std::vector<std::string> direct;
    for (const PackageGraph::Reached& one : reached)
      if (one.distance == 1) direct.push_back(one.name);
    return {fmt::format("directly: {}: {}", counted(signed_size(direct), "package"),
                        first_names(direct)),
            fmt::format("directly or through others: {}",
                        counted(signed_size(reached) - 1, "package"))};
  });
}

std::pair<std::string, std::string> Questions::far_apart() {
  const Transaction tx = begin_long_reads(session_);
  const PackageGraph graph(stores_.relations, tx.snapshot());
  std::string from = largest_names(1).at(0);
  for (const char* name : kKnownPackages) {
    if (!graph.exists(name)) continue;
    from = name;
    break;
  }
  return {from, graph.reach(from, PackageGraph::Direction::needs).back().name};
}

void Questions::shortest_chain(std::string from, std::string to) {
  if (from.empty() || to.empty()) {
    const auto [first, last] = far_apart();
    if (from.empty()) from = first;
    if (to.empty()) to = last;
  }
  ask(fmt::format("What is a shortest chain of dependencies from {} to {}?", from, to),
      [&]() -> Lines {
        const Transaction tx = begin_long_reads(session_);
        const PackageGraph graph(stores_.relations, tx.snapshot());
        for (const std::string& name : {from, to})
          if (!graph.exists(name)) return {fmt::format("There is no package {}.", name)};
        const std::vector<std::string> chain = graph.shortest_chain(from, to);
        if (chain.empty()) return {"There is none."};
        Lines lines{from};
        for (std::size_t i = 1; i < chain.size(); ++i)
          lines.push_back(
              fmt::format("needs {:<28} {}", chain[i], graph.reason(chain[i - 1], chain[i])));
        return lines;
      });
}

void Questions::through_libraries(const std::string& section, const std::string& library) {
  ask(fmt::format("Through which libraries do packages of section {} depend on {}?", section,
                  library),
      [&]() -> Lines {
        const Variable name = var("name");
        const Variable between = var("between");
        std::map<std::string, std::vector<std::string>> names_through;
        const Transaction tx = begin_long_reads(session_);
        BindingStream found =
            stores_.relations.query(tx.snapshot(), {{name, "section", section},
                                                    {name, "depends", between},
                                                    {between, "section", "libs"},
                                                    {between, "depends", library}});
        while (const std::optional<Bindings> one = found.next().get())
          names_through[one->get<std::string>("between")].push_back(one->get<std::string>("name"));
        std::vector<std::pair<std::string, std::vector<std::string>>> sorted(names_through.begin(),
                                                                             names_through.end());
        std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
          return a.second.size() > b.second.size();
        });
        Lines lines;
        for (auto& [through, names] : sorted) {
          if (lines.size() == kShownResults) break;
          std::sort(names.begin(), names.end());
          lines.push_back(fmt::format("through {}: {}: {}", through,
                                      counted(signed_size(names), "package"), first_names(names)));
        }
        if (sorted.size() > kShownResults)
          lines.push_back(fmt::format("and through {} more", sorted.size() - kShownResults));
        if (lines.empty()) lines.push_back("None does.");
        return lines;
      });
}

// --- EntityStore ---------------------------------------------------------------------------------

std::vector<EntityValue> Questions::largest_ids(const ReadTransaction& reads, std::size_t count) {
  const EntityValueRange range{.reverse = true, .limit = count};
  return stores_.packages.values(reads, "Installed-Size", range).get();
}

std::vector<std::string> Questions::largest_names(std::size_t count) {
  return session_.read([&](const ReadTransaction& reads) {
    std::vector<std::string> names;
    for (const EntityValue& one : largest_ids(reads, count))
      names.push_back(text_of(stores_.packages.get(reads, one.id).get(), "Package"));
    return names;
  });
}

std::string Questions::summary(const ReadTransaction& reads, const std::string& name) {
  const std::string text = stores_.descriptions.text(reads, name).get().value_or("");
  return shown_text(text.substr(0, text.find('\n')));
}

void Questions::largest() {
  ask("Which are the ten largest packages?", [&] {
    return session_.read([&](const ReadTransaction& reads) {
      std::vector<std::pair<std::int64_t, std::string>> packages;
      std::size_t width = 0;
      for (const EntityValue& one : largest_ids(reads, kLargest)) {
        const std::string name = text_of(stores_.packages.get(reads, one.id).get(), "Package");
        packages.emplace_back(one.value.as<std::int64_t>(), name);
        width = std::max(width, name.size());
      }
      Lines lines;
      for (const auto& [size, name] : packages)
        lines.push_back(fmt::format("{:>9}  {:<{}}  {}", byte_count(size * 1024), name, width,
                                    summary(reads, name)));
      return lines;
    });
  });
}

void Questions::required_in(const std::string& section) {
  ask(fmt::format("Which packages of section {} are required, and who maintains them?", section),
      [&] {
        return session_.read([&](const ReadTransaction& reads) {
          const Entity wanted{{"Priority", "required"}, {"Section", section}};
          Lines lines;
          for (const Uuid& id : stores_.packages.find(reads, wanted).get()) {
            const Entity package = stores_.packages.get(reads, id).get();
            lines.push_back(fmt::format("{:<20} {}", text_of(package, "Package"),
                                        shown_text(text_of(package, "Maintainer"))));
          }
          std::sort(lines.begin(), lines.end());
          if (lines.empty()) lines.push_back("None is.");
          return lines;
        });
      });
}

// --- SearchIndex ---------------------------------------------------------------------------------

void Questions::search(const std::string& words) {
  ask(fmt::format("Which package is for \"{}\"?", words), [&] {
    return session_.read([&](const ReadTransaction& reads) {
      std::vector<SearchItem> items;
      for (const std::string& term : stores_.descriptions.terms_of(words)) items.push_back(term);
      const SearchWanted wanted{.limit = kShownResults, .snippets = true};
      Lines lines;
      if (!items.empty()) {
        const SearchQuery query = SearchQuery::any_of(items);
        for (const SearchResult& one : stores_.descriptions.search(reads, query, wanted).get()) {
          std::string snippet = one.snippet.marked();
          std::replace(snippet.begin(), snippet.end(), '\n', ' ');
          lines.push_back(
              fmt::format("{:<20} ({:.2f})  {}", one.id.as<std::string>(), one.score, snippet));
        }
      }
      if (lines.empty()) lines.push_back("None.");
      return lines;
    });
  });
}

// --- BlobStore -----------------------------------------------------------------------------------

void Questions::files() {
  // dpkg's, or else those of the package that has the first list.
  const auto id = session_.read([&](const ReadTransaction& reads) -> std::optional<Uuid> {
    const auto known = find_package(reads, stores_, "dpkg");
    if (known && stores_.packages.get(reads, *known).get().contains("Files")) return known;
    const auto values = stores_.packages.values(reads, "Files", {.limit = 1}).get();
    if (values.empty()) return std::nullopt;
    return values.front().id;
  });
  if (!id) return;  // a list of packages without what is installed
  const std::string name = session_.read([&](const ReadTransaction& reads) {
    return text_of(stores_.packages.get(reads, *id).get(), "Package");
  });
  ask(fmt::format("Which files does {} bring?", name), [&] {
    return session_.read([&](const ReadTransaction& reads) {
      const Entity package = stores_.packages.get(reads, *id).get();
      const Bytes list = stores_.file_lists.get(reads, package.at("Files").as<Uuid>()).get();
      const std::vector<std::string> paths = leaves(list);
      Lines lines{counted(signed_size(paths), "path") + " that no other is below:"};
      for (std::size_t i = 0; i < std::min(paths.size(), kShownFiles); ++i)
        lines.push_back("  " + shown_text(paths[i]));
      if (paths.size() > kShownFiles) lines.push_back("  …");
      const auto lists = stores_.packages.values(reads, "Files").get();
      std::size_t contents = 0;
      for (std::size_t i = 0; i < lists.size(); ++i)
        contents += i == 0 || !(lists[i].value == lists[i - 1].value);
      lines.push_back(fmt::format("{} are known, {} of them different: each is stored once",
                                  counted(signed_size(lists), "list"), contents));
      return lines;
    });
  });
}

// --- Table ---------------------------------------------------------------------------------------

void Questions::filtered(const std::string& section, const std::string& expression) {
  ask(fmt::format("Which packages of section {} are such that {}?", section, expression), [&] {
    return session_.read([&](const ReadTransaction& reads) {
      const ItemPage page =
          stores_.table.query(reads, row_text(section), {.filter = Condition::parse(expression)})
              .get();
      Lines lines{counted(signed_size(page.items), "package")};
      for (const Item& row : page.items) {
        if (lines.size() > kShownResults) {
          lines.push_back("…");
          break;
        }
        const auto kilobytes = row.at("installed_size").as<Number>().to_int64().value_or(0);
        const std::string& name = row.at("package").as<std::string>();
        lines.push_back(fmt::format("{:<28} {:>9}  {}", name, byte_count(kilobytes * 1024),
                                    summary(reads, name)));
      }
      return lines;
    });
  });
}

void Questions::of_the_same_maintainer(const std::string& name) {
  ask(fmt::format("What do the maintainers of {} maintain?", name), [&] {
    return session_.read([&](const ReadTransaction& reads) -> Lines {
      const auto id = find_package(reads, stores_, name);
      if (!id) return {fmt::format("There is no package {}.", name)};
      const Entity package = stores_.packages.get(reads, *id).get();
      const std::string maintainer = text_of(package, "Maintainer");
      const ItemPage page =
          stores_.table.query(reads, row_text(maintainer), {.index = "maintainer"}).get();
      std::map<std::string, std::vector<std::string>> names_in;  // by section
      for (const Item& row : page.items)
        names_in[row.at("section").as<std::string>()].push_back(
            row.at("package").as<std::string>());
      Lines lines{fmt::format("{}: {}", shown_text(maintainer),
                              counted(signed_size(page.items), "package"))};
      for (const auto& [section, names] : names_in)
        lines.push_back(fmt::format("in {}: {}", section, first_names(names)));
      return lines;
    });
  });
}

// --- Directory -----------------------------------------------------------------------------------

void Questions::directories() {
  ask("Where is all of this?", [&] {
    return session_.read([&](const ReadTransaction& reads) {
      Lines lines;
      for (const Directory& directory : demo_directories(reads)) {
        const KeyRange range = KeyRange::starts_with(directory.prefix());
        const std::int64_t bytes = reads.estimated_size(range.begin, range.end).get();
        lines.push_back(fmt::format("{:<15} {:>9}  below {}", to_string(directory.path()),
                                    byte_count(bytes), shown_key(directory.prefix())));
      }
      const TableSize size = tables().estimated_size(reads, stores_.table.name()).get();
      lines.push_back(fmt::format("{:<15} {:>9}  in {}, without its index", "table packages",
                                  byte_count(size.bytes), counted(size.items, "item")));
      return lines;
    });
  });
}

}  // namespace plinth::cli
