// Reads of a native transaction.
//
// The fast paths: where the transaction has written nothing that matters, a read is one call to the
// snapshot, and its future goes to the caller unchanged. Everything else goes through ReadView.
#include <utility>

#include "client/key_rules.hpp"
#include "client/native_transaction.hpp"

namespace plinth::client {
namespace {

using Snapshot = std::shared_ptr<engine::ReadSnapshot>;

// Tells the database the snapshot's version, now or when it is known.
void note_version(const std::shared_ptr<NativeDatabase>& database, engine::ReadSnapshot& snapshot) {
  const Version version = snapshot.version();
  if (version != kInvalidVersion) [[likely]]
    return database->gave_read_version(version);
  snapshot.read_version().on_ready([database](Future<Version> ready) {
    if (!ready.error()) database->gave_read_version(ready.get());
  });
}

Future<Snapshot> given(std::shared_ptr<NativeDatabase> database, Future<Snapshot> asked) {
  Snapshot snapshot = co_await std::move(asked);
  note_version(database, *snapshot);
  co_return snapshot;
}

Future<Snapshot> ask(const std::shared_ptr<NativeDatabase>& database, Version set_version,
                     engine::ReadOptions options) {
  if (set_version == kInvalidVersion) {
    Future<Snapshot> asked = database->service().begin_read(options);
    if (!asked.ready() || asked.error()) return given(database, std::move(asked));
    Snapshot snapshot = asked.get();
    note_version(database, *snapshot);
    return snapshot;
  }
  if (database->may_read_at(set_version)) return database->service().read_at(set_version, options);
  return Future<Snapshot>::failed(
      Error(ErrorCode::transaction_too_old,
            "Version " + std::to_string(set_version) +
                " is below all read versions that this database handle was given"));
}

// Calls read(snapshot) when the snapshot is there.
template <class T, class Read>
Future<T> read_when_there(std::shared_ptr<SnapshotSource> source, Read read) {
  const Snapshot snapshot = co_await source->get();
  co_return co_await read(*snapshot);
}

// The database knows of the version before its user does, who may set it on another transaction.
Future<Version> version_when_there(std::shared_ptr<NativeDatabase> database,
                                   std::shared_ptr<SnapshotSource> source) {
  const Snapshot snapshot = co_await source->get();
  const Version version = co_await snapshot->read_version();
  database->gave_read_version(version);
  co_return version;
}

Future<std::vector<Bytes>> split_when_there(std::shared_ptr<SnapshotSource> source, Bytes begin,
                                            Bytes end, std::int64_t chunk_bytes) {
  const Snapshot snapshot = co_await source->get();
  std::vector<Bytes> inner = co_await snapshot->split_points(begin, end, chunk_bytes);
  std::vector<Bytes> points{begin};
  for (Bytes& point : inner) points.push_back(std::move(point));
  points.push_back(end);
  co_return points;
}

// A page that a limit ended has not looked at what comes next, so it says that there may be more.
void set_more_at_limit(Rows& rows, const detail::PageRequest& request) {
  if (rows.size() >= request.limit_rows || row_bytes(rows) >= request.limit_bytes)
    rows.set_more(true);
}

Future<Found<Rows>> page_found(Future<Rows> page, detail::PageRequest request) {
  Found<Rows> found;
  found.value = co_await std::move(page);
  set_more_at_limit(found.value, request);
  found.looked_at.push_back(
      page_looked_at(request.begin.key, request.end.key, found.value, request.reverse));
  co_return found;
}

const std::shared_ptr<const OverlayIndex>& no_writes() {
  static const auto empty = std::make_shared<const OverlayIndex>();
  return empty;
}

std::vector<KeyRange> dependent_parts(const OverlayIndex& overlay,
                                      const std::vector<KeyRange>& ranges) {
  std::vector<KeyRange> parts;
  for (const KeyRange& range : ranges) {
    overlay.for_dependent_parts(range.begin, range.end, [&](ByteView begin, ByteView end) {
      parts.push_back({Bytes(begin), Bytes(end)});
    });
  }
  return parts;
}

}  // namespace

// --- The snapshot ------------------------------------------------------------------------------

Future<Snapshot> NativeTransaction::ask_snapshot() {
  return ask(database_, set_version_, engine::ReadOptions{settings_.long_reads});
}

engine::ReadSnapshot* NativeTransaction::snapshot_now() {
  if (snapshot_) [[likely]]
    return snapshot_.get();
  Future<Snapshot> asked = source_ ? source_->get() : ask_snapshot();
  if (asked.ready() && !asked.error()) {
    snapshot_ = asked.get();
  } else if (source_ == nullptr) {
    source_ = SnapshotSource::of(std::move(asked), service_.executor());
  }
  return snapshot_.get();
}

SnapshotSource& NativeTransaction::source() {
  if (source_ == nullptr) {
    source_ = snapshot_ ? SnapshotSource::of(snapshot_, service_.executor())
                        : SnapshotSource::asking(
                              [database = database_, version = set_version_,
                               options = engine::ReadOptions{settings_.long_reads}] {
                                return ask(database, version, options);
                              },
                              service_.executor());
  }
  return *source_;
}

ReadView NativeTransaction::view(bool snapshot) {
  source();
  const bool own = sees_own_writes(snapshot) && !overlay_.empty();
  return {source_, own ? overlay_.frozen_index() : no_writes(), settings_.bypass_unreadable,
          read_end(settings_)};
}

// --- Ends of reads -----------------------------------------------------------------------------

void NativeTransaction::note_failed_read(std::exception_ptr error) {
  if (!failed_read_) failed_read_ = std::move(error);
}

void NativeTransaction::add_read_conflict(ByteView begin, ByteView end) {
  if (!settings_.read_your_writes || overlay_.empty()) return reads_.add(begin, end);
  overlay_.index().for_dependent_parts(begin, end,
                                       [&](ByteView b, ByteView e) { reads_.add(b, e); });
}

void NativeTransaction::absorb_late_reads() {
  if (in_flight_ == nullptr) return;
  for (const KeyRange& range : in_flight_->take_looked_at()) reads_.add(range.begin, range.end);
}

template <class T>
Future<T> NativeTransaction::finish_base_read(Future<T> read) {
  if (!read.ready()) {
    return in_flight().adopt<T>(std::move(read), [shared = &in_flight()](Future<T> ready) {
      if (std::exception_ptr error = ready.error()) shared->note_failure(error);
      return ready.get();
    });
  }
  if (std::exception_ptr error = read.error()) [[unlikely]]
    note_failed_read(error);
  return read;
}

template <class T>
Future<T> NativeTransaction::finish_read(Future<Found<T>> read, const ReadView& view,
                                         bool snapshot) {
  if (!read.ready()) {
    const auto& writes = settings_.read_your_writes ? view.overlay : no_writes();
    return in_flight().adopt<T>(
        std::move(read), [shared = &in_flight(), writes, snapshot](Future<Found<T>> ready) {
          if (std::exception_ptr error = ready.error()) shared->note_failure(error);
          Found<T> found = ready.get();
          if (!snapshot) shared->add_looked_at(dependent_parts(*writes, found.looked_at));
          return std::move(found.value);
        });
  }
  if (std::exception_ptr error = read.error()) {
    note_failed_read(error);
    return Future<T>::failed(error);
  }
  Found<T> found = read.get();
  if (!snapshot)
    for (const KeyRange& range : found.looked_at) add_read_conflict(range.begin, range.end);
  return std::move(found.value);
}

// --- Keys --------------------------------------------------------------------------------------

Future<std::optional<Bytes>> NativeTransaction::get(ByteView key, bool snapshot) {
  using Value = std::optional<Bytes>;
  if (is_system(key)) [[unlikely]]
    return get_system(key, snapshot);
  try {
    check_usable();
  } catch (const Error& error) {
    return Future<Value>::failed(error);
  }
  fresh_ = false;
  if (key.size() > kMaxKeyBytes) return Value();
  if (!overlay_.empty() && sees_own_writes(snapshot)) return get_own_or_base(key, snapshot);
  return get_base(key, snapshot);
}

Future<std::optional<Bytes>> NativeTransaction::get_base(ByteView key, bool snapshot) {
  if (!snapshot) reads_.add_key(key);
  engine::ReadSnapshot* base = snapshot_now();
  if (base != nullptr) [[likely]]
    return finish_base_read(base->get(key));
  return finish_base_read(read_when_there<std::optional<Bytes>>(
      source_, [key = Bytes(key)](engine::ReadSnapshot& there) { return there.get(key); }));
}

Future<std::optional<Bytes>> NativeTransaction::get_own_or_base(ByteView key, bool snapshot) {
  using Value = std::optional<Bytes>;
  const OverlayIndex& index = overlay_.index();
  if (index.unreadable(key) && !settings_.bypass_unreadable) {
    const auto error = std::make_exception_ptr(
        Error(ErrorCode::accessed_unreadable, "The key is \"" + printable(key) + "\""));
    note_failed_read(error);
    return Future<Value>::failed(error);
  }
  if (const Entry* entry = index.find(key)) {
    if (!entry->independent()) {
      const ReadView view = this->view(snapshot);
      return finish_read(read_changed_value(view, Bytes(key)), view, snapshot);
    }
    Bytes made;
    const std::optional<ByteView> value = entry->value(std::nullopt, made);
    return value ? Value(*value) : Value();
  }
  if (index.cleared(key)) return Value();
  return get_base(key, snapshot);
}

Future<Bytes> NativeTransaction::get_key(const KeySelector& selector, bool snapshot) {
  try {
    check_usable();
    check_range_end(selector.key, read_end(settings_));
  } catch (const Error& error) {
    return Future<Bytes>::failed(error);
  }
  fresh_ = false;
  const ReadView view = this->view(snapshot);
  return finish_read(read_key(view, plain_selector(selector)), view, snapshot);
}

Watch NativeTransaction::watch(ByteView key) {
  try {
    check_usable();
    if (!settings_.read_your_writes) throw Error(ErrorCode::watches_disabled);
    if (key == kMetadataVersionKey) {
      key = kMetadataVersionPlace;
    } else {
      check_key_below(key, read_end(settings_));
    }
    check_sizes(key, {});
    auto state = std::make_shared<WatchState>(key, database_->watch_counter(), service_.executor());
    Watch watch = state->future();
    Future<std::optional<Bytes>> value =
        key == kMetadataVersionPlace ? get_system(kMetadataVersionKey, false) : get(key, false);
    if (value.ready()) {
      state->saw(value.get());
    } else {
      std::move(value).on_ready([state](Future<std::optional<Bytes>> ready) {
        try {
          state->saw(ready.get());
        } catch (const Error& error) {
          state->fail(error);
        }
      });
    }
    watching_ = true;
    outcome().add_watch(std::move(state));
    return watch;
  } catch (const Error& error) {
    return Watch::failed(error);
  }
}

// --- Ranges ------------------------------------------------------------------------------------

Future<Rows> NativeTransaction::get_page(const detail::PageRequest& request, bool snapshot) {
  const KeySelector& begin = request.begin;
  const KeySelector& end = request.end;
  try {
    if (is_special(begin.key) && end.key.starts_with(kSpecialKeys))
      return get_special_page(request);
    check_usable();
    check_range_end(begin.key, read_end(settings_));
    check_range_end(end.key, read_end(settings_));
  } catch (const Error& error) {
    return Future<Rows>::failed(error);
  }
  fresh_ = false;
  if (!is_plain(begin) || !is_plain(end)) return get_merged_page(request, snapshot);
  if (begin.key >= end.key && begin.offset >= end.offset) return Rows();
  if (!is_bound(begin) || !is_bound(end)) return get_merged_page(request, snapshot);
  const bool own = !overlay_.empty() && sees_own_writes(snapshot);
  if (own && overlay_.index().touches(begin.key, end.key))
    return get_merged_page(request, snapshot);
  return get_base_page(request, snapshot);
}

Future<Rows> NativeTransaction::get_merged_page(const detail::PageRequest& request, bool snapshot) {
  KeySelector begin = plain_selector(request.begin);
  KeySelector end = plain_selector(request.end);
  if (begin.key >= end.key && begin.offset >= end.offset) return Rows();
  const ReadView view = this->view(snapshot);
  return finish_read(read_page(view, std::move(begin), std::move(end),
                               {request.limit_rows, request.limit_bytes}, request.reverse),
                     view, snapshot);
}

Future<Rows> NativeTransaction::get_base_page(const detail::PageRequest& request, bool snapshot) {
  const Bytes& begin = request.begin.key;
  const Bytes& end = request.end.key;
  engine::ReadSnapshot* base = snapshot_now();
  if (base == nullptr) return get_merged_page(request, snapshot);
  Future<Rows> page =
      base->get_range({begin, end, request.limit_rows, request.limit_bytes, request.reverse});
  if (!page.ready()) return finish_read(page_found(std::move(page), request), view(true), snapshot);
  if (std::exception_ptr error = page.error()) {
    note_failed_read(error);
    return page;
  }
  Rows rows = page.get();
  set_more_at_limit(rows, request);
  if (snapshot) return rows;
  if (!rows.more() || rows.empty()) {
    reads_.add(begin, end);
  } else if (request.reverse) {
    reads_.add(rows.back().key, end);
  } else {
    reads_.add_through(begin, rows.back().key);
  }
  return rows;
}

// --- Others ------------------------------------------------------------------------------------

Future<Version> NativeTransaction::read_version() {
  try {
    check_usable();
  } catch (const Error& error) {
    return Future<Version>::failed(error);
  }
  if (set_version_ != kInvalidVersion) return set_version_;
  if (engine::ReadSnapshot* base = snapshot_now()) {
    if (const Version version = base->version(); version != kInvalidVersion) {
      database_->gave_read_version(version);
      return version;
    }
    source();
  }
  return finish_base_read(version_when_there(database_, source_));
}

Future<std::int64_t> NativeTransaction::estimated_size(ByteView begin, ByteView end) {
  try {
    check_usable();
    check_order(begin, end);
    check_range_end(end, read_end(settings_));
  } catch (const Error& error) {
    return Future<std::int64_t>::failed(error);
  }
  source();
  return finish_base_read(read_when_there<std::int64_t>(
      source_, [begin = Bytes(begin), end = Bytes(end)](engine::ReadSnapshot& there) {
        return there.estimated_size(begin, end);
      }));
}

Future<std::vector<Bytes>> NativeTransaction::split_points(ByteView begin, ByteView end,
                                                           std::int64_t chunk_bytes) {
  try {
    check_usable();
    check_order(begin, end);
    check_range_end(end, read_end(settings_));
    if (chunk_bytes <= 0)
      throw Error(ErrorCode::client_invalid_operation,
                  "split_points: pieces of " + std::to_string(chunk_bytes) + " bytes");
  } catch (const Error& error) {
    return Future<std::vector<Bytes>>::failed(error);
  }
  source();
  return finish_base_read(split_when_there(source_, Bytes(begin), Bytes(end), chunk_bytes));
}

Future<std::vector<std::string>> NativeTransaction::addresses_for_key(ByteView key) {
  using Addresses = std::vector<std::string>;
  try {
    check_usable();
    check_key_below(key, kSpecialKeys);
  } catch (const Error& error) {
    return Future<Addresses>::failed(error);
  }
  return Addresses{"127.0.0.1:0"};
}

}  // namespace plinth::client
