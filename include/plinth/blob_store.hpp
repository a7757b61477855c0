// BlobStore: bytes of any size under ids, each content once.
//
//   BlobStore photos("photos", Tuple::of("app", "photos"));
//   Uuid id = db.run([&](Transaction& tx) { return photos.put(tx, bytes); });
//   Bytes all = db.read([&](ReadTransaction& tx) { return photos.get(tx, id); });
//
// The same bytes again get the same id, are stored once, and count one reference more; remove()
// takes one away, and the bytes with the last. A blob is kept in chunks of 100,000 bytes, by the
// layout in docs/blobs.md, which programs in other languages share.
//
// Transactions, blobs, sources and sinks that are passed by reference must stay until the future is
// ready. A handle is immutable, cheap to copy, and may be used by any thread.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plinth/database.hpp"
#include "plinth/subspace.hpp"
#include "plinth/tuple.hpp"
#include "plinth/uuid.hpp"

namespace plinth {

// Where an upload comes from, piece by piece.
class PLINTH_API BlobSource {
 public:
  virtual ~BlobSource() = default;
  // The next bytes, at the most `most` of them; none at the end.
  virtual Future<Bytes> next(std::size_t most) = 0;
};

// Where a download goes to.
class PLINTH_API BlobSink {
 public:
  virtual ~BlobSink() = default;
  // In order; the view holds until the future is ready.
  virtual Future<void> take(ByteView bytes) = 0;
};

struct BlobInfo {
  Uuid id;
  Bytes digest;  // BLAKE2b of the content, 64 bytes
};

class PLINTH_API BlobStore {
 public:
  static constexpr std::size_t kChunkBytes = 100'000;
  // What put() takes, for it has to fit into one transaction: larger blobs are uploaded.
  static constexpr std::size_t kPutBytesMax = 9'000'000;

  enum class Check { none, digest };

  // `name` appears in errors. All keys are within `within`, and in it begin with a tuple of
  // `prefix`'s elements and one more.
  explicit BlobStore(std::string name, Tuple prefix = {}, Subspace within = {});

  // --- In a caller's transaction -------------------------------------------------------------
  // Error(value_too_large) above kPutBytesMax.
  Future<Uuid> put(Transaction& tx, ByteView blob) const;
  // Error(blob_not_found) for an unknown id, here and below. With Check::digest it costs one read
  // more, and Error(layer_data_damaged) tells of content that is not what was put.
  Future<Bytes> get(ReadTransaction tx, Uuid id, Check check = Check::none) const;
  // Bytes from `offset` on: fewer than `length` where the blob ends, none behind its end.
  Future<Bytes> read(ReadTransaction tx, Uuid id, std::int64_t offset, std::size_t length) const;
  Future<bool> exists(ReadTransaction tx, Uuid id) const;
  Future<std::int64_t> size(ReadTransaction tx, Uuid id) const;
  // Blobs in the order of their digests, those after `after` only, `limit` at the most.
  Future<std::vector<BlobInfo>> list(ReadTransaction tx, Bytes after = {},
                                     std::size_t limit = 1000) const;
  // Takes one reference away. A blob that another program has stored without its digest is read
  // as a whole for it.
  Future<void> remove(Transaction& tx, Uuid id) const;

  // --- In as many transactions as it takes ---------------------------------------------------
  // Nobody sees the blob before all of it is there. An upload that is interrupted leaves chunks
  // that only sweep() sees. Error(upload_swept) if that happened under way.
  Future<Uuid> upload(Database db, BlobSource& source) const;
  // Error(blob_not_found) also when it is removed meanwhile.
  Future<void> download(Database db, Uuid id, BlobSink& sink) const;
  // Removes what uploads have left that made no progress for `idle_ms`; returns how many.
  Future<int> sweep(Database db, std::int64_t idle_ms = 3'600'000) const;

  const std::string& name() const noexcept { return name_; }

 private:
  friend class BlobUpload;
  Bytes content_key(ByteView digest) const;
  Bytes chunk_key(Uuid id, std::int64_t index) const;
  KeyRange chunks(Uuid id) const;
  Bytes references_key(Uuid id) const;
  Bytes digest_key(Uuid id) const;
  Bytes upload_key(Uuid id) const;
  std::int64_t chunk_index(ByteView key) const;
  [[noreturn]] void not_found(Uuid id) const;
  [[noreturn]] void damaged(Uuid id, const std::string& what) const;
  Future<Bytes> digest_of(ReadTransaction tx, Uuid id) const;

  std::string name_;
  Subspace within_;
  // The kinds of keys.
  Tuple contents_;    // (digest) → id
  Tuple chunks_;      // (id, index) → bytes
  Tuple references_;  // (id) → references besides the first
  Tuple digests_;     // (id) → digest
  Tuple uploads_;     // (id) → when it last made progress
};

}  // namespace plinth
