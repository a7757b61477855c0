// The shell's commands for the open transaction.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

void add_begin(CLI::App& app, Action& action) {
  add_command(app, "begin", "Open a transaction for the commands up to 'commit'",
              "  begin\n  get balance\n  set balance 90\n  commit\n")
      ->callback([&action] {
        action = [](Session& session) {
          session.begin();
          return kSuccess;
        };
      });
}

void add_commit(CLI::App& app, Action& action) {
  add_command(app, "commit", "Commit the open transaction",
              "  commit                after an error: 'on_error', then the commands once more\n")
      ->callback([&action] {
        action = [](Session& session) {
          const Version version = session.commit();
          if (session.json()) {
            print_line(json_version(version));
          } else if (version == kInvalidVersion) {
            print_line("Nothing was written.");
          } else {
            print_line(fmt::format("Committed at version {}.", version));
          }
          return kSuccess;
        };
      });
}

void add_reset(CLI::App& app, Action& action) {
  add_command(app, "reset", "Forget what the open transaction has read and written; it stays open",
              "  reset\n")
      ->callback([&action] {
        action = [](Session& session) {
          session.reset();
          return kSuccess;
        };
      });
}

void add_rollback(CLI::App& app, Action& action) {
  add_command(app, "rollback", "End the open transaction without its writes", "  rollback\n")
      ->callback([&action] {
        action = [](Session& session) {
          session.rollback();
          return kSuccess;
        };
      });
}

void add_on_error(CLI::App& app, Action& action) {
  auto code = std::make_shared<std::optional<int>>();
  CLI::App* on_error = add_command(
      app, "on_error",
      "After an error in the open transaction: wait as it asks for, and reset for another try",
      "  on_error              of the last error\n  on_error 1020\n");
  on_error->add_option("CODE", *code, "The error's number (default: the last error)")
      ->type_name("");
  on_error->callback([code, &action] {
    action = [code](Session& session) {
      std::optional<Error> error;
      if (*code) error.emplace(static_cast<ErrorCode>(**code));
      session.on_error(error);
      return kSuccess;
    };
  });
}

void add_option(CLI::App& app, Action& action) {
  struct Arguments {
    std::string name;
    std::optional<std::string> value;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = add_command(
      app, "option", "Set an option of the open transaction; with none open, of all from now on",
      "  option timeout 500\n  option read_your_writes_disable\n");
  command->add_option("NAME", arguments->name, "As FoundationDB names it")
      ->required()
      ->type_name("");
  command->add_option("VALUE", arguments->value, "Its value, if it has one")->type_name("");
  command->callback([arguments, &action] {
    action = [arguments](Session& session) {
      session.set_option(arguments->name, arguments->value);
      return kSuccess;
    };
  });
}

}  // namespace

std::vector<CommandEntry> transaction_commands() {
  return {{"begin", add_begin},       {"commit", add_commit},     {"reset", add_reset},
          {"rollback", add_rollback}, {"on_error", add_on_error}, {"option", add_option}};
}

}  // namespace plinth::cli
