#include "storage/store.hpp"

#include "base/assert.hpp"
#include "storage/lmdb_store.hpp"
#include "storage/memory_store.hpp"
#include "storage/rocksdb_store.hpp"

namespace plinth::storage {

std::unique_ptr<Store> open_store(StoreKind kind, const std::string& path,
                                  const StoreOptions& options) {
  switch (kind) {
    case StoreKind::memory:
      return std::make_unique<MemoryStore>();
    case StoreKind::lmdb:
      return std::make_unique<LmdbStore>(path, options);
    case StoreKind::rocksdb:
      return std::make_unique<RocksDbStore>(path, options);
  }
  PLINTH_ASSERT(false);
  return nullptr;
}

}  // namespace plinth::storage
