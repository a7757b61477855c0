// plinth-bench: Plinth beside its peers, on the same data, in turns, in one run.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <functional>
#include <iostream>

#include "fdb_workloads.hpp"
#include "layers_workloads.hpp"
#include "report.hpp"
#include "search_workloads.hpp"
#include "socket_workloads.hpp"
#include "table_workloads.hpp"
#include "tuples_workloads.hpp"
#include "workloads.hpp"

namespace {

using namespace plinth::bench;

const std::vector<std::string> kWorkloads{"point_read", "range_50", "scan",      "load",
                                          "commit_1",   "rmw_256",  "mix_90_10", "hot_key",
                                          "reopen",     "footprint"};
const std::vector<std::string> kFdbWorkloads{"point_read", "serial_get", "own_read", "gets_of_10",
                                             "rmw_100"};
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

// How measurements are shown.
class Report {
 public:
  void add_options(CLI::App& command) {
    command.add_flag("--json", json_, "One JSON object a line");
  }
  Observer observer() const {
    return {.note =
                [this](const std::string& note) {
                  clear_note();
                  if (terminal_) std::cerr << note << std::flush;
                },
            .measured =
                [this](const std::vector<Measurement>& measurements) {
                  clear_note();
                  json_ ? print_json(std::cout, measurements)
                        : print_table(std::cout, measurements);
                }};
  }
  void conclude(const std::vector<Measurement>& measurements) const {
    if (!json_) print_ratios(std::cout, measurements);
  }

 private:
  void clear_note() const {
    if (terminal_) std::cerr << "\r\033[K" << std::flush;
  }

  const bool terminal_ = isatty(STDERR_FILENO) != 0;
  bool json_ = false;
};

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += " " + name;
  return list;
}

// Of the build that this program is from.
std::string own_library() {
  const auto program = std::filesystem::read_symlink("/proc/self/exe");
  return program.parent_path().parent_path() / "fdb/lib/libfdb_c.so";
}

struct Benchmark {
  const char* name;
  const char* about;
  std::vector<std::string> workloads;
  std::uint64_t rows;
  std::function<std::vector<Measurement>(const Settings&, const Observer&)> run;
  Settings settings{};
  CLI::App* command = nullptr;
};

// The options that all have.
void add(CLI::App& app, Benchmark& benchmark, std::filesystem::path& parent, Report& report) {
  CLI::App& command = *app.add_subcommand(benchmark.name, benchmark.about);
  benchmark.command = &command;
  Settings& settings = benchmark.settings;
  settings.rows = benchmark.rows;
  command.add_option("--rows", settings.rows, "Rows of each database")
      ->check(CLI::Range(1'000, 100'000'000))
      ->capture_default_str();
  command.add_option("--rounds", settings.rounds, "Rounds of each engine; medians are shown")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  command
      .add_option("--workload", settings.workloads, "Only these:" + list_of(benchmark.workloads))
      ->check(CLI::IsMember(benchmark.workloads).description(""));
  command
      .add_option("--directory", parent,
                  "Where a folder for the databases is made; a million rows need about 4 GB")
      ->capture_default_str();
  report.add_options(command);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Benchmarks of Plinth beside LMDB, RocksDB, LevelDB and SQLite, in one run"};
  app.name("plinth-bench");
  app.require_subcommand(1);
  std::string library = own_library();
  Benchmark core{"core", "Reads, ranges, commits, loads of the core database", kWorkloads,
                 1'000'000, run_workloads};
  Benchmark fdb{"fdb", "Through FoundationDB's C API, beside the C++ API", kFdbWorkloads, 200'000,
                [&library](const Settings& settings, const Observer& observer) {
                  return run_fdb_workloads(library, settings, observer);
                }};
  Benchmark socket{"socket", "Behind a Unix socket, beside the same in process",
                   socket_workload_names(), 200'000, run_socket_workloads};
  Benchmark tuples{"tuples", "Tuples found by patterns and queries, beside SQLite",
                   tuples_workload_names(), 300'000, run_tuples_workloads};
  Benchmark search{"search", "Full-text search in the texts of packages, beside SQLite's FTS5",
                   search_workload_names(), 63'666, run_search_workloads};
  Benchmark layers{"layers", "Blobs and entities beside SQLite, directories, versioned tuples",
                   layers_workload_names(), 50'000, run_layers_workloads};
  Benchmark table{"table", "Tables, beside SQLite with documents in a column of JSON",
                  table_workload_names(), 100'000, run_table_workloads};
  const std::vector<Benchmark*> benchmarks{&core, &fdb, &socket, &tuples, &search, &layers, &table};
  Report report;
  std::filesystem::path parent = std::filesystem::temp_directory_path();
  for (Benchmark* benchmark : benchmarks) add(app, *benchmark, parent, report);
  core.command->add_option("--engine", core.settings.engines, "Only these:" + list_of(kEngines))
      ->check(CLI::IsMember(kEngines).description(""));
  fdb.command->add_option("--library", library, "The libfdb_c.so to measure")
      ->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }

  try {
    const WorkFolder folder(parent);
    for (Benchmark* benchmark : benchmarks) {
      if (!benchmark->command->parsed()) continue;
      benchmark->settings.directory = folder.path();
      report.conclude(benchmark->run(benchmark->settings, report.observer()));
    }
  } catch (const std::exception& error) {
    std::cerr << "plinth-bench: " << error.what() << "\n";
    return 1;
  }
}
