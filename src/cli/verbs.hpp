// Verbs: the subcommands of a command that is about one layer. They share its arguments.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <utility>

#include "cli/command.hpp"

namespace plinth::cli {

template <class Arguments>
class Verbs {
 public:
  // `app` and `action` must outlive it.
  Verbs(CLI::App& app, std::shared_ptr<Arguments> arguments, Action& action)
      : app_(app), arguments_(std::move(arguments)), action_(action) {}

  // `work` is run when this one is asked for; the texts are add_command's.
  CLI::App* verb(const char* name, int (*work)(Session&, const Arguments&), const char* description,
                 const char* examples, const char* more = "") {
    CLI::App* command = add_command(app_, name, description, examples, more);
    command->callback([arguments = arguments_, work, &action = action_] {
      action = [arguments, work](Session& session) { return work(session, *arguments); };
    });
    return command;
  }

  // As long as the application.
  Arguments& arguments() const { return *arguments_; }

 private:
  CLI::App& app_;
  const std::shared_ptr<Arguments> arguments_;
  Action& action_;
};

}  // namespace plinth::cli
