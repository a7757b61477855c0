#include "package_texts.hpp"

#include <cstdio>
#include <memory>
#include <string_view>

#include "data.hpp"

namespace plinth::bench {
namespace {

struct Close {
  void operator()(std::FILE* file) const { pclose(file); }
};

// Of stanzas that have a blank line between two of them (deb-control(5)).
class Stanzas {
 public:
  Stanzas(std::vector<std::string>& texts, std::size_t most) : texts_(texts), most_(most) {}
  void take(std::string_view line) {
    if (line.empty()) return end();
    if (line.starts_with("Package: ")) text_ += std::string(line.substr(9)) + "\n";
    const bool continues = line.front() == ' ';
    if (!continues) in_description_ = line.starts_with("Description");
    if (!in_description_ || line.starts_with("Description-md5")) return;
    text_ += std::string(continues ? line : line.substr(line.find(':') + 1)) + "\n";
  }
  void end() {
    if (!text_.empty() && texts_.size() < most_) texts_.push_back(std::move(text_));
    text_.clear();
  }

 private:
  std::vector<std::string>& texts_;
  const std::size_t most_;
  std::string text_;
  bool in_description_ = false;
};

std::vector<std::string> listed_by(const char* command, std::size_t most) {
  std::vector<std::string> texts;
  Stanzas stanzas(texts, most);
  const std::unique_ptr<std::FILE, Close> output(popen(command, "r"));
  if (!output) return texts;
  char* line = nullptr;
  std::size_t room = 0;
  for (ssize_t size; (size = getline(&line, &room, output.get())) > 0;)
    stanzas.take(std::string_view(line, static_cast<std::size_t>(size - 1)));
  std::free(line);
  stanzas.end();
  return texts;
}

// Some words of one text, some of another.
std::string mixed(const std::string& a, const std::string& b) {
  return a.substr(0, a.find_last_of(" \n", a.size() / 2) + 1) + b.substr(b.find_first_of(" \n"));
}

}  // namespace

std::vector<std::string> package_texts(std::size_t most) {
  std::vector<std::string> texts = listed_by("apt-cache dumpavail 2>/dev/null", most);
  if (texts.empty()) texts = listed_by("cat /var/lib/dpkg/status 2>/dev/null", most);
  if (texts.empty()) texts.push_back("example\n a package that is not there\n");
  Random random(1);
  for (const std::size_t listed = texts.size(); texts.size() < most;)
    texts.push_back(mixed(texts[random.below(listed)], texts[random.below(listed)]));
  return texts;
}

}  // namespace plinth::bench
