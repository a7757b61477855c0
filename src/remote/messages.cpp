#include "remote/messages.hpp"

#include <algorithm>
#include <new>

#include "engine/versionstamp_place.hpp"

namespace plinth::remote {
namespace {

// "PLINTHRM": who connects to a wrong socket is told so by the first bytes.
constexpr std::uint64_t kMagic = 0x4d5248544e494c50;

// A bound of a range may be longer than keys can be; this much of it decides.
constexpr std::size_t kMaxBoundBytes = kMaxKeyBytes + 1;
constexpr std::size_t kUnlimited = SIZE_MAX;

void put_bound(FrameWriter& out, ByteView key) {
  out.bytes(key.substr(0, kMaxBoundBytes));
}

ByteView read_bound(FieldReader& in) {
  const ByteView key = in.bytes();
  if (key.size() > kMaxBoundBytes) throw_malformed("a key that is too long");
  return key;
}

engine::RangeView read_range(FieldReader& in) {
  engine::RangeView range;
  range.begin = read_bound(in);
  range.end = read_bound(in);
  if (range.begin > range.end) throw_malformed("an inverted range");
  return range;
}

void put_ranges(FrameWriter& out, const std::vector<engine::RangeView>& ranges) {
  out.number(static_cast<std::uint32_t>(ranges.size()));
  for (const engine::RangeView& range : ranges) {
    put_bound(out, range.begin);
    put_bound(out, range.end);
  }
}

std::vector<engine::RangeView> read_ranges(FieldReader& in) {
  std::vector<engine::RangeView> ranges;
  const std::size_t count = in.count(2 * sizeof(std::uint32_t));
  ranges.reserve(count);
  while (ranges.size() < count) ranges.push_back(read_range(in));
  return ranges;
}

void check_sizes(const engine::Mutation& mutation, std::size_t key_extra,
                 std::size_t operand_extra) {
  if (mutation.key.size() > kMaxKeyBytes + key_extra ||
      mutation.operand.size() > kMaxValueBytes + operand_extra)
    throw_malformed("a write of a key or value that is too long");
}

void check_stamp(ByteView bytes) {
  try {
    engine::stamp_offset(bytes);
  } catch (const Error&) {
    throw_malformed("a versionstamp with no place");
  }
}

void check_mutation(const engine::Mutation& mutation) {
  switch (mutation.type) {
    case MutationType::set:
    case MutationType::add:
    case MutationType::bit_and:
    case MutationType::bit_or:
    case MutationType::bit_xor:
    case MutationType::append_if_fits:
    case MutationType::max:
    case MutationType::min:
    case MutationType::byte_min:
    case MutationType::byte_max:
    case MutationType::compare_and_clear:
      return check_sizes(mutation, 0, 0);
    case MutationType::set_versionstamped_key:
      check_stamp(mutation.key);
      return check_sizes(mutation, engine::kStampOffsetBytes, 0);
    case MutationType::set_versionstamped_value:
      check_stamp(mutation.operand);
      return check_sizes(mutation, 0, engine::kStampOffsetBytes);
    case MutationType::clear_range:
      if (mutation.key.size() > kMaxBoundBytes || mutation.operand.size() > kMaxBoundBytes)
        throw_malformed("a key that is too long");
      if (mutation.key > mutation.operand) throw_malformed("an inverted range");
      return;
  }
  throw_malformed("a write of a kind that does not exist");
}

std::optional<Durability> read_durability(FieldReader& in) {
  const auto durability = in.number<std::uint8_t>();
  if (durability == 0) return std::nullopt;
  if (durability > 3) throw_malformed("a durability that does not exist");
  return static_cast<Durability>(durability - 1);
}

void put_optional(FrameWriter& out, const std::optional<ByteView>& value) {
  out.flag(value.has_value());
  if (value) out.bytes(*value);
}

std::optional<ByteView> read_optional(FieldReader& in) {
  if (!in.flag()) return std::nullopt;
  return in.bytes();
}

std::uint64_t limit_on_wire(std::size_t limit) {
  return static_cast<std::uint64_t>(limit);
}

std::size_t read_limit(FieldReader& in) {
  return static_cast<std::size_t>(std::min<std::uint64_t>(in.number<std::uint64_t>(), kUnlimited));
}

}  // namespace

Hello::Hello(FieldReader& in) {
  if (in.number<std::uint64_t>() != kMagic) throw_malformed("something else than a greeting");
  version = in.number<std::uint32_t>();
}
void Hello::put(FrameWriter& out) const {
  out.number(kMagic);
  out.number(version);
}

BeginRead::BeginRead(FieldReader& in) : snapshot(in.number<SnapshotId>()), long_reads(in.flag()) {}
void BeginRead::put(FrameWriter& out) const {
  out.number(snapshot);
  out.flag(long_reads);
}

ReadAt::ReadAt(FieldReader& in)
    : snapshot(in.number<SnapshotId>()), version(in.number<Version>()), long_reads(in.flag()) {}
void ReadAt::put(FrameWriter& out) const {
  out.number(snapshot);
  out.number(version);
  out.flag(long_reads);
}

Get::Get(FieldReader& in) : snapshot(in.number<SnapshotId>()), key(read_bound(in)) {}
void Get::put(FrameWriter& out) const {
  out.number(snapshot);
  put_bound(out, key);
}

GetRange::GetRange(FieldReader& in) : snapshot(in.number<SnapshotId>()) {
  range.begin = read_bound(in);
  range.end = read_bound(in);
  range.limit_rows = read_limit(in);
  range.limit_bytes = read_limit(in);
  range.reverse = in.flag();
}
void GetRange::put(FrameWriter& out) const {
  out.number(snapshot);
  put_bound(out, range.begin);
  put_bound(out, range.end);
  out.number(limit_on_wire(range.limit_rows));
  out.number(limit_on_wire(range.limit_bytes));
  out.flag(range.reverse);
}

EstimatedSize::EstimatedSize(FieldReader& in) : snapshot(in.number<SnapshotId>()) {
  const engine::RangeView range = read_range(in);
  begin = range.begin;
  end = range.end;
}
void EstimatedSize::put(FrameWriter& out) const {
  out.number(snapshot);
  put_bound(out, begin);
  put_bound(out, end);
}

SplitPoints::SplitPoints(FieldReader& in) : range(in), chunk_bytes(in.number<std::int64_t>()) {
  if (chunk_bytes <= 0) throw_malformed("a size of pieces that is not above zero");
}
void SplitPoints::put(FrameWriter& out) const {
  range.put(out);
  out.number(chunk_bytes);
}

void Commit::put(FrameWriter& out) const {
  out.number(snapshot);
  out.number(request->read_version);
  out.number(static_cast<std::uint8_t>(
      request->durability ? static_cast<int>(*request->durability) + 1 : 0));
  out.flag(request->report_conflicts);
  out.number(static_cast<std::uint32_t>(request->mutations.size()));
  for (const engine::Mutation& mutation : request->mutations) {
    out.number(static_cast<std::uint8_t>(mutation.type));
    if (mutation.type == MutationType::clear_range) {
      put_bound(out, mutation.key);
      put_bound(out, mutation.operand);
    } else {
      out.bytes(mutation.key);
      out.bytes(mutation.operand);
    }
  }
  put_ranges(out, request->read_conflicts);
  put_ranges(out, request->write_conflicts);
}

ReceivedCommit::ReceivedCommit(FieldReader& in) : snapshot(in.number<SnapshotId>()) {
  request.read_version = in.number<Version>();
  request.durability = read_durability(in);
  request.report_conflicts = in.flag();
  const std::size_t mutations = in.count(1 + 2 * sizeof(std::uint32_t));
  request.mutations.reserve(mutations);
  while (request.mutations.size() < mutations) {
    engine::Mutation mutation{};
    mutation.type = static_cast<MutationType>(in.number<std::uint8_t>());
    mutation.key = in.bytes();
    mutation.operand = in.bytes();
    check_mutation(mutation);
    request.mutations.push_back(mutation);
  }
  request.read_conflicts = read_ranges(in);
  request.write_conflicts = read_ranges(in);
}

WatchKey::WatchKey(FieldReader& in) : key(read_bound(in)), seen(read_optional(in)) {}
void WatchKey::put(FrameWriter& out) const {
  put_bound(out, key);
  put_optional(out, seen);
}

HelloAnswer::HelloAnswer(FieldReader& in) {
  if (in.number<std::uint64_t>() != kMagic) throw_malformed("something else than a greeting");
  version = in.number<std::uint32_t>();
  refusal = in.bytes();
}
void HelloAnswer::put(FrameWriter& out) const {
  out.number(kMagic);
  out.number(version);
  out.bytes(refusal);
}

Value::Value(FieldReader& in) : value(read_optional(in)) {}
void Value::put(FrameWriter& out) const {
  put_optional(out, value);
}

void RowsOf::put(FrameWriter& out) const {
  out.flag(rows.more());
  out.number(static_cast<std::uint32_t>(rows.size()));
  for (const KeyValueView row : rows) {
    out.bytes(row.key);
    out.bytes(row.value);
  }
}

void read_rows(FieldReader& in, Rows& rows) {
  rows.set_more(in.flag());
  for (std::size_t left = in.count(2 * sizeof(std::uint32_t)); left > 0; --left) {
    const ByteView key = in.bytes();
    rows.append(key, in.bytes());
  }
}

CommitAnswer::CommitAnswer(FieldReader& in) {
  const auto status = in.number<std::uint8_t>();
  if (status > static_cast<int>(engine::CommitStatus::too_old))
    throw_malformed("an outcome of a commit that does not exist");
  result.status = static_cast<engine::CommitStatus>(status);
  result.version = in.number<Version>();
  result.batch_order = in.number<std::uint16_t>();
  for (std::size_t left = in.count(sizeof(std::uint32_t)); left > 0; --left)
    result.conflicting_reads.push_back(in.number<std::uint32_t>());
}
void CommitAnswer::put(FrameWriter& out) const {
  out.number(static_cast<std::uint8_t>(result.status));
  out.number(result.version);
  out.number(result.batch_order);
  out.number(static_cast<std::uint32_t>(result.conflicting_reads.size()));
  for (const std::size_t place : result.conflicting_reads)
    out.number(static_cast<std::uint32_t>(place));
}

Texts::Texts(FieldReader& in) {
  for (std::size_t left = in.count(sizeof(std::uint32_t)); left > 0; --left)
    texts.push_back(in.bytes());
}
void Texts::put(FrameWriter& out) const {
  out.number(static_cast<std::uint32_t>(texts.size()));
  for (const ByteView text : texts) out.bytes(text);
}

Failure::Failure(const std::exception_ptr& exception) {
  try {
    std::rethrow_exception(exception);
  } catch (const Error& error) {
    code = error.code();
    // What the constructor of Error puts before the detail, it puts there again at the other side.
    const ByteView whole = error.what();
    const std::size_t standard = ByteView(Error(error.error_code()).what()).size();
    if (whole.size() > standard) detail = whole.substr(standard + 1);
  } catch (const std::bad_alloc&) {
    code = static_cast<int>(ErrorCode::large_alloc_failed);
  } catch (const std::exception& error) {
    code = static_cast<int>(ErrorCode::internal_error);
    detail = error.what();
  }
}
Failure::Failure(FieldReader& in) : code(in.number<std::int32_t>()), detail(in.bytes()) {}
void Failure::put(FrameWriter& out) const {
  out.number(code);
  out.bytes(detail);
}
Error Failure::error() const {
  return Error(static_cast<ErrorCode>(code), detail);
}

}  // namespace plinth::remote
