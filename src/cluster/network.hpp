// Network: FoundationDB's client in this process: its library, API version, and network thread.
#pragma once

#include "base/completion.hpp"
#include "base/sync.hpp"
#include "cluster/fdb_library.hpp"

namespace plinth::cluster {

// There is one, begun with the first cluster that is opened, as libfdb_c allows no second one; the
// thread ends when the process exits.
class Network {
 public:
  // Any thread. Errors: those of FdbLibrary, and of libfdb_c: 2203 when it knows no API version of
  // 630 or above, 2006 or 2007 for a network option.
  static Network& instance();

  const FdbLibrary& library() const noexcept { return library_; }
  // Where continuations run that began on no executor: not on the network thread, which must not be
  // blocked.
  Executor& executor() noexcept { return completion_; }

  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

 private:
  Network();

  const FdbLibrary library_;
  base::CompletionThread completion_;
  base::Thread thread_;
};

}  // namespace plinth::cluster
