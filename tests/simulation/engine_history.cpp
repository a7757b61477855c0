#include "simulation/engine_history.hpp"

#include <algorithm>

namespace plinth::simulation {
namespace {

constexpr char kMarkerPrefix[] = "marker/";

std::string name(const Attempt& attempt) {
  return "transaction " + std::to_string(attempt.id);
}

void apply(const Write& write, Rows& rows) {
  switch (write.kind) {
    case Write::Kind::set:
      rows[write.key] = write.operand;
      break;
    case Write::Kind::clear:
      rows.erase(rows.lower_bound(write.key), rows.lower_bound(write.operand));
      break;
    case Write::Kind::add: {
      const auto it = rows.find(write.key);
      const char old = it == rows.end() || it->second.empty() ? '\0' : it->second[0];
      rows[write.key] = Bytes(1, static_cast<char>(old + write.operand[0]));
      break;
    }
  }
}

Rows part(const Rows& rows, const Bytes& begin, const Bytes& end) {
  return {rows.lower_bound(begin), rows.lower_bound(end)};
}

std::string show(const Rows& rows) {
  std::string text;
  for (const auto& [key, value] : rows) text += printable(key) + "=" + printable(value, 16) + " ";
  return "{ " + text + "}";
}

}  // namespace

Bytes marker_key(int id) {
  return kMarkerPrefix + std::to_string(100'000 + id);
}

Attempt& EngineHistory::begin() {
  auto attempt = std::make_unique<Attempt>();
  attempt->id = static_cast<int>(attempts_.size());
  Attempt& begun = *attempt;
  attempts_.emplace(begun.id, std::move(attempt));
  return begun;
}

std::vector<int> EngineHistory::acknowledged() const {
  std::vector<int> ids;
  for (const auto& [id, attempt] : attempts_)
    if (attempt->outcome == Attempt::Outcome::acknowledged) ids.push_back(id);
  return ids;
}

void EngineHistory::now_durable(const std::vector<int>& ids) {
  for (const int id : ids) attempts_.at(id)->durable = true;
}

Bytes EngineHistory::newest_stamp() const {
  Bytes newest;
  for (const auto& [id, attempt] : attempts_) newest = std::max(newest, attempt->stamp);
  return newest;
}

std::string EngineHistory::check(const Rows& rows, bool recovered) {
  std::map<Bytes, int> order;  // by stamp
  for (const auto& [key, stamp] : part(rows, kMarkerPrefix, next_prefix(kMarkerPrefix))) {
    const int id = std::stoi(key.substr(sizeof(kMarkerPrefix) - 1)) - 100'000;
    if (attempts_.count(id) == 0) return "a marker of no transaction: " + printable(key);
    if (!order.emplace(stamp, id).second) return "two transactions have one versionstamp";
  }
  std::string why = check_complete(order);
  if (why.empty()) why = replay(order, rows);
  if (!why.empty() || !recovered) return why;
  std::set<int> there;
  for (const auto& [stamp, id] : order) there.insert(id);
  for (auto& [id, attempt] : attempts_) attempt->settled = there.count(id) != 0;
  return {};
}

std::string EngineHistory::check_complete(const std::map<Bytes, int>& order) {
  std::set<int> there;
  for (const auto& [stamp, id] : order) {
    there.insert(id);
    const Attempt& attempt = *attempts_.at(id);
    if (attempt.outcome == Attempt::Outcome::refused)
      return name(attempt) + " was refused, but is there";
    if (attempt.outcome == Attempt::Outcome::acknowledged && attempt.stamp != stamp)
      return name(attempt) + " is there with another stamp than it was told";
    if (attempt.settled == false) return name(attempt) + " was gone, and came back";
  }
  const Bytes last = order.empty() ? Bytes() : order.rbegin()->first;
  for (const auto& [id, attempt] : attempts_) {
    if (there.count(id) != 0) continue;
    if (attempt->settled == true) return name(*attempt) + " was there, and is gone";
    if (attempt->settled == false || attempt->outcome != Attempt::Outcome::acknowledged) continue;
    if (attempt->durable) return name(*attempt) + " was acknowledged as durable, and is lost";
    if (attempt->stamp < last) return name(*attempt) + " is lost, but later ones are there";
  }
  return {};
}

std::string EngineHistory::replay(const std::map<Bytes, int>& order, const Rows& rows) {
  Rows model;
  for (const auto& [stamp, id] : order) {
    const Attempt& attempt = *attempts_.at(id);
    for (const RangeSeen& read : attempt.reads) {
      const Rows now = part(model, read.begin, read.end);
      if (now != read.rows)
        return name(attempt) + " read [" + printable(read.begin) + ", " + printable(read.end) +
               ") as " + show(read.rows) + ", but at its place in the order it is " + show(now);
    }
    for (const Write& write : attempt.writes) apply(write, model);
    model[marker_key(id)] = stamp;
  }
  if (model != rows) return "the rows are " + show(rows) + ", but should be " + show(model);
  return {};
}

}  // namespace plinth::simulation
