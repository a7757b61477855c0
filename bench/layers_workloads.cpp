#include "layers_workloads.hpp"

#include <algorithm>
#include <functional>
#include <memory>
#include <stdexcept>

#include "data.hpp"
#include "document_peer.hpp"
#include "plinth/database.hpp"
#include "plinth/directory.hpp"
#include "plinth/versioned_store.hpp"
#include "results.hpp"
#include "timing.hpp"

namespace plinth::bench {
namespace {

constexpr std::size_t kBlobBytes = 250'000;
// Entities of one transaction.
constexpr std::uint64_t kBatch = 500;
constexpr std::uint64_t kOperations = 2'000;

// A thousand tuples, and changes of ten of them each.
constexpr std::int64_t kTuples = 1'000, kTouched = 10;
constexpr std::int64_t kShort = 10, kLong = 10'000;

void need(bool fact) {
  if (!fact) throw std::runtime_error("an answer is wrong");
}

// A versioned store with a history of so many changes, after a first one that adds all tuples.
class History {
 public:
  History(const std::string& directory, std::int64_t changes)
      : db_(open("file:" + directory + "/history" + std::to_string(changes) +
                 "?durability=buffered")) {
    apply(0, kTuples);
    Random random(1);
    for (std::int64_t i = 0; i < changes; ++i)
      apply(static_cast<std::int64_t>(random.below(kTuples - kTouched)), kTouched);
    db_.checkpoint().get();
  }

  void apply(std::int64_t first, std::int64_t count) {
    last_ = db_.run([&](Transaction& tx) {
      const Uuid change = store_.create(tx, "a change").get();
      for (std::int64_t i = first; i < first + count; ++i)
        store_.add(tx, change, Tuple::of(i, "key", i % 10), std::to_string(i)).get();
      store_.apply(tx, change, VersionedStore::Check::none).get();
      return change;
    });
    changes_.push_back(last_);
  }
  void ask(Random& random) {
    const auto i = static_cast<std::int64_t>(random.below(kTuples));
    need(db_.read(
        [&](ReadTransaction& tx) { return store_.now(tx).ask(Tuple::of(i, "key", i % 10)); }));
  }
  void select(Random& random) {
    const auto value = static_cast<std::int64_t>(random.below(10));
    need(db_.read([&](ReadTransaction& tx) {
              return store_.now(tx).select({var("uid"), "key", value}).collect().get();
            })
             .size() == kTuples / 10);
  }
  void select_as_of(Random& random) {
    const auto value = static_cast<std::int64_t>(random.below(10));
    const Uuid change = changes_[random.below(changes_.size())];
    need(db_.read([&](ReadTransaction& tx) {
              const VersionedView then = store_.as_of(tx, change).get();
              return then.select({var("uid"), "key", value}).collect().get();
            })
             .size() == kTuples / 10);
  }
  // Between neighbours in history.
  void diff(Random& random) {
    const std::size_t at = random.below(changes_.size() - 1);
    db_.read([&](ReadTransaction& tx) {
      need(store_.diff(tx, changes_[at], changes_[at + 1]).get().empty());
    });
  }

 private:
  Database db_;
  const VersionedStore store_{"facts", {"uid", "key", "value"}, Tuple::of("facts")};
  std::vector<Uuid> changes_;
  Uuid last_;
};

class Bench {
 public:
  Bench(const Settings& settings, const Observer& observer)
      : settings_(settings), observer_(observer), results_(settings, observer) {}

  std::vector<Measurement> run() {
    documents();
    directories();
    history();
    return results_.take();
  }

 private:
  struct Side {
    std::string engine, durability;
    std::function<void()> round;
  };
  // `round` does so many operations; the first side is ours.
  void measure(const std::string& workload, std::uint64_t operations, std::vector<Side> sides,
               int rounds) {
    if (!results_.chosen(workload)) return;
    std::vector<std::vector<double>> rates(sides.size());
    for (int round = 0; round < rounds; ++round)
      for (std::size_t i = 0; i < sides.size(); ++i) {
        results_.note_round(workload, round);
        const auto begin = Clock::now();
        sides[i].round();
        rates[i].push_back(static_cast<double>(operations) / seconds_since(begin));
      }
    std::vector<Measurement> measurements(sides.size());
    for (std::size_t i = 0; i < sides.size(); ++i) {
      measurements[i].workload = workload;
      measurements[i].engine = sides[i].engine;
      measurements[i].durability = sides[i].durability;
      measurements[i].ops_per_s = median(rates[i]);
    }
    results_.add(std::move(measurements));
  }

