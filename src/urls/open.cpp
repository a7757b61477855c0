// open(): from a URL to a database.
#include <memory>
#include <utility>

#include "client/native_database.hpp"
#include "cluster/open_cluster.hpp"
#include "engine/engine.hpp"
#include "remote/remote_service.hpp"
#include "remote/shared_service.hpp"
#include "urls/url.hpp"

namespace plinth {
namespace {

std::shared_ptr<engine::Service> open_service(urls::Url url) {
  if (url.kind == urls::Kind::socket) return remote::connect(url.path, url.options.executor);
  engine::EngineOptions options;
  options.path = std::move(url.path);
  options.options = url.options;
  if (url.shared) return std::make_shared<remote::SharedService>(std::move(options));
  return engine::open_engine(options);
}

}  // namespace

Database open(const std::string& url, const DatabaseOptions& options) {
  urls::Url parsed = urls::parse_url(url, options);
  if (parsed.kind == urls::Kind::cluster)
    return Database(cluster::open_cluster(
        parsed.path, url, parsed.timeout_ms != 0 ? parsed.timeout_ms : cluster::kOpenTimeoutMs));
  return Database(std::make_shared<client::NativeDatabase>(open_service(std::move(parsed)), url));
}

}  // namespace plinth
