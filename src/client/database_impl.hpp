// DatabaseImpl: what stands behind a Database. Each kind of database brings its own.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plinth/database.hpp"

namespace plinth::detail {

// Methods are those of Database, which documents them. Any thread.
class DatabaseImpl {
 public:
  virtual ~DatabaseImpl() = default;

  virtual std::shared_ptr<TransactionImpl> begin() = 0;
  virtual std::shared_ptr<DatabaseImpl> separate() = 0;
  virtual void set_option(DatabaseOption option, ByteView value) = 0;
  virtual Future<void> flush() = 0;
  virtual Future<void> checkpoint() = 0;
  virtual std::string status_json() = 0;
  virtual std::vector<std::string> verify(const std::function<bool(double)>& progress) = 0;
  virtual void compact(const std::function<bool(double)>& progress) = 0;
  virtual const std::string& url() const = 0;

  // Set before the database is in use.
  std::vector<Database::Hook> on_begin;
  std::vector<Database::Hook> on_commit;
  std::vector<Database::PostCommitHook> on_post_commit;
};

}  // namespace plinth::detail
