// Cluster files: which database a program of FoundationDB is to use.
//
// A cluster file of Plinth holds one line, `plinth URL`, with any of Plinth's URLs but fdb:. Empty
// lines, and lines that begin with '#', do not count.
#pragma once

#include <string>
#include <string_view>

namespace plinth::capi {

// The URL in the text of a cluster file, which `name` is for messages. Error
// (connection_string_invalid), also for FoundationDB's own cluster files.
std::string url_of_connection_string(std::string_view text, const std::string& name);

// The URL for the path that fdb_create_database was given. Errors no_cluster_file_found,
// file_not_readable, connection_string_invalid. For null and "" the environment decides:
// FDB_CLUSTER_FILE names a cluster file; PLINTH_URL is a URL; /etc/foundationdb/fdb.cluster, if it
// is a cluster file of Plinth; else a shared database in the user's data directory.
std::string url_of_cluster_file(const char* path);

}  // namespace plinth::capi
