// What the world outside the machine knows of transactions, and whether a database agrees with it.
//
// Each transaction writes a marker row that holds its versionstamp. So a database tells which
// transactions it contains and in which order they committed. It must be
//  - complete: each transaction that was acknowledged and made durable, by its commit, a flush, a
//    checkpoint or the closing of the database, is there, at its version; none that was refused is;
//    and if one is there, so are all that were acknowledged at lower versions;
//  - whole and serializable: replayed in that order, one after another, the transactions make just
//    the rows that are there, and each finds what it had read.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plinth/bytes.hpp"

namespace plinth::simulation {

using Rows = std::map<Bytes, Bytes>;

struct Write {
  enum class Kind { set, clear, add } kind;
  Bytes key;      // clear: the begin
  Bytes operand;  // clear: the end; add: one byte
};

struct RangeSeen {
  Bytes begin, end;
  Rows rows;
};

struct Attempt {
  enum class Outcome {
    unknown,       // no answer, or one that came after the power had gone
    acknowledged,  // committed
    refused,       // surely not committed
  };
  int id = 0;
  bool durable = false;  // acknowledged means: on disk
  std::vector<RangeSeen> reads;
  std::vector<Write> writes;
  Outcome outcome = Outcome::unknown;
  Bytes stamp;  // once acknowledged
  // Once a recovery has shown it: there, or gone for good.
  std::optional<bool> settled;
};

Bytes marker_key(int id);

class EngineHistory {
 public:
  Attempt& begin();
  std::vector<int> acknowledged() const;
  // These have been made durable.
  void now_durable(const std::vector<int>& ids);
  // Of all that were acknowledged, those included that are lost.
  Bytes newest_stamp() const;
  // Why `rows`, all rows of a database, disagree with what is known; empty: they agree.
  // `recovered`: after a restart, so that what is there stays, and what is not never comes back.
  std::string check(const Rows& rows, bool recovered);

 private:
  std::string check_complete(const std::map<Bytes, int>& order);
  std::string replay(const std::map<Bytes, int>& order, const Rows& rows);

  std::map<int, std::unique_ptr<Attempt>> attempts_;
};

}  // namespace plinth::simulation
