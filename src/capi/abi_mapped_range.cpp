// The ABI: mapped ranges.
#include "capi/abi.hpp"
#include "capi/future.hpp"

using namespace plinth;
using namespace plinth::capi;

extern "C" {

FDBFuture* fdb_transaction_get_mapped_range(FDBTransaction*, const std::uint8_t*, int, fdb_bool_t,
                                            int, const std::uint8_t*, int, fdb_bool_t, int,
                                            const std::uint8_t*, int, int, int, FDBStreamingMode,
                                            int, fdb_bool_t, fdb_bool_t) {
  return to_abi(FutureHandle::failed(ErrorCode::unsupported_operation));
}

}  // extern "C"
