#include "storage/store.hpp"

#include "base/assert.hpp"
#include "plinth/error.hpp"
#include "storage/lmdb_store.hpp"
#include "storage/memory_store.hpp"

namespace plinth::storage {

std::unique_ptr<Store> open_store(StoreKind kind, const std::string& path,
                                  const StoreOptions& options) {
  switch (kind) {
    case StoreKind::memory:
      return std::make_unique<MemoryStore>();
    case StoreKind::lmdb:
      return std::make_unique<LmdbStore>(path, options);
    case StoreKind::rocksdb:
      break;
  }
  throw Error(ErrorCode::unsupported_operation, "RocksDB stores are not built in");
}

}  // namespace plinth::storage
