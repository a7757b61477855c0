#include "urls/url.hpp"

#include <charconv>
#include <string_view>

#include "plinth/bytes.hpp"
#include "plinth/error.hpp"

namespace plinth::urls {
namespace {

[[noreturn]] void refuse(const std::string& url, const std::string& why) {
  throw Error(ErrorCode::invalid_url, "\"" + url + "\": " + why);
}

// One `name=value` of a URL.
class Parameter {
 public:
  Parameter(const std::string& url, std::string_view text) : url_(url) {
    const std::size_t equals = text.find('=');
    name_ = text.substr(0, equals);
    if (equals != std::string_view::npos) value_ = text.substr(equals + 1);
  }

  void apply(Url& url) const {
    switch (url.kind) {
      case Kind::cluster:
        return apply_to_cluster(url);
      case Kind::socket:
        refuse(url_, "there are no parameters for a socket; its server has its own");
      case Kind::embedded:
        return name_ == "shared" ? apply_shared(url) : apply_to_embedded(url.options);
    }
  }

 private:
  void apply_to_cluster(Url& url) const {
    if (name_ != "timeout_ms")
      refuse(url_, "there is no parameter \"" + std::string(name_) +
                       "\" for a cluster; there is timeout_ms");
    url.timeout_ms = number();
  }

  void apply_shared(Url& url) const {
    if (url.path.empty()) refuse(url_, "what is in memory cannot be shared with other processes");
    url.shared = value_.empty() || choose(false, "0", true, "1");
  }

  void apply_to_embedded(DatabaseOptions& options) const {
    if (name_ == "create") {
      options.create = choose(false, "0", true, "1");
    } else if (name_ == "store") {
      options.store = choose(Store::lmdb, "lmdb", Store::rocksdb, "rocksdb");
    } else if (name_ == "durability") {
      options.durability = value_ == "none"
                               ? Durability::none
                               : choose(Durability::durable, "durable", Durability::buffered,
                                        "buffered", "durable, buffered or none");
    } else if (name_ == "flush_interval_ms") {
      options.flush_interval_ms = number();
    } else if (name_ == "buffer_bytes") {
      options.buffer_bytes = size();
    } else if (name_ == "window_bytes") {
      options.window_bytes = size();
    } else if (name_ == "checkpoint_bytes") {
      options.checkpoint_bytes = size();
    } else if (name_ == "resolver_bytes") {
      options.resolver_bytes = size();
    } else if (name_ == "log_segment_bytes") {
      options.log_segment_bytes = size();
    } else {
      refuse(url_, "there is no parameter \"" + std::string(name_) +
                       "\"; there are create, store, shared, durability, flush_interval_ms, "
                       "buffer_bytes, window_bytes, checkpoint_bytes, resolver_bytes and "
                       "log_segment_bytes");
    }
  }

  template <class T>
  T choose(T a, std::string_view a_name, T b, std::string_view b_name,
           const std::string& choice = {}) const {
    if (value_ == a_name) return a;
    if (value_ == b_name) return b;
    refuse(url_,
           std::string(name_) + " is " +
               (choice.empty() ? std::string(a_name) + " or " + std::string(b_name) : choice) +
               ", not \"" + std::string(value_) + "\"");
  }
  std::int64_t number() const {
    std::int64_t number = 0;
    const char* end = value_.data() + value_.size();
    const auto [stop, error] = std::from_chars(value_.data(), end, number);
    if (error != std::errc() || stop != end || number <= 0)
      refuse(url_,
             std::string(name_) + " is a number above zero, not \"" + std::string(value_) + "\"");
    return number;
  }
  std::size_t size() const { return static_cast<std::size_t>(number()); }

  const std::string& url_;
  std::string_view name_;
  std::string_view value_;
};

// "file" of "file:PATH"; empty when the URL is a bare path. A scheme has at least two letters and
// comes before any slash.
std::string_view scheme_of(std::string_view url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos || colon < 2) return {};
  const std::string_view scheme = url.substr(0, colon);
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
  if (scheme.find_first_not_of(kLetters) != std::string_view::npos || scheme.front() == '.')
    return {};
  return scheme;
}

}  // namespace

Url parse_url(const std::string& url, const DatabaseOptions& options) {
  Url parsed;
  parsed.options = options;
  const std::size_t question = url.find('?');
  const std::string_view place = std::string_view(url).substr(0, question);
  const std::string_view scheme = scheme_of(place);
  std::string_view path = scheme.empty() ? place : place.substr(scheme.size() + 1);
  if (scheme == "memory") {
    if (!path.empty()) refuse(url, "memory: takes no path");
  } else if (scheme == "unix") {
    if (path.empty()) refuse(url, "it names no socket");
    parsed.kind = Kind::socket;
  } else if (scheme == "fdb") {
    parsed.kind = Kind::cluster;
  } else if (scheme.empty() || scheme == "file") {
    if (path.empty()) refuse(url, "it names no directory");
  } else {
    refuse(url, "\"" + std::string(scheme) +
                    ":\" is not a kind of database; for a path with a "
                    "colon write file:" +
                    url);
  }
  if (path.find('\0') != std::string_view::npos) refuse(printable(url), "a path has no zero byte");
  parsed.path = path;
  if (question == std::string::npos) return parsed;
  std::string_view rest = std::string_view(url).substr(question + 1);
  while (!rest.empty()) {
    const std::size_t next = rest.find('&');
    Parameter(url, rest.substr(0, next)).apply(parsed);
    rest = next == std::string_view::npos ? std::string_view() : rest.substr(next + 1);
  }
  return parsed;
}

}  // namespace plinth::urls
