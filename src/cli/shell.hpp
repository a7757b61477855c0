// Commands one a line, from a terminal or a script, on one open database: what one process alone
// can do with it, and transactions of several commands.
#pragma once

#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/session.hpp"

namespace plinth::cli {

class Shell {
 public:
  explicit Shell(Session& session) : session_(session) {}

  // Prompts, with history and completion, until `exit` or the end of input.
  int run_interactively();
  // Runs each line; stops at the first that fails unless `keep_going`. Returns the exit code: that
  // of the last failure.
  int run_script(std::istream& script, bool keep_going);

 private:
  struct SetWatch {
    Bytes key;
    Watch watch;
  };

  void execute(const std::string& line);
  void add_commands(CLI::App& app, Action& action);
  void add_transaction_commands(CLI::App& app, Action& action);
  void add_option_command(CLI::App& app, Action& action);
  void add_watch_commands(CLI::App& app, Action& action);
  int wait_for_watch(double timeout_s);
  void say_changed(ByteView key);
  // Says which watches have fired, and forgets them.
  void report_watches();

  Session& session_;
  std::vector<SetWatch> watches_;
  bool has_told_ = false;  // since the last wait
  bool done_ = false;
};

}  // namespace plinth::cli
