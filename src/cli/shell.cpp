#include "cli/shell.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <utility>

#include "cli/failure.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/line_editor.hpp"
#include "cli/output.hpp"
#include "cli/shell_words.hpp"

namespace plinth::cli {
namespace {

std::string history_file() {
  const char* home = std::getenv("HOME");
  return home != nullptr && *home != '\0' ? std::string(home) + "/.plinth_history" : std::string();
}

std::vector<std::string> command_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  std::sort(names.begin(), names.end());
  return names;
}

// Null when there is no command of that name.
CLI::App* find_command(CLI::App& app, const std::string& name) {
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    if (command->get_name() == name) return command;
  return nullptr;
}

void print_help(CLI::App& app, const std::string& topic) {
  if (!topic.empty()) {
    CLI::App* command = find_command(app, topic);
    if (command == nullptr)
      throw UsageError(fmt::format("there is no command '{}'; 'help' lists them", topic));
    return print(command->help());
  }
  for (const CLI::App* command : app.get_subcommands({})) {
    print_line(fmt::format("  {:<12} {}", command->get_name(), command->get_description()));
  }
  print_line("\n'help COMMAND' says more. A word with blanks goes in quotes; a tuple needs none.");
}

}  // namespace

void Shell::add_transaction_commands(CLI::App& app, Action& action) {
  add_command(app, "begin", "Open a transaction for the commands up to 'commit'",
              "  begin\n  get balance\n  set balance 90\n  commit\n")
      ->callback([&action] {
        action = [](Session& session) {
          session.begin();
          return kSuccess;
        };
      });
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
  add_command(app, "reset", "Forget what the open transaction has read and written; it stays open",
              "  reset\n")
      ->callback([&action] {
        action = [](Session& session) {
          session.reset();
          return kSuccess;
        };
      });
  add_command(app, "rollback", "End the open transaction without its writes", "  rollback\n")
      ->callback([&action] {
        action = [](Session& session) {
          session.rollback();
          return kSuccess;
        };
      });
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

void Shell::add_option_command(CLI::App& app, Action& action) {
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

void Shell::add_watch_commands(CLI::App& app, Action& action) {
  auto key_text = std::make_shared<std::string>();
  CLI::App* watch =
      add_command(app, "watch",
                  "Tell when the value of a key has changed; in a transaction: from its commit on",
                  "  watch ready\n  set ready yes\n  wait\n");
  watch->add_option("KEY", *key_text, kKeyHelp)->required()->type_name("");
  watch->callback([this, key_text, &action] {
    action = [this, key_text](Session& session) {
      const Bytes key = parse_key_text(*key_text);
      Watch watch;
      session.write([&](Transaction& tx) { watch = tx.watch(key); });
      if (!session.in_transaction() && watch.ready()) {
        watch.get();  // throws when it could not be set
        say_changed(key);
      } else {
        watches_.push_back({key, std::move(watch)});
      }
      return kSuccess;
    };
  });
  auto timeout_s = std::make_shared<double>(-1);
  CLI::App* wait = add_command(app, "wait", "Wait until a watch has told of a change since the last wait",
                               "  wait\n  wait 10               seconds at the most\n");
  wait->add_option("SECONDS", *timeout_s, "How long at the most (default: for ever)")
      ->check(CLI::NonNegativeNumber.description(""))
      ->type_name("");
  wait->callback([this, timeout_s, &action] {
    action = [this, timeout_s](Session&) { return wait_for_watch(*timeout_s); };
  });
}

int Shell::wait_for_watch(double timeout_s) {
  if (std::exchange(has_told_, false)) return kSuccess;
  if (watches_.empty()) throw UsageError("no watch is set; 'watch KEY' sets one");
  using Clock = std::chrono::steady_clock;
  const auto begin = Clock::now();
  const auto has_fired = [](const SetWatch& set) { return set.watch.ready(); };
  while (std::none_of(watches_.begin(), watches_.end(), has_fired)) {
    const std::chrono::duration<double> elapsed = Clock::now() - begin;
    if (timeout_s >= 0 && elapsed.count() >= timeout_s) {
      fmt::print(stderr, "plinth: nothing watched has changed within {} s\n", timeout_s);
      return kNo;
    }
    wait_interruptibly(watches_.front().watch, 0.01);
  }
  report_watches();
  has_told_ = false;
  return kSuccess;
}

void Shell::say_changed(ByteView key) {
  has_told_ = true;
  print_line(session_.json() ? fmt::format(R"({{"changed":{}}})", json_string(escaped(key)))
                             : fmt::format("{} has changed.", shown_key(key)));
}

void Shell::report_watches() {
  for (auto set = watches_.begin(); set != watches_.end();) {
    if (!set->watch.ready()) {
      ++set;
      continue;
    }
    SetWatch fired = std::move(*set);
    set = watches_.erase(set);
    try {
      fired.watch.get();
      say_changed(fired.key);
    } catch (const Error& error) {  // its transaction was not committed, for one
      fmt::print(stderr, "plinth: {} is not watched any more: {}\n", shown_key(fired.key),
                 error.what());
    }
  }
}

void Shell::add_commands(CLI::App& app, Action& action) {
  add_core_commands(app, action);
  add_range_command(app, action);
  add_watch_commands(app, action);
  add_transaction_commands(app, action);
  add_option_command(app, action);
  add_maintenance_commands(app, action);
  auto topic = std::make_shared<std::string>();
  CLI::App* help =
      add_command(app, "help", "List the commands, or explain one", "  help\n  help range\n");
  help->add_option("COMMAND", *topic, "A command's name")->type_name("");
  help->callback([&app, topic, &action] {
    action = [&app, topic](Session&) {
      print_help(app, *topic);
      return kSuccess;
    };
  });
  for (const char* name : {"exit", "quit"})
    add_command(app, name, "Leave the shell", std::string("  ") + name + "\n")
        ->callback([this, &action] {
          action = [this](Session&) {
            done_ = true;
            return kSuccess;
          };
        });
}

void Shell::execute(const std::string& line) {
  std::vector<std::string> words = split_words(line);
  if (words.empty()) return;
  CLI::App app("plinth shell");
  Action action;
  add_commands(app, action);
  if (find_command(app, words.front()) == nullptr)
    throw UsageError(fmt::format("there is no command '{}'; 'help' lists them", words.front()));
  app.require_subcommand(1);
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    app.parse(std::move(words));
  } catch (const CLI::CallForHelp&) {
    return print(app.help());
  }
  try {
    action(session_);
  } catch (const Error& error) {
    session_.note_error(error);
    throw;
  }
}

int Shell::run_script(std::istream& script, bool keep_going) {
  int exit_code = kSuccess;
  std::string line;
  int transaction_line = 0;
  for (int number = 1; !done_ && std::getline(script, line); ++number) {
    try {
      const bool was_open = session_.in_transaction();
      execute(line);
      report_watches();
      if (!was_open && session_.in_transaction()) transaction_line = number;
      flush_output();
    } catch (...) {
      const Failure failure = current_failure();
      flush_output();
      report(failure, session_.json(), number);
      exit_code = failure.exit_code;
      const bool ends_all = exit_code == kInterrupted || exit_code == kOutputClosed;
      if (ends_all || !keep_going) return exit_code;
    }
  }
  check_interrupt();
  if (session_.in_transaction())
    throw UsageError(
        fmt::format("the transaction that line {} opened was not committed: its writes are gone",
                    transaction_line));
  return exit_code;
}

int Shell::run_interactively() {
  print_line(
      fmt::format("Plinth on {}. 'help' lists the commands, 'exit' leaves.", session_.url()));
  std::vector<std::string> names;
  {
    CLI::App app;
    Action none;
    add_commands(app, none);
    names = command_names(app);
  }
  LineEditor editor(history_file(), std::move(names));
  while (!done_) {
    flush_output();
    const auto line = editor.read_line(session_.in_transaction() ? "plinth*> " : "plinth> ");
    if (!line) {
      print_line("");
      break;
    }
    try {
      execute(*line);
      report_watches();
    } catch (...) {
      const Failure failure = current_failure();
      if (failure.exit_code == kOutputClosed) throw;
      flush_output();
      report(failure, session_.json());
    }
  }
  if (session_.in_transaction()) print_line("The open transaction was not committed.");
  return kSuccess;
}

void add_shell_command(CLI::App& app, Action& action) {
  auto keep_going = std::make_shared<bool>(false);
  CLI::App* command = add_command(
      app, "shell",
      "A prompt for commands, with history and completion; or a script on standard input",
      "  plinth shell\n"
      "  plinth shell < script\n"
      "  printf 'begin\\nset a 1\\nset b 2\\ncommit\\n' | plinth shell\n",
      "Several commands can be one transaction: begin … commit. 'help' lists all that there are.\n"
      "A word with blanks goes in quotes, a tuple needs none. In a script, # begins a comment, "
      "and\n"
      "the first line that fails ends it.\n");
  command->add_flag("--keep-going", *keep_going, "In a script: go on after a line that fails");
  command->callback([keep_going, &action] {
    action = [keep_going](Session& session) {
      Shell shell(session);
      const bool on_terminal = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1;
      return on_terminal ? shell.run_interactively() : shell.run_script(std::cin, *keep_going);
    };
  });
}

}  // namespace plinth::cli
