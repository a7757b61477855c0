#include "capi/cluster_file.hpp"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <system_error>

#include "plinth/bytes.hpp"
#include "plinth/error.hpp"

namespace plinth::capi {
namespace {

constexpr std::string_view kWord = "plinth";
constexpr std::string_view kBlank = " \t\r";
constexpr const char* kSystemClusterFile = "/etc/foundationdb/fdb.cluster";
constexpr std::size_t kMaxFileBytes = 64 << 10;

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlank);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlank) + 1 - begin);
}

std::string read_cluster_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const int reason = errno;
  if (!file) {
    std::error_code error;
    const bool there = std::filesystem::exists(path, error) || error;
    throw Error(
        there && reason != ENOENT ? ErrorCode::file_not_readable : ErrorCode::no_cluster_file_found,
        path + ": " + std::generic_category().message(reason));
  }
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) throw Error(ErrorCode::file_not_readable, path);
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxFileBytes)
    throw Error(ErrorCode::connection_string_invalid, path + " is too large for a cluster file");
  return text;
}

// A variable that is set to something.
std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return std::nullopt;
  return value;
}

std::string default_url() {
  if (const auto data = variable("XDG_DATA_HOME"))
    return "file:" + *data + "/plinth/default?shared";
  if (const auto home = variable("HOME"))
    return "file:" + *home + "/.local/share/plinth/default?shared";
  throw Error(ErrorCode::no_cluster_file_found,
              "None was given, and without HOME there is no user's data directory");
}

}  // namespace

std::string url_of_connection_string(std::string_view text, const std::string& name) {
  std::optional<std::string> url;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = trimmed(text.substr(0, end));
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
    if (line.empty() || line.front() == '#') continue;
    const std::string_view rest = line.substr(std::min(line.size(), kWord.size()));
    const bool right = line.starts_with(kWord) && !trimmed(rest).empty() &&
                       kBlank.find(rest.front()) != std::string_view::npos &&
                       !trimmed(rest).starts_with("fdb:");
    if (!right || url)
      throw Error(ErrorCode::connection_string_invalid,
                  name +
                      ": it must be one line \"plinth URL\", with a URL of this machine, not \"" +
                      printable(line) + "\"");
    url = trimmed(rest);
  }
  if (!url)
    throw Error(ErrorCode::connection_string_invalid,
                name + ": it is empty; it must be one line \"plinth URL\"");
  return *url;
}

std::string url_of_cluster_file(const char* path) {
  std::optional<std::string> given;
  if (path != nullptr && *path != '\0') given = path;
  if (!given) given = variable("FDB_CLUSTER_FILE");
  if (given) return url_of_connection_string(read_cluster_file(*given), *given);
  if (const auto url = variable("PLINTH_URL"))
    return url_of_connection_string("plinth " + *url, "PLINTH_URL");
  try {
    return url_of_connection_string(read_cluster_file(kSystemClusterFile), kSystemClusterFile);
  } catch (const Error&) {
    return default_url();  // there is none, or it is for a cluster
  }
}

}  // namespace plinth::capi
