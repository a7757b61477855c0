#include "tuples_workloads.hpp"

#include <algorithm>
#include <memory>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "timing.hpp"
#include "triple_peer.hpp"

namespace plinth::bench {
namespace {

constexpr std::uint64_t kBatch = 1'000;
// Of lookups in the state of one moment, in the workload that has several.
constexpr std::size_t kTogether = 100;
// An order by hand that takes so many times as long as the best so far is not followed to its end.
constexpr double kHopeless = 2;
// The engine that follows the best order by hand.
constexpr const char* kByHand = "plinth-by-hand";

struct Lookup {
  const char* name;
  TriplePatterns patterns;
  std::size_t together = 1;
};

// $0, $1, $2: of a random triple; $3: a random package. Patterns are named by their bound columns.
const std::vector<Lookup>& lookups() {
  static const std::vector<Lookup> all = {
      {"tuple", {{"$0", "$1", "$2"}}},
      {"pattern_ab", {{"$0", "$1", "?c"}}},
      {"ab_together", {{"$0", "$1", "?c"}}, kTogether},
      {"pattern_bc", {{"?a", "depends", "$3"}}},
      {"pattern_ac", {{"$0", "?b", "$2"}}},
      {"pattern_a", {{"$0", "?b", "?c"}}},
      {"pattern_c", {{"?a", "?b", "$3"}}},
      {"scan_b", {{"?a", "priority", "?c"}}},
      {"join_3", {{"$3", "depends", "?b"}, {"?b", "depends", "?c"}, {"?c", "section", "?s"}}},
      {"join_3_back",
       {{"?a", "depends", "?b"}, {"?b", "recommends", "$3"}, {"?a", "section", "?s"}}},
  };
  return all;
}

// Questions whose patterns are given in no good order.
const std::vector<TriplePatterns>& queries() {
  const auto package = PackageGraph::package;
  const auto maintainer = PackageGraph::maintainer;
  const auto section = PackageGraph::section;
  static const std::vector<TriplePatterns> all = {
      {{"?a", "depends", "?b"}, {"?b", "section", section(5)}, {"?b", "maintainer", maintainer(9)}},
      {{"?a", "maintainer", "?m"}, {"?a", "depends", package(0)}, {"?a", "section", section(20)}},
      {{"?a", "depends", "?b"}, {"?b", "depends", "?c"}, {"?c", "priority", "required"}},
      {{"?a", "depends", "?b"}, {"?b", "section", "?s"}, {package(200), "depends", "?a"}},
      {{"?a", "section", "?s"}, {"?a", "recommends", "?b"}, {"?b", "maintainer", maintainer(30)}},
      {{"?a", "depends", "?b"}, {"?b", "depends", "?a"}, {"?a", "section", section(3)}},
      {{"?a", "depends", "?b"},
       {"?b", "maintainer", "?m"},
       {"?a", "maintainer", "?m"},
       {"?a", "section", section(10)}},
      {{"?a", "recommends", "?r"}, {"?a", "depends", package(3)}, {"?a", "depends", package(40)}},
      {{"?a", "maintainer", "?m"},
       {"?b", "maintainer", "?m"},
       {"?a", "section", section(35)},
       {"?b", "priority", "important"}},
      {{"?a", "section", section(0)},
       {"?b", "recommends", "?a"},
       {"?b", "section", section(30)},
       {"?a", "priority", "standard"}},
  };
  return all;
}

std::string query_name(std::size_t i) {
  return "query_" + std::to_string(i + 1);
}

class Bench {
 public:
  Bench(const Settings& settings, const Observer& observer)
      : settings_(settings), observer_(observer), graph_(settings.rows) {
    peers_.push_back(make_plinth_triples(settings.directory));
    peers_.push_back(make_sqlite_triples(settings.directory));
    budget_s_ = std::max(0.1, std::min(1.0, static_cast<double>(settings.rows) / 3e5));
  }

