// open(): from a URL to a database.
#include <memory>
#include <utility>

#include "client/native_database.hpp"
#include "cluster/open_cluster.hpp"
#include "engine/engine.hpp"
#include "urls/url.hpp"

namespace plinth {

Database open(const std::string& url, const DatabaseOptions& options) {
  urls::Url parsed = urls::parse_url(url, options);
  if (parsed.kind == urls::Kind::cluster)
    return Database(cluster::open_cluster(
        parsed.path, url, parsed.timeout_ms != 0 ? parsed.timeout_ms : cluster::kOpenTimeoutMs));
  engine::EngineOptions engine_options;
  engine_options.path = std::move(parsed.path);
  engine_options.options = parsed.options;
  return Database(
      std::make_shared<client::NativeDatabase>(engine::open_engine(engine_options), url));
}

}  // namespace plinth
