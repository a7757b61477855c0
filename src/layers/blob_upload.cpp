// Blobs larger than a transaction.
//
// An upload writes all chunks but the first, batch by batch, and the first together with all else
// in its last transaction: a blob whose first chunk is missing is not there. With each batch it
// notes the time, so that sweep() can tell what was left from what is under way.
#include <algorithm>
#include <utility>
#include <vector>

#include "base/environment.hpp"
#include "base/little_endian.hpp"
#include "layers/digest.hpp"
#include "layers/random_uuid.hpp"
#include "plinth/blob_store.hpp"
#include "plinth/error.hpp"

namespace plinth {
namespace {

constexpr std::size_t kBatchChunks = 40;
constexpr std::size_t kDownloadBytes = 4'000'000;

std::int64_t now_ms() {
  return base::Environment::real().wall() / 1000;
}

}  // namespace

class BlobUpload {
 public:
  BlobUpload(const BlobStore& store, Database db) : store_(store), db_(std::move(db)) {}

  // As a coroutine of `self`, which it keeps.
  static Future<Uuid> run(std::shared_ptr<BlobUpload> self, BlobSource& source) {
    while (true) {
      const Bytes piece = co_await source.next(BlobStore::kChunkBytes);
      if (piece.empty()) break;
      self->digest_.update(piece);
      self->take(piece);
      if (self->full_.size() < kBatchChunks) continue;
      co_await self->write_batch(self);
    }
    co_return co_await finish(self);
  }

 private:
  using Chunks = std::vector<std::pair<std::int64_t, Bytes>>;

  // Cuts what comes into full chunks; what is left over stays in chunk_.
  void take(ByteView piece) {
    while (!piece.empty()) {
      const std::size_t size = std::min(piece.size(), BlobStore::kChunkBytes - chunk_.size());
      chunk_.append(piece.substr(0, size));
      piece.remove_prefix(size);
      if (chunk_.size() == BlobStore::kChunkBytes) close_chunk();
    }
  }
  void close_chunk() {
    if (next_ == 0) {
      first_ = std::move(chunk_);
    } else {
      full_.emplace_back(next_, std::move(chunk_));
    }
    ++next_;
    chunk_.clear();
  }

  void set_chunks(Transaction& tx) const {
    for (const auto& [index, bytes] : full_) tx.set(store_.chunk_key(id_, index), bytes);
  }
  Future<void> check_not_swept(Transaction& tx) const {
    if (!begun_) co_return;
    const std::optional<Bytes> noted = co_await tx.get(store_.upload_key(id_));
    if (!noted) throw Error(ErrorCode::upload_swept, "Blob store " + store_.name());
  }

  static Future<void> write_batch(std::shared_ptr<BlobUpload> self) {
    const auto write = [self](Transaction& tx) -> Future<void> {
      co_await self->check_not_swept(tx);
      self->set_chunks(tx);
      tx.set(self->store_.upload_key(self->id_), base::little_endian(now_ms()));
    };
    co_await self->db_.run_async(write);
    self->begun_ = true;
    self->full_.clear();
  }

  static Future<Uuid> finish(std::shared_ptr<BlobUpload> self) {
    if (self->next_ == 0 || !self->chunk_.empty()) self->close_chunk();
    const Bytes digest = self->digest_.finish();
    const auto end = [self, digest](Transaction& tx) { return conclude(self, digest, tx); };
    co_return co_await self->db_.run_async(end);
  }

  // The last transaction. Where it is run again after an unknown result, it may find its own work.
  static Future<Uuid> conclude(std::shared_ptr<BlobUpload> self, Bytes digest, Transaction& tx) {
    const BlobStore& store = self->store_;
    const Uuid id = self->id_;
    const std::optional<Bytes> known = co_await tx.get(store.content_key(digest));
    const std::optional<Uuid> owner =
        known ? std::optional(Uuid::from_bytes(*known)) : std::nullopt;
    if (owner == id) co_return id;
    if (owner) {
      tx.add(store.references_key(*owner), 1);
      tx.clear_range(store.chunks(id));
      tx.clear(store.upload_key(id));
      co_return *owner;
    }
    co_await self->check_not_swept(tx);
    self->set_chunks(tx);
    tx.set(store.chunk_key(id, 0), self->first_);
    tx.set(store.digest_key(id), digest);
    tx.set(store.content_key(digest),
           ByteView(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()));
    tx.clear(store.upload_key(id));
    co_return id;
  }

  const BlobStore store_;
  Database db_;
  const Uuid id_ = layers::random_uuid();
  layers::Digest digest_;
  Bytes chunk_;  // not yet full
  Bytes first_;  // kept for the last transaction
  Chunks full_;  // of the next batch
  std::int64_t next_ = 0;
  bool begun_ = false;  // a batch has been written
};

Future<Uuid> BlobStore::upload(Database db, BlobSource& source) const {
  return BlobUpload::run(std::make_shared<BlobUpload>(*this, std::move(db)), source);
}

Future<void> BlobStore::download(Database db, Uuid id, BlobSink& sink) const {
  const BlobStore self = *this;
  std::int64_t offset = 0;
  while (true) {
    const auto read_part = [&](ReadTransaction& tx) {
      return self.read(tx, id, offset, kDownloadBytes);
    };
    const Bytes part = co_await db.read_async(read_part);
    if (!part.empty()) co_await sink.take(part);
    if (part.size() < kDownloadBytes) co_return;
    offset += static_cast<std::int64_t>(part.size());
  }
}

Future<int> BlobStore::sweep(Database db, std::int64_t idle_ms) const {
  const BlobStore self = *this;
  const Rows uploads = co_await db.read_async([&self](ReadTransaction& tx) {
    const KeyRange all = self.within_.range(Element(self.uploads_));
    return tx.get_range(all.begin, all.end, {.mode = StreamingMode::want_all});
  });
  int swept = 0;
  for (const KeyValueView row : uploads) {
    const Uuid id = std::get<1>(self.within_.unpack<Tuple, Uuid>(row.key));
    const auto remove = [&](Transaction& tx) -> Future<bool> {
      const std::optional<Bytes> noted = co_await tx.get(self.upload_key(id));
      if (!noted || now_ms() - base::from_little_endian(*noted) < idle_ms) co_return false;
      tx.clear_range(self.chunks(id));
      tx.clear(self.upload_key(id));
      co_return true;
    };
    const bool done = co_await db.run_async(remove);
    if (done) ++swept;
  }
  co_return swept;
}

}  // namespace plinth
