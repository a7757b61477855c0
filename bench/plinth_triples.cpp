// Triples in a TupleStore.
#include <optional>
#include <stdexcept>

#include "peer.hpp"
#include "plinth/database.hpp"
#include "plinth/tuple_store.hpp"
#include "triple_peer.hpp"

namespace plinth::bench {
namespace {

constexpr double kTransaction_s = 5;  // the most that one may take

class PlinthTriples final : public TriplePeer {
 public:
  explicit PlinthTriples(const std::string& directory) : db_(open(directory + "/plinth")) {}
  std::string name() const override { return "plinth"; }
  std::string durability() const override { return "durable: fdatasync of the log"; }

  void write(const Triple* begin, const Triple* end) override {
    db_.run([&](Transaction& tx) {
      for (const Triple* triple = begin; triple != end; ++triple)
        store_.add(tx, Tuple::of((*triple)[0], (*triple)[1], (*triple)[2]));
    });
  }
  void settle() override { db_.checkpoint().get(); }

  class Query final : public TripleQuery {
   public:
    Query(PlinthTriples& peer, TriplePatterns patterns, bool reorder)
        : peer_(peer), patterns_(std::move(patterns)), reorder_(reorder) {}

    TripleAnswer run(const Given& given, double most_s) override {
      Transaction tx = peer_.db_.begin();
      if (most_s < kTransaction_s)
        tx.set_option(TransactionOption::timeout, static_cast<std::int64_t>(most_s * 1e3) + 1);
      try {
        return run_in(tx.snapshot(), given);
      } catch (const Error& error) {
        if (error == ErrorCode::transaction_timed_out) return {};
        throw;
      }
    }
    TripleAnswer run_all(std::span<const Given> givens) override {
      const Transaction tx = peer_.db_.begin();
      TripleAnswer answer;
      for (const Given& given : givens) answer += run_in(tx.snapshot(), given);
      return answer;
    }

   private:
    TripleAnswer run_in(const ReadTransaction& tx, const Given& given) const {
      TripleAnswer answer;
      BindingStream found = start(tx, given);
      while (const std::optional<Bindings> one = found.next().get()) {
        ++answer.rows;
        for (std::size_t i = 0; i < one->size(); ++i)
          answer.sum += look_at(*one->value(i).get_if<std::string_view>());
      }
      return answer;
    }

    BindingStream start(const ReadTransaction& tx, const Given& given) const {
      std::vector<Pattern> patterns;
      for (const TriplePattern& pattern : patterns_) {
        std::vector<PatternItem> items;
        for (const std::string& text : pattern) {
          if (text[0] == '?') {
            items.emplace_back(var(text.substr(1)));
          } else {
            items.emplace_back(text[0] == '$' ? given.at(std::stoul(text.substr(1))) : text);
          }
        }
        patterns.emplace_back(std::move(items));
      }
      if (patterns.size() == 1) return peer_.store_.select(tx, patterns[0]);
      return peer_.store_.query(tx, std::move(patterns), {.reorder = reorder_});
    }

    PlinthTriples& peer_;
    const TriplePatterns patterns_;
    const bool reorder_;
  };
  std::unique_ptr<TripleQuery> prepare(const TriplePatterns& patterns, bool reorder) override {
    return std::make_unique<Query>(*this, patterns, reorder);
  }

 private:
  Database db_;
  const TupleStore store_{"graph", 3, Tuple::of("graph")};
};

}  // namespace

std::unique_ptr<TriplePeer> make_plinth_triples(const std::string& directory) {
  return std::make_unique<PlinthTriples>(directory);
}

}  // namespace plinth::bench
