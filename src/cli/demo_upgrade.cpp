// What the demo asks of the VersionedStore: an upgrade of two packages is a change of the base
// system's history, and is then taken back by another one.

#include <fmt/format.h>

#include "cli/demo_questions.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

constexpr std::size_t kUpgraded = 2;
constexpr const char* kSuffix = "+demo1";

using Lines = std::vector<std::string>;

Tuple version_of(const std::string& name, const std::string& version) {
  return Tuple::of(name, "version", version);
}

std::string version_in(const VersionedView& view, const std::string& name) {
  const auto found = view.select({name, "version", var("value")}).next().get();
  return found ? found->get<std::string>("value") : "(none)";
}

std::vector<std::string> first_packages(const ReadTransaction& reads, const VersionedStore& base) {
  std::vector<std::string> names;
  BindingStream found = base.now(reads).select(base.pattern({{"key", "version"}}));
  for (const Bindings& one : found.collect(kUpgraded).get())
    names.push_back(one.get<std::string>("uid"));
  return names;
}

// The one that was applied last: here they are applied in the order of their creation.
Uuid newest_change(const ReadTransaction& reads, const VersionedStore& base) {
  for (const ChangeInfo& one : base.changes(reads).get())
    if (one.significance) return one.id;
  throw CommandFailed(ErrorCode::change_not_found, "the base system has no history");
}

// Applies the change, and gives the packages' fields the same versions.
void apply(Transaction& tx, const PackageStores& stores, const Uuid& change) {
  for (const ChangeOperation& one : stores.base_system.operations(tx, change).get()) {
    if (!one.value) continue;
    const Uuid id = find_package(tx, stores, one.items.get<std::string>(0)).value();
    stores.packages.patch(tx, id, {{"Version", one.items[2]}}).get();
  }
  stores.base_system.apply(tx, change).get();
}

Lines differences(const ReadTransaction& reads, const VersionedStore& base, const Uuid& before,
                  const Uuid& change) {
  Lines lines;
  for (const TupleDifference& one : base.diff(reads, before, change).get())
    lines.push_back(fmt::format("{} {} {}", one.after ? "+" : "-", one.items.get<std::string>(0),
                                one.items.get<std::string>(2)));
  return lines;
}

}  // namespace

void Questions::upgrade() {
  const VersionedStore& base = stores_.base_system;
  const std::vector<std::string> names =
      session_.read([&](const ReadTransaction& reads) { return first_packages(reads, base); });
  if (names.empty()) return;  // nothing that dpkg needs is in the list
  std::string all = names[0];
  for (std::size_t i = 1; i < names.size(); ++i) all += " and " + names[i];
  const std::string& name = names[0];

  ask(fmt::format("{} upgraded, and back again: what has changed, and what was before?", all), [&] {
    const Uuid before =
        session_.read([&](const ReadTransaction& reads) { return newest_change(reads, base); });
    Uuid change;
    session_.write([&](Transaction& tx) {
      change = base.create(tx, "upgrade " + all).get();
      for (const std::string& one : names) {
        const std::string version = version_in(base.now(tx), one);
        base.remove(tx, change, version_of(one, version)).get();
        base.add(tx, change, version_of(one, version + kSuffix)).get();
      }
    });
    Lines lines{session_.read([&](const ReadTransaction& reads) {
      return fmt::format("not applied yet: {} {}, in a preview {}", name,
                         version_in(base.now(reads), name),
                         version_in(base.preview(reads, change).get(), name));
    })};

    session_.write([&](Transaction& tx) { apply(tx, stores_, change); });
    const Lines changed = session_.read(
        [&](const ReadTransaction& reads) { return differences(reads, base, before, change); });
    lines.insert(lines.end(), changed.begin(), changed.end());
    std::string old;
    lines.push_back(session_.read([&](const ReadTransaction& reads) {
      old = version_in(base.as_of(reads, before).get(), name);
      return fmt::format("as of \"{}\": {} {}", base.change(reads, before).get().message, name,
                         old);
    }));

    session_.write([&](Transaction& tx) {
      apply(tx, stores_, base.revert(tx, change, "take back " + all).get());
    });
    bool agree = false;
    lines.push_back(session_.read([&](const ReadTransaction& reads) {
      const std::string now = version_in(base.now(reads), name);
      const Uuid id = find_package(reads, stores_, name).value();
      agree = now == old && text_of(stores_.packages.get(reads, id).get(), "Version") == now;
      const auto history = base.history(reads, version_of(name, now)).get();
      return fmt::format("taken back: {} {}, added and removed by {}", name, now,
                         counted(static_cast<std::int64_t>(history.size()), "change"));
    }));
    lines.push_back(verdict(agree, "history and fields agree"));
    return lines;
  });
}

}  // namespace plinth::cli
