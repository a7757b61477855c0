#include "cli/demo_check.hpp"

#include <fmt/format.h>

#include <functional>
#include <map>
#include <set>

#include "cli/interrupt.hpp"
#include "cli/key_text.hpp"
#include "cli/output.hpp"
#include "cli/progress_bar.hpp"

namespace plinth::cli {
namespace {

constexpr std::size_t kMostDisagreements = 10;
constexpr std::size_t kPage = 1000;

struct Section {
  std::int64_t packages = 0;
  std::int64_t kilobytes = 0;
  friend bool operator==(const Section&, const Section&) = default;
};

// Of a package, in the table.
struct Row {
  std::int64_t kilobytes = 0;
  std::string version, maintainer;
  friend bool operator==(const Row&, const Row&) = default;
};

// What came, in any order: two that are equal have, as good as certainly, the same things.
class Tally {
 public:
  template <class... T>
  void take(const T&... things) {
    ++count_;
    sum_ += std::hash<std::string>()(pack(things...));
  }
  std::int64_t count() const { return count_; }
  friend bool operator==(const Tally&, const Tally&) = default;

 private:
  std::int64_t count_ = 0;
  std::size_t sum_ = 0;
};

class Check {
 public:
  Check(ReadTransaction reads, const PackageStores& stores)
      : reads_(std::move(reads)), stores_(stores) {}

