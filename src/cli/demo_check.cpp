#include "cli/demo_check.hpp"

#include <fmt/format.h>

#include <map>

#include "cli/interrupt.hpp"
#include "cli/key_text.hpp"
#include "cli/output.hpp"
#include "cli/progress_bar.hpp"

namespace plinth::cli {
namespace {

constexpr std::size_t kMostDisagreements = 10;

struct Section {
  std::int64_t packages = 0;
  std::int64_t kilobytes = 0;
  friend bool operator==(const Section&, const Section&) = default;
};

class Check {
 public:
  explicit Check(ReadTransaction reads) : reads_(std::move(reads)) {}

  CheckResult run() {
    ProgressBar bar("check");
    bar.show(0);
    check_each_package();
    bar.show(0.4);
    result_.dependencies = check_mirror(keys_.depends, keys_.needed_by);
    bar.show(0.8);
    check_mirror(keys_.provides, keys_.provided_by);
    check_sections();
    check_ratings();
    check_progress();
    return std::move(result_);
  }

 private:
  void disagree(std::string sentence) {
    if (result_.disagreements.size() < kMostDisagreements)
      result_.disagreements.push_back(std::move(sentence));
  }

  std::int64_t count_rows(const Subspace& subspace) {
    std::int64_t rows = 0;
    for_each_row(reads_, subspace.range(), [&](KeyValueView) { ++rows; });
    return rows;
  }

  // The number of rows of `subspace` must be `wanted`, so that none of them is one too many.
  void check_count(const Subspace& subspace, std::int64_t wanted) {
    if (const std::int64_t rows = count_rows(subspace); rows != wanted)
      disagree(fmt::format("{} holds {} where {} are right", shown_key(subspace.key()),
                           counted(rows, "row"), wanted));
  }

  void check_there(const Bytes& key) {
    if (!reads_.get(key).get()) disagree(fmt::format("{} is missing", shown_key(key)));
  }

  // Of each package, its size and section are in the indexes.
  void check_each_package() {
    std::string section;
    std::int64_t kilobytes = 0;
    for_each_row(reads_, keys_.field.range(), [&](KeyValueView row) {
      // Fields are in the order of their names: Installed-Size, Section, Version.
      const auto [name, field] = keys_.field.unpack<std::string, std::string>(row.key);
      if (field == "Installed-Size") kilobytes = std::stoll(std::string(row.value));
      if (field == "Section") section = row.value;
      if (field != "Version") return;
      check_interrupt();
      ++result_.packages;
      sections_[section].packages += 1;
      sections_[section].kilobytes += kilobytes;
      check_there(keys_.by_size.pack(kilobytes, name));
      check_there(keys_.by_section.pack(section, name));
    });
    check_count(keys_.by_size, result_.packages);
    check_count(keys_.by_section, result_.packages);
  }

  // (a, b) is in `forward` if and only if (b, a) is in `backward`, with the same value. Returns
  // their number.
  std::int64_t check_mirror(const Subspace& forward, const Subspace& backward) {
    std::int64_t rows = 0;
    for_each_row(reads_, forward.range(), [&](KeyValueView row) {
      if (++rows % 1000 == 0) check_interrupt();
      const auto [a, b] = forward.unpack<std::string, std::string>(row.key);
      const Bytes key = backward.pack(b, a);
      const auto value = reads_.get(key).get();
      if (!value) {
        disagree(fmt::format("{} is there, {} is not", shown_key(row.key), shown_key(key)));
      } else if (*value != row.value) {
        disagree(fmt::format("{} and {} differ", shown_key(row.key), shown_key(key)));
      }
    });
    check_count(backward, rows);
    return rows;
  }

  void check_sections() {
    std::map<std::string, Section> stored;
    for_each_row(reads_, keys_.section_count.range(), [&](KeyValueView row) {
      const auto [section] = keys_.section_count.unpack<std::string>(row.key);
      stored[section].packages = number_of(row.value).value_or(-1);
    });
    for_each_row(reads_, keys_.section_size.range(), [&](KeyValueView row) {
      const auto [section] = keys_.section_size.unpack<std::string>(row.key);
      stored[section].kilobytes = number_of(row.value).value_or(-1);
    });
    if (stored == sections_) return;
    for (const auto& [name, section] : sections_)
      if (!(stored[name] == section))
        disagree(fmt::format("section {} has {} of {} kB; it is counted as {} of {} kB", name,
                             counted(section.packages, "package"), section.kilobytes,
                             stored[name].packages, stored[name].kilobytes));
    for (const auto& [name, section] : stored)
      if (!sections_.contains(name))
        disagree(fmt::format("section {} is counted, but no package is in it", name));
  }

  void check_ratings() {
    std::int64_t rows = 0;
    for_each_row(reads_, keys_.rating.range(), [&](KeyValueView row) {
      ++rows;
      const auto [name] = keys_.rating.unpack<std::string>(row.key);
      const auto [votes, stars] = unpack<std::int64_t, std::int64_t>(row.value);
      check_there(keys_.by_rating.pack(Rating{votes, stars}.mean_hundredths(), name));
    });
    check_count(keys_.by_rating, rows);
  }

  void check_progress() {
    const auto progress = read_progress(reads_);
    const std::int64_t done = progress ? progress->done : 0;
    if (done != result_.packages)
      disagree(fmt::format("{} are there, but {} count as loaded",
                           counted(result_.packages, "package"), done));
  }

  ReadTransaction reads_;
  const PackageKeys& keys_ = package_keys();
  std::map<std::string, Section> sections_;
  CheckResult result_;
};

}  // namespace

CheckResult check_packages(Session& session) {
  const Transaction tx = begin_long_reads(session);
  return Check(tx.snapshot()).run();
}

}  // namespace plinth::cli
