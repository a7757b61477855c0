// Brings a list of packages into the database, in transactions of bounded size. Each leaves with
// its packages how far the load is, in the same transaction: whenever the process ends, whole
// transactions are there, and the next load goes on behind them.
#pragma once

#include <string>
#include <vector>

#include "cli/demo_stores.hpp"

namespace plinth::cli {

struct LoadResult {
  std::int64_t found = 0;  // packages of this list that were there before
  std::int64_t total = 0;
  int transactions = 0;
  bool replaced = false;  // another list's packages were there; they are gone
};

// Only the first call for a list, or the first after one that was interrupted, has something to
// load. Throws Interrupted between two transactions.
LoadResult load_packages(Session& session, const std::vector<Package>& packages,
                         const std::string& source);

}  // namespace plinth::cli
