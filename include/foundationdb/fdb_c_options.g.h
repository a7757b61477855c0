/* The options and other numbers of FoundationDB's C API. Made by tests/capi/options_header.py of
   include/plinth/detail/options.inc, which says more: change that one. An option's comment says of
   which kind its value is, if it has one: an int64 is 8 bytes, little-endian. */
#pragma once

typedef enum {
  /* text. Address of this process. */
  FDB_NET_OPTION_LOCAL_ADDRESS = 10,
  /* text. Path of the cluster file. */
  FDB_NET_OPTION_CLUSTER_FILE = 20,
  /* text. Write trace files into this directory. */
  FDB_NET_OPTION_TRACE_ENABLE = 30,
  /* int64. Bytes of a trace file. */
  FDB_NET_OPTION_TRACE_ROLL_SIZE = 31,
  /* int64. Bytes of all trace files. */
  FDB_NET_OPTION_TRACE_MAX_LOGS_SIZE = 32,
  /* text. LogGroup attribute of trace events. */
  FDB_NET_OPTION_TRACE_LOG_GROUP = 33,
  /* text. Format of trace files: xml or json. */
  FDB_NET_OPTION_TRACE_FORMAT = 34,
  /* text. Clock of trace files: now or realtime. */
  FDB_NET_OPTION_TRACE_CLOCK_SOURCE = 35,
  /* text. Identifier in the names of trace files. */
  FDB_NET_OPTION_TRACE_FILE_IDENTIFIER = 36,
  /* Client threads share trace files. */
  FDB_NET_OPTION_TRACE_SHARE_AMONG_CLIENT_THREADS = 37,
  /* Open trace files when the network is set up. */
  FDB_NET_OPTION_TRACE_INITIALIZE_ON_SETUP = 38,
  /* text. Suffix of trace files being written. */
  FDB_NET_OPTION_TRACE_PARTIAL_FILE_SUFFIX = 39,
  /* text. Set an internal knob: name=value. */
  FDB_NET_OPTION_KNOB = 40,
  /* text. Path of a TLS plugin. */
  FDB_NET_OPTION_TLS_PLUGIN = 41,
  /* bytes. TLS certificate chain. */
  FDB_NET_OPTION_TLS_CERT_BYTES = 42,
  /* text. File of the TLS certificate chain. */
  FDB_NET_OPTION_TLS_CERT_PATH = 43,
  /* bytes. TLS private key. */
  FDB_NET_OPTION_TLS_KEY_BYTES = 45,
  /* text. File of the TLS private key. */
  FDB_NET_OPTION_TLS_KEY_PATH = 46,
  /* bytes. How TLS peers are verified. */
  FDB_NET_OPTION_TLS_VERIFY_PEERS = 47,
  /* Deprecated name of client_buggify_enable. */
  FDB_NET_OPTION_BUGGIFY_ENABLE = 48,
  /* Deprecated name of client_buggify_disable. */
  FDB_NET_OPTION_BUGGIFY_DISABLE = 49,
  /* int64. Deprecated name of client_buggify_section_activated_probability. */
  FDB_NET_OPTION_BUGGIFY_SECTION_ACTIVATED_PROBABILITY = 50,
  /* int64. Deprecated name of client_buggify_section_fired_probability. */
  FDB_NET_OPTION_BUGGIFY_SECTION_FIRED_PROBABILITY = 51,
  /* bytes. TLS certificate authorities. */
  FDB_NET_OPTION_TLS_CA_BYTES = 52,
  /* text. File of the TLS certificate authorities. */
  FDB_NET_OPTION_TLS_CA_PATH = 53,
  /* text. Passphrase of the TLS private key. */
  FDB_NET_OPTION_TLS_PASSWORD = 54,
  /* Use the local client alone. */
  FDB_NET_OPTION_DISABLE_MULTI_VERSION_CLIENT_API = 60,
  /* Callbacks may run on other threads. */
  FDB_NET_OPTION_CALLBACKS_ON_EXTERNAL_THREADS = 61,
  /* text. Path of another client library. */
  FDB_NET_OPTION_EXTERNAL_CLIENT_LIBRARY = 62,
  /* text. Directory of other client libraries. */
  FDB_NET_OPTION_EXTERNAL_CLIENT_DIRECTORY = 63,
  /* Use external clients alone. */
  FDB_NET_OPTION_DISABLE_LOCAL_CLIENT = 64,
  /* int64. Threads of each external client. */
  FDB_NET_OPTION_CLIENT_THREADS_PER_VERSION = 65,
  /* text. Path of a client library of a later version. */
  FDB_NET_OPTION_FUTURE_VERSION_CLIENT_LIBRARY = 66,
  /* Keep temporary copies of client libraries. */
  FDB_NET_OPTION_RETAIN_CLIENT_LIBRARY_COPIES = 67,
  /* Go on without external clients that fail. */
  FDB_NET_OPTION_IGNORE_EXTERNAL_CLIENT_FAILURES = 68,
  /* Fail when no client is compatible. */
  FDB_NET_OPTION_FAIL_INCOMPATIBLE_CLIENT = 69,
  /* Do not log client statistics. */
  FDB_NET_OPTION_DISABLE_CLIENT_STATISTICS_LOGGING = 70,
  /* Profile the network thread; also named enable_slow_task_profiling. */
  FDB_NET_OPTION_ENABLE_RUN_LOOP_PROFILING = 71,
  FDB_NET_OPTION_ENABLE_SLOW_TASK_PROFILING = 71,
  /* Always use the multi-version client. */
  FDB_NET_OPTION_DISABLE_CLIENT_BYPASS = 72,
  /* Inject retryable errors, to test retry loops. */
  FDB_NET_OPTION_CLIENT_BUGGIFY_ENABLE = 80,
  /* Inject no errors. */
  FDB_NET_OPTION_CLIENT_BUGGIFY_DISABLE = 81,
  /* int64. Percent of places that may inject errors. */
  FDB_NET_OPTION_CLIENT_BUGGIFY_SECTION_ACTIVATED_PROBABILITY = 82,
  /* int64. Percent of calls at such a place that fail. */
  FDB_NET_OPTION_CLIENT_BUGGIFY_SECTION_FIRED_PROBABILITY = 83,
  /* text. Tracer: none, log_file or network_lossy. */
  FDB_NET_OPTION_DISTRIBUTED_CLIENT_TRACER = 90,
  /* text. Directory for temporary files. */
  FDB_NET_OPTION_CLIENT_TMP_DIR = 91,
  /* text. Set by the multi-version client. */
  FDB_NET_OPTION_SUPPORTED_CLIENT_VERSIONS = 1000,
  /* Set by the multi-version client. */
  FDB_NET_OPTION_EXTERNAL_CLIENT = 1001,
  /* int64. Set by the multi-version client. */
  FDB_NET_OPTION_EXTERNAL_CLIENT_TRANSPORT_ID = 1002
} FDBNetworkOption;

