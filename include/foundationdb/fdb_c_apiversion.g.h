/* The newest API version that this header, and the library that it belongs to, know of. */
#pragma once

#define FDB_LATEST_API_VERSION 730
#define FDB_LATEST_BINDINGS_API_VERSION 730