  std::vector<Measurement> run() {
    load();
    for (const Lookup& lookup : lookups())
      if (chosen(lookup.name)) look_up(lookup);
    for (std::size_t i = 0; i < queries().size(); ++i)
      if (chosen(query_name(i))) ask(query_name(i), queries()[i]);
    return std::move(all_);
  }

 private:
  bool chosen(const std::string& workload) const {
    const auto& names = settings_.workloads;
    return names.empty() || std::find(names.begin(), names.end(), workload) != names.end();
  }
  void note(const std::string& what) const { observer_.note(what); }
  void measured(std::vector<Measurement> some) {
    observer_.measured(some);
    all_.insert(all_.end(), some.begin(), some.end());
  }
  static Measurement measurement(const std::string& workload, const TriplePeer& peer, double rate) {
    Measurement made;
    made.workload = workload;
    made.engine = peer.name();
    made.durability = peer.durability();
    made.ops_per_s = rate;
    return made;
  }
  // Of Plinth and SQLite, in this order.
  void measured(const std::string& workload, const std::vector<double>& rates) {
    std::vector<Measurement> some;
    for (std::size_t i = 0; i < peers_.size(); ++i)
      some.push_back(measurement(workload, *peers_[i], rates[i]));
    some[0].ratio_to[peers_[1]->name()] = rates[0] / rates[1];
    measured(std::move(some));
  }

  void load() {
    std::vector<double> rates;
    for (const auto& peer : peers_) {
      note("loading " + peer->name());
      const std::vector<Triple>& triples = graph_.triples();
      const auto begin = Clock::now();
      for (std::size_t i = 0; i < triples.size(); i += kBatch)
        peer->write(&triples[i], &triples[i] + std::min(kBatch, triples.size() - i));
      rates.push_back(static_cast<double>(triples.size()) / seconds_since(begin));
      peer->settle();
    }
    if (chosen("load")) measured("load", rates);
  }

  Given given(Random& random) const {
    const Triple& triple = graph_.triples()[random.below(graph_.triples().size())];
    return {triple[0], triple[1], triple[2],
            PackageGraph::package(random.below(graph_.packages()))};
  }

