#include "cli/output.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

namespace plinth::cli {

void prepare_output() {
  std::signal(SIGPIPE, SIG_IGN);
  static char buffer[1 << 16];
  std::setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
}

void print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) throw OutputFailed{errno};
}

void print_line(std::string_view line) {
  print(line);
  print("\n");
}

void flush_output() {
  if (std::fflush(stdout) != 0) throw OutputFailed{errno};
}

std::string grouped(std::int64_t number) {
  const std::string digits = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  std::string result;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > first && (digits.size() - i) % 3 == 0) result.push_back(',');
    result.push_back(digits[i]);
  }
  return result;
}

std::string byte_count(std::int64_t bytes) {
  static constexpr std::string_view kUnits[] = {"kB", "MB", "GB", "TB"};
  if (bytes < 1000) return counted(bytes, "byte");
  double amount = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  for (; amount >= 999.95 && unit + 1 < std::size(kUnits); ++unit) amount /= 1000;
  return fmt::format("{:.1f} {}", amount, kUnits[unit]);
}

std::string counted(std::int64_t number, std::string_view noun, std::string_view plural) {
  const std::string many(plural.empty() ? fmt::format("{}s", noun) : plural);
  return fmt::format("{} {}", grouped(number), number == 1 ? noun : many);
}

}  // namespace plinth::cli
