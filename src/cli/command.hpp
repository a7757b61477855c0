// What the commands have in common: each adds itself to a CLI11 application, with its arguments,
// help and examples, and when it is the one that was asked for, says what is to be run.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/key_text.hpp"
#include "cli/session.hpp"
#include "plinth/range.hpp"

namespace CLI {
class App;
}

namespace plinth::cli {

// Returns the exit code.
using Action = std::function<int(Session&)>;

struct CommandEntry {
  std::string name;
  std::function<void(CLI::App&, Action&)> add;
};

// Commands that the shell has too.
std::vector<CommandEntry> core_commands();         // get, set, clear, clearrange, add, size, range
std::vector<CommandEntry> maintenance_commands();  // status, verify, compact
// Those that only the shell has: begin, commit, reset, rollback, on_error, option.
std::vector<CommandEntry> transaction_commands();

void add_range_command(CLI::App& app, Action& action);
// As a command of its own it waits; the shell has another.
void add_watch_command(CLI::App& app, Action& action);
// Each of a layer.
void add_blob_command(CLI::App& app, Action& action);
void add_dir_command(CLI::App& app, Action& action);
void add_entity_command(CLI::App& app, Action& action);
void add_search_command(CLI::App& app, Action& action);
void add_table_command(CLI::App& app, Action& action);
void add_tuples_command(CLI::App& app, Action& action);
void add_versioned_command(CLI::App& app, Action& action);
void add_serve_command(CLI::App& app, Action& action);
void add_shell_command(CLI::App& app, Action& action);
void add_demo_command(CLI::App& app, Action& action);
void add_bench_command(CLI::App& app, Action& action);
void add_completion_command(CLI::App& app, Action& action);

// A command with a line that says what it does, lines of examples, and lines that say more.
CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& examples, const std::string& more = {});

// What stands behind an argument that is a key or a value.
inline constexpr const char* kKeyHelp = "Text, with \\xNN for a byte, or a tuple in parentheses";

// [BEGIN [END]] or --prefix P: what a command is about.
struct RangeArguments {
  std::optional<std::string> begin;
  std::optional<std::string> end;
  std::optional<std::string> prefix;
};
void add_range_arguments(CLI::App& command, RangeArguments& arguments);
void add_prefix_option(CLI::App& command, RangeArguments& arguments);
// Throws UsageError when both are given, Error(inverted_range) when the end is before the begin.
KeyRange key_range_of(const RangeArguments& arguments);

// --as text|tuple|number.
void add_form_option(CLI::App& command, ValueForm& form);

// A row for people or as JSON.
std::string shown_row(const Session& session, ByteView key, ByteView value, ValueForm form);

}  // namespace plinth::cli
