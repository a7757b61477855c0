#include "cli/table_files.hpp"

#include <fmt/format.h>

#include <functional>
#include <memory>
#include <optional>
#include <set>

#include "cli/files.hpp"
#include "cli/interrupt.hpp"
#include "cli/item_files.hpp"
#include "cli/output.hpp"
#include "cli/progress_bar.hpp"
#include "plinth/error.hpp"
#include "plinth/table_writer.hpp"

namespace plinth::cli {
namespace {

// Objects of a file one after another, with how much of it has been read.
class ItemFile {
 public:
  explicit ItemFile(const std::string& file) : name_(file), input_(file) {
    const Chunks chunks = [this] {
      Bytes bytes = input_.read(1 << 16);
      read_ += static_cast<std::int64_t>(bytes.size());
      return bytes;
    };
    reader_ = file.ends_with(".csv") ? read_csv(chunks) : read_json_lines(chunks);
  }

  std::optional<Item> next() { return reader_->next(); }
  double fraction() const {
    const std::int64_t size = input_.size().value_or(0);
    return size > 0 ? static_cast<double>(read_) / static_cast<double>(size) : 0;
  }
  const std::string& name() const { return name_; }
  std::string place() const { return fmt::format("{}, line {}", name_, reader_->line()); }

 private:
  const std::string name_;
  InputFile input_;
  std::int64_t read_ = 0;
  std::unique_ptr<ItemReader> reader_;
};

[[noreturn]] void fail(const ItemFile& file, const std::string& what) {
  throw CommandFailed(ErrorCode::item_not_json, file.place() + ": " + what);
}

const Map& map_of(const ItemFile& file, const Map& from, const std::string& name) {
  const auto found = from.find(name);
  if (found != from.end())
    if (const Map* map = found->second.get_if<Map>()) return *map;
  fail(file, "\"" + name + "\" is missing, or no object");
}

const std::string& text_of(const ItemFile& file, const Map& from, const std::string& name) {
  const auto found = from.find(name);
  if (found != from.end())
    if (const auto* text = found->second.get_if<std::string>()) return *text;
  fail(file, "\"" + name + "\" is missing, or no string");
}

// The one member of a line's object: what is to be done.
const std::string& operation_of(const ItemFile& file, const Item& line) {
  if (line.size() != 1) fail(file, "it is to have one member, as {\"put\":…}");
  return line.begin()->first;
}

// Writes what `parse` makes of each line.
std::int64_t write_lines(Database db, const Table& table, const std::string& name,
                         const char* label,
                         const std::function<TableWrite(const ItemFile&, Item)>& parse) {
  ItemFile file(name);
  ProgressBar bar(label);
  TableWriter writer(std::move(db), table);
  const auto done = [&] { return counted(writer.done(), "write") + " before are in the table"; };
  try {
    while (std::optional<Item> line = file.next()) {
      check_interrupt();
      writer.write(parse(file, *std::move(line))).get();
      bar.show(file.fraction(), grouped(writer.done()));
    }
    writer.flush().get();
  } catch (const Error& error) {
    const char* const where = error == ErrorCode::item_not_json ? "" : " or before";
    throw CommandFailed(error.error_code(),
                        fmt::format("{}{}: {}; {}", file.place(), where, error.what(), done()));
  } catch (const CommandFailed& failed) {
    throw CommandFailed(failed.code(), fmt::format("{}; {}", failed.what(), done()));
  }
  return writer.done();
}

TransactWrite transact_write_of(const ItemFile& file, const TableStore& store, const Item& line) {
  const std::string& name = operation_of(file, line);
  const Map& from = map_of(file, line, name);
  const Table table = store.table(text_of(file, from, "table"));
  ItemTest condition;
  if (from.contains("if")) condition = Condition::parse(text_of(file, from, "if"));
  if (name == "put") return TransactWrite::put(table, map_of(file, from, "item"), condition);
  if (name == "remove") return TransactWrite::remove(table, map_of(file, from, "key"), condition);
  if (name == "update")
    return TransactWrite::update(table, map_of(file, from, "key"),
                                 Update::parse(text_of(file, from, "set")), condition);
  if (name != "check") fail(file, "\"" + name + "\" is none of put, update, remove, check");
  if (!condition) fail(file, "a check needs \"if\"");
  return TransactWrite::check(table, map_of(file, from, "key"), condition);
}

// Calls print_one for each item.
void for_each_item(const Database& db, const Table& table,
                   const std::function<void(const Item&)>& print_one) {
  ItemStream stream = table.long_scan(db);
  while (const std::optional<Item> item = stream.next().get()) {
    check_interrupt();
    print_one(*item);
  }
}

}  // namespace

std::int64_t import_items(Database db, const Table& table, const std::string& file) {
  const auto parse = [](const ItemFile&, Item item) { return TableWrite::put(std::move(item)); };
  return write_lines(std::move(db), table, file, "importing", parse);
}

void export_items(Database db, const Table& table, bool csv) {
  if (!csv) return for_each_item(db, table, [](const Item& item) { print_line(to_json(item)); });
  std::set<std::string> names;
  for_each_item(db, table, [&](const Item& item) {
    for (const auto& [name, value] : item) names.insert(name);
  });
  const std::vector<std::string> columns(names.begin(), names.end());
  print(csv_header(columns));
  for_each_item(db, table, [&](const Item& item) { print(csv_record(item, columns)); });
}

std::int64_t batch_write_file(Database db, const Table& table, const std::string& file) {
  const auto parse = [](const ItemFile& lines, Item line) {
    const std::string& name = operation_of(lines, line);
    if (name != "put" && name != "remove")
      fail(lines, "\"" + name + "\" is neither put nor remove");
    const Map& item = map_of(lines, line, name);
    return name == "put" ? TableWrite::put(item) : TableWrite::remove(item);
  };
  return write_lines(std::move(db), table, file, "writing", parse);
}

std::vector<TransactWrite> read_transaction(const TableStore& store, const std::string& file) {
  ItemFile lines(file);
  std::vector<TransactWrite> writes;
  try {
    while (const std::optional<Item> line = lines.next())
      writes.push_back(transact_write_of(lines, store, *line));
  } catch (const Error& error) {
    throw CommandFailed(error.error_code(), lines.place() + ": " + error.what());
  }
  return writes;
}

}  // namespace plinth::cli
