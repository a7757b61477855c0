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

constexpr std::size_t kShownSections = 10;

std::string kilobytes(std::int64_t number) {
  return byte_count(number * 1024);
}

// The last element of a key of `subspace`, and the number that its row holds.
std::map<Element, std::int64_t> numbers_of(const ReadTransaction& reads, const Subspace& subspace) {
  std::map<Element, std::int64_t> numbers;
  for_each_row(reads, subspace.range(), [&](KeyValueView row) {
    numbers[subspace.unpack(row.key)[0]] = number_of(row.value).value();
  });
  return numbers;
}

std::int64_t all_votes(const ReadTransaction& reads, const PackageStores& stores) {
  std::int64_t votes = 0;
  for_each_row(reads, stores.rating.range(), [&](KeyValueView row) {
    votes += std::get<0>(unpack<std::int64_t, std::int64_t>(row.value));
  });
  return votes;
}

std::string shown(const Rating& rating) {
  return counted(rating.votes, "vote") + ", " + counted(rating.stars, "star");
}

}  // namespace

Questions::Questions(Session& session)
    : session_(session),
      stores_(
          session.read([](const ReadTransaction& reads) { return find_stores(reads).value(); })) {}

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

void Questions::sections() {
  ask("How many packages of what size are in each section?", [&] {
    return session_.read([&](const ReadTransaction& reads) {
      const auto counts = numbers_of(reads, stores_.section_count);
      const auto sizes = numbers_of(reads, stores_.section_size);
      std::vector<std::pair<Element, std::int64_t>> sections(counts.begin(), counts.end());
      std::stable_sort(sections.begin(), sections.end(),
                       [](const auto& a, const auto& b) { return a.second > b.second; });
      Lines lines;
      std::int64_t packages = 0;
      std::int64_t size = 0;
      for (const auto& [section, count] : sections) {
        packages += count;
        size += sizes.at(section);
        if (lines.size() < kShownSections)
          lines.push_back(fmt::format("{:<20} {:>16} {:>10}",
                                      section.get_if<std::string>().value_or(section.to_string()),
                                      counted(count, "package"), kilobytes(sizes.at(section))));
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
        const Rating before = db.read(
            [&](const ReadTransaction& reads) { return read_rating(reads, stores_, name); });
        Lines lines;
        Transaction first = db.begin();  // what db.run does, step by step
        bool committed = false;
        for (int attempt = 1; !committed; ++attempt) {
          const std::string who = fmt::format("first user, attempt {}: ", attempt);
          try {
            const RatingChange change = rate(first, stores_, name, 5);
            lines.push_back(who + "finds " + shown(change.before));
            if (attempt == 1) {
              const RatingChange other =
                  db.run([&](Transaction& tx) { return rate(tx, stores_, name, 2); });
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
        const Rating after = db.read(
            [&](const ReadTransaction& reads) { return read_rating(reads, stores_, name); });
        lines.push_back(verdict(after.votes == before.votes + 2 && after.stars == before.stars + 7,
                                "both count"));
        return lines;
      });
}

void Questions::old_snapshot() {
  ask("A reader counts all votes; meanwhile the largest packages get one more each. What does it "
      "see?",
      [&]() -> Lines {
        const std::vector<std::string> names = largest_names(10);
        const Transaction reader = begin_long_reads(session_);
        const std::int64_t before = all_votes(reader.snapshot(), stores_);
        session_.write([&](Transaction& tx) {
          for (const std::string& name : names) rate(tx, stores_, name, 4);
        });
        const std::int64_t again = all_votes(reader.snapshot(), stores_);
        const std::int64_t now =
            session_.read([&](const ReadTransaction& reads) { return all_votes(reads, stores_); });
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
