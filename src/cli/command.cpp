#include "cli/command.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <map>

#include "cli/json_output.hpp"
#include "cli/output.hpp"

namespace plinth::cli {

CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& description,
                      const std::string& examples, const std::string& more) {
  CLI::App* command = app.add_subcommand(name, description);
  command->footer((more.empty() ? "" : more + "\n") + "Examples:\n" + examples);
  command->fallthrough();  // --db and --json may stand behind the command too
  return command;
}

void add_range_arguments(CLI::App& command, RangeArguments& arguments) {
  command.add_option("BEGIN", arguments.begin, "First key (default: from the start)")
      ->type_name("");
  command.add_option("END", arguments.end, "First key that is not meant (default: to the end)")
      ->type_name("");
  add_prefix_option(command, arguments);
}

void add_prefix_option(CLI::App& command, RangeArguments& arguments) {
  command.add_option("--prefix", arguments.prefix, "All keys that begin with PREFIX instead")
      ->type_name("PREFIX");
}

KeyRange key_range_of(const RangeArguments& arguments) {
  if (!arguments.prefix) {
    KeyRange range{parse_key_text(arguments.begin.value_or("")),
                   parse_key_text(arguments.end.value_or("\\xff"))};
    if (range.begin > range.end)
      throw Error(ErrorCode::inverted_range,
                  fmt::format("It begins at {} and ends at {}", shown_key(range.begin),
                              shown_key(range.end)));
    return range;
  }
  if (arguments.begin) throw UsageError("give BEGIN and END or --prefix, not both");
  const Bytes prefix = parse_key_text(*arguments.prefix);
  if (prefix.empty()) return {"", "\xff"};
  // After a tuple's last element comes another element or the end, never 0xFF: that would be a NUL
  // in the middle of a longer string.
  if (arguments.prefix->starts_with('(')) return {prefix, prefix + '\xff'};
  return KeyRange::starts_with(prefix);
}

void add_form_option(CLI::App& command, ValueForm& form) {
  const auto set = [&form](const std::string& name) {
    static const std::map<std::string, ValueForm> kForms = {
        {"text", ValueForm::text}, {"tuple", ValueForm::tuple}, {"number", ValueForm::number}};
    const auto found = kForms.find(name);
    if (found == kForms.end())
      throw UsageError(fmt::format("--as '{}' is not known; text, tuple and number are", name));
    form = found->second;
  };
  command
      .add_option_function<std::string>(
          "--as", set,
          "How to show values; a number is little-endian, as 'add' makes them (default: text)")
      ->type_name("text|tuple|number");
}

std::string shown_row(const Session& session, ByteView key, ByteView value, ValueForm form) {
  if (session.json()) return json_row(key, value, form);
  return fmt::format("{} = {}", shown_key(key), shown_value(value, form));
}

}  // namespace plinth::cli
