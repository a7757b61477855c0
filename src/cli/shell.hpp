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
  explicit Shell(Session& session);

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
  void add_watch(CLI::App& app, Action& action);
  void add_wait(CLI::App& app, Action& action);
  void add_help(CLI::App& app, Action& action);
  void add_exit(CLI::App& app, Action& action, const std::string& name);
  // Throws UsageError when there is none of that name.
  const CommandEntry& find_command(const std::string& name) const;
  void print_help(const std::string& topic) const;
  int wait_for_watch(double timeout_s);
  void say_changed(ByteView key);
  // Says which watches have fired, and forgets them.
  void report_watches();

  Session& session_;
  std::vector<CommandEntry> commands_;
  std::vector<SetWatch> watches_;
  bool has_told_ = false;  // since the last wait
  bool done_ = false;
};

}  // namespace plinth::cli