  CheckResult run() {
    ProgressBar bar("check");
    bar.show(0);
    check_packages();
    bar.show(0.3);
    check_index();
    bar.show(0.5);
    check_relations();
    bar.show(0.7);
    check_descriptions();
    bar.show(0.9);
    check_table();
    check_file_lists();
    check_base_system();
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

  // The number of rows of `subspace` must be `wanted`, so that none of them is one too many.
  void check_count(const Subspace& subspace, std::int64_t wanted) {
    std::int64_t rows = 0;
    for_each_row(reads_, subspace.range(), [&](KeyValueView) { ++rows; });
    if (rows != wanted)
      disagree(fmt::format("{} holds {} where {} are right", shown_key(subspace.key()),
                           counted(rows, "row"), wanted));
  }

  // Reads all entities; what they must agree with is gathered, and compared below.
  void check_packages() {
    EntityPage page{.after = std::nullopt, .limit = kPage};
    while (true) {
      check_interrupt();
      const auto found = stores_.packages.list(reads_, page).get();
      for (const IdentifiedEntity& one : found) take_package(one.id, one.entity);
      if (found.size() < kPage) return;
      page.after = found.back().id;
    }
  }

  void take_package(const Uuid& id, const Entity& package) {
    ++result_.packages;
    for (const auto& [key, value] : package) pairs_[key].take(value, id);
    const std::string name = text_of(package, "Package");
    if (!names_.insert(name).second) disagree(fmt::format("{} is there twice", name));
    const auto section = package.find("Section");
    const auto kilobytes = package.find("Installed-Size");
    if (section == package.end() || kilobytes == package.end()) {
      disagree(fmt::format("{} has no section or no size", name));
      return;
    }
    Section& of_section = sections_[section->second];
    of_section.packages += 1;
    of_section.kilobytes += kilobytes->second.as<std::int64_t>();
    if (!stores_.relations.get(reads_, Tuple::of(name, "section", section->second)).get())
      disagree(fmt::format("{} has no tuple with its section", name));
    rows_.emplace(row_text(name),
                  Row{kilobytes->second.as<std::int64_t>(), row_text(text_of(package, "Version")),
                      row_text(text_of(package, "Maintainer"))});
    if (const auto files = package.find("Files"); files != package.end())
      lists_.insert(files->second.as<Uuid>());
    if (is_base(package)) base_.emplace(name, text_of(package, "Version"));
  }

  // The index holds the pairs of the entities.
  void check_index() {
    std::int64_t rows = 0;
    for (const auto& [key, wanted] : pairs_) {
      Tally found;
      EntityValueRange range{.limit = kPage};
      while (true) {
        check_interrupt();
        const auto values = stores_.packages.values(reads_, key, range).get();
        for (const EntityValue& one : values) found.take(one.value, one.id);
        if (values.size() < kPage) break;
        range.after = values.back();
      }
      if (!(found == wanted))
        disagree(fmt::format("the index of {} has {}, the packages have {}", key.to_string(),
                             counted(found.count(), "value"), wanted.count()));
      rows += 2 * wanted.count();
    }
    check_count(stores_.entities, rows);
  }

  // Each of the three indexes of the tuples has the same ones.
  void check_relations() {
    const Variable name = var("name");
    const Variable kind = var("kind");
    const Variable target = var("target");
    std::set<Element> kinds;
    std::set<Element> targets;
    Tally all;
    const auto take = [&](Tally& tally, const Pattern& pattern, const auto& see) {
      BindingStream stream = stores_.relations.select(reads_, pattern);
      while (const std::optional<Bindings> one = stream.next().get()) {
        const auto item = [&](std::size_t column) -> const Element& {
          const PatternItem& wanted = pattern[column];
          return wanted.value() ? *wanted.value() : (*one)[wanted.variable()->name];
        };
        if (tally.count() % 1000 == 0) check_interrupt();
        tally.take(item(0), item(1), item(2));
        see(item(0), item(1), item(2));
      }
    };
    take(all, {name, kind, target}, [&](const Element& a, const Element& b, const Element& c) {
      kinds.insert(b);
      targets.insert(c);
      if (b == Element("depends")) ++result_.dependencies;
      if (!names_.contains(a.get_if<std::string>().value_or("")))
        disagree(fmt::format("{} is no package", Tuple::of(a, b, c).to_string()));
    });
    const auto ignore = [](const Element&, const Element&, const Element&) {};
    Tally by_kind;
    for (const Element& one : kinds) take(by_kind, {name, one, target}, ignore);
    Tally by_target;
    for (const Element& one : targets) take(by_target, {name, kind, one}, ignore);
    if (!(by_kind == all && by_target == all))
      disagree(fmt::format("the indexes of the tuples have {}, {} and {} of them", all.count(),
                           by_kind.count(), by_target.count()));
    check_count(stores_.tuples, 3 * all.count() + 1);  // and how wide they are
  }

  // Each package's description is indexed, and the statistics are exact.
  void check_descriptions() {
    std::int64_t words = 0;
    for (const std::string& name : names_) {
      check_interrupt();
      const auto text = stores_.descriptions.text(reads_, name).get();
      if (!text) disagree(fmt::format("the description of {} is not indexed", name));
      words += static_cast<std::int64_t>(stores_.descriptions.terms_of(text.value_or("")).size());
    }
    const SearchStatistics found = stores_.descriptions.statistics(reads_).get();
    if (found.documents != result_.packages || found.words != words)
      disagree(fmt::format("the search index counts {} with {}; {} with {} are right",
                           counted(found.documents, "document"), counted(found.words, "word"),
                           result_.packages, words));
  }

  // The table has a row for each package, and the index those with a maintainer.
  void check_table() {
    std::int64_t maintained = 0;
    const auto text = [](const Item& row, const char* name) {
      const auto found = row.find(name);
      return found == row.end() ? std::string() : found->second.as<std::string>();
    };
    ItemStream rows = stores_.table.scan_stream(reads_);
    std::int64_t count = 0;
    while (const std::optional<Item> row = rows.next().get()) {
      if (count++ % 1000 == 0) check_interrupt();
      const std::string name = text(*row, "package");
      const auto wanted = rows_.find(name);
      const Row found{row->at("installed_size").as<Number>().to_int64().value_or(-1),
                      text(*row, "version"), text(*row, "maintainer")};
      maintained += found.maintainer.empty() ? 0 : 1;
      if (wanted == rows_.end())
        disagree(fmt::format("{} has a row in the table, but there is no such package", name));
      else if (!(wanted->second == found))
        disagree(fmt::format("the row of {} in the table is another package's", name));
    }
    if (count != result_.packages)
      disagree(fmt::format("the table has {} for {}", counted(count, "row"),
                           counted(result_.packages, "package")));
    ItemStream indexed = stores_.table.scan_stream(reads_, {.index = "maintainer"});
    std::int64_t entries = 0;
    while (indexed.next().get()) ++entries;
    if (entries != maintained)
      disagree(fmt::format("the table's index of maintainers has {}, {} are right",
                           counted(entries, "row"), maintained));
  }

  // The blobs are those that packages refer to, and have the content that they were put with.
  void check_file_lists() {
    std::set<Uuid> stored;
    Bytes after;
    while (true) {
      const auto page = stores_.file_lists.list(reads_, after, kPage).get();
      for (const BlobInfo& blob : page) stored.insert(blob.id);
      if (page.size() < kPage) break;
      after = page.back().digest;
    }
    for (const Uuid& id : stored)
      if (!lists_.contains(id)) disagree(fmt::format("no package has the blob {}", id.to_string()));
    for (const Uuid& id : lists_) {
      check_interrupt();
      try {
        stores_.file_lists.get(reads_, id, BlobStore::Check::digest).get();
      } catch (const Error& error) {
        if (error != ErrorCode::blob_not_found && error != ErrorCode::layer_data_damaged) throw;
        disagree(error.what());
      }
    }
  }

  // It has the versions that the packages have.
  void check_base_system() {
    std::map<std::string, std::string> stored;
    const VersionedStore& base = stores_.base_system;
    BindingStream found = base.now(reads_).select(base.pattern({{"key", "version"}}));
    while (const std::optional<Bindings> one = found.next().get()) {
      std::string& version = stored[one->get<std::string>("uid")];
      version += (version.empty() ? "" : ", ") + one->get<std::string>("value");
    }
    for (const auto& [name, version] : base_)
      if (stored[name] != version)
        disagree(fmt::format("{} has version {}; in the base system it is '{}'", name, version,
                             stored[name]));
    for (const auto& [name, version] : stored)
      if (!base_.contains(name))
        disagree(fmt::format("{} is in the base system, but no such package", name));
  }

  void check_sections() {
    std::map<Element, Section> stored;
    for_each_row(reads_, stores_.section_count.range(), [&](KeyValueView row) {
      stored[stores_.section_count.unpack(row.key)[0]].packages = number_of(row.value).value_or(-1);
    });
    for_each_row(reads_, stores_.section_size.range(), [&](KeyValueView row) {
      stored[stores_.section_size.unpack(row.key)[0]].kilobytes = number_of(row.value).value_or(-1);
    });
    if (stored == sections_) return;
    for (const auto& [name, section] : sections_)
      if (!(stored[name] == section))
        disagree(fmt::format("section {} has {} of {} kB; it is counted as {} of {} kB",
                             name.to_string(), counted(section.packages, "package"),
                             section.kilobytes, stored[name].packages, stored[name].kilobytes));
    for (const auto& [name, section] : stored)
      if (!sections_.contains(name))
        disagree(fmt::format("section {} is counted, but no package is in it", name.to_string()));
  }

  void check_ratings() {
    std::int64_t rows = 0;
    for_each_row(reads_, stores_.rating.range(), [&](KeyValueView row) {
      ++rows;
      const auto [name] = stores_.rating.unpack<std::string>(row.key);
      const auto [votes, stars] = unpack<std::int64_t, std::int64_t>(row.value);
      const Bytes key = stores_.by_rating.pack(Rating{votes, stars}.mean_hundredths(), name);
      if (!reads_.get(key).get()) disagree(fmt::format("{} is missing", shown_key(key)));
    });
    check_count(stores_.by_rating, rows);
  }

  void check_progress() {
    const auto progress = read_progress(reads_, stores_);
    const std::int64_t done = progress ? progress->done : 0;
    if (done != result_.packages)
      disagree(fmt::format("{} are there, but {} count as loaded",
                           counted(result_.packages, "package"), done));
  }

  ReadTransaction reads_;
  const PackageStores& stores_;
  // What the packages have.
  std::map<Element, Tally> pairs_;  // by key
  std::set<std::string> names_;
  std::map<Element, Section> sections_;
  std::map<std::string, Row> rows_;  // by name
  std::set<Uuid> lists_;
  std::map<std::string, std::string> base_;  // version by name
  CheckResult result_;
};

}  // namespace

CheckResult check_packages(Session& session) {
  const Transaction tx = begin_long_reads(session);
  const std::optional<PackageStores> stores = find_stores(tx.snapshot());
  if (!stores) return {};
  return Check(tx.snapshot(), *stores).run();
}

}  // namespace plinth::cli
