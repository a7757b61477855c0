#include "capi/tenant_transaction.hpp"

#include <algorithm>
#include <climits>

#include "capi/await_here.hpp"
#include "capi/tenant_map.hpp"

namespace plinth::capi {
namespace {

constexpr ByteView kEnd("\xff");  // of a tenant's keys
constexpr std::size_t kStampOffsetBytes = 4;

bool is_bound(const KeySelector& selector) {
  return !selector.or_equal && selector.offset == 1;
}

void check_order(ByteView begin, ByteView end) {
  if (begin > end) throw Error(ErrorCode::inverted_range);
}

Future<Rows> rows_without(Future<Rows> found, std::size_t prefix_bytes) {
  const Rows rows = co_await std::move(found);
  Rows cut;
  cut.reserve(rows.size(), rows.byte_size());
  for (const auto [key, value] : rows) cut.append(key.substr(prefix_bytes), value);
  cut.set_more(rows.more());
  co_return cut;
}

// The last point is the range's end as it was given, which may not begin with the prefix.
Future<std::vector<Bytes>> points_without(Future<std::vector<Bytes>> found,
                                          std::size_t prefix_bytes, Bytes end) {
  std::vector<Bytes> points = co_await std::move(found);
  for (Bytes& point : points) point.erase(0, prefix_bytes);
  if (!points.empty()) points.back() = std::move(end);
  co_return points;
}

int limit_of(std::size_t limit) {
  return limit > INT_MAX ? 0 : static_cast<int>(limit);
}

}  // namespace

template <class Make>
auto TenantTransaction::guarded(Make make) -> decltype(make()) {
  try {
    return make();
  } catch (const Error& error) {
    return decltype(make())::failed(error);
  }
}

const Bytes& TenantTransaction::prefix() {
  if (!prefix_) {
    inner_.set_option(TransactionOption::read_system_keys);
    const std::optional<Bytes> record = await_here(inner_.get(tenant_record_key(name_)));
    if (!record)
      throw Error(ErrorCode::tenant_not_found, "Its name is \"" + printable(name_) + "\"");
    prefix_ = tenant_prefix(*record);
  }
  return *prefix_;
}

Bytes TenantTransaction::placed(ByteView key) {
  if (key >= kEnd)
    throw Error(ErrorCode::key_outside_legal_range, "The key is \"" + printable(key) + "\"");
  return Bytes(prefix()).append(key);
}

Bytes TenantTransaction::placed_end(ByteView key) {
  return key == kEnd ? next_prefix(prefix()) : placed(key);
}

Bytes TenantTransaction::without_prefix(ByteView key) {
  if (key < ByteView(prefix())) return {};
  return key.starts_with(prefix()) ? Bytes(key.substr(prefix().size())) : Bytes(kEnd);
}

Bytes TenantTransaction::resolve(const KeySelector& selector, bool snapshot) {
  const Bytes key = placed_end(selector.key);
  Bytes found =
      await_here(inner_.snapshot().get_key(KeySelector(key, selector.or_equal, selector.offset)));
  found = std::clamp(found, prefix(), next_prefix(prefix()));
  if (snapshot) return found;
  const Bytes from = selector.or_equal ? key_after(key) : key;
  const Bytes end = next_prefix(prefix());
  if (selector.offset > 0) {
    if (from < end)
      inner_.add_conflict_range(from, std::max(from, std::min(key_after(found), end)),
                                ConflictRangeType::read);
  } else if (found < from) {
    inner_.add_conflict_range(found, std::min(from, end), ConflictRangeType::read);
  }
  return found;
}

KeySelector TenantTransaction::placed_bound(const KeySelector& selector, bool snapshot) {
  return is_bound(selector) ? placed_end(selector.key) : resolve(selector, snapshot);
}

// --- Reads -------------------------------------------------------------------------------------

Future<std::optional<Bytes>> TenantTransaction::get(ByteView key, bool snapshot) {
  return guarded([&] {
    const Bytes there = placed(key);
    return snapshot ? inner_.snapshot().get(there) : inner_.get(there);
  });
}

Future<Bytes> TenantTransaction::get_key(const KeySelector& selector, bool snapshot) {
  return guarded([&]() -> Future<Bytes> { return without_prefix(resolve(selector, snapshot)); });
}

Future<Rows> TenantTransaction::get_page(const detail::PageRequest& request, bool snapshot) {
  return guarded([&]() -> Future<Rows> {
    KeySelector begin = placed_bound(request.begin, snapshot);
    KeySelector end = placed_bound(request.end, snapshot);
    if (begin.key >= end.key) return Rows();
    const RangeOptions options{limit_of(request.limit_rows), request.reverse, StreamingMode::exact,
                               limit_of(request.limit_bytes)};
    return rows_without(snapshot
                            ? inner_.snapshot().get_page(std::move(begin), std::move(end), options)
                            : inner_.get_page(std::move(begin), std::move(end), options),
                        prefix().size());
  });
}

Future<std::int64_t> TenantTransaction::estimated_size(ByteView begin, ByteView end) {
  return guarded([&] {
    check_order(begin, end);
    return inner_.estimated_size(placed_end(begin), placed_end(end));
  });
}

Future<std::vector<Bytes>> TenantTransaction::split_points(ByteView begin, ByteView end,
                                                           std::int64_t chunk_bytes) {
  return guarded([&] {
    check_order(begin, end);
    return points_without(inner_.split_points(placed_end(begin), placed_end(end), chunk_bytes),
                          prefix().size(), Bytes(end));
  });
}

Future<std::vector<std::string>> TenantTransaction::addresses_for_key(ByteView key) {
  return guarded([&] { return inner_.addresses_for_key(placed(key)); });
}

Watch TenantTransaction::watch(ByteView key) {
  return guarded([&] { return inner_.watch(placed(key)); });
}

// --- Writes ------------------------------------------------------------------------------------

void TenantTransaction::clear_range(ByteView begin, ByteView end) {
  check_order(begin, end);
  inner_.clear_range(placed_end(begin), placed_end(end));
}

// The stamp's place moves with the prefix.
void TenantTransaction::atomic_op(MutationType type, ByteView key, ByteView operand) {
  Bytes there = placed(key);
  if (type == MutationType::set_versionstamped_key && key.size() >= kStampOffsetBytes) {
    char* const place = there.data() + there.size() - kStampOffsetBytes;
    std::uint32_t offset = 0;
    for (std::size_t i = kStampOffsetBytes; i-- > 0;)
      offset = offset << 8 | static_cast<unsigned char>(place[i]);
    if (offset > key.size())
      throw Error(ErrorCode::client_invalid_operation, "A versionstamp's place is outside of it");
    offset += static_cast<std::uint32_t>(prefix().size());
    for (std::size_t i = 0; i < kStampOffsetBytes; ++i)
      place[i] = static_cast<char>(offset >> (8 * i));
  }
  inner_.atomic_op(type, there, operand);
}

void TenantTransaction::add_conflict_range(ByteView begin, ByteView end, ConflictRangeType type) {
  check_order(begin, end);
  inner_.add_conflict_range(placed_end(begin), placed_end(end), type);
}

// --- Control -----------------------------------------------------------------------------------

Future<void> TenantTransaction::on_error(const Error& error) {
  Future<void> retry = inner_.on_error(error);
  if (!retry.error()) {
    prefix_.reset();
    ++attempt_;
    ++retries_;
  }
  return retry;
}

void TenantTransaction::reset() {
  inner_.reset();
  prefix_.reset();
  ++attempt_;
  retries_ = 0;
  begun_ = Clock::now();
}

// What is pending ends with transaction_cancelled, watches (at the reset) too.
void TenantTransaction::close() noexcept {
  inner_.cancel();
  inner_.reset();
  inner_.cancel();
  ++attempt_;
}

double TenantTransaction::elapsed_s() const {
  return std::chrono::duration<double>(Clock::now() - begun_).count();
}

}  // namespace plinth::capi