typedef enum {
  /* int64. Entries of the cache of key locations. */
  FDB_DB_OPTION_LOCATION_CACHE_SIZE = 10,
  /* int64. Watches at a time, 0 to 1,000,000; 10,000 by default. */
  FDB_DB_OPTION_MAX_WATCHES = 20,
  /* text. Machine of this process. */
  FDB_DB_OPTION_MACHINE_ID = 21,
  /* text. Data center of this process. */
  FDB_DB_OPTION_DATACENTER_ID = 22,
  /* Default of the transactions' snapshot_ryw_enable. */
  FDB_DB_OPTION_SNAPSHOT_RYW_ENABLE = 26,
  /* Default of the transactions' snapshot_ryw_disable. */
  FDB_DB_OPTION_SNAPSHOT_RYW_DISABLE = 27,
  /* int64. Default of the transactions' option. */
  FDB_DB_OPTION_TRANSACTION_LOGGING_MAX_FIELD_LENGTH = 405,
  /* int64. Default of the transactions' timeout. */
  FDB_DB_OPTION_TRANSACTION_TIMEOUT = 500,
  /* int64. Default of the transactions' retry_limit. */
  FDB_DB_OPTION_TRANSACTION_RETRY_LIMIT = 501,
  /* int64. Default of the transactions' max_retry_delay. */
  FDB_DB_OPTION_TRANSACTION_MAX_RETRY_DELAY = 502,
  /* int64. Default of the transactions' size_limit. */
  FDB_DB_OPTION_TRANSACTION_SIZE_LIMIT = 503,
  /* Default of the transactions' causal_read_risky. */
  FDB_DB_OPTION_TRANSACTION_CAUSAL_READ_RISKY = 504,
  /* Default of the transactions' include_port_in_address. */
  FDB_DB_OPTION_TRANSACTION_INCLUDE_PORT_IN_ADDRESS = 505,
  /* Default of the transactions' automatic_idempotency. */
  FDB_DB_OPTION_TRANSACTION_AUTOMATIC_IDEMPOTENCY = 506,
  /* Default of the transactions' bypass_unreadable. */
  FDB_DB_OPTION_TRANSACTION_BYPASS_UNREADABLE = 700,
  /* Default of the transactions' option. */
  FDB_DB_OPTION_TRANSACTION_USED_DURING_COMMIT_PROTECTION_DISABLE = 701,
  /* Default of the transactions' report_conflicting_keys. */
  FDB_DB_OPTION_TRANSACTION_REPORT_CONFLICTING_KEYS = 702,
  /* Use the configuration database. */
  FDB_DB_OPTION_USE_CONFIG_DATABASE = 800,
  /* int64. For FoundationDB's own tests. */
  FDB_DB_OPTION_TEST_CAUSAL_READ_RISKY = 900
} FDBDatabaseOption;

