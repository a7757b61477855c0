// The engine's state as JSON, for status_json().
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "engine/embedded_engine.hpp"

namespace plinth::engine {
namespace {

const char* name_of(Durability durability) {
  switch (durability) {
    case Durability::durable:
      return "durable";
    case Durability::buffered:
      return "buffered";
    case Durability::none:
      return "none";
  }
  return "unknown";
}

std::string text_of(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    return error.what();
  }
}

boost::json::object commit_status(const CommitCounters& counters) {
  boost::json::object json;
  json["committed"] = counters.commits.load();
  json["conflicts"] = counters.conflicts.load();
  json["too_old"] = counters.too_old.load();
  json["batches"] = counters.batches.load();
  json["syncs"] = counters.syncs.load();
  json["sync_us"] = counters.sync_us.load();
  json["log_bytes"] = counters.log_bytes.load();
  json["slowed_us"] = counters.slowed_us.load();
  return json;
}

boost::json::object log_status(const LogStats& stats) {
  boost::json::object json;
  json["segments"] = stats.segments;
  json["disk_bytes"] = stats.disk_bytes;
  json["last_version"] = stats.last_version;
  json["synced_version"] = stats.synced_version;
  return json;
}

boost::json::object store_status(const storage::StoreStats& stats, Version version) {
  boost::json::object json;
  json["kind"] = stats.kind;
  json["version"] = version;
  json["rows"] = stats.rows;
  json["rows_exact"] = stats.rows_exact;
  json["disk_bytes"] = stats.disk_bytes;
  json["free_bytes"] = stats.free_bytes;
  json["live_snapshots"] = stats.live_snapshots;
  return json;
}

}  // namespace

std::string EmbeddedEngine::status_json() {
  const CommitCounters& counters = committer_->counters();
  const SnapshotRegister::Summary snapshots = core_->snapshots.summary();
  boost::json::object json;
  json["path"] = path_;
  json["durability"] = name_of(options_.durability);
  const std::exception_ptr failure = committer_->failure();
  json["state"] = failure ? "read-only" : "healthy";
  if (failure) json["failure"] = text_of(failure);

  boost::json::object versions;
  versions["newest"] = core_->views.newest()->version;
  versions["clock"] = core_->clock.now();
  versions["oldest_reader"] = snapshots.oldest;
  json["versions"] = std::move(versions);

  boost::json::object window;
  window["bytes"] = counters.window_bytes.load();
  window["limit_bytes"] = options_.window_bytes;
  window["views"] = core_->views.size();
  window["readers"] = snapshots.count;
  window["watches"] = watches_->size();
  json["window"] = std::move(window);
  json["resolver_bytes"] = counters.resolver_bytes.load();
  json["checkpoints"] = counters.checkpoints.load();
  json["commits"] = commit_status(counters);
  if (committer_->log() != nullptr) json["log"] = log_status(committer_->log()->stats());
  json["store"] = store_status(core_->store->stats(), core_->store->version());
  return boost::json::serialize(json);
}

}  // namespace plinth::engine
