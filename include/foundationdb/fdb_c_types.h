/* The types that all of FoundationDB's C API stands on. Handles are opaque: each is made by a
   function of fdb_c.h and given back to the destroy function of its type, once. */
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef struct FDB_future FDBFuture;
typedef struct FDB_result FDBResult;
typedef struct FDB_cluster FDBCluster;
typedef struct FDB_database FDBDatabase;
typedef struct FDB_tenant FDBTenant;
typedef struct FDB_transaction FDBTransaction;

/* 0 is success; fdb_get_error() has a sentence for each of the others. */
typedef int fdb_error_t;
/* 0 is false, all else true. */
typedef int fdb_bool_t;

#ifdef __cplusplus
}
#endif
