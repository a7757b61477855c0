// plinth-bench: Plinth beside its peers, on the same data, in turns, in one run.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "report.hpp"
#include "workloads.hpp"

namespace {

using namespace plinth::bench;

const std::vector<std::string> kWorkloads{"point_read", "range_50", "scan",      "load",
                                          "commit_1",   "rmw_256",  "mix_90_10", "hot_key",
                                          "reopen",     "footprint"};
const std::vector<std::string> kEngines{"plinth",  "plinth-rocksdb", "lmdb",  "rocksdb",
                                        "leveldb", "sqlite",         "append"};

// A folder of its own inside of the one that is named, removed at the end.
class WorkFolder {
 public:
  explicit WorkFolder(const std::filesystem::path& parent)
      : path_(parent / ("plinth-bench-" + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  ~WorkFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += " " + name;
  return list;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Benchmarks of Plinth beside LMDB, RocksDB, LevelDB and SQLite, in one run"};
  app.name("plinth-bench");
  app.require_subcommand(1);
  CLI::App* core = app.add_subcommand("core", "Reads, ranges, commits, loads of the core database");
  Settings settings;
  std::filesystem::path parent = std::filesystem::temp_directory_path();
  bool json = false;
  core->add_option("--rows", settings.rows, "Rows of each database")
      ->check(CLI::Range(1'000, 100'000'000))
      ->capture_default_str();
  core->add_option("--rounds", settings.rounds, "Rounds of each engine; medians are shown")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  core->add_option("--workload", settings.workloads, "Only these:" + list_of(kWorkloads))
      ->check(CLI::IsMember(kWorkloads).description(""));
  core->add_option("--engine", settings.engines, "Only these:" + list_of(kEngines))
      ->check(CLI::IsMember(kEngines).description(""));
  core->add_option("--directory", parent,
                   "Where a folder for the databases is made; a million rows need about 4 GB")
      ->capture_default_str();
  core->add_flag("--json", json, "One JSON object a line");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  const bool terminal = isatty(STDERR_FILENO) != 0;
  const auto clear_note = [&] {
    if (terminal) std::cerr << "\r\033[K" << std::flush;
  };
  const Observer observer{.note =
                              [&](const std::string& note) {
                                clear_note();
                                if (terminal) std::cerr << note << std::flush;
                              },
                          .measured =
                              [&](const std::vector<Measurement>& measurements) {
                                clear_note();
                                json ? print_json(std::cout, measurements)
                                     : print_table(std::cout, measurements);
                              }};
  try {
    const WorkFolder folder(parent);
    settings.directory = folder.path();
    const std::vector<Measurement> measurements = run_workloads(settings, observer);
    if (!json) print_ratios(std::cout, measurements);
  } catch (const std::exception& error) {
    std::cerr << "plinth-bench: " << error.what() << "\n";
    return 1;
  }
}
