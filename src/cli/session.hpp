// What commands work on: the database that --db names, opened when it is first needed, and in the
// shell the transaction that `begin` opened.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plinth/database.hpp"

namespace plinth::cli {

// A command that only reads must not make a database where there is none.
enum class Access { read, write };

class Session {
 public:
  // `url`: nothing when the user named no database.
  Session(std::optional<std::string> url, bool json) : url_(std::move(url)), json_(json) {}

  std::string url() const { return url_.value_or(default_url_); }
  // For a command that has a database of its own. Before the first use of the database.
  void set_default_url(std::string url) { default_url_ = std::move(url); }
  bool json() const { return json_; }

  // Opens the database on first use. Throws CommandFailed when `access` is read and there is none.
  Database& database(Access access);

  // Runs `work` in the open transaction, or in one of its own, which is retried and committed.
  // Returns the version of that commit, kInvalidVersion in an open transaction.
  Version write(const std::function<void(Transaction&)>& work);

  // The same for work that only reads, and may run again.
  template <class F>
  auto read(F work) {
    if (transaction_) return work(static_cast<const ReadTransaction&>(*transaction_));
    Transaction transaction = begin_single(Access::read);
    while (true) {
      std::optional<Error> failure;
      try {
        const ReadTransaction reads = transaction.snapshot();
        return work(reads);
      } catch (const Error& error) {
        failure = error;
      }
      retry(transaction, *failure);
    }
  }

  // --- The open transaction --------------------------------------------------------------------
  // All but in_transaction and begin throw UsageError when there is none.
  bool in_transaction() const { return transaction_.has_value(); }
  void begin();
  Transaction& transaction();
  // Ends the transaction, unless it throws: then it stays for on_error, reset or rollback.
  Version commit();
  void reset();
  void rollback();
  // Waits as `error` (if there is none: the last one of the transaction) asks for, and resets the
  // transaction for another try; rethrows an error that is not worth one.
  void on_error(std::optional<Error> error);
  // What on_error without an error refers to.
  void note_error(const Error& error);

  // Sets an option of the open transaction; with none open, of every transaction from now on.
  // Options of a database are set on it. Throws UsageError for an unknown name or a value that is
  // missing or malformed.
  void set_option(std::string_view name, std::optional<std::string_view> value);

  // A transaction without retry, with the options that hold for all.
  Transaction begin_single(Access access);
  // transaction.on_error(error), with those options set again.
  void retry(Transaction& transaction, const Error& error);

 private:
  using OptionSetting = std::function<void(Transaction&)>;

  std::optional<std::string> url_;
  std::string default_url_ = "./plinth.db";
  bool json_;
  std::optional<Database> database_;
  std::optional<Transaction> transaction_;
  std::optional<Error> last_error_;
  std::vector<OptionSetting> options_;
};

}  // namespace plinth::cli
