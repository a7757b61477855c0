#include "cli/dpkg_status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>

#include "cli/files.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

constexpr std::string_view kBlanks = " \t\r";
constexpr std::string_view kKeptFields[] = {"Version",  "Architecture", "Priority", "Maintainer",
                                            "Homepage", "Source",       "Essential"};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// Calls `each` with every piece of `text` between separators, trimmed, unless it is empty.
template <class F>
void for_each_piece(std::string_view text, char separator, F each) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (const std::string_view piece = trimmed(text.substr(0, end)); !piece.empty()) each(piece);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// "libc6:any (>= 2.3) [amd64] <!nocheck>" -> "libc6"
std::string_view name_in(std::string_view relation) {
  return relation.substr(0, relation.find_first_of(" \t:([<"));
}

// Lines of a file, counted.
class Lines {
 public:
  Lines(std::FILE* input, std::string source) : input_(input), source_(std::move(source)) {}
  ~Lines() { std::free(buffer_); }
  Lines(const Lines&) = delete;
  Lines& operator=(const Lines&) = delete;

  // The next line without its end, valid until the next call; nothing at the end of the file.
  std::optional<std::string_view> next() {
    const ssize_t size = getline(&buffer_, &capacity_, input_);
    if (size < 0) {
      if (std::ferror(input_) != 0)
        throw CommandFailed(ErrorCode::file_not_readable,
                            fmt::format("{} cannot be read: {}", source_, std::strerror(errno)));
      return std::nullopt;
    }
    ++number_;
    std::string_view line(buffer_, static_cast<std::size_t>(size));
    if (line.ends_with('\n')) line.remove_suffix(1);
    return line;
  }
  [[noreturn]] void fail(std::string_view what) const {
    throw CommandFailed(
        ErrorCode::file_not_readable,
        fmt::format("{} is no list of packages: line {}: {}", source_, number_, what));
  }

 private:
  std::FILE* input_;
  std::string source_;
  char* buffer_ = nullptr;
  std::size_t capacity_ = 0;
  int number_ = 0;
};

using Stanza = std::map<std::string, std::string, std::less<>>;

// The next stanza, empty at the end of the input. Of a value of several lines they are all there.
Stanza read_stanza(Lines& lines) {
  Stanza stanza;
  std::string* last_value = nullptr;
  while (const auto line = lines.next()) {
    if (trimmed(*line).empty()) {
      if (stanza.empty()) continue;
      return stanza;
    }
    if (kBlanks.find(line->front()) != std::string_view::npos) {
      if (last_value == nullptr) lines.fail("it goes on with a field, but none has begun");
      last_value->append("\n").append(trimmed(*line));
      continue;
    }
    const std::size_t colon = line->find(':');
    if (colon == std::string_view::npos || colon == 0) lines.fail("'Field: value' is expected");
    last_value = &stanza[std::string(line->substr(0, colon))];
    *last_value = trimmed(line->substr(colon + 1));
  }
  return stanza;
}

std::string_view field_of(const Stanza& stanza, std::string_view name) {
  const auto field = stanza.find(name);
  return field == stanza.end() ? std::string_view() : std::string_view(field->second);
}

// Whether the package's files are there; lists of what is available have no such field.
bool is_installed(const Stanza& stanza) {
  const std::string_view status = field_of(stanza, "Status");
  const std::string_view state = status.substr(status.rfind(' ') + 1);
  return state != "not-installed" && state != "config-files" && state != "half-installed";
}

std::int64_t installed_kb_of(const Stanza& stanza, const Lines& lines) {
  const std::string_view text = field_of(stanza, "Installed-Size");
  std::int64_t kilobytes = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), kilobytes);
  if (!text.empty() && (error != std::errc() || end != text.data() + text.size() || kilobytes < 0))
    lines.fail(
        fmt::format("the stanza before it has an Installed-Size that is no number: '{}'", text));
  return kilobytes;
}

