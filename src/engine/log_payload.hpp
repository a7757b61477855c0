// What a record of the commit log carries: the changes of one batch of commits, in order, with
// atomic operations and versionstamps already worked out, so that replaying them twice does nothing
// the second time. Each change: kind (1 byte: 0 set, 1 clear range), then key and value (or begin
// and end), each as a length in base-128 groups, low first, and the bytes.
#pragma once

#include <functional>

#include "plinth/bytes.hpp"
#include "storage/store.hpp"

namespace plinth::engine {

void append_change(Bytes& payload, const storage::Change& change);

// Calls `visit` with each change, views into `payload`. Throws Error(file_corrupt) when the payload
// is not well-formed; its checksum was right, so this means a fault of the writer.
void for_each_change(ByteView payload, const std::function<void(const storage::Change&)>& visit);

}  // namespace plinth::engine
