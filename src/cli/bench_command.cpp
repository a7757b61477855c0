// `plinth bench` is the program plinth-bench, which links the databases that it measures beside
// Plinth, and so is not part of this one.

#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "cli/command.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

// Returns only by throwing.
int run(std::vector<std::string> arguments, bool json) {
  const auto program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "plinth-bench";
  arguments.insert(arguments.begin(), "plinth bench");
  if (json && std::find(arguments.begin(), arguments.end(), "--json") == arguments.end())
    arguments.push_back("--json");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  execv(program.c_str(), argv.data());
  throw CommandFailed(ErrorCode::file_not_found,
                      fmt::format("the program {} cannot be run: {}; it is built by the target "
                                  "plinth-bench",
                                  program.string(), std::strerror(errno)));
}

}  // namespace

void add_bench_command(CLI::App& app, Action& action) {
  CLI::App* command = add_command(app, "bench", "Measure Plinth beside other databases",
                                  "  plinth bench core --rows 100000\n"
                                  "  plinth bench core --workload point_read --json\n");
  command->fallthrough(false);
  command->prefix_command();  // all arguments are that program's
  command->callback([command, &action] {
    action = [command](Session& session) { return run(command->remaining(), session.json()); };
  });
}

}  // namespace plinth::cli
