#include "capi/open_database.hpp"

#include <map>
#include <mutex>
#include <vector>

#include "base/probe.hpp"
#include "capi/network.hpp"

namespace plinth::capi {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::string, std::weak_ptr<Database>> by_url;
};

// Never destroyed: databases may be open when the process ends.
Registry& registry() {
  static auto* instance = new Registry;
  return *instance;
}

}  // namespace

OpenDatabase open_database(const std::string& url) {
  Registry& all = registry();
  std::lock_guard lock(all.mutex);
  std::erase_if(all.by_url, [](const auto& entry) { return entry.second.expired(); });
  if (const auto it = all.by_url.find(url); it != all.by_url.end())
    if (OpenDatabase open = it->second.lock()) return open;
  DatabaseOptions options;
  options.executor = &Network::instance().loop();
  auto open = std::make_shared<Database>(plinth::open(url, options));
  all.by_url[url] = open;
  return open;
}

void flush_open_databases(Loop& loop) noexcept {
  std::vector<OpenDatabase> open;
  {
    Registry& all = registry();
    std::lock_guard lock(all.mutex);
    for (const auto& [url, database] : all.by_url)
      if (OpenDatabase holder = database.lock()) open.push_back(std::move(holder));
  }
  for (const OpenDatabase& database : open) {
    try {
      loop.run_until(database->flush());
    } catch (const Error&) {
      PLINTH_PROBE("a database could not be flushed at the network's end");
    }
  }
}

}  // namespace plinth::capi
