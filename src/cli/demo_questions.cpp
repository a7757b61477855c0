#include "cli/demo_questions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>

#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

constexpr std::size_t kShownNames = 8;
constexpr std::size_t kShownSections = 10;
constexpr std::size_t kLargest = 10;

// Known packages with long chains of dependencies; not every machine has them.
constexpr const char* kKnownPackages[] = {"gnome",           "kde-full", "libreoffice", "chromium",
                                          "build-essential", "git",      "apt"};

std::string kilobytes(std::int64_t number) {
  return byte_count(number * 1024);
}

std::string first_names(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kShownNames); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > kShownNames ? text + ", …" : text;
}

// The last element of a key of `subspace`, and the number that its row holds.
std::map<std::string, std::int64_t> numbers_of(const ReadTransaction& reads,
                                               const Subspace& subspace) {
  std::map<std::string, std::int64_t> numbers;
  for_each_row(reads, subspace.range(), [&](KeyValueView row) {
    numbers[std::get<0>(subspace.unpack<std::string>(row.key))] = number_of(row.value).value();
  });
  return numbers;
}

std::int64_t all_votes(const ReadTransaction& reads) {
  std::int64_t votes = 0;
  for_each_row(reads, package_keys().rating.range(), [&](KeyValueView row) {
    votes += std::get<0>(unpack<std::int64_t, std::int64_t>(row.value));
  });
  return votes;
}

std::string shown(const Rating& rating) {
  return counted(rating.votes, "vote") + ", " + counted(rating.stars, "star");
}

}  // namespace

void Questions::ask(const std::string& question, const std::function<Lines()>& answer) {
  check_interrupt();
  const auto begin = std::chrono::steady_clock::now();
  const Lines lines = answer();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - begin;
  if (session_.json()) {
    print_line(fmt::format(R"({{"question":{},"answer":{},"seconds":{:.6f}}})",
                           json_string(question), json_array(lines), elapsed.count()));
    return;
  }
  print_line(fmt::format("\n{}. {}", ++number_, question));
  for (const std::string& line : lines) print_line("   " + line);
  print_line(fmt::format("   ({:.1f} ms)", elapsed.count() * 1000));
  flush_output();
}

void Questions::what_depends_on(const std::string& name) {
  ask(fmt::format("What depends on {}?", name), [&]() -> Lines {
    const Transaction tx = begin_long_reads(session_);
    PackageGraph graph(tx.snapshot());
    if (!graph.exists(name)) return {fmt::format("There is no package {}.", name)};
    const auto direct = graph.needed_by(name);
    const auto reached = graph.reach(name, PackageGraph::Direction::needed_by);
    return {fmt::format("directly: {}: {}",
                        counted(static_cast<std::int64_t>(direct.size()), "package"),
                        first_names(direct)),
            fmt::format("directly or through others: {}",
                        counted(static_cast<std::int64_t>(reached.size()) - 1, "package"))};
  });
}

std::vector<std::string> Questions::largest_names(std::size_t count) {
  const Subspace& by_size = package_keys().by_size;
  return session_.read([&](const ReadTransaction& reads) {
    std::vector<std::string> names;
    RangeStream stream =
        reads.range(by_size.range(), {.limit = static_cast<int>(count), .reverse = true});
    const Rows rows = stream.collect().get();
    for (const KeyValueView row : rows)
      names.push_back(std::get<1>(by_size.unpack<std::int64_t, std::string>(row.key)));
    return names;
  });
}

void Questions::largest() {
  ask("Which are the ten largest packages?", [&] {
    const PackageKeys& keys = package_keys();
    return session_.read([&](const ReadTransaction& reads) {
      const Rows rows =
          reads.range(keys.by_size.range(), {.limit = kLargest, .reverse = true}).collect().get();
      std::vector<std::pair<std::int64_t, std::string>> packages;
      std::size_t width = 0;
      for (const KeyValueView row : rows) {
        const auto [size, name] = keys.by_size.unpack<std::int64_t, std::string>(row.key);
        packages.emplace_back(size, name);
        width = std::max(width, name.size());
      }
      Lines lines;
      for (const auto& [size, name] : packages) {
        const auto summary = reads.get(keys.field.pack(name, "Summary")).get();
        lines.push_back(
            fmt::format("{:>9}  {:<{}}  {}", kilobytes(size), name, width, summary.value_or("")));
      }
      return lines;
    });
  });
}