typedef enum {
  /* A transaction that only writes is not refused for an old read version. */
  FDB_TR_OPTION_CAUSAL_WRITE_RISKY = 10,
  /* The read version may be a little old; it never is. */
  FDB_TR_OPTION_CAUSAL_READ_RISKY = 20,
  /* As causal_read_risky. */
  FDB_TR_OPTION_CAUSAL_READ_DISABLE = 21,
  /* Addresses have ports; they always do. */
  FDB_TR_OPTION_INCLUDE_PORT_IN_ADDRESS = 23,
  /* The next write adds no write conflict range. */
  FDB_TR_OPTION_NEXT_WRITE_NO_WRITE_CONFLICT_RANGE = 30,
  /* Commit through the first proxy. */
  FDB_TR_OPTION_COMMIT_ON_FIRST_PROXY = 40,
  /* For FoundationDB's own tests. */
  FDB_TR_OPTION_CHECK_WRITES_ENABLE = 50,
  /* Reads do not see the transaction's own writes; before the first read or write. */
  FDB_TR_OPTION_READ_YOUR_WRITES_DISABLE = 51,
  /* Deprecated. */
  FDB_TR_OPTION_READ_AHEAD_DISABLE = 52,
  /* Durability across data centers. */
  FDB_TR_OPTION_DURABILITY_DATACENTER = 110,
  /* Durability in memory. */
  FDB_TR_OPTION_DURABILITY_RISKY = 120,
  /* Deprecated. */
  FDB_TR_OPTION_DURABILITY_DEV_NULL_IS_WEB_SCALE = 130,
  /* Go before all other transactions. */
  FDB_TR_OPTION_PRIORITY_SYSTEM_IMMEDIATE = 200,
  /* Go after all other transactions. */
  FDB_TR_OPTION_PRIORITY_BATCH = 201,
  /* For the creation of a cluster. */
  FDB_TR_OPTION_INITIALIZE_NEW_DATABASE = 300,
  /* Read and write keys from \xff up to \xff\xff. */
  FDB_TR_OPTION_ACCESS_SYSTEM_KEYS = 301,
  /* Read keys from \xff up to \xff\xff. */
  FDB_TR_OPTION_READ_SYSTEM_KEYS = 302,
  /* Reach the keys of all tenants. */
  FDB_TR_OPTION_RAW_ACCESS = 303,
  /* Deprecated. */
  FDB_TR_OPTION_DEBUG_DUMP = 400,
  /* text. Log retries under this name. */
  FDB_TR_OPTION_DEBUG_RETRY_LOGGING = 401,
  /* text. Deprecated. */
  FDB_TR_OPTION_TRANSACTION_LOGGING_ENABLE = 402,
  /* text. Name of the transaction in logs. */
  FDB_TR_OPTION_DEBUG_TRANSACTION_IDENTIFIER = 403,
  /* Log the transaction's operations. */
  FDB_TR_OPTION_LOG_TRANSACTION = 404,
  /* int64. Longest key or value in logs. */
  FDB_TR_OPTION_TRANSACTION_LOGGING_MAX_FIELD_LENGTH = 405,
  /* Trace the transaction's requests. */
  FDB_TR_OPTION_SERVER_REQUEST_TRACING = 406,
  /* int64. Milliseconds from the transaction's begin until it fails with 1031, 0 for none; survives
     retries. */
  FDB_TR_OPTION_TIMEOUT = 500,
  /* int64. How often on_error retries, -1 for ever; survives retries. */
  FDB_TR_OPTION_RETRY_LIMIT = 501,
  /* int64. Longest wait of on_error in milliseconds, 1,000 by default; survives retries. */
  FDB_TR_OPTION_MAX_RETRY_DELAY = 502,
  /* int64. Bytes that the commit may have, 32 to 10,000,000. */
  FDB_TR_OPTION_SIZE_LIMIT = 503,
  /* text. Identity of the commit. */
  FDB_TR_OPTION_IDEMPOTENCY_ID = 504,
  /* Make such an identity. */
  FDB_TR_OPTION_AUTOMATIC_IDEMPOTENCY = 505,
  /* Reads fill the servers' caches. */
  FDB_TR_OPTION_READ_SERVER_SIDE_CACHE_ENABLE = 507,
  /* Reads leave the servers' caches alone. */
  FDB_TR_OPTION_READ_SERVER_SIDE_CACHE_DISABLE = 508,
  /* Priority of reads. */
  FDB_TR_OPTION_READ_PRIORITY_NORMAL = 509,
  /* Priority of reads. */
  FDB_TR_OPTION_READ_PRIORITY_LOW = 510,
  /* Priority of reads. */
  FDB_TR_OPTION_READ_PRIORITY_HIGH = 511,
  /* Snapshot reads see the transaction's own writes; undoes one snapshot_ryw_disable. */
  FDB_TR_OPTION_SNAPSHOT_RYW_ENABLE = 600,
  /* Snapshot reads do not see the transaction's own writes; undoes one snapshot_ryw_enable. */
  FDB_TR_OPTION_SNAPSHOT_RYW_DISABLE = 601,
  /* Use a locked database. */
  FDB_TR_OPTION_LOCK_AWARE = 700,
  /* A use during the commit fails alone; it always does. */
  FDB_TR_OPTION_USED_DURING_COMMIT_PROTECTION_DISABLE = 701,
  /* Read a locked database. */
  FDB_TR_OPTION_READ_LOCK_AWARE = 702,
  /* Be the first of a commit batch. */
  FDB_TR_OPTION_FIRST_IN_BATCH = 710,
  /* Use proxies that are starting. */
  FDB_TR_OPTION_USE_PROVISIONAL_PROXIES = 711,
  /* After a conflict \xff\xff/transaction/conflicting_keys/ says where it was. */
  FDB_TR_OPTION_REPORT_CONFLICTING_KEYS = 712,
  /* Range reads may span modules of the special key space. */
  FDB_TR_OPTION_SPECIAL_KEY_SPACE_RELAXED = 713,
  /* Allow writes to the special key space. */
  FDB_TR_OPTION_SPECIAL_KEY_SPACE_ENABLE_WRITES = 714,
  /* text. A tag, up to 255 bytes, at most five; nothing is throttled by it. */
  FDB_TR_OPTION_TAG = 800,
  /* text. As tag. */
  FDB_TR_OPTION_AUTO_THROTTLE_TAG = 801,
  /* bytes. Parent of the transaction's trace span. */
  FDB_TR_OPTION_SPAN_PARENT = 900,
  /* Ask servers what a clear costs. */
  FDB_TR_OPTION_EXPENSIVE_CLEAR_COST_ESTIMATION_ENABLE = 1000,
  /* Reads see pending versionstamps as they were written, and do not fail with 1036. */
  FDB_TR_OPTION_BYPASS_UNREADABLE = 1100,
  /* Use a cached read version; it is always fresh. */
  FDB_TR_OPTION_USE_GRV_CACHE = 1101,
  /* Use no cached read version. */
  FDB_TR_OPTION_SKIP_GRV_CACHE = 1102,
  /* text. Token that gives access to tenants. */
  FDB_TR_OPTION_AUTHORIZATION_TOKEN = 2000,
  /* Reads go on after five seconds; such a transaction can only read. */
  FDB_TR_OPTION_LONG_READS = 7000,
  /* The commit answers when it is on disk. */
  FDB_TR_OPTION_DURABILITY_DURABLE = 7001,
  /* The commit answers after memory; it is on disk soon after. */
  FDB_TR_OPTION_DURABILITY_BUFFERED = 7002,
  /* The commit answers after memory; it is on disk when it happens to get there. */
  FDB_TR_OPTION_DURABILITY_NONE = 7003
} FDBTransactionOption;

