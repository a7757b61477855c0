// All of Plinth's public API but the adaptor to Boost.Asio (asio.hpp).
#pragma once

#include "plinth/big_int.hpp"
#include "plinth/bytes.hpp"
#include "plinth/database.hpp"
#include "plinth/error.hpp"
#include "plinth/executor.hpp"
#include "plinth/future.hpp"
#include "plinth/mutation.hpp"
#include "plinth/options.hpp"
#include "plinth/parallel.hpp"
#include "plinth/range.hpp"
#include "plinth/subspace.hpp"
#include "plinth/transaction.hpp"
#include "plinth/tuple.hpp"
#include "plinth/uuid.hpp"
#include "plinth/version.hpp"
#include "plinth/versionstamp.hpp"
