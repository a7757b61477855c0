#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/progress_bar.hpp"

namespace plinth::cli {
namespace {

std::string shown_scalar(std::string_view name, const boost::json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_bool()) return value.get_bool() ? "yes" : "no";
  if (value.is_null()) return "-";
  if (!value.is_int64() && !value.is_uint64()) return boost::json::serialize(value);
  const auto number = value.to_number<std::int64_t>();
  return name.ends_with("bytes") && number >= 1000
             ? fmt::format("{} ({})", grouped(number), byte_count(number))
             : grouped(number);
}

// A line a member, members of members indented.
void print_members(const boost::json::object& object, int indent) {
  for (const auto& [name, value] : object) {
    std::string title(name);
    std::replace(title.begin(), title.end(), '_', ' ');
    if (value.is_object()) {
      print_line(fmt::format("{:{}}{}:", "", indent, title));
      print_members(value.get_object(), indent + 2);
    } else {
      print_line(fmt::format("{:{}}{:<{}} {}", "", indent, title + ":", 28 - indent,
                             shown_scalar(name, value)));
    }
  }
}

int status(Session& session) {
  const std::string json = session.database(Access::read).status_json();
  if (session.json()) {
    print_line(json);
  } else {
    print_members(boost::json::parse(json).as_object(), 0);
  }
  return kSuccess;
}

int verify(Session& session) {
  std::vector<std::string> damage;
  {
    ProgressBar bar("verify");
    damage = session.database(Access::read).verify([&](double fraction) {
      bar.show(fraction);
      return !interrupted();
    });
  }
  check_interrupt();
  if (session.json()) {
    print_line(fmt::format(R"({{"sound":{},"damage":{}}})", damage.empty(), json_array(damage)));
  } else if (damage.empty()) {
    print_line("Everything on disk was read and is sound.");
  } else {
    for (const std::string& sentence : damage) print_line(sentence);
  }
  return damage.empty() ? kSuccess : kNo;
}

int compact(Session& session) {
  {
    ProgressBar bar("compact");
    session.database(Access::read).compact([&](double fraction) {
      bar.show(fraction);
      return !interrupted();
    });
  }
  check_interrupt();
  if (session.json()) print_line(R"({"compacted":true})");
  return kSuccess;
}

void add_status(CLI::App& app, Action& action) {
  add_command(app, "status", "Print versions, sizes and the state of log, memory and checkpoints",
              "  plinth status\n"
              "  plinth --json status        one JSON object\n")
      ->callback([&action] { action = status; });
}

void add_verify(CLI::App& app, Action& action) {
  add_command(app, "verify",
              "Read everything on disk and check it; exit code 1 and a line for each damage found",
              "  plinth verify\n"
              "  plinth --json verify        {\"sound\":…,\"damage\":[…]}\n")
      ->callback([&action] { action = verify; });
}

void add_compact(CLI::App& app, Action& action) {
  add_command(app, "compact", "Give unused space back to the file system, after much was removed",
              "  plinth compact\n")
      ->callback([&action] { action = compact; });
}

}  // namespace

std::vector<CommandEntry> maintenance_commands() {
  return {{"status", add_status}, {"verify", add_verify}, {"compact", add_compact}};
}

}  // namespace plinth::cli
