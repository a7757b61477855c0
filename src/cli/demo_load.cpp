#include "cli/demo_load.hpp"

#include <fmt/format.h>

#include <span>

#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress_bar.hpp"

namespace plinth::cli {
namespace {

// A transaction is full when it has reached this many bytes: far below the limit of 10,000,000.
constexpr std::int64_t kTransactionBytes = 1'000'000;

// FNV-1a (64 bits) over all that is stored.
class Fingerprint {
 public:
  void take(std::string_view text) {
    for (const char c : text) take_byte(static_cast<unsigned char>(c));
    take_byte(0);
  }
  std::int64_t value() const { return static_cast<std::int64_t>(hash_); }

 private:
  void take_byte(unsigned char byte) { hash_ = (hash_ ^ byte) * 0x100000001b3; }

  std::uint64_t hash_ = 0xcbf29ce484222325;
};

std::int64_t fingerprint_of(const std::vector<Package>& packages) {
  Fingerprint fingerprint;
  for (const Package& package : packages) {
    fingerprint.take(package.name);
    fingerprint.take(package.section);
    fingerprint.take(std::to_string(package.installed_kb));
    for (const auto& [field, value] : package.fields) fingerprint.take(field + ": " + value);
    fingerprint.take(package.description);
    for (const auto* relations : {&package.dependencies, &package.recommendations}) {
      for (const Dependency& relation : *relations) {
        fingerprint.take(relation.target);
        fingerprint.take(relation.text);
      }
    }
    for (const std::string& name : package.provides) fingerprint.take(name);
    fingerprint.take(package.files);
  }
  return fingerprint.value();
}

struct Prepared {
  LoadResult result;
  std::optional<PackageStores> stores;
};

// Makes sure that the progress is that of this list. Tells what was found.
Prepared prepare(Session& session, const Progress& fresh) {
  Prepared prepared;
  session.write([&](Transaction& tx) {
    prepared = {};
    prepared.result.total = fresh.total;
    prepared.stores = find_stores(tx);
    const auto progress = prepared.stores ? read_progress(tx, *prepared.stores) : std::nullopt;
    if (progress && progress->fingerprint == fresh.fingerprint) {
      prepared.result.found = progress->done;
      return;
    }
    prepared.result.replaced = progress.has_value();
    prepared.stores = create_stores(tx);
    write_progress(tx, *prepared.stores, fresh);
  });
  return prepared;
}

// Those of the packages that belong to the base system, as one change of its history.
void write_base_system(Transaction& tx, const PackageStores& stores,
                       std::span<const Package> packages) {
  const VersionedStore& base = stores.base_system;
  std::optional<Uuid> change;
  std::int64_t count = 0;
  for (const Package& package : packages) {
    if (!is_base(package)) continue;
    if (!change) change = base.create(tx, "").get();
    base.add(tx, *change, Tuple::of(package.name, "version", package.version())).get();
    ++count;
  }
  if (!change) return;
  base.set_message(tx, *change, "load " + counted(count, "package")).get();
  base.apply(tx, *change).get();
}

// One transaction over all stores: takes up where the progress says, which it reads itself, so that
// it is right too when its first try had been committed without our knowing. Returns the new
// progress.
std::int64_t load_some(Session& session, const PackageStores& stores,
                       std::span<const Package> packages) {
  std::int64_t done = 0;
  session.write([&](Transaction& tx) {
    Progress progress = read_progress(tx, stores).value();
    const std::int64_t begin = progress.done;
    while (progress.done < progress.total && tx.approximate_size() < kTransactionBytes)
      write_package(tx, stores, packages[static_cast<std::size_t>(progress.done++)]);
    write_base_system(tx, stores,
                      packages.subspan(static_cast<std::size_t>(begin),
                                       static_cast<std::size_t>(progress.done - begin)));
    write_progress(tx, stores, progress);
    done = progress.done;
  });
  return done;
}

}  // namespace

LoadResult load_packages(Session& session, const std::vector<Package>& packages,
                         const std::string& source) {
  const Progress fresh{.fingerprint = fingerprint_of(packages),
                       .source = source,
                       .done = 0,
                       .total = static_cast<std::int64_t>(packages.size())};
  auto [result, stores] = prepare(session, fresh);
  ProgressBar bar("load");
  for (std::int64_t done = result.found; done < result.total; ++result.transactions) {
    check_interrupt();
    done = load_some(session, *stores, packages);
    bar.show(static_cast<double>(done) / static_cast<double>(result.total),
             fmt::format("{} of {}", grouped(done), counted(result.total, "package")));
  }
  return result;
}

}  // namespace plinth::cli