  void documents() {
    std::vector<std::unique_ptr<DocumentPeer>> peers;
    peers.push_back(plinth_documents(settings_.directory));
    peers.push_back(sqlite_documents(settings_.directory));
    const auto on_each = [&](const std::string& workload, std::uint64_t operations,
                             const std::function<void(DocumentPeer&, std::size_t)>& work,
                             int rounds) {
      std::vector<Side> sides;
      for (std::size_t i = 0; i < peers.size(); ++i)
        sides.push_back({peers[i]->name(), peers[i]->durability(),
                         [&work, &peer = *peers[i], i] { work(peer, i); }});
      measure(workload, operations, std::move(sides), rounds);
    };
    const std::uint64_t rows = settings_.rows, blobs = std::max<std::uint64_t>(rows / 100, 10);
    std::vector<std::vector<std::string>> ids(peers.size());
    const auto put_blobs = [&](DocumentPeer& peer, std::size_t i) {
      Random random(1);
      for (std::uint64_t n = 0; n < blobs; ++n) {
        std::string bytes = "blob " + std::to_string(n);
        while (bytes.size() < kBlobBytes) bytes += value_of(random.below(1'000'000));
        ids[i].push_back(peer.put_blob(bytes));
      }
    };
    if (results_.chosen("blob_put") || results_.chosen("blob_get")) {
      // Once: the same content again would not be stored.
      if (results_.chosen("blob_put")) {
        on_each("blob_put", blobs, put_blobs, 1);
      } else {
        for (std::size_t i = 0; i < peers.size(); ++i) put_blobs(*peers[i], i);
      }
      on_each(
          "blob_get", blobs,
          [&](DocumentPeer& peer, std::size_t i) {
            for (const std::string& id : ids[i]) need(peer.get_blob(id) >= kBlobBytes);
          },
          settings_.rounds);
    }
    const auto create = [&](DocumentPeer& peer, std::size_t) {
      for (std::uint64_t first = 0; first < rows; first += kBatch)
        peer.create(first, std::min(kBatch, rows - first));
    };
    if (results_.chosen("entity_create")) {
      on_each("entity_create", rows, create, 1);
    } else {
      for (std::size_t i = 0; i < peers.size(); ++i) create(*peers[i], i);
    }
    on_each(
        "entity_get", kOperations,
        [&](DocumentPeer& peer, std::size_t) {
          Random random(2);
          for (std::uint64_t n = 0; n < kOperations; ++n) need(peer.get(random.below(rows)) == 3);
        },
        settings_.rounds);
    on_each(
        "entity_find", kOperations,
        [&](DocumentPeer& peer, std::size_t) {
          Random random(3);
          for (std::uint64_t n = 0; n < kOperations; ++n)
            need(peer.find_city(Person(random.below(rows)).city) > 0);
        },
        settings_.rounds);
    on_each(
        "entity_find_two", kOperations,
        [&](DocumentPeer& peer, std::size_t) {
          Random random(4);
          for (std::uint64_t n = 0; n < kOperations; ++n) {
            const Person person(random.below(rows));
            need(peer.find_city_and_year(person.city, person.born) > 0);
          }
        },
        settings_.rounds);
    on_each(
        "entity_patch", kOperations,
        [&](DocumentPeer& peer, std::size_t) {
          Random random(5);
          for (std::uint64_t n = 0; n < kOperations; ++n)
            peer.move(random.below(rows), Person(random.below(rows)).city);
        },
        settings_.rounds);
  }

  // Alone: creation is as durable as any commit.
  void directories() {
    Database db = open("file:" + settings_.directory + "/directories?durability=buffered");
    const DirectoryLayer layer;
    const std::string durability = "buffered: fdatasync once a second";
    constexpr std::uint64_t kDirectories = 200;
    std::uint64_t made = 0;
    const auto create = [&] {
      for (std::uint64_t i = 0; i < kDirectories; ++i) {
        db.run([&](Transaction& tx) { return layer.create(tx, {"app", std::to_string(made)}); });
        ++made;
      }
    };
    if (results_.chosen("directory_create")) {
      measure("directory_create", kDirectories, {{"plinth", durability, create}}, settings_.rounds);
    } else {
      create();
    }
    const auto open_some = [&] {
      Random random(7);
      for (std::uint64_t i = 0; i < kOperations; ++i)
        db.read([&](ReadTransaction& tx) {
          return layer.open(tx, {"app", std::to_string(random.below(made))});
        });
    };
    measure("directory_open", kOperations, {{"plinth", durability, open_some}}, settings_.rounds);
  }

  void history() {
    if (!results_.chosen("version_ask") && !results_.chosen("version_select") &&
        !results_.chosen("version_as_of") && !results_.chosen("version_diff") &&
        !results_.chosen("version_apply"))
      return;
    observer_.note("making histories");
    History long_one(settings_.directory, kLong), short_one(settings_.directory, kShort);
    const auto on_both = [&](const std::string& workload, std::uint64_t operations,
                             const std::function<void(History&, Random&)>& work) {
      const auto times = [&](History& history) {
        return [&work, &history, operations] {
          Random random(6);
          for (std::uint64_t n = 0; n < operations; ++n) work(history, random);
        };
      };
      const std::string durability = "buffered: fdatasync once a second";
      measure(workload, operations,
              {{"plinth", durability, times(long_one)},
               {"plinth-10-changes", durability, times(short_one)}},
              settings_.rounds);
    };
    on_both("version_ask", kOperations, [](History& h, Random& r) { h.ask(r); });
    on_both("version_select", kOperations / 4, [](History& h, Random& r) { h.select(r); });
    on_both("version_as_of", kOperations / 10, [](History& h, Random& r) { h.select_as_of(r); });
    on_both("version_diff", kOperations / 4, [](History& h, Random& r) { h.diff(r); });
    on_both("version_apply", kOperations / 4, [](History& h, Random& r) {
      h.apply(static_cast<std::int64_t>(r.below(kTuples - kTouched)), kTouched);
    });
  }

  const Settings& settings_;
  const Observer& observer_;
  Results results_;
};

}  // namespace

std::vector<std::string> layers_workload_names() {
  return {"blob_put",        "blob_get",      "entity_create",    "entity_get",     "entity_find",
          "entity_find_two", "entity_patch",  "directory_create", "directory_open", "version_ask",
          "version_select",  "version_as_of", "version_diff",     "version_apply"};
}

std::vector<Measurement> run_layers_workloads(const Settings& settings, const Observer& observer) {
  return Bench(settings, observer).run();
}

}  // namespace plinth::bench
