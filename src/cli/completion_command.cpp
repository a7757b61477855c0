// Completion scripts for shells, made from the commands and options that there are.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

struct OptionEntry {
  std::string name;  // with its dashes
  std::string description;
  bool takes_value;
};

struct CommandEntry {
  std::string name;
  std::string description;
  std::vector<OptionEntry> options;  // those of its own commands too
  std::string verbs;                 // its own commands' names
};

// In single quotes of any of the three shells, which also escape the colons and brackets that mean
// something to zsh.
std::string in_quotes(std::string_view text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\'') {
      result += "'\\''";
    } else {
      result.push_back(c);
    }
  }
  return result + "'";
}

std::string for_zsh(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') result.push_back('\\');
    result.push_back(c);
  }
  return result;
}

std::vector<OptionEntry> options_of(const CLI::App& app) {
  std::vector<OptionEntry> options;
  for (const CLI::Option* option : app.get_options())
    for (const std::string& name : option->get_lnames())
      options.push_back({"--" + name, option->get_description(), option->get_items_expected() > 0});
  return options;
}

std::vector<CommandEntry> commands_of(const CLI::App& app) {
  std::vector<CommandEntry> commands;
  for (const CLI::App* command : app.get_subcommands({})) {
    CommandEntry entry{command->get_name(), command->get_description(), options_of(*command), ""};
    for (const CLI::App* verb : command->get_subcommands({})) {
      entry.verbs += (entry.verbs.empty() ? "" : " ") + verb->get_name();
      for (OptionEntry& option : options_of(*verb))
        if (option.name != "--help") entry.options.push_back(std::move(option));
    }
    commands.push_back(std::move(entry));
  }
  return commands;
}

std::string names_of(const std::vector<OptionEntry>& options) {
  std::string names;
  for (const OptionEntry& option : options) names += (names.empty() ? "" : " ") + option.name;
  return names;
}

void print_bash(const CLI::App& app) {
  const std::vector<CommandEntry> commands = commands_of(app);
  std::string all;
  for (const CommandEntry& command : commands) all += command.name + " ";
  print_line("_plinth() {");
  print_line("  local current=${COMP_WORDS[COMP_CWORD]} command= i");
  print_line("  for ((i = 1; i < COMP_CWORD; ++i)); do");
  print_line("    case ${COMP_WORDS[i]} in");
  print_line("      --db) ((++i)) ;;");
  print_line("      -*) ;;");
  print_line("      *) command=${COMP_WORDS[i]}; break ;;");
  print_line("    esac");
  print_line("  done");
  print_line("  local words=");
  print_line("  case $command in");
  print_line(fmt::format("    '') words={} ;;", in_quotes(all + names_of(options_of(app)))));
  for (const CommandEntry& command : commands)
    print_line(fmt::format("    {}) words={} ;;", command.name,
                           in_quotes(command.name == "completion"
                                         ? "bash zsh fish"
                                         : (command.verbs.empty() ? "" : command.verbs + " ") +
                                               names_of(command.options))));
  print_line("  esac");
  print_line("  mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")");
  print_line("}");
  print_line("complete -o default -F _plinth plinth");
}

std::string zsh_options(const std::vector<OptionEntry>& options) {
  std::string text;
  for (const OptionEntry& option : options)
    text += " " + in_quotes(fmt::format("{}[{}]{}", option.name, for_zsh(option.description),
                                        option.takes_value ? ":value:_files" : ""));
  return text;
}

void print_zsh(const CLI::App& app) {
  print_line("#compdef plinth");
  print_line("_plinth() {");
  print_line("  local -a commands=(");
  for (const CommandEntry& command : commands_of(app))
    print_line("    " + in_quotes(for_zsh(command.name) + ":" + for_zsh(command.description)));
  print_line("  )");
  print_line(fmt::format("  _arguments -C{} '1:command:->command' '*::argument:->argument'",
                         zsh_options(options_of(app))));
  print_line("  case $state in");
  print_line("    command) _describe command commands ;;");
  print_line("    argument)");
  print_line("      case $words[1] in");
  for (const CommandEntry& command : commands_of(app)) {
    std::string arguments = "'*:argument:_files'";
    if (command.name == "completion") arguments = "'1:shell:(bash zsh fish)'";
    if (!command.verbs.empty())
      arguments =
          fmt::format("'*:argument:_alternative \"commands:command:({})\" \"files:file:_files\"'",
                      command.verbs);
    print_line(fmt::format("        {}) _arguments{} {} ;;", command.name,
                           zsh_options(command.options), arguments));
  }
  print_line("      esac ;;");
  print_line("  esac");
  print_line("}");
  print_line(
      "if [[ $funcstack[1] == _plinth ]]; then _plinth \"$@\"; else compdef _plinth plinth; fi");
}

void print_fish_options(const std::vector<OptionEntry>& options, const std::string& condition) {
  for (const OptionEntry& option : options)
    print_line(fmt::format("complete -c plinth -n {} -l {}{} -d {}", in_quotes(condition),
                           option.name.substr(2), option.takes_value ? " -r" : "",
                           in_quotes(option.description)));
}

void print_fish(const CLI::App& app) {
  print_fish_options(options_of(app), "__fish_use_subcommand");
  for (const CommandEntry& command : commands_of(app)) {
    print_line(fmt::format("complete -c plinth -n '__fish_use_subcommand' -f -a {} -d {}",
                           command.name, in_quotes(command.description)));
    print_fish_options(command.options, "__fish_seen_subcommand_from " + command.name);
    if (!command.verbs.empty())
      print_line(fmt::format("complete -c plinth -n '__fish_seen_subcommand_from {}' -a {}",
                             command.name, in_quotes(command.verbs)));
  }
  print_line(
      "complete -c plinth -n '__fish_seen_subcommand_from completion' -f -a 'bash zsh fish'");
}

}  // namespace

void add_completion_command(CLI::App& app, Action& action) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command =
      add_command(app, "completion", "Print a script that teaches a shell to complete this command",
                  "  source <(plinth completion bash)\n"
                  "  plinth completion zsh > ~/.zfunc/_plinth\n"
                  "  plinth completion fish > ~/.config/fish/completions/plinth.fish\n");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->type_name("")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
  command->callback([shell, &app, &action] {
    action = [shell, &app](Session&) {
      if (*shell == "bash") print_bash(app);
      if (*shell == "zsh") print_zsh(app);
      if (*shell == "fish") print_fish(app);
      return kSuccess;
    };
  });
}

}  // namespace plinth::cli
