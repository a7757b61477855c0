#include "urls/serve.hpp"

#include <utility>

#include "engine/engine.hpp"
#include "remote/server.hpp"
#include "urls/url.hpp"

namespace plinth::urls {

class ServedDatabase::Impl {
 public:
  Impl(const engine::EngineOptions& options, const std::string& socket_path)
      : server_(engine::open_engine(options), socket_path) {}

 private:
  remote::Server server_;  // has the engine
};

ServedDatabase::ServedDatabase(const std::string& url, const DatabaseOptions& options,
                               const std::string& socket_path) {
  Url parsed = parse_url(url, options);
  if (parsed.kind != Kind::embedded)
    throw Error(ErrorCode::invalid_url,
                "\"" + url + "\" lies elsewhere; what is served is memory: or file:PATH");
  if (parsed.shared)
    throw Error(ErrorCode::invalid_url,
                "\"" + url + "\" is shared already by those who open it so; leave out ?shared");
  if (socket_path.empty()) throw Error(ErrorCode::bind_failed, "The socket's path is empty");
  engine::EngineOptions engine_options;
  engine_options.path = std::move(parsed.path);
  engine_options.options = parsed.options;
  impl_ = std::make_unique<Impl>(engine_options, socket_path);
}

ServedDatabase::~ServedDatabase() = default;

}  // namespace plinth::urls
