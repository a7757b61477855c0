// The databases that this process has open: one for each URL, which all handles on it share.
#pragma once

#include <memory>
#include <string>

#include "plinth/database.hpp"

namespace plinth {
class Loop;
}

namespace plinth::capi {

// Closed with its last holder.
using OpenDatabase = std::shared_ptr<Database>;

// Opens it, unless it is open already. Throws what plinth::open throws. Any thread; others that
// open at the same time wait.
OpenDatabase open_database(const std::string& url);

// Puts on disk what buffered databases have committed. On the thread of `loop`, which it runs.
void flush_open_databases(Loop& loop) noexcept;

}  // namespace plinth::capi
