#include "report.hpp"

#include <fmt/format.h>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace plinth::bench {

void print_table(std::ostream& out, const std::vector<Measurement>& measurements) {
  std::string workload;
  for (const Measurement& m : measurements) {
    if (m.workload != workload) {
      workload = m.workload;
      out << fmt::format("\n{:<12} {:>16} {:>14} {:>10} {:>10}  {}\n", workload, "engine", "ops/s",
                         "p50 us", "p99 us", "durability");
    }
    out << fmt::format("{:<12} {:>16} {:>14.0f} {:>10.1f} {:>10.1f}  {}\n", "", m.engine,
                       m.ops_per_s, m.p50_us, m.p99_us, m.durability);
    for (const auto& [name, value] : m.extra)
      out << fmt::format("{:<12} {:>16} {} = {:.3f}\n", "", "", name, value);
  }
  out << "\nratios of plinth\n";
  for (const Measurement& m : measurements) {
    if (m.engine != "plinth") continue;
    out << fmt::format("{:<12}", m.workload);
    for (const auto& [engine, ratio] : m.ratio_to)
      out << fmt::format("  {:.2f} x {}", ratio, engine);
    out << "\n";
  }
}

void print_json(std::ostream& out, const std::vector<Measurement>& measurements) {
  for (const Measurement& m : measurements) {
    boost::json::object json;
    json["workload"] = m.workload;
    json["engine"] = m.engine;
    json["ops_per_s"] = m.ops_per_s;
    json["p50_us"] = m.p50_us;
    json["p99_us"] = m.p99_us;
    boost::json::object ratios;
    for (const auto& [engine, ratio] : m.ratio_to) ratios[engine] = ratio;
    json["ratio_to"] = std::move(ratios);
    json["durability"] = m.durability;
    for (const auto& [name, value] : m.extra) json[name] = value;
    out << boost::json::serialize(json) << "\n";
  }
}

}  // namespace plinth::bench