  // Lookups a second; what the first of them answer is added to `answer`.
  double rate_of_lookups(TripleQuery& query, std::size_t together, TripleAnswer& answer,
                         std::uint64_t seed) const {
    Random random(seed);
    std::vector<Given> givens;
    for (int i = 0; i < 1'000; ++i) givens.push_back(given(random));
    std::size_t count = 0;
    const auto begin = Clock::now();
    while (seconds_since(begin) < budget_s_) {
      const Given* next = &givens[count % givens.size()];
      const TripleAnswer some = together == 1 ? query.run(*next) : query.run_all({next, together});
      if (count == 0) answer += some;
      count += together;
    }
    return static_cast<double>(count) / seconds_since(begin);
  }

  void look_up(const Lookup& lookup) {
    std::vector<std::vector<double>> rates(peers_.size());
    std::vector<std::unique_ptr<TripleQuery>> prepared;
    for (const auto& peer : peers_) prepared.push_back(peer->prepare(lookup.patterns, true));
    for (int round = 0; round < settings_.rounds; ++round) {
      note(std::string(lookup.name) + ", round " + std::to_string(round + 1));
      std::vector<TripleAnswer> answers(peers_.size());
      for (std::size_t i = 0; i < peers_.size(); ++i)
        rates[i].push_back(rate_of_lookups(*prepared[i], lookup.together, answers[i],
                                           static_cast<std::uint64_t>(round)));
      check_same(answers[0], answers[1], lookup.name);
    }
    measured(lookup.name, {median(rates[0]), median(rates[1])});
  }

  static void check_same(const TripleAnswer& a, const TripleAnswer& b,
                         const std::string& workload) {
    if (a.rows != b.rows || a.sum != b.sum)
      throw std::runtime_error(workload + ": the engines give different answers");
  }

  // Seconds that one run takes; 0 when it was stopped. The answer is checked against `expected`.
  static double seconds_of(TripleQuery& query, double most_s, std::optional<TripleAnswer>& expected,
                           const std::string& workload) {
    const auto begin = Clock::now();
    const TripleAnswer answer = query.run({}, most_s);
    const double took_s = seconds_since(begin);
    if (took_s > most_s) return 0;
    if (expected) check_same(answer, *expected, workload);
    expected = answer;
    return took_s;
  }

  // The patterns in the order of which none is faster. One order at least takes `best_s` or so.
  TriplePatterns best_order(const TriplePatterns& patterns, double best_s,
                            std::optional<TripleAnswer>& expected, const std::string& workload) {
    std::vector<std::size_t> order(patterns.size());
    std::iota(order.begin(), order.end(), 0);
    TriplePatterns best;
    do {
      TriplePatterns ordered;
      for (const std::size_t i : order) ordered.push_back(patterns[i]);
      const auto query = peers_[0]->prepare(ordered, false);
      double took_s = 0;
      for (int i = 0; i < 3; ++i) {
        const double one_s = seconds_of(*query, best_s * kHopeless, expected, workload);
        if (one_s == 0) break;
        took_s = i == 0 ? one_s : std::min(took_s, one_s);
      }
      if (took_s > 0 && took_s < best_s) {
        best_s = took_s;
        best = ordered;
      }
    } while (std::next_permutation(order.begin(), order.end()));
    return best;
  }

  void ask(const std::string& workload, const TriplePatterns& patterns) {
    note(workload + ", all orders by hand");
    std::optional<TripleAnswer> expected;
    // The first run tells how long another order may take.
    const auto planned = peers_[0]->prepare(patterns, true);
    const double took_s = seconds_of(*planned, 1e9, expected, workload);
    const auto by_hand =
        peers_[0]->prepare(best_order(patterns, 2 * took_s, expected, workload), false);
    const auto sqlite = peers_[1]->prepare(patterns, true);
    const std::vector<std::pair<TriplePeer*, TripleQuery*>> engines{
        {peers_[0].get(), planned.get()},
        {peers_[0].get(), by_hand.get()},
        {peers_[1].get(), sqlite.get()}};
    // In short turns, so that what else the machine does meets all of them; the first run of each
    // finds its data in the processor's caches for the second, which counts.
    const int turns = std::clamp(static_cast<int>(budget_s_ / took_s), 5, 1'000);
    std::vector<std::vector<double>> seconds(engines.size());
    for (int turn = 0; turn < turns; ++turn) {
      note(workload + ", turn " + std::to_string(turn + 1));
      for (std::size_t i = 0; i < engines.size(); ++i) {
        seconds_of(*engines[i].second, 1e9, expected, workload);
        seconds[i].push_back(seconds_of(*engines[i].second, 1e9, expected, workload));
      }
    }
    std::vector<Measurement> some;
    for (std::size_t i = 0; i < engines.size(); ++i)
      some.push_back(measurement(workload, *engines[i].first, 1 / median(seconds[i])));
    some[1].engine = kByHand;
    for (std::size_t i = 1; i < some.size(); ++i)
      some[0].ratio_to[some[i].engine] = some[0].ops_per_s / some[i].ops_per_s;
    some[0].extra["rows"] = static_cast<double>(expected->rows);
    measured(std::move(some));
  }

  const Settings& settings_;
  const Observer& observer_;
  const PackageGraph graph_;
  double budget_s_ = 0;
  std::vector<std::unique_ptr<TriplePeer>> peers_;
  std::vector<Measurement> all_;
};

}  // namespace

std::vector<std::string> tuples_workload_names() {
  std::vector<std::string> names{"load"};
  for (const Lookup& lookup : lookups()) names.emplace_back(lookup.name);
  for (std::size_t i = 0; i < queries().size(); ++i) names.push_back(query_name(i));
  return names;
}

std::vector<Measurement> run_tuples_workloads(const Settings& settings, const Observer& observer) {
  return Bench(settings, observer).run();
}

}  // namespace plinth::bench
