// Messages: what the two sides say to each other, as the bodies of frames (frame.hpp). The bytes
// and the rules are in docs/remote.md.
//
// A body begins with the kind of the message (1 byte) and the number of the request (8 bytes) that
// it is or answers. Fields are written by put() and read by the constructor from a FieldReader,
// which throws for what is malformed. Views point into the body.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "engine/service.hpp"
#include "remote/frame.hpp"

namespace plinth::remote {

// Raised when a message changes; the two sides must have the same.
inline constexpr std::uint32_t kProtocolVersion = 1;

enum class MessageKind : std::uint8_t {
  // From the client.
  hello = 1,
  begin_read = 2,
  read_at = 3,
  release = 4,  // not answered
  get = 5,
  get_range = 6,
  estimated_size = 7,
  split_points = 8,
  commit = 9,
  watch = 10,
  cancel = 11,  // not answered itself
  flush = 12,
  checkpoint = 13,
  status = 14,
  verify = 15,
  compact = 16,
  // From the server.
  answer = 64,
  part = 65,  // of an answer: more comes
  error = 66,
  progress = 67,  // of what is asked for; more comes
};

using RequestId = std::uint64_t;   // counted by the client from 1
using SnapshotId = std::uint64_t;  // the same; 0: none

struct Header {
  Header(MessageKind message_kind, RequestId request) : kind(message_kind), id(request) {}
  explicit Header(FieldReader& in)
      : kind(static_cast<MessageKind>(in.number<std::uint8_t>())), id(in.number<RequestId>()) {}
  void put(FrameWriter& out) const {
    out.number(static_cast<std::uint8_t>(kind));
    out.number(id);
  }
  MessageKind kind;
  RequestId id;
};

// A message with no fields.
struct Nothing {
  Nothing() = default;
  explicit Nothing(FieldReader&) {}
  void put(FrameWriter&) const {}
};

struct Hello {
  explicit Hello(std::uint32_t protocol) : version(protocol) {}
  explicit Hello(FieldReader& in);
  void put(FrameWriter& out) const;
  std::uint32_t version;
};

// --- Requests ----------------------------------------------------------------------------------

struct BeginRead {
  BeginRead(SnapshotId to_be, bool long_lived) : snapshot(to_be), long_reads(long_lived) {}
  explicit BeginRead(FieldReader& in);
  void put(FrameWriter& out) const;
  SnapshotId snapshot;
  bool long_reads;
};

struct ReadAt {
  ReadAt(SnapshotId to_be, Version at, bool long_lived)
      : snapshot(to_be), version(at), long_reads(long_lived) {}
  explicit ReadAt(FieldReader& in);
  void put(FrameWriter& out) const;
  SnapshotId snapshot;
  Version version;
  bool long_reads;
};

struct Release {
  explicit Release(SnapshotId which) : snapshot(which) {}
  explicit Release(FieldReader& in) : snapshot(in.number<SnapshotId>()) {}
  void put(FrameWriter& out) const { out.number(snapshot); }
  SnapshotId snapshot;
};

struct Get {
  Get(SnapshotId from, ByteView which) : snapshot(from), key(which) {}
  explicit Get(FieldReader& in);
  void put(FrameWriter& out) const;
  SnapshotId snapshot;
  ByteView key;
};

struct GetRange {
  GetRange(SnapshotId from, const engine::RangeRequest& request) : snapshot(from), range(request) {}
  explicit GetRange(FieldReader& in);
  void put(FrameWriter& out) const;
  SnapshotId snapshot;
  engine::RangeRequest range;
};

struct EstimatedSize {
  EstimatedSize(SnapshotId from, ByteView first, ByteView last)
      : snapshot(from), begin(first), end(last) {}
  explicit EstimatedSize(FieldReader& in);
  void put(FrameWriter& out) const;
  SnapshotId snapshot;
  ByteView begin;
  ByteView end;
};

struct SplitPoints {
  SplitPoints(SnapshotId from, ByteView first, ByteView last, std::int64_t chunk)
      : range(from, first, last), chunk_bytes(chunk) {}
  explicit SplitPoints(FieldReader& in);
  void put(FrameWriter& out) const;
  EstimatedSize range;
  std::int64_t chunk_bytes;
};

// A commit's snapshot goes by its number; `request.snapshot` and `request.memory` are not sent.
struct Commit {
  Commit(SnapshotId read_from, const engine::CommitRequest& asked)
      : snapshot(read_from), request(&asked) {}
  void put(FrameWriter& out) const;
  SnapshotId snapshot;
  const engine::CommitRequest* request;
};
// What the server makes of it; the request's views point into the body.
struct ReceivedCommit {
  // Checks all that the engine relies on: known kinds, sizes, places of versionstamps.
  explicit ReceivedCommit(FieldReader& in);
  SnapshotId snapshot;
  engine::CommitRequest request;
};

struct WatchKey {
  WatchKey(ByteView which, std::optional<ByteView> value) : key(which), seen(value) {}
  explicit WatchKey(FieldReader& in);
  void put(FrameWriter& out) const;
  ByteView key;
  std::optional<ByteView> seen;
};

// --- Answers -----------------------------------------------------------------------------------

struct HelloAnswer {
  HelloAnswer() = default;
  explicit HelloAnswer(FieldReader& in);
  void put(FrameWriter& out) const;
  std::uint32_t version = kProtocolVersion;
  // Why the server does not serve this client; empty: it does.
  std::string refusal;
};

// Of begin_read.
struct Granted {
  explicit Granted(Version at) : version(at) {}
  explicit Granted(FieldReader& in) : version(in.number<Version>()) {}
  void put(FrameWriter& out) const { out.number(version); }
  Version version;
};

struct Value {
  explicit Value(std::optional<ByteView> found) : value(found) {}
  explicit Value(FieldReader& in);
  void put(FrameWriter& out) const;
  std::optional<ByteView> value;
};

// Rows, whole or a part of them.
struct RowsOf {
  explicit RowsOf(const Rows& given) : rows(given) {}
  void put(FrameWriter& out) const;
  const Rows& rows;
};
// Appends what `in` has to `rows`, and sets more().
void read_rows(FieldReader& in, Rows& rows);

struct Size {
  explicit Size(std::int64_t count) : bytes(count) {}
  explicit Size(FieldReader& in) : bytes(in.number<std::int64_t>()) {}
  void put(FrameWriter& out) const { out.number(bytes); }
  std::int64_t bytes;
};

struct CommitAnswer {
  explicit CommitAnswer(engine::CommitResult outcome) : result(std::move(outcome)) {}
  explicit CommitAnswer(FieldReader& in);
  void put(FrameWriter& out) const;
  engine::CommitResult result;
};

// Keys or sentences: a part of an answer has as many as fit.
struct Texts {
  Texts() = default;
  explicit Texts(FieldReader& in);
  void put(FrameWriter& out) const;
  std::vector<ByteView> texts;
};

// Of verify and compact: how far they are, in millionths.
struct Progress {
  explicit Progress(std::uint32_t done) : millionths(done) {}
  explicit Progress(FieldReader& in) : millionths(in.number<std::uint32_t>()) {}
  void put(FrameWriter& out) const { out.number(millionths); }
  std::uint32_t millionths;
};

struct Failure {
  // Of any exception.
  explicit Failure(const std::exception_ptr& exception);
  explicit Failure(FieldReader& in);
  void put(FrameWriter& out) const;
  Error error() const;
  std::int32_t code;
  std::string detail;
};

// --- Whole messages ----------------------------------------------------------------------------

// Appends all of it or, when memory is short, nothing.
template <class Fields>
void append_message(Bytes& out, MessageKind kind, RequestId id, const Fields& fields) {
  const std::size_t before = out.size();
  try {
    FrameWriter frame(out);
    Header(kind, id).put(frame);
    fields.put(frame);
    frame.finish();
  } catch (...) {
    out.resize(before);
    throw;
  }
}

// The fields, which must be all that is left.
template <class Fields>
Fields read_fields(FieldReader& in) {
  Fields fields(in);
  in.end();
  return fields;
}

}  // namespace plinth::remote
