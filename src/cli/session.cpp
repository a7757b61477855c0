#include "cli/session.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "cli/option_names.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

constexpr std::string_view kNoTransaction = "no transaction is open; 'begin' opens one";

// The directory that `url` names, nothing when it names no place in the file system.
std::optional<std::filesystem::path> directory_of(std::string_view url) {
  if (url.starts_with("file:")) {
    url.remove_prefix(5);
  } else if (url.find(':') < url.find('/')) {
    return std::nullopt;
  }
  return std::filesystem::path(url.substr(0, url.find('?')));
}

// Whether there is certainly no database: nothing is there, or an empty directory.
bool holds_nothing(const std::filesystem::path& directory) {
  std::error_code error;
  const bool is_there = std::filesystem::exists(directory, error);
  if (error) return false;  // opening it says why
  return !is_there || (std::filesystem::is_directory(directory, error) &&
                       std::filesystem::is_empty(directory, error));
}

}  // namespace

Database& Session::database(Access access) {
  if (database_) return *database_;
  DatabaseOptions options;
  options.create = access == Access::write;
  if (access == Access::read) {
    const auto directory = directory_of(url());
    if (directory && !directory->empty() && holds_nothing(*directory))
      throw CommandFailed(ErrorCode::not_a_database,
                          fmt::format("there is no database at '{}'; make one with 'plinth --db {} "
                                      "set KEY VALUE', or name another with --db",
                                      directory->string(), url()));
  }
  return database_.emplace(open(url(), options));
}

Transaction Session::begin_single(Access access) {
  Transaction transaction = database(access).begin();
  for (const OptionSetting& set : options_) set(transaction);
  return transaction;
}

void Session::retry(Transaction& transaction, const Error& error) {
  transaction.on_error(error).get();
  for (const OptionSetting& set : options_) set(transaction);
}

Version Session::write(const std::function<void(Transaction&)>& work) {
  if (transaction_) {
    work(*transaction_);
    return kInvalidVersion;
  }
  Transaction transaction = begin_single(Access::write);
  while (true) {
    std::optional<Error> failure;
    try {
      work(transaction);
      transaction.commit_and_wait();
      return transaction.committed_version();
    } catch (const Error& error) {
      failure = error;
    }
    retry(transaction, *failure);
  }
}

void Session::begin() {
  if (transaction_)
    throw UsageError("a transaction is open already; 'commit' or 'rollback' ends it");
  transaction_.emplace(begin_single(Access::write));
  last_error_.reset();
}

Transaction& Session::transaction() {
  if (!transaction_) throw UsageError(std::string(kNoTransaction));
  return *transaction_;
}

Version Session::commit() {
  transaction().commit_and_wait();
  const Version version = transaction_->committed_version();
  transaction_.reset();
  return version;
}

void Session::reset() {
  transaction().reset();
  last_error_.reset();
  for (const OptionSetting& set : options_) set(*transaction_);
}

void Session::rollback() {
  transaction();
  transaction_.reset();
}

void Session::on_error(std::optional<Error> error) {
  transaction();
  if (!error) error = last_error_;
  if (!error) throw UsageError("no error has occurred in this transaction; give one's number");
  retry(*transaction_, *error);
  last_error_.reset();
}

void Session::note_error(const Error& error) {
  if (transaction_) last_error_ = error;
}

void Session::set_option(std::string_view name, std::optional<std::string_view> value) {
  const OptionSetting set = transaction_option(name, value);
  if (set && transaction_) {
    set(*transaction_);
  } else if (set) {
    options_.push_back(set);
  } else {
    set_database_option(database(Access::write), name, value);
  }
}

}  // namespace plinth::cli
