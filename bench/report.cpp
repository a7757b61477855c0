#include "report.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <string>

namespace plinth::bench {
namespace {

// A figure, or `none` if the workload does not have it.
std::string figure(double value, const char* none) {
  return value > 0 ? fmt::format("{:.1f}", value) : none;
}

std::string json_string(const std::string& text) {
  return boost::json::serialize(boost::json::string_view(text));
}

}  // namespace

void print_table(std::ostream& out, const std::vector<Measurement>& measurements) {
  std::string workload;
  for (const Measurement& m : measurements) {
    if (m.workload != workload) {
      workload = m.workload;
      out << fmt::format("\n{:<12} {:>16} {:>14} {:>10} {:>10}  {}\n", workload, "engine", "ops/s",
                         "p50 us", "p99 us", "durability");
    }
    out << fmt::format("{:<12} {:>16} {:>14} {:>10} {:>10}  {}\n", "", m.engine,
                       m.ops_per_s > 0 ? fmt::format("{:.0f}", m.ops_per_s) : "-",
                       figure(m.p50_us, "-"), figure(m.p99_us, "-"), m.durability);
    for (const auto& [name, value] : m.extra)
      out << fmt::format("{:<12} {:>16} {} = {:.3f}\n", "", "", name, value);
  }
  out << std::flush;
}

void print_ratios(std::ostream& out, const std::vector<Measurement>& measurements) {
  out << "\nratios of plinth\n";
  for (const Measurement& m : measurements) {
    // On another store, or of what it is compared with, they are in --json.
    if ((m.engine != "plinth" && m.engine != "plinth-fdb_c" && m.engine != "plinth-socket") ||
        m.ratio_to.empty())
      continue;
    out << fmt::format("{:<12}", m.workload);
    for (const auto& [engine, ratio] : m.ratio_to)
      out << fmt::format("  {:.2f} x {}", ratio, engine);
    out << "\n";
  }
}

void print_json(std::ostream& out, const std::vector<Measurement>& measurements) {
  for (const Measurement& m : measurements) {
    std::string ratios;
    for (const auto& [engine, ratio] : m.ratio_to)
      ratios += fmt::format("{}{}:{:.3f}", ratios.empty() ? "" : ",", json_string(engine), ratio);
    std::string extra;
    for (const auto& [name, value] : m.extra)
      extra += fmt::format(",{}:{:.3f}", json_string(name), value);
    out << fmt::format(
               R"({{"workload":{},"engine":{},"ops_per_s":{},"p50_us":{},"p99_us":{},"ratio_to":{{{}}},)"
               R"("durability":{}{}}})",
               json_string(m.workload), json_string(m.engine), figure(m.ops_per_s, "null"),
               figure(m.p50_us, "null"), figure(m.p99_us, "null"), ratios,
               json_string(m.durability), extra)
        << "\n";
  }
  out << std::flush;
}

}  // namespace plinth::bench
