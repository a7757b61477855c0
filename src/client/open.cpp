// open(): from a URL to a database.
#include <memory>
#include <utility>

#include "client/native_database.hpp"
#include "client/url.hpp"
#include "engine/engine.hpp"

namespace plinth {

Database open(const std::string& url, const DatabaseOptions& options) {
  client::Url parsed = client::parse_url(url, options);
  engine::EngineOptions engine_options;
  engine_options.path = std::move(parsed.path);
  engine_options.options = parsed.options;
  return Database(
      std::make_shared<client::NativeDatabase>(engine::open_engine(engine_options), url));
}

}  // namespace plinth
