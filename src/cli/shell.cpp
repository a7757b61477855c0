#include "cli/shell.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
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

}  // namespace

Shell::Shell(Session& session) : session_(session), commands_(core_commands()) {
  const auto add = [this](std::vector<CommandEntry> commands) {
    commands_.insert(commands_.end(), commands.begin(), commands.end());
  };
  add({{"watch", std::bind_front(&Shell::add_watch, this)},
       {"wait", std::bind_front(&Shell::add_wait, this)}});
  add(transaction_commands());
  add(maintenance_commands());
  add({{"help", std::bind_front(&Shell::add_help, this)}});
  for (const std::string name : {"exit", "quit"})
    add({{name, [this, name](CLI::App& app, Action& action) { add_exit(app, action, name); }}});
}

const CommandEntry& Shell::find_command(const std::string& name) const {
  for (const CommandEntry& command : commands_)
    if (command.name == name) return command;
  throw UsageError(fmt::format("there is no command '{}'; 'help' lists them", name));
}

void Shell::print_help(const std::string& topic) const {
  CLI::App app;
  Action none;
  if (!topic.empty()) {
    find_command(topic).add(app, none);
    return print(app.get_subcommand(topic)->help());
  }
  for (const CommandEntry& command : commands_) {
    command.add(app, none);
    print_line(fmt::format("  {:<12} {}", command.name,
                           app.get_subcommand(command.name)->get_description()));
  }
  print_line("\n'help COMMAND' says more. A word with blanks goes in quotes; a tuple needs none.");
}

void Shell::add_help(CLI::App& app, Action& action) {
  auto topic = std::make_shared<std::string>();
  CLI::App* command =
      add_command(app, "help", "List the commands, or explain one", "  help\n  help range\n");
  command->add_option("COMMAND", *topic, "A command's name")->type_name("");
  command->callback([this, topic, &action] {
    action = [this, topic](Session&) {
      print_help(*topic);
      return kSuccess;
    };
  });
}

void Shell::add_exit(CLI::App& app, Action& action, const std::string& name) {
  add_command(app, name, "Leave the shell", "  " + name + "\n")->callback([this, &action] {
    action = [this](Session&) {
      done_ = true;
      return kSuccess;
    };
  });
}

void Shell::add_watch(CLI::App& app, Action& action) {
  auto key_text = std::make_shared<std::string>();
  CLI::App* command =
      add_command(app, "watch",
                  "Tell when the value of a key has changed; in a transaction: from its commit on",
                  "  watch ready\n  set ready yes\n  wait\n");
  command->add_option("KEY", *key_text, kKeyHelp)->required()->type_name("");
  command->callback([this, key_text, &action] {
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
}

void Shell::add_wait(CLI::App& app, Action& action) {
  auto timeout_s = std::make_shared<double>(-1);
  CLI::App* command =
      add_command(app, "wait", "Wait until a watch has told of a change since the last wait",
                  "  wait\n  wait 10               seconds at the most\n");
  command->add_option("SECONDS", *timeout_s, "How long at the most (default: for ever)")
      ->check(CLI::NonNegativeNumber.description(""))
      ->type_name("");
  command->callback([this, timeout_s, &action] {
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

void Shell::execute(const std::string& line) {
  std::vector<std::string> words = split_words(line);
  if (words.empty()) return;
  CLI::App app;
  Action action;
  find_command(words.front()).add(app, action);
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
  for (const CommandEntry& command : commands_) names.push_back(command.name);
  std::sort(names.begin(), names.end());
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
