#include "plinth/blob_store.hpp"

#include <algorithm>
#include <utility>

#include "base/little_endian.hpp"
#include "layers/digest.hpp"
#include "layers/random_uuid.hpp"
#include "layers/row_kind.hpp"
#include "plinth/error.hpp"

namespace plinth {

using base::from_little_endian;

BlobStore::BlobStore(std::string name, Tuple prefix, Subspace within)
    : name_(std::move(name)),
      within_(std::move(within)),
      contents_(layers::rows_of(prefix, '\x01')),
      chunks_(layers::rows_of(prefix, '\x02')),
      references_(layers::rows_of(prefix, '\x03')),
      digests_(layers::rows_of(prefix, '\x04')),
      uploads_(layers::rows_of(prefix, '\x05')) {}

// --- Keys --------------------------------------------------------------------------------------

Bytes BlobStore::content_key(ByteView digest) const {
  return within_.pack(contents_, ByteStringView{digest});
}
Bytes BlobStore::chunk_key(Uuid id, std::int64_t index) const {
  return within_.pack(chunks_, id, index);
}
KeyRange BlobStore::chunks(Uuid id) const {
  return within_.range(chunks_, id);
}
Bytes BlobStore::references_key(Uuid id) const {
  return within_.pack(references_, id);
}
Bytes BlobStore::digest_key(Uuid id) const {
  return within_.pack(digests_, id);
}
Bytes BlobStore::upload_key(Uuid id) const {
  return within_.pack(uploads_, id);
}
std::int64_t BlobStore::chunk_index(ByteView key) const {
  return std::get<2>(within_.unpack<Tuple, Uuid, std::int64_t>(key));
}

void BlobStore::not_found(Uuid id) const {
  throw Error(ErrorCode::blob_not_found, "Blob store " + name_ + ", id " + id.to_string());
}
void BlobStore::damaged(Uuid id, const std::string& what) const {
  throw Error(ErrorCode::layer_data_damaged,
              "Blob store " + name_ + ", blob " + id.to_string() + ": " + what);
}

// --- Writing -----------------------------------------------------------------------------------

Future<Uuid> BlobStore::put(Transaction& tx, ByteView blob) const {
  if (blob.size() > kPutBytesMax)
    throw Error(ErrorCode::value_too_large,
                "Blob store " + name_ + ": a blob of " + std::to_string(blob.size()) +
                    " bytes does not fit into one transaction; upload it");
  const BlobStore self = *this;
  const Bytes digest = layers::digest_of(blob);
  const Bytes key = self.content_key(digest);
  const std::optional<Bytes> known = co_await tx.get(key);
  if (known) {
    const Uuid id = Uuid::from_bytes(*known);
    tx.add(self.references_key(id), 1);
    co_return id;
  }
  const Uuid id = layers::random_uuid();
  std::int64_t index = 0;
  do {  // an empty blob has one empty chunk
    const std::size_t size = std::min(blob.size(), kChunkBytes);
    tx.set(self.chunk_key(id, index++), blob.substr(0, size));
    blob.remove_prefix(size);
  } while (!blob.empty());
  tx.set(self.digest_key(id), digest);
  tx.set(key, ByteView(reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()));
  co_return id;
}

Future<Bytes> BlobStore::digest_of(ReadTransaction tx, Uuid id) const {
  const BlobStore self = *this;
  const std::optional<Bytes> kept = co_await tx.get(self.digest_key(id));
  if (kept) co_return *kept;
  const Bytes content = co_await self.get(tx, id);
  co_return layers::digest_of(content);
}

Future<void> BlobStore::remove(Transaction& tx, Uuid id) const {
  const BlobStore self = *this;
  const bool there = co_await self.exists(tx, id);
  if (!there) self.not_found(id);
  const std::optional<Bytes> more = co_await tx.get(self.references_key(id));
  if (more && from_little_endian(*more) > 0) {
    tx.add(self.references_key(id), -1);
    co_return;
  }
  const Bytes digest = co_await self.digest_of(tx, id);
  tx.clear(self.content_key(digest));
  tx.clear(self.digest_key(id));
  tx.clear(self.references_key(id));
  tx.clear_range(self.chunks(id));
}

// --- Reading -----------------------------------------------------------------------------------

Future<Bytes> BlobStore::get(ReadTransaction tx, Uuid id, Check check) const {
  const BlobStore self = *this;
  RangeStream rows = tx.range(self.chunks(id), {.mode = StreamingMode::want_all});
  Bytes content;
  std::int64_t next = 0;
  while (true) {
    const Rows page = co_await rows.next_page();
    if (page.empty()) break;
    for (const KeyValueView row : page) {
      const std::int64_t index = self.chunk_index(row.key);
      if (next == 0 && index != 0) self.not_found(id);  // an upload's, not yet finished
      if (index != next++) self.damaged(id, "chunk " + std::to_string(next - 1) + " is missing");
      content.append(row.value);
    }
  }
  if (next == 0) self.not_found(id);
  if (check == Check::digest) {
    const std::optional<Bytes> owner =
        co_await tx.get(self.content_key(layers::digest_of(content)));
    if (!owner || Uuid::from_bytes(*owner) != id)
      self.damaged(id, "its content does not have the digest under which it was put");
  }
  co_return content;
}

Future<Bytes> BlobStore::read(ReadTransaction tx, Uuid id, std::int64_t offset,
                              std::size_t length) const {
  if (offset < 0)
    throw Error(ErrorCode::client_invalid_operation,
                "Blob store " + name_ + ": reading at offset " + std::to_string(offset));
  const BlobStore self = *this;
  const std::int64_t first = offset / static_cast<std::int64_t>(kChunkBytes);
  std::size_t skip = static_cast<std::size_t>(offset) % kChunkBytes;
  const std::int64_t chunks = static_cast<std::int64_t>(
      (skip + std::min(length, SIZE_MAX - skip - kChunkBytes) + kChunkBytes - 1) / kChunkBytes);
  Future<bool> there = self.exists(tx, id);
  RangeStream rows =
      tx.range(KeyRange{self.chunk_key(id, first),
                        std::min(self.chunk_key(id, first + chunks), self.chunks(id).end)},
               {.mode = StreamingMode::want_all});
  Bytes bytes;
  std::int64_t next = first;
  while (bytes.size() < length) {
    const Rows page = co_await rows.next_page();
    if (page.empty()) break;
    for (const KeyValueView row : page) {
      if (self.chunk_index(row.key) != next++)
        self.damaged(id, "chunk " + std::to_string(next - 1) + " is missing");
      const ByteView part = row.value.substr(std::min(skip, row.value.size()));
      bytes.append(part.substr(0, length - bytes.size()));
      skip = 0;
    }
  }
  const bool is_there = co_await std::move(there);
  if (!is_there) self.not_found(id);
  co_return bytes;
}

Future<bool> BlobStore::exists(ReadTransaction tx, Uuid id) const {
  const std::optional<Bytes> first = co_await tx.get(chunk_key(id, 0));
  co_return first.has_value();
}

Future<std::int64_t> BlobStore::size(ReadTransaction tx, Uuid id) const {
  const BlobStore self = *this;
  Future<bool> there = self.exists(tx, id);
  const Rows last =
      co_await tx.get_range(self.chunks(id).begin, self.chunks(id).end,
                            {.limit = 1, .reverse = true, .mode = StreamingMode::exact});
  const bool is_there = co_await std::move(there);
  if (!is_there || last.empty()) self.not_found(id);
  // All chunks but the last are full.
  co_return self.chunk_index(last.front().key) * static_cast<std::int64_t>(kChunkBytes) +
      static_cast<std::int64_t>(last.front().value.size());
}

Future<std::vector<BlobInfo>> BlobStore::list(ReadTransaction tx, Bytes after,
                                              std::size_t limit) const {
  const BlobStore self = *this;
  const KeyRange all = self.within_.range(Element(self.contents_));
  std::vector<BlobInfo> blobs;
  if (limit == 0) co_return blobs;
  const Bytes begin = after.empty() ? all.begin : key_after(self.content_key(after));
  RangeStream rows = tx.range(KeyRange{begin, all.end});
  while (blobs.size() < limit) {
    const Rows page = co_await rows.next_page();
    if (page.empty()) break;
    for (const KeyValueView row : page) {
      if (blobs.size() == limit) break;
      auto [kind, digest] = self.within_.unpack<Tuple, ByteString>(row.key);
      blobs.push_back({Uuid::from_bytes(row.value), std::move(digest.bytes)});
    }
  }
  co_return blobs;
}

}  // namespace plinth
