// The plinth command.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.hpp"
#include "cli/failure.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

constexpr const char* kAbout =
    "plinth: an embedded, ordered, transactional key-value database\n"
    "Keys and values are text in which \\xNN is a byte and \\\\ a backslash, or tuples in "
    "parentheses: '(\"user\", 42)'.";

constexpr const char* kExamples =
    "Examples:\n"
    "  plinth set hello world\n"
    "  plinth get hello\n"
    "  plinth --db file:/var/lib/app/db range --prefix '(\"user\")'\n"
    "  plinth demo\n"
    "\nExit codes: 0 success; 1 the answer is no (key absent, damage found, nothing changed in\n"
    "time); 2 the command line cannot be understood; 3 the operation failed; 130 interrupted;\n"
    "141 the reader of standard output is gone.\n";

void add_version_command(CLI::App& app, Action& action) {
  add_command(app, "version", "Print the version", "  plinth version\n")->callback([&action] {
    action = [](Session& session) {
      const std::string version = client_version();
      const std::string number = version.substr(0, version.find(','));
      print_line(session.json() ? fmt::format(R"({{"version":{},"client":{}}})",
                                              json_string(number), json_string(version))
                                : "plinth " + version);
      return kSuccess;
    };
  });
}

void add_all_commands(CLI::App& app, Action& action) {
  for (const CommandEntry& command : core_commands()) command.add(app, action);
  add_watch_command(app, action);
  for (const CommandEntry& command : maintenance_commands()) command.add(app, action);
  add_shell_command(app, action);
  add_blob_command(app, action);
  add_dir_command(app, action);
  add_entity_command(app, action);
  add_search_command(app, action);
  add_table_command(app, action);
  add_tuples_command(app, action);
  add_versioned_command(app, action);
  add_serve_command(app, action);
  add_demo_command(app, action);
  add_bench_command(app, action);
  add_completion_command(app, action);
  add_version_command(app, action);
}

// `json`: set when the command line asks for it.
int run(int argc, char** argv, bool& json) {
  CLI::App app(kAbout, "plinth");
  app.footer(kExamples);
  app.require_subcommand(0, 1);  // 1: an argument that is called like a command is no command
  app.get_formatter()->column_width(28);
  app.get_formatter()->label("REQUIRED", "");
  std::optional<std::string> url;
  app.add_option(
         "--db", url,
         "The database: memory:, file:PATH or a path, unix:SOCKET, fdb:FILE (default: ./plinth.db)")
      ->envname("PLINTH_URL")
      ->type_name("URL");
  app.add_flag("--json", json, "One JSON object a line");
  Action action;
  add_all_commands(app, action);
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    print(app.help());
    flush_output();
    return kSuccess;
  } catch (const CLI::ExtrasError&) {
    if (!app.get_subcommands().empty()) throw;
    throw UsageError(fmt::format("there is no command '{}'; 'plinth --help' lists them",
                                 app.remaining().front()));
  }
  if (!action) throw UsageError("no command is given; 'plinth --help' lists them");
  Session session(url, json);
  catch_interrupts();
  const int exit_code = action(session);
  flush_output();
  return exit_code;
}

}  // namespace
}  // namespace plinth::cli

int main(int argc, char** argv) {
  using namespace plinth::cli;
  prepare_output();
  // Known before the command line is parsed, so that an error in it has the right form.
  const auto is = [](std::string_view wanted) {
    return [wanted](const char* word) { return word == wanted; };
  };
  char** const end_of_options = std::find_if(argv, argv + argc, is("--"));
  bool json = std::any_of(argv, end_of_options, is("--json"));
  try {
    return run(argc, argv, json);
  } catch (...) {
    const Failure failure = current_failure();
    std::fflush(stdout);
    report(failure, json);
    return failure.exit_code;
  }
}
