/* The header as programs meet it: compiled as C90 and as C++20, of several API versions. */
#include <foundationdb/fdb_c.h>
#include <stddef.h>

/* Fails to compile when the condition does not hold. */
#define CHECK(name, condition) typedef char name[(condition) ? 1 : -1]

CHECK(key_size, sizeof(FDBKey) == 12);
CHECK(key_value_size, sizeof(FDBKeyValue) == 24);
CHECK(key_value_place, offsetof(FDBKeyValue, value) == 12);
CHECK(key_range_size, sizeof(FDBKeyRange) == 24);
CHECK(selector_size, sizeof(FDBKeySelector) == 20);
CHECK(mapped_size, sizeof(FDBMappedKeyValue) == 112);
CHECK(mapped_place, offsetof(FDBMappedKeyValue, getRange) == 24);
CHECK(mapped_data_place, offsetof(FDBMappedKeyValue, getRange.data) == 64);
CHECK(mapped_buffer_place, offsetof(FDBMappedKeyValue, buffer) == 80);
CHECK(granule_summary_size, sizeof(FDBGranuleSummary) == 56);
CHECK(tenant_prefix_size, sizeof(FDBBGTenantPrefix) == 16);
CHECK(encryption_key_size, sizeof(FDBBGEncryptionKey) == 40);
CHECK(encryption_context_size, sizeof(FDBBGEncryptionCtx) == 104);
CHECK(file_pointer_size, sizeof(FDBBGFilePointer) == 148);
CHECK(mutation_place, offsetof(FDBBGMutation, version) == 4);
CHECK(error_size, sizeof(fdb_error_t) == 4 && sizeof(fdb_bool_t) == 4);
CHECK(option_size, sizeof(FDBTransactionOption) == 4);

int main(void) {
  FDBTransaction* transaction = NULL;
  FDBFuture* future = NULL;
  int64_t version = 0;
  const uint8_t key[] = "key";
  if (fdb_select_api_version(FDB_API_VERSION) != 0 || fdb_setup_network() != 0) return 1;
  if (transaction != NULL) {
    future = fdb_transaction_get_range(
        transaction, FDB_KEYSEL_FIRST_GREATER_OR_EQUAL(key, 3),
        FDB_KEYSEL_LAST_LESS_THAN(key, 3), 0, 0, FDB_STREAMING_MODE_WANT_ALL, 0, 0, 0);
#if FDB_API_VERSION < 620
    if (fdb_future_get_version(future, &version) != 0) return 1;
#endif
#if FDB_API_VERSION < 610
    fdb_cluster_destroy(NULL);
#endif
    fdb_future_destroy(future);
  }
  return version == 0 ? 0 : 1;
}
