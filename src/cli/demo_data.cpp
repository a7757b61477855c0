#include "cli/demo_data.hpp"

#include "plinth/tuple.hpp"

namespace plinth::cli {

const PackageKeys& package_keys() {
  static const PackageKeys keys;
  return keys;
}

std::optional<Progress> read_progress(const ReadTransaction& reads) {
  const auto value = reads.get(package_keys().progress).get();
  if (!value) return std::nullopt;
  const auto [fingerprint, source, done, total] =
      unpack<std::int64_t, std::string, std::int64_t, std::int64_t>(*value);
  return Progress{fingerprint, source, done, total};
}

void write_progress(Transaction& tx, const Progress& progress) {
  tx.set(package_keys().progress,
         pack(progress.fingerprint, progress.source, progress.done, progress.total));
}

void write_package(Transaction& tx, const Package& package) {
  const PackageKeys& keys = package_keys();
  for (const auto& [field, value] : package.fields)
    tx.set(keys.field.pack(package.name, field), value);
  tx.set(keys.field.pack(package.name, "Section"), package.section);
  tx.set(keys.field.pack(package.name, "Installed-Size"), std::to_string(package.installed_kb));
  for (const Dependency& dependency : package.dependencies) {
    tx.set(keys.depends.pack(package.name, dependency.target), dependency.text);
    tx.set(keys.needed_by.pack(dependency.target, package.name), dependency.text);
  }
  for (const std::string& name : package.provides) {
    tx.set(keys.provides.pack(package.name, name), "");
    tx.set(keys.provided_by.pack(name, package.name), "");
  }
  tx.set(keys.by_size.pack(package.installed_kb, package.name), "");
  tx.set(keys.by_section.pack(package.section, package.name), "");
  tx.add(keys.section_count.pack(package.section), 1);
  tx.add(keys.section_size.pack(package.section), package.installed_kb);
}

Rating read_rating(const ReadTransaction& reads, const std::string& name) {
  const auto value = reads.get(package_keys().rating.pack(name)).get();
  if (!value) return {};
  const auto [votes, stars] = unpack<std::int64_t, std::int64_t>(*value);
  return {votes, stars};
}

RatingChange rate(Transaction& tx, const std::string& name, std::int64_t stars) {
  const PackageKeys& keys = package_keys();
  const Rating before = read_rating(tx, name);
  const Rating after{before.votes + 1, before.stars + stars};
  if (before.votes > 0) tx.clear(keys.by_rating.pack(before.mean_hundredths(), name));
  tx.set(keys.by_rating.pack(after.mean_hundredths(), name), "");
  tx.set(keys.rating.pack(name), pack(after.votes, after.stars));
  return {before, after};
}

Transaction begin_long_reads(Session& session) {
  Transaction transaction = session.begin_single(Access::read);
  transaction.set_option(TransactionOption::long_reads);
  return transaction;
}

}  // namespace plinth::cli
