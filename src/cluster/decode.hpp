// Values out of ready futures of the C API. Each throws Error with the future's code if it failed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cluster/fdb_library.hpp"
#include "plinth/bytes.hpp"
#include "plinth/range.hpp"

namespace plinth::cluster {

void decode_nothing(const FdbLibrary& library, FDBFuture* future);
std::int64_t decode_int64(const FdbLibrary& library, FDBFuture* future);
Bytes decode_key(const FdbLibrary& library, FDBFuture* future);
std::optional<Bytes> decode_value(const FdbLibrary& library, FDBFuture* future);
Rows decode_rows(const FdbLibrary& library, FDBFuture* future);
std::vector<Bytes> decode_keys(const FdbLibrary& library, FDBFuture* future);
std::vector<std::string> decode_strings(const FdbLibrary& library, FDBFuture* future);

}  // namespace plinth::cluster
