/* FoundationDB's C API, versions 510 to 730, as Plinth's libfdb_c.so offers it.

     #define FDB_API_VERSION 730
     #include <foundationdb/fdb_c.h>

   Names, signatures and layouts are those of FoundationDB 7.3, so that a program compiled with
   either header runs on either library. Compiles as C90 and as C++.

   The order of a program: fdb_select_api_version, options of the network, fdb_setup_network, a
   thread in fdb_run_network, everything else, fdb_stop_network, and the end of that thread. Before
   fdb_setup_network the library starts no thread, so a process may fork until then.

   Any thread may call any function. Bytes are given as a pointer and a length, are copied before
   the call returns, and may be NULL when the length is 0. Results belong to the future that they
   are read from. A function that fails leaves its output parameters alone. */
#pragma once

#include <stdint.h>

#include "fdb_c_apiversion.g.h"
#include "fdb_c_options.g.h"
#include "fdb_c_types.h"

#ifndef DLLEXPORT
#define DLLEXPORT
#endif

#if defined(FDB_USE_LATEST_API_VERSION)
#define FDB_API_VERSION FDB_LATEST_API_VERSION
#elif defined(FDB_USE_LATEST_BINDINGS_API_VERSION)
#define FDB_API_VERSION FDB_LATEST_BINDINGS_API_VERSION
#endif

#ifndef FDB_API_VERSION
#error "Define FDB_API_VERSION before fdb_c.h is included; 730 is the latest"
#elif FDB_API_VERSION < 510
#error "FDB_API_VERSION is below 510, the oldest that is supported"
#elif FDB_API_VERSION > FDB_LATEST_API_VERSION
#error "FDB_API_VERSION is above 730, the latest that is supported"
#endif

#ifndef WARN_UNUSED_RESULT
#ifdef __GNUC__
#define WARN_UNUSED_RESULT __attribute__((warn_unused_result))
#else
#define WARN_UNUSED_RESULT
#endif
#endif

/* The result of most functions: an error code, or a new future. */
#define FDB_ERROR_RESULT DLLEXPORT WARN_UNUSED_RESULT fdb_error_t
#define FDB_FUTURE_RESULT DLLEXPORT WARN_UNUSED_RESULT FDBFuture*

