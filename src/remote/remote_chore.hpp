// Long work of the server's (verify, compact), asked for by a client that waits.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "remote/link.hpp"

namespace plinth::remote {

// Blocks until it is done; returns its sentences. `progress`, which may be empty, is called here.
std::vector<std::string> do_remote_chore(Link& link, MessageKind kind,
                                         const std::function<bool(double)>& progress);

}  // namespace plinth::remote