std::pair<std::string, std::string> Questions::far_apart() {
  const Transaction tx = begin_long_reads(session_);
  PackageGraph graph(tx.snapshot());
  std::vector<std::string> candidates = largest_names(kLargest);
  for (const char* name : kKnownPackages)
    if (graph.exists(name)) candidates.push_back(name);
  std::pair<std::string, std::string> ends;
  int distance = -1;
  for (const std::string& name : candidates) {
    const auto last = graph.reach(name, PackageGraph::Direction::needs).back();
    if (last.distance <= distance) continue;
    distance = last.distance;
    ends = {name, last.name};
  }
  return ends;
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
        PackageGraph graph(tx.snapshot());
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

void Questions::sections() {
  ask("How many packages of what size are in each section?", [&] {
    return session_.read([&](const ReadTransaction& reads) {
      const auto counts = numbers_of(reads, package_keys().section_count);
      const auto sizes = numbers_of(reads, package_keys().section_size);
      std::vector<std::pair<std::string, std::int64_t>> sections(counts.begin(), counts.end());
      std::stable_sort(sections.begin(), sections.end(),
                       [](const auto& a, const auto& b) { return a.second > b.second; });
      Lines lines;
      std::int64_t packages = 0;
      std::int64_t size = 0;
      for (const auto& [section, count] : sections) {
        packages += count;
        size += sizes.at(section);
        if (lines.size() < kShownSections)
          lines.push_back(fmt::format("{:<20} {:>16} {:>10}", section, counted(count, "package"),
                                      kilobytes(sizes.at(section))));
      }
      if (sections.size() > kShownSections)
        lines.push_back(fmt::format("and {} more", sections.size() - kShownSections));
      lines.push_back(fmt::format("{:<20} {:>16} {:>10}", "together", counted(packages, "package"),
                                  kilobytes(size)));
      return lines;
    });
  });
}

void Questions::conflict() {
  const std::string name = largest_names(1).at(0);
  ask(fmt::format("Two users rate {} at the same moment, with 5 and with 2 stars: do both count?",
                  name),
      [&] {
        Database& db = session_.database(Access::write);
        const Rating before =
            db.read([&](const ReadTransaction& reads) { return read_rating(reads, name); });
        Lines lines;
        Transaction first = db.begin();  // what db.run does, step by step
        bool committed = false;
        for (int attempt = 1; !committed; ++attempt) {
          const std::string who = fmt::format("first user, attempt {}: ", attempt);
          try {
            const RatingChange change = rate(first, name, 5);
            lines.push_back(who + "finds " + shown(change.before));
            if (attempt == 1) {
              const RatingChange other = db.run([&](Transaction& tx) { return rate(tx, name, 2); });
              lines.push_back(fmt::format("second user, meanwhile: finds {}, commits {}",
                                          shown(other.before), shown(other.after)));
            }
            first.commit_and_wait();
            committed = true;
            lines.push_back(who + "commits " + shown(change.after));
          } catch (const Error& error) {
            lines.push_back(
                fmt::format("{}{} ({}), so once more", who, error.name(), error.code()));
            first.on_error(error).get();  // throws what is not worth a retry
          }
        }
        const Rating after =
            db.read([&](const ReadTransaction& reads) { return read_rating(reads, name); });
        lines.push_back(verdict(after.votes == before.votes + 2 && after.stars == before.stars + 7,
                                "both count"));
        return lines;
      });
}

void Questions::old_snapshot() {
  ask("A reader counts all votes; meanwhile the largest packages get one more each. What does it "
      "see?",
      [&]() -> Lines {
        const std::vector<std::string> names = largest_names(kLargest);
        const Transaction reader = begin_long_reads(session_);
        const std::int64_t before = all_votes(reader.snapshot());
        session_.write([&](Transaction& tx) {
          for (const std::string& name : names) rate(tx, name, 4);
        });
        const std::int64_t again = all_votes(reader.snapshot());
        const std::int64_t now = session_.read(all_votes);
        const auto added = static_cast<std::int64_t>(names.size());
        return {fmt::format("the reader: {} before, {} after", before, again),
                fmt::format("a new reader: {}", now),
                verdict(again == before && now == before + added, "each sees one moment")};
      });
}

std::string Questions::verdict(bool right, const std::string& what) {
  all_right_ &= right;
  return (right ? "right: " : "WRONG, it must be that ") + what;
}

}  // namespace plinth::cli