/* How much a page of a range read brings. */
typedef enum {
  FDB_STREAMING_MODE_WANT_ALL = -2,
  FDB_STREAMING_MODE_ITERATOR = -1,
  FDB_STREAMING_MODE_EXACT = 0,
  FDB_STREAMING_MODE_SMALL = 1,
  FDB_STREAMING_MODE_MEDIUM = 2,
  FDB_STREAMING_MODE_LARGE = 3,
  FDB_STREAMING_MODE_SERIAL = 4
} FDBStreamingMode;

/* Atomic operations. */
typedef enum {
  FDB_MUTATION_TYPE_ADD = 2,
  FDB_MUTATION_TYPE_AND = 6,
  FDB_MUTATION_TYPE_BIT_AND = 6,
  FDB_MUTATION_TYPE_OR = 7,
  FDB_MUTATION_TYPE_BIT_OR = 7,
  FDB_MUTATION_TYPE_XOR = 8,
  FDB_MUTATION_TYPE_BIT_XOR = 8,
  FDB_MUTATION_TYPE_APPEND_IF_FITS = 9,
  FDB_MUTATION_TYPE_MAX = 12,
  FDB_MUTATION_TYPE_MIN = 13,
  FDB_MUTATION_TYPE_SET_VERSIONSTAMPED_KEY = 14,
  FDB_MUTATION_TYPE_SET_VERSIONSTAMPED_VALUE = 15,
  FDB_MUTATION_TYPE_BYTE_MIN = 16,
  FDB_MUTATION_TYPE_BYTE_MAX = 17,
  FDB_MUTATION_TYPE_COMPARE_AND_CLEAR = 20
} FDBMutationType;

typedef enum {
  FDB_CONFLICT_RANGE_TYPE_READ = 0,
  FDB_CONFLICT_RANGE_TYPE_WRITE = 1
} FDBConflictRangeType;

/* Classes of errors, for fdb_error_predicate. */
typedef enum {
  FDB_ERROR_PREDICATE_RETRYABLE = 50000,
  FDB_ERROR_PREDICATE_MAYBE_COMMITTED = 50001,
  FDB_ERROR_PREDICATE_RETRYABLE_NOT_COMMITTED = 50002
} FDBErrorPredicate;
