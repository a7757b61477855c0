// plinth-bench: Plinth beside its peers, on the same data, in turns, in one run.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>

#include "report.hpp"
#include "workloads.hpp"

int main(int argc, char** argv) {
  using namespace plinth::bench;
  CLI::App app{"Benchmarks of Plinth beside LMDB, RocksDB, LevelDB and SQLite, in one run"};
  app.name("plinth-bench");
  app.require_subcommand(1);
  CLI::App* core = app.add_subcommand("core", "Reads, ranges, commits, loads of the core database");
  Settings settings;
  settings.directory =
      std::filesystem::temp_directory_path() / ("plinth-bench-" + std::to_string(getpid()));
  bool json = false;
  core->add_option("--rows", settings.rows, "Rows of each database")
      ->check(CLI::Range(1'000, 100'000'000))
      ->capture_default_str();
  core->add_option("--rounds", settings.rounds, "Rounds of each engine; medians are shown")
      ->check(CLI::Range(1, 99))
      ->capture_default_str();
  core->add_option("--workload", settings.workloads,
                   "Only these: point_read range_50 scan load commit_1 rmw_256 mix_90_10 hot_key "
                   "reopen footprint");
  core->add_option("--engine", settings.engines,
                   "Only these: plinth plinth-rocksdb lmdb rocksdb leveldb sqlite append");
  core->add_option("--directory", settings.directory,
                   "Where the databases are made; needs about 4 GB for a million rows")
      ->capture_default_str();
  core->add_flag("--json", json, "One JSON object a line");
  CLI11_PARSE(app, argc, argv);

  const bool terminal = isatty(STDERR_FILENO) != 0;
  const Observer observer{[&](const std::string& note) {
    if (terminal) std::cerr << "\r\033[K" << note << std::flush;
  }};
  try {
    std::filesystem::create_directories(settings.directory);
    const std::vector<Measurement> measurements = run_workloads(settings, observer);
    if (terminal) std::cerr << "\r\033[K";
    json ? print_json(std::cout, measurements) : print_table(std::cout, measurements);
    std::filesystem::remove_all(settings.directory);
  } catch (const std::exception& error) {
    std::cerr << "plinth-bench: " << error.what() << "\n";
    return 1;
  }
}