#ifdef __cplusplus
extern "C" {
#endif

/* --- Layouts ---------------------------------------------------------------------------------- */

/* 12 bytes. */
#pragma pack(push, 4)
typedef struct key {
  const uint8_t* key;
  int key_length;
} FDBKey;

/* 24 bytes. */
typedef struct keyvalue {
#if FDB_API_VERSION >= 630
  const uint8_t* key;
  int key_length;
  const uint8_t* value;
  int value_length;
#else
  const void* key;
  int key_length;
  const void* value;
  int value_length;
#endif
} FDBKeyValue;

/* [begin_key, end_key) */
typedef struct keyrange {
  const uint8_t* begin_key;
  int begin_key_length;
  const uint8_t* end_key;
  int end_key_length;
} FDBKeyRange;
#pragma pack(pop)

typedef struct keyselector {
  FDBKey key;
  fdb_bool_t orEqual;
  int offset;
} FDBKeySelector;

/* What a mapped range read found for one row: the range that it was mapped to, and its rows. */
typedef struct getrangereqandresult {
  FDBKeySelector begin;
  FDBKeySelector end;
  FDBKeyValue* data;
  int m_size, m_capacity;
} FDBGetRangeReqAndResult;

/* 112 bytes. */
typedef struct mappedkeyvalue {
  FDBKey key;
  FDBKey value;
  FDBGetRangeReqAndResult getRange;
  unsigned char buffer[32];
} FDBMappedKeyValue;

/* Of blob granules, which this library has none of: their functions fail with 2108. */
#pragma pack(push, 4)
typedef struct granulesummary {
  FDBKeyRange key_range;
  int64_t snapshot_version;
  int64_t snapshot_size;
  int64_t delta_version;
  int64_t delta_size;
} FDBGranuleSummary;
#pragma pack(pop)

typedef struct readgranulecontext {
  void* userContext;
  int64_t (*start_load_f)(const char* filename, int filenameLength, int64_t offset, int64_t length,
                          int64_t fullFileLength, void* context);
  uint8_t* (*get_load_f)(int64_t loadId, void* context);
  void (*free_load_f)(int64_t loadId, void* context);
  fdb_bool_t debugNoMaterialize;
  int granuleParallelism;
} FDBReadBlobGranuleContext;

typedef enum {
  FDB_BG_MUTATION_TYPE_SET_VALUE = 0,
  FDB_BG_MUTATION_TYPE_CLEAR_RANGE = 1
} FDBBGMutationType;

#pragma pack(push, 4)
typedef struct bgtenantprefix {
  fdb_bool_t present;
  FDBKey prefix;
} FDBBGTenantPrefix;

typedef struct bgencryptionkey {
  int64_t domain_id;
  uint64_t base_key_id;
  uint32_t base_kcv;
  uint64_t random_salt;
  FDBKey base_key;
} FDBBGEncryptionKey;

typedef struct bgencryptionctx {
  fdb_bool_t present;
  FDBBGEncryptionKey textKey;
  uint32_t textKCV;
  FDBBGEncryptionKey headerKey;
  uint32_t headerKCV;
  FDBKey iv;
} FDBBGEncryptionCtx;

typedef struct bgfilepointer {
  const uint8_t* filename_ptr;
  int filename_length;
  int64_t file_offset;
  int64_t file_length;
  int64_t full_file_length;
  int64_t file_version;
  FDBBGEncryptionCtx encryption_ctx;
} FDBBGFilePointer;

typedef struct bgmutation {
  uint8_t type; /* FDBBGMutationType */
  int64_t version;
  const uint8_t* param1_ptr;
  int param1_length;
  const uint8_t* param2_ptr;
  int param2_length;
} FDBBGMutation;

typedef struct bgfiledescription {
  FDBKeyRange key_range;
  fdb_bool_t snapshot_present;
  FDBBGFilePointer snapshot_file_pointer;
  int delta_file_count;
  FDBBGFilePointer* delta_files;
  int memory_mutation_count;
  FDBBGMutation* memory_mutations;
  FDBBGTenantPrefix tenant_prefix;
} FDBBGFileDescription;
#pragma pack(pop)

/* --- Versions and errors ---------------------------------------------------------------------- */

/* First of all, once. Errors 2201 (done already), 2202 (above FDB_API_VERSION), 2203 (not from 510
   to 730). */
#define fdb_select_api_version(v) fdb_select_api_version_impl(v, FDB_API_VERSION)
#define fdb_select_api_version_capped(v)                                     \
  fdb_select_api_version_impl(v, FDB_API_VERSION < fdb_get_max_api_version() \
                                     ? FDB_API_VERSION                       \
                                     : fdb_get_max_api_version())
FDB_ERROR_RESULT fdb_select_api_version_impl(int runtime_version, int header_version);
DLLEXPORT int fdb_get_max_api_version(void);
DLLEXPORT const char* fdb_get_client_version(void);

/* A sentence about an error code. Lives as long as the process. */
DLLEXPORT const char* fdb_get_error(fdb_error_t code);
/* Whether the error is of that class: an FDBErrorPredicate. */
DLLEXPORT fdb_bool_t fdb_error_predicate(int predicate_test, fdb_error_t code);

/* --- The network thread ----------------------------------------------------------------------- */

FDB_ERROR_RESULT fdb_network_set_option(FDBNetworkOption option, uint8_t const* value,
                                        int value_length);
/* Errors 2200, 2009 (done already). */
FDB_ERROR_RESULT fdb_setup_network(void);
/* Returns when fdb_stop_network is called. Callbacks run on the thread that is in here. Errors 2008
   (not set up), 2025 (run before). */
FDB_ERROR_RESULT fdb_run_network(void);
FDB_ERROR_RESULT fdb_stop_network(void);
/* `hook` is called on the network thread at its end, in order of addition. */
FDB_ERROR_RESULT fdb_add_network_thread_completion_hook(void (*hook)(void*), void* hook_parameter);

/* --- Futures ---------------------------------------------------------------------------------- */

typedef void (*FDBCallback)(FDBFuture* future, void* callback_parameter);

/* A future that is not ready becomes ready with 1101. */
DLLEXPORT void fdb_future_cancel(FDBFuture* f);
DLLEXPORT void fdb_future_destroy(FDBFuture* f);
/* After it was called as often as fdb_future_get_*, the memory goes, and reads fail with 1102. */
DLLEXPORT void fdb_future_release_memory(FDBFuture* f);
/* Error 2026 on the network thread. Success says nothing of the future's own error. */
FDB_ERROR_RESULT fdb_future_block_until_ready(FDBFuture* f);
DLLEXPORT fdb_bool_t fdb_future_is_ready(FDBFuture* f);
/* Calls back once: here and now if the future is ready, else on the network thread; also when the
   future is cancelled or destroyed. The callback may destroy the future. */
FDB_ERROR_RESULT fdb_future_set_callback(FDBFuture* f, FDBCallback callback,
                                         void* callback_parameter);

/* Errors of each: the future's own, 2015 (not ready), 1102 (memory released), 2000 (it holds
   something else). */
FDB_ERROR_RESULT fdb_future_get_error(FDBFuture* f);
FDB_ERROR_RESULT fdb_future_get_bool(FDBFuture* f, fdb_bool_t* out);
FDB_ERROR_RESULT fdb_future_get_int64(FDBFuture* f, int64_t* out);
FDB_ERROR_RESULT fdb_future_get_uint64(FDBFuture* f, uint64_t* out);
FDB_ERROR_RESULT fdb_future_get_double(FDBFuture* f, double* out);
FDB_ERROR_RESULT fdb_future_get_key(FDBFuture* f, uint8_t const** out_key, int* out_key_length);
/* Of a value, or of a key. When the value is absent only out_present is written. */
FDB_ERROR_RESULT fdb_future_get_value(FDBFuture* f, fdb_bool_t* out_present,
                                      uint8_t const** out_value, int* out_value_length);
FDB_ERROR_RESULT fdb_future_get_keyvalue_array(FDBFuture* f, FDBKeyValue const** out_kv,
                                               int* out_count, fdb_bool_t* out_more);
FDB_ERROR_RESULT fdb_future_get_mappedkeyvalue_array(FDBFuture* f, FDBMappedKeyValue const** out_kv,
                                                     int* out_count, fdb_bool_t* out_more);
FDB_ERROR_RESULT fdb_future_get_key_array(FDBFuture* f, FDBKey const** out_key_array,
                                          int* out_count);
FDB_ERROR_RESULT fdb_future_get_string_array(FDBFuture* f, const char*** out_strings,
                                             int* out_count);
FDB_ERROR_RESULT fdb_future_get_keyrange_array(FDBFuture* f, FDBKeyRange const** out_ranges,
                                               int* out_count);
FDB_ERROR_RESULT fdb_future_get_granule_summary_array(FDBFuture* f,
                                                      FDBGranuleSummary const** out_summaries,
                                                      int* out_count);
FDB_ERROR_RESULT fdb_future_readbg_get_descriptions(FDBFuture* f, FDBBGFileDescription** out,
                                                    int* desc_count);

/* A result is there when the call returns. */
DLLEXPORT void fdb_result_destroy(FDBResult* r);
FDB_ERROR_RESULT fdb_result_get_keyvalue_array(FDBResult* r, FDBKeyValue const** out_kv,
                                               int* out_count, fdb_bool_t* out_more);
FDB_ERROR_RESULT fdb_result_get_bg_mutations_array(FDBResult* r,
                                                   FDBBGMutation const** out_mutations,
                                                   int* out_count);

/* --- Databases -------------------------------------------------------------------------------- */

/* A cluster file holds one line `plinth URL`. NULL or "": the file that FDB_CLUSTER_FILE names,
   else the URL in PLINTH_URL, else /etc/foundationdb/fdb.cluster if that is such a file, else a
   database in the user's data directory. What is wrong with the file (1515 no such file, 2104 not
   such a line) or the database is told by the first use. Error 2008. */
FDB_ERROR_RESULT fdb_create_database(const char* cluster_file_path, FDBDatabase** out_database);
/* The same, of the line itself. */
FDB_ERROR_RESULT fdb_create_database_from_connection_string(const char* connection_string,
                                                            FDBDatabase** out_database);
DLLEXPORT void fdb_database_destroy(FDBDatabase* d);
/* Error 2007 for an unknown option; a bad value makes every transaction fail with 2006. */
FDB_ERROR_RESULT fdb_database_set_option(FDBDatabase* d, FDBDatabaseOption option,
                                         uint8_t const* value, int value_length);
FDB_ERROR_RESULT fdb_database_create_transaction(FDBDatabase* d, FDBTransaction** out_transaction);
FDB_ERROR_RESULT fdb_database_open_tenant(FDBDatabase* d, uint8_t const* tenant_name,
                                          int tenant_name_length, FDBTenant** out_tenant);

/* How much of its time the network thread was busy since this was last asked, from 0 to 1. */
DLLEXPORT WARN_UNUSED_RESULT double fdb_database_get_main_thread_busyness(FDBDatabase* db);
/* A uint64: the protocol version. With an expected one it is ready when they differ. */
FDB_FUTURE_RESULT fdb_database_get_server_protocol(FDBDatabase* db, uint64_t expected_version);
/* A key: JSON. */
FDB_FUTURE_RESULT fdb_database_get_client_status(FDBDatabase* db);

/* An int64: 0, no such worker. The next two fail with 2108. */
FDB_FUTURE_RESULT fdb_database_reboot_worker(FDBDatabase* db, uint8_t const* address,
                                             int address_length, fdb_bool_t check, int duration);
FDB_FUTURE_RESULT fdb_database_force_recovery_with_data_loss(FDBDatabase* db, uint8_t const* dcid,
                                                             int dcid_length);
FDB_FUTURE_RESULT fdb_database_create_snapshot(FDBDatabase* db, uint8_t const* uid, int uid_length,
                                               uint8_t const* snap_command,
                                               int snap_command_length);

/* --- Tenants ---------------------------------------------------------------------------------- */

DLLEXPORT void fdb_tenant_destroy(FDBTenant* tenant);
FDB_ERROR_RESULT fdb_tenant_create_transaction(FDBTenant* tenant, FDBTransaction** out_transaction);
FDB_FUTURE_RESULT fdb_tenant_get_id(FDBTenant* tenant); /* an int64 */

/* --- Transactions ----------------------------------------------------------------------------- */

/* Its futures that are not ready become ready with 1025; so do those of cancel and reset. */
DLLEXPORT void fdb_transaction_destroy(FDBTransaction* tr);
DLLEXPORT void fdb_transaction_cancel(FDBTransaction* tr);
DLLEXPORT void fdb_transaction_reset(FDBTransaction* tr);
/* Error 2007 for an unknown option; a bad value is told by the next operation. */
FDB_ERROR_RESULT fdb_transaction_set_option(FDBTransaction* tr, FDBTransactionOption option,
                                            uint8_t const* value, int value_length);
DLLEXPORT void fdb_transaction_set_read_version(FDBTransaction* tr, int64_t version);
FDB_FUTURE_RESULT fdb_transaction_get_read_version(FDBTransaction* tr); /* an int64 */

/* A value; a key; strings. */
FDB_FUTURE_RESULT fdb_transaction_get(FDBTransaction* tr, uint8_t const* key_name,
                                      int key_name_length, fdb_bool_t snapshot);
FDB_FUTURE_RESULT fdb_transaction_get_key(FDBTransaction* tr, uint8_t const* key_name,
                                          int key_name_length, fdb_bool_t or_equal, int offset,
                                          fdb_bool_t snapshot);
FDB_FUTURE_RESULT fdb_transaction_get_addresses_for_key(FDBTransaction* tr, uint8_t const* key_name,
                                                        int key_name_length);

#define FDB_KEYSEL_LAST_LESS_THAN(k, l) k, l, 0, 0
#define FDB_KEYSEL_LAST_LESS_OR_EQUAL(k, l) k, l, 1, 0
#define FDB_KEYSEL_FIRST_GREATER_THAN(k, l) k, l, 1, 1
#define FDB_KEYSEL_FIRST_GREATER_OR_EQUAL(k, l) k, l, 0, 1

/* A page of rows: a key-value array. `iteration` counts the pages of an iterator from 1. A limit
   or target of 0: none. */
FDB_FUTURE_RESULT fdb_transaction_get_range(FDBTransaction* tr, uint8_t const* begin_key_name,
                                            int begin_key_name_length, fdb_bool_t begin_or_equal,
                                            int begin_offset, uint8_t const* end_key_name,
                                            int end_key_name_length, fdb_bool_t end_or_equal,
                                            int end_offset, int limit, int target_bytes,
                                            FDBStreamingMode mode, int iteration,
                                            fdb_bool_t snapshot, fdb_bool_t reverse);
/* The same, and for each row the rows of the range that `mapper` makes of it. */
FDB_FUTURE_RESULT fdb_transaction_get_mapped_range(
    FDBTransaction* tr, uint8_t const* begin_key_name, int begin_key_name_length,
    fdb_bool_t begin_or_equal, int begin_offset, uint8_t const* end_key_name,
    int end_key_name_length, fdb_bool_t end_or_equal, int end_offset, uint8_t const* mapper_name,
    int mapper_name_length, int limit, int target_bytes, FDBStreamingMode mode, int iteration,
    fdb_bool_t snapshot, fdb_bool_t reverse);

/* An int64; keys. */
FDB_FUTURE_RESULT fdb_transaction_get_estimated_range_size_bytes(FDBTransaction* tr,
                                                                 uint8_t const* begin_key_name,
                                                                 int begin_key_name_length,
                                                                 uint8_t const* end_key_name,
                                                                 int end_key_name_length);
FDB_FUTURE_RESULT fdb_transaction_get_range_split_points(
    FDBTransaction* tr, uint8_t const* begin_key_name, int begin_key_name_length,
    uint8_t const* end_key_name, int end_key_name_length, int64_t chunk_size);

/* Writes never fail here: what is wrong with them is told by the next operation and the commit. */
DLLEXPORT void fdb_transaction_set(FDBTransaction* tr, uint8_t const* key_name, int key_name_length,
                                   uint8_t const* value, int value_length);
DLLEXPORT void fdb_transaction_atomic_op(FDBTransaction* tr, uint8_t const* key_name,
                                         int key_name_length, uint8_t const* param,
                                         int param_length, FDBMutationType operation_type);
DLLEXPORT void fdb_transaction_clear(FDBTransaction* tr, uint8_t const* key_name,
                                     int key_name_length);
DLLEXPORT void fdb_transaction_clear_range(FDBTransaction* tr, uint8_t const* begin_key_name,
                                           int begin_key_name_length, uint8_t const* end_key_name,
                                           int end_key_name_length);
/* Errors 2005 (inverted), 2000 (unknown type). */
FDB_ERROR_RESULT fdb_transaction_add_conflict_range(
    FDBTransaction* tr, uint8_t const* begin_key_name, int begin_key_name_length,
    uint8_t const* end_key_name, int end_key_name_length, FDBConflictRangeType type);

/* Ready when the key's value has changed. Armed by the commit; outlives the transaction. */
FDB_FUTURE_RESULT fdb_transaction_watch(FDBTransaction* tr, uint8_t const* key_name,
                                        int key_name_length);
FDB_FUTURE_RESULT fdb_transaction_commit(FDBTransaction* tr);
FDB_FUTURE_RESULT fdb_transaction_on_error(FDBTransaction* tr, fdb_error_t error);
FDB_ERROR_RESULT fdb_transaction_get_committed_version(FDBTransaction* tr, int64_t* out_version);
/* A key of ten bytes. Ask before the commit; ready after it. */
FDB_FUTURE_RESULT fdb_transaction_get_versionstamp(FDBTransaction* tr);
FDB_FUTURE_RESULT fdb_transaction_get_approximate_size(FDBTransaction* tr); /* an int64 */
/* An int64: bytes read and written, in whole pages, writes counting fourfold. */
FDB_FUTURE_RESULT fdb_transaction_get_total_cost(FDBTransaction* tr);
/* A double: nothing is throttled, so 0. */
FDB_FUTURE_RESULT fdb_transaction_get_tag_throttled_duration(FDBTransaction* tr);

/* --- Blob granules: all fail with 2108, unsupported_operation --------------------------------- */

FDB_FUTURE_RESULT fdb_database_purge_blob_granules(FDBDatabase* db, uint8_t const* begin_key_name,
                                                   int begin_key_name_length,
                                                   uint8_t const* end_key_name,
                                                   int end_key_name_length, int64_t purge_version,
                                                   fdb_bool_t force);
FDB_FUTURE_RESULT fdb_database_wait_purge_granules_complete(FDBDatabase* db,
                                                            uint8_t const* purge_key_name,
                                                            int purge_key_name_length);
FDB_FUTURE_RESULT fdb_database_blobbify_range(FDBDatabase* db, uint8_t const* begin_key_name,
                                              int begin_key_name_length,
                                              uint8_t const* end_key_name, int end_key_name_length);
FDB_FUTURE_RESULT fdb_database_blobbify_range_blocking(FDBDatabase* db,
                                                       uint8_t const* begin_key_name,
                                                       int begin_key_name_length,
                                                       uint8_t const* end_key_name,
                                                       int end_key_name_length);
FDB_FUTURE_RESULT fdb_database_unblobbify_range(FDBDatabase* db, uint8_t const* begin_key_name,
                                                int begin_key_name_length,
                                                uint8_t const* end_key_name,
                                                int end_key_name_length);
FDB_FUTURE_RESULT fdb_database_list_blobbified_ranges(FDBDatabase* db,
                                                      uint8_t const* begin_key_name,
                                                      int begin_key_name_length,
                                                      uint8_t const* end_key_name,
                                                      int end_key_name_length, int rangeLimit);
FDB_FUTURE_RESULT fdb_database_verify_blob_range(FDBDatabase* db, uint8_t const* begin_key_name,
                                                 int begin_key_name_length,
                                                 uint8_t const* end_key_name,
                                                 int end_key_name_length, int64_t version);
FDB_FUTURE_RESULT fdb_database_flush_blob_range(FDBDatabase* db, uint8_t const* begin_key_name,
                                                int begin_key_name_length,
                                                uint8_t const* end_key_name,
                                                int end_key_name_length, fdb_bool_t compact,
                                                int64_t version);
FDB_FUTURE_RESULT fdb_tenant_purge_blob_granules(FDBTenant* tenant, uint8_t const* begin_key_name,
                                                 int begin_key_name_length,
                                                 uint8_t const* end_key_name,
                                                 int end_key_name_length, int64_t purge_version,
                                                 fdb_bool_t force);
FDB_FUTURE_RESULT fdb_tenant_wait_purge_granules_complete(FDBTenant* tenant,
                                                          uint8_t const* purge_key_name,
                                                          int purge_key_name_length);
FDB_FUTURE_RESULT fdb_tenant_blobbify_range(FDBTenant* tenant, uint8_t const* begin_key_name,
                                            int begin_key_name_length, uint8_t const* end_key_name,
                                            int end_key_name_length);
FDB_FUTURE_RESULT fdb_tenant_blobbify_range_blocking(FDBTenant* tenant,
                                                     uint8_t const* begin_key_name,
                                                     int begin_key_name_length,
                                                     uint8_t const* end_key_name,
                                                     int end_key_name_length);
FDB_FUTURE_RESULT fdb_tenant_unblobbify_range(FDBTenant* tenant, uint8_t const* begin_key_name,
                                              int begin_key_name_length,
                                              uint8_t const* end_key_name, int end_key_name_length);
FDB_FUTURE_RESULT fdb_tenant_list_blobbified_ranges(FDBTenant* tenant,
                                                    uint8_t const* begin_key_name,
                                                    int begin_key_name_length,
                                                    uint8_t const* end_key_name,
                                                    int end_key_name_length, int rangeLimit);
FDB_FUTURE_RESULT fdb_tenant_verify_blob_range(FDBTenant* tenant, uint8_t const* begin_key_name,
                                               int begin_key_name_length,
                                               uint8_t const* end_key_name, int end_key_name_length,
                                               int64_t version);
FDB_FUTURE_RESULT fdb_tenant_flush_blob_range(FDBTenant* tenant, uint8_t const* begin_key_name,
                                              int begin_key_name_length,
                                              uint8_t const* end_key_name, int end_key_name_length,
                                              fdb_bool_t compact, int64_t version);
FDB_FUTURE_RESULT fdb_transaction_get_blob_granule_ranges(FDBTransaction* tr,
                                                          uint8_t const* begin_key_name,
                                                          int begin_key_name_length,
                                                          uint8_t const* end_key_name,
                                                          int end_key_name_length, int rangeLimit);
DLLEXPORT WARN_UNUSED_RESULT FDBResult* fdb_transaction_read_blob_granules(
    FDBTransaction* tr, uint8_t const* begin_key_name, int begin_key_name_length,
    uint8_t const* end_key_name, int end_key_name_length, int64_t beginVersion, int64_t readVersion,
    FDBReadBlobGranuleContext granuleContext);
FDB_FUTURE_RESULT fdb_transaction_summarize_blob_granules(
    FDBTransaction* tr, uint8_t const* begin_key_name, int begin_key_name_length,
    uint8_t const* end_key_name, int end_key_name_length, int64_t summaryVersion, int rangeLimit);
FDB_FUTURE_RESULT fdb_transaction_read_blob_granules_description(
    FDBTransaction* tr, uint8_t const* begin_key_name, int begin_key_name_length,
    uint8_t const* end_key_name, int end_key_name_length, int64_t begin_version,
    int64_t read_version, int64_t* read_version_out);
DLLEXPORT WARN_UNUSED_RESULT FDBResult* fdb_readbg_parse_snapshot_file(
    const uint8_t* file_data, int file_len, FDBBGTenantPrefix const* tenant_prefix,
    FDBBGEncryptionCtx const* encryption_ctx);
DLLEXPORT WARN_UNUSED_RESULT FDBResult* fdb_readbg_parse_delta_file(
    const uint8_t* file_data, int file_len, FDBBGTenantPrefix const* tenant_prefix,
    FDBBGEncryptionCtx const* encryption_ctx);

/* --- Of older versions ------------------------------------------------------------------------ */

/* Stands where a program uses what its FDB_API_VERSION does not have any more: does not compile. */
#define FDB_REMOVED_FUNCTION \
  { == this function is not in this FDB_API_VERSION == }

#if FDB_API_VERSION < 620
FDB_ERROR_RESULT fdb_future_get_version(FDBFuture* f, int64_t* out_version);
#else
#define fdb_future_get_version(f, out_version) FDB_REMOVED_FUNCTION
#endif

#if FDB_API_VERSION < 610 || defined FDB_INCLUDE_LEGACY_TYPES
typedef enum { FDB_CLUSTER_OPTION_DUMMY_DO_NOT_USE = -1 } FDBClusterOption;
#endif

#if FDB_API_VERSION < 610
FDB_FUTURE_RESULT fdb_create_cluster(const char* cluster_file_path);
DLLEXPORT void fdb_cluster_destroy(FDBCluster* c);
FDB_ERROR_RESULT fdb_cluster_set_option(FDBCluster* c, FDBClusterOption option,
                                        uint8_t const* value, int value_length);
/* The name must be "DB": error 2013. */
FDB_FUTURE_RESULT fdb_cluster_create_database(FDBCluster* c, uint8_t const* db_name,
                                              int db_name_length);
FDB_ERROR_RESULT fdb_future_get_cluster(FDBFuture* f, FDBCluster** out_cluster);
FDB_ERROR_RESULT fdb_future_get_database(FDBFuture* f, FDBDatabase** out_database);
#else
#define fdb_create_cluster(cluster_file_path) FDB_REMOVED_FUNCTION
#define fdb_cluster_destroy(c) FDB_REMOVED_FUNCTION
#define fdb_cluster_set_option(c, option, value, value_length) FDB_REMOVED_FUNCTION
#define fdb_cluster_create_database(c, db_name, db_name_length) FDB_REMOVED_FUNCTION
#define fdb_future_get_cluster(f, out_cluster) FDB_REMOVED_FUNCTION
#define fdb_future_get_database(f, out_database) FDB_REMOVED_FUNCTION
#endif

/* Of versions before 510; the library has them still. */
#define fdb_future_is_error(f) FDB_REMOVED_FUNCTION
#define fdb_transaction_get_range_selector(tr, begin, begin_length, begin_or_equal, begin_offset, \
                                           end, end_length, end_or_equal, end_offset, limit)      \
  FDB_REMOVED_FUNCTION

#ifdef __cplusplus
}
#endif
