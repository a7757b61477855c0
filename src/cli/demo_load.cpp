#include "cli/demo_load.hpp"

#include <fmt/format.h>

#include "cli/interrupt.hpp"
#include "cli/output.hpp"
#include "cli/progress_bar.hpp"

namespace plinth::cli {
namespace {

// A transaction is full when it has reached this many bytes: far below the limit of 10,000,000.
constexpr std::int64_t kTransactionBytes = 250'000;

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
    for (const Dependency& dependency : package.dependencies) {
      fingerprint.take(dependency.target);
      fingerprint.take(dependency.text);
    }
    for (const std::string& name : package.provides) fingerprint.take(name);
  }
  return fingerprint.value();
}

// Makes sure that the progress is that of this list. Returns what was found.
LoadResult prepare(Session& session, const Progress& fresh) {
  LoadResult result;
  session.write([&](Transaction& tx) {
    const std::optional<Progress> progress = read_progress(tx);
    result = {.found = 0, .total = fresh.total};
    if (progress && progress->fingerprint == fresh.fingerprint) {
      result.found = progress->done;
      return;
    }
    result.replaced = progress.has_value();
    tx.clear_range(KeyRange::starts_with(package_keys().all.key()));
    write_progress(tx, fresh);
  });
  return result;
}

// One transaction: takes up where the progress says, which it reads itself, so that it is right
// too when its first try had been committed without our knowing. Returns the new progress.
std::int64_t load_some(Session& session, const std::vector<Package>& packages) {
  std::int64_t done = 0;
  session.write([&](Transaction& tx) {
    Progress progress = read_progress(tx).value();
    while (progress.done < progress.total && tx.approximate_size() < kTransactionBytes)
      write_package(tx, packages[static_cast<std::size_t>(progress.done++)]);
    write_progress(tx, progress);
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
  LoadResult result = prepare(session, fresh);
  ProgressBar bar("load");
  for (std::int64_t done = result.found; done < result.total; ++result.transactions) {
    check_interrupt();
    done = load_some(session, packages);
    bar.show(static_cast<double>(done) / static_cast<double>(result.total),
             fmt::format("{} of {}", grouped(done), counted(result.total, "package")));
  }
  return result;
}

}  // namespace plinth::cli
