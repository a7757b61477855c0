#include "cli/option_names.hpp"

#include <fmt/format.h>

#include <charconv>

#include "cli/key_text.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

enum class ValueKind { none, integer, text, bytes };

struct Row {
  int code;
  std::string_view name;
  ValueKind kind;
};

constexpr Row kTransactionOptions[] = {
#define PLINTH_TRANSACTION_OPTION(code, name, value, effect, meaning) \
  {code, #name, ValueKind::value},
#include "plinth/detail/options.inc"
};

constexpr Row kDatabaseOptions[] = {
#define PLINTH_DATABASE_OPTION(code, name, value, effect, meaning) {code, #name, ValueKind::value},
#include "plinth/detail/options.inc"
};

template <std::size_t n>
const Row* find(const Row (&rows)[n], std::string_view name) {
  for (const Row& row : rows)
    if (row.name == name) return &row;
  return nullptr;
}

// The option's value as set_option takes it: eight bytes, little-endian, for a number.
Bytes value_of(const Row& row, std::optional<std::string_view> text) {
  if (row.kind == ValueKind::none) {
    if (text) throw UsageError(fmt::format("the option '{}' takes no value", row.name));
    return {};
  }
  if (!text) throw UsageError(fmt::format("the option '{}' needs a value", row.name));
  if (row.kind != ValueKind::integer) return parse_key_text(*text);
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error != std::errc() || end != text->data() + text->size())
    throw UsageError(
        fmt::format("the option '{}' needs a whole number, and '{}' is none", row.name, *text));
  Bytes bytes;
  for (int i = 0; i < 8; ++i)
    bytes.push_back(static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i)));
  return bytes;
}

}  // namespace

std::function<void(Transaction&)> transaction_option(std::string_view name,
                                                     std::optional<std::string_view> value) {
  const Row* row = find(kTransactionOptions, name);
  if (row == nullptr) return {};
  return [option = static_cast<TransactionOption>(row->code), bytes = value_of(*row, value)](
             Transaction& transaction) { transaction.set_option(option, bytes); };
}

void set_database_option(Database& database, std::string_view name,
                         std::optional<std::string_view> value) {
  const Row* row = find(kDatabaseOptions, name);
  if (row == nullptr)
    throw UsageError(
        fmt::format("there is no option '{}'; options are named as FoundationDB names "
                    "them, without a 'FDB_TR_OPTION_' before",
                    name));
  database.set_option(static_cast<DatabaseOption>(row->code), value_of(*row, value));
}

}  // namespace plinth::cli
