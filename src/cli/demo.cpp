#include <fmt/format.h>
#include <sys/wait.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <memory>

#include "cli/command.hpp"
#include "cli/demo_check.hpp"
#include "cli/demo_load.hpp"
#include "cli/demo_questions.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

constexpr const char* kDefaultUrl = "./plinth-demo.db";
constexpr const char* kStatus = "/var/lib/dpkg/status";
constexpr const char* kAptCommand = "apt-cache dumpavail";

struct Arguments {
  bool all = false;
  bool check_only = false;
  std::string status = kStatus;
  std::string from, to;
  std::string search = "command line http client";
};

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

std::vector<Package> read_status(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"),
                                                             std::fclose);
  if (!file)
    throw CommandFailed(
        ErrorCode::file_not_readable,
        fmt::format("{} cannot be read: {}; give a list of Debian packages with --status FILE",
                    path, std::strerror(errno)));
  return read_packages(file.get(), path);
}

std::vector<Package> read_available() {
  std::FILE* pipe = popen(kAptCommand, "re");
  if (pipe == nullptr)
    throw CommandFailed(ErrorCode::platform_error,
                        fmt::format("'{}' cannot be run: {}", kAptCommand, std::strerror(errno)));
  std::vector<Package> packages;
  try {
    packages = read_packages(pipe, kAptCommand);
  } catch (...) {
    pclose(pipe);
    throw;
  }
  const int status = pclose(pipe);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127)
    throw CommandFailed(ErrorCode::file_not_found,
                        "apt-cache is not on this machine (Debian's package 'apt' has it); leave "
                        "--all out to load /var/lib/dpkg/status");
  if (status != 0)
    throw CommandFailed(ErrorCode::platform_error,
                        fmt::format("'{}' failed; run it by itself to see why", kAptCommand));
  return packages;
}

void print_load(const LoadResult& result, double seconds, bool json) {
  const std::int64_t loaded = result.total - result.found;
  if (json) {
    print_line(fmt::format(
        R"({{"packages":{},"found":{},"loaded":{},"transactions":{},"seconds":{:.6f}}})",
        result.total, result.found, loaded, result.transactions, seconds));
    return;
  }
  if (result.replaced) print_line("Another list's packages were there; they are replaced.");
  if (loaded == 0) {
    print_line(fmt::format("All {} are there from an earlier run; nothing to load.",
                           counted(result.total, "package")));
    return;
  }
  if (result.found > 0)
    print_line(fmt::format("{} of {} are there from an earlier run; going on behind them.",
                           grouped(result.found), counted(result.total, "package")));
  print_line(fmt::format("Loaded {} in {} in {:.2f} s.", counted(loaded, "package"),
                         counted(result.transactions, "transaction"), seconds));
}

void load(Session& session, const Arguments& arguments) {
  const std::string source = arguments.all ? kAptCommand : arguments.status;
  if (!session.json()) {
    print_line(fmt::format("Packages of {} in {}", source, session.url()));
    flush_output();
  }
  std::vector<Package> packages = arguments.all ? read_available() : read_status(arguments.status);
  if (packages.empty())
    throw CommandFailed(ErrorCode::file_not_readable,
                        fmt::format("{} lists no installed packages", source));
  const std::filesystem::path status = arguments.all ? kStatus : arguments.status;
  read_file_lists(packages, status.parent_path() / "info");
  const auto begin = std::chrono::steady_clock::now();
  const LoadResult result = load_packages(session, packages, source);
  print_load(result, seconds_since(begin), session.json());
}

int check(Session& session) {
  const auto begin = std::chrono::steady_clock::now();
  const CheckResult result = check_packages(session);
  const double seconds = seconds_since(begin);
  const bool agrees = result.disagreements.empty();
  if (session.json()) {
    print_line(fmt::format(
        R"({{"check":{},"packages":{},"dependencies":{},"disagreements":{},"seconds":{:.6f}}})",
        agrees, result.packages, result.dependencies, json_array(result.disagreements), seconds));
  } else if (agrees) {
    print_line(
        fmt::format("Check: {} and {} agree in all layers, with every index and count "
                    "({:.0f} ms).",
                    counted(result.packages, "package"),
                    counted(result.dependencies, "dependency", "dependencies"), seconds * 1000));
  } else {
    print_line("Check: the data do not agree:");
    for (const std::string& sentence : result.disagreements) print_line("  " + sentence);
  }
  return agrees ? kSuccess : kNo;
}

void print_more(const std::string& url) {
  print_line("Look around:");
  for (const char* command :
       {"search packages query http client", "entity packages find Section libs",
        "tuples packages query '?name' depends '?lib' , '?lib' depends libssl3",
        "table query packages libs --filter 'installed_size > 10000' --show 'package, maintainer'",
        "versioned packages log", "dir ls demo"})
    print_line(fmt::format("  plinth --db {} {}", url, command));
}

int run(Session& session, const Arguments& arguments) {
  session.set_default_url(kDefaultUrl);
  if (arguments.check_only) {
    session.database(Access::read);
    return check(session);
  }
  load(session, arguments);
  Questions questions(session);
  questions.what_depends_on("libc6");
  questions.largest();
  questions.required_in("admin");
  questions.shortest_chain(arguments.from, arguments.to);
  questions.through_libraries("admin", "libgcc-s1");
  questions.search(arguments.search);
  questions.filtered("libs", "installed_size > 10000 AND description =~ /librar/i");
  questions.of_the_same_maintainer("libc6");
  questions.files();
  questions.sections();
  questions.upgrade();
  questions.conflict();
  questions.old_snapshot();
  questions.directories();
  if (!session.json()) print_line("");
  const int exit_code = check(session);
  if (!session.json()) print_more(session.url());
  return questions.all_right() ? exit_code : kNo;
}

}  // namespace

void add_demo_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      add_command(app, "demo", "Load this machine's Debian packages, and ask questions about them",
                  "  plinth demo\n"
                  "  plinth demo --all                      every package that apt knows of\n"
                  "  plinth demo --from git --to libgpg-error0\n"
                  "  plinth demo --check\n",
                  "The packages' fields (as entities), their relations (as tuples), descriptions "
                  "(searched), lists\n"
                  "of files (as blobs) and the versions of the base system (with their history) go "
                  "into\n"
                  "./plinth-demo.db (or what --db names), each package with all of it in one "
                  "transaction.\n"
                  "An interrupted load, even a killed one, goes on where it was.\n");
  command->add_flag("--all", arguments->all, "Load what 'apt-cache dumpavail' lists");
  command
      ->add_option("--status", arguments->status,
                   "Load this list of packages (default: /var/lib/dpkg/status)")
      ->type_name("FILE");
  command->add_option("--from", arguments->from, "Begin of the chain of dependencies to look for")
      ->type_name("PACKAGE");
  command->add_option("--to", arguments->to, "Its end")->type_name("PACKAGE");
  command->add_option("--search", arguments->search, "Words to look for in descriptions")
      ->type_name("WORDS");
  command->add_flag("--check", arguments->check_only,
                    "Only check that what is there agrees with itself; exit code 1 if not");
  command->callback([arguments, &action] {
    action = [arguments](Session& session) { return run(session, *arguments); };
  });
}

}  // namespace plinth::cli
