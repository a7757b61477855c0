// Items and writes of tables in files (see item_files.hpp). Errors name the line.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plinth/database.hpp"
#include "plinth/table.hpp"
#include "plinth/table_store.hpp"
#include "plinth/table_transaction.hpp"

namespace plinth::cli {

// Puts the items of a file ("-": standard input; CSV if its name ends so, else JSON Lines), many in
// one transaction, with a progress bar. Returns how many. Throws CommandFailed, which says how many
// are in the table.
std::int64_t import_items(Database db, const Table& table, const std::string& file);

// Prints all items, as JSON Lines or as CSV, for which it reads the table twice.
void export_items(Database db, const Table& table, bool csv);

// As import_items, with {"put":ITEM} or {"remove":KEY} in each line.
std::int64_t batch_write_file(Database db, const Table& table, const std::string& file);

// Lines of `plinth table transact`.
std::vector<TransactWrite> read_transaction(const TableStore& store, const std::string& file);

}  // namespace plinth::cli