std::vector<Dependency> relations_of(const Stanza& stanza,
                                     std::initializer_list<const char*> fields) {
  std::map<std::string, std::string> text_of_target;
  for (const char* field : fields) {
    for (const Dependency& dependency : parse_relations(field, field_of(stanza, field))) {
      std::string& text = text_of_target[dependency.target];
      if (text == dependency.text) continue;
      text += (text.empty() ? "" : "; ") + dependency.text;
    }
  }
  std::vector<Dependency> dependencies;
  for (auto& [target, text] : text_of_target) dependencies.push_back({target, text});
  return dependencies;
}

std::vector<std::string> provides_of(const Stanza& stanza) {
  std::set<std::string> names;
  for_each_piece(field_of(stanza, "Provides"), ',',
                 [&](std::string_view relation) { names.emplace(name_in(relation)); });
  return {names.begin(), names.end()};
}

Package package_of(const Stanza& stanza, const Lines& lines) {
  Package package;
  package.name = field_of(stanza, "Package");
  if (package.name.empty()) lines.fail("the stanza before it has no field 'Package'");
  if (field_of(stanza, "Version").empty())
    lines.fail(fmt::format("the package '{}' before it has no field 'Version'", package.name));
  const std::string_view section = field_of(stanza, "Section");
  package.section = section.empty() ? "unknown" : section;
  package.installed_kb = installed_kb_of(stanza, lines);
  for (const std::string_view name : kKeptFields)
    if (const auto value = field_of(stanza, name); !value.empty())
      package.fields.emplace_back(name, value);
  package.description = field_of(stanza, "Description");
  package.dependencies = relations_of(stanza, {"Pre-Depends", "Depends"});
  package.recommendations = relations_of(stanza, {"Recommends"});
  package.provides = provides_of(stanza);
  return package;
}

}  // namespace

const std::string& Package::version() const {
  return std::find_if(fields.begin(), fields.end(),
                      [](const auto& field) { return field.first == "Version"; })
      ->second;
}

std::vector<Dependency> parse_relations(std::string_view field, std::string_view value) {
  std::vector<Dependency> dependencies;
  for_each_piece(value, ',', [&](std::string_view group) {
    for_each_piece(group, '|', [&](std::string_view alternative) {
      dependencies.push_back(
          {std::string(name_in(alternative)), fmt::format("{}: {}", field, group)});
    });
  });
  return dependencies;
}

void read_file_lists(std::vector<Package>& packages, const std::string& folder) {
  for (Package& package : packages) {
    const auto architecture =
        std::find_if(package.fields.begin(), package.fields.end(),
                     [](const auto& field) { return field.first == "Architecture"; });
    std::string begin = folder;
    begin.append("/").append(package.name.substr(0, package.name.find(':')));
    std::vector<std::string> places;
    if (architecture != package.fields.end())
      places.push_back(begin + ":" + architecture->second + ".list");
    if (package.name.find(':') == std::string::npos) places.push_back(begin + ".list");
    for (const std::string& place : places) {
      std::error_code ignored;
      if (!std::filesystem::exists(place, ignored)) continue;
      package.files = InputFile(place).read_all();
      break;
    }
  }
}

std::vector<Package> read_packages(std::FILE* input, const std::string& source) {
  Lines lines(input, source);
  std::vector<Package> packages;
  std::unordered_map<std::string, std::string> architecture_of;  // of each name's first package
  std::unordered_map<std::string, std::size_t> place_of;         // in `packages`
  for (Stanza stanza = read_stanza(lines); !stanza.empty(); stanza = read_stanza(lines)) {
    if (!is_installed(stanza)) continue;
    Package package = package_of(stanza, lines);
    const std::string architecture(field_of(stanza, "Architecture"));
    const auto first = architecture_of.try_emplace(package.name, architecture).first;
    if (first->second != architecture) package.name += ":" + architecture;
    const auto [place, is_new] = place_of.try_emplace(package.name, packages.size());
    if (is_new) {
      packages.push_back(std::move(package));
    } else {
      packages[place->second] = std::move(package);  // listed once more: the later one counts
    }
  }
  return packages;
}

}  // namespace plinth::cli
