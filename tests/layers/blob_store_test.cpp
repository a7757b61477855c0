#include "plinth/blob_store.hpp"

#include <algorithm>
#include <random>

#include "support/each_database.hpp"
#include "support/seed.hpp"

namespace plinth::test {
namespace {

using namespace std::string_literals;

// A blob of these bytes, `piece` at a time; fails with an Error before byte `fail_at`.
class Pieces : public BlobSource {
 public:
  explicit Pieces(Bytes bytes, std::size_t piece = 70'000, std::size_t fail_at = SIZE_MAX)
      : bytes_(std::move(bytes)), piece_(piece), fail_at_(fail_at) {}
  Future<Bytes> next(std::size_t most) override {
    if (at_ >= fail_at_) throw Error(ErrorCode::io_error, "on purpose");
    if (before_next) co_await before_next(at_);
    Bytes piece = bytes_.substr(at_, std::min(piece_, most));
    at_ += piece.size();
    co_return piece;
  }
  std::function<Future<void>(std::size_t at)> before_next;

 private:
  const Bytes bytes_;
  const std::size_t piece_, fail_at_;
  std::size_t at_ = 0;
};

class Collected : public BlobSink {
 public:
  Future<void> take(ByteView part) override {
    bytes.append(part);
    return Future<void>::done();
  }
  Bytes bytes;
};

Bytes random_bytes(std::mt19937_64& random, std::size_t size) {
  Bytes bytes(size, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

class Blobs : public EachDatabase {
 protected:
  Uuid put(const Bytes& bytes) {
    return db.run([&](Transaction& tx) { return store.put(tx, bytes); });
  }
  Bytes get(Uuid id, BlobStore::Check check = BlobStore::Check::none) {
    return db.read([&](ReadTransaction& tx) { return store.get(tx, id, check); });
  }
  void remove(Uuid id) {
    db.run([&](Transaction& tx) { return store.remove(tx, id); });
  }
  std::vector<BlobInfo> all() {
    return db.read([&](ReadTransaction& tx) { return store.list(tx); });
  }
  std::vector<KeyValue> rows() {
    return db
        .read([](ReadTransaction& tx) {
          return tx.get_range("", "\xff", {.mode = StreamingMode::want_all});
        })
        .to_vector();
  }

  const BlobStore store{"test", Tuple::of(42)};
};
PLINTH_ON_EACH_DATABASE(Blobs);

// The layout that other programs share: docs/blobs.md.
TEST_P(Blobs, GoldenKeys) {
  const Uuid id = put("hello");
  const Bytes id_bytes(reinterpret_cast<const char*>(id.bytes.data()), 16);
  const auto kind = [](char c) { return "\x05\x15\x2a\x01"s + c + "\x00\x00"s; };
  // BLAKE2b-512 of "hello".
  const Bytes digest =
      "\xe4\xcf\xa3\x9a\x3d\x37\xbe\x31\xc5\x96\x09\xe8\x07\x97\x07\x99\xca\xa6\x8a\x19\xbf\xaa\x15"
      "\x13\x5f\x16\x50\x85\xe0\x1d\x41\xa6\x5b\xa1\xe1\xb1\x46\xae\xb6\xbd\x00\x92\xb4\x9e\xac\x21"
      "\x4c\x10\x3c\xcf\xa3\xa3\x65\x95\x4b\xbb\xe5\x2f\x74\xa2\xb3\x62\x0c\x94"s;
  Bytes escaped;
  for (const char byte : digest) escaped += byte == 0 ? "\0\xff"s : Bytes(1, byte);
  const std::vector<KeyValue> expected{
      {kind(1) + "\x01" + escaped + "\0"s, id_bytes},
      {kind(2) + "\x30" + id_bytes + "\x14", "hello"},
      {kind(4) + "\x30" + id_bytes, digest},
  };
  EXPECT_EQ(rows(), expected);
}

TEST_P(Blobs, SameBytesAreKeptOnceAndCounted) {
  const Uuid a = put("content");
  EXPECT_EQ(put("content"), a);
  EXPECT_EQ(put("content"), a);
  const Uuid b = put("other");
  EXPECT_NE(a, b);
  EXPECT_EQ(all().size(), 2u);
  remove(a);
  remove(a);
  EXPECT_EQ(get(a), "content");
  remove(a);
  EXPECT_EQ(code_of([&] { get(a); }), 7010);
  remove(b);
  EXPECT_EQ(rows(), std::vector<KeyValue>{}) << "nothing is left";
}

TEST_P(Blobs, EmptyOnes) {
  const Uuid id = put("");
  EXPECT_EQ(get(id), "");
  EXPECT_EQ(db.read([&](ReadTransaction& tx) { return store.size(tx, id); }), 0);
  EXPECT_TRUE(db.read([&](ReadTransaction& tx) { return store.exists(tx, id); }));
  Pieces nothing("");
  EXPECT_EQ(store.upload(db, nothing).get(), id);
  Collected sink;
  store.download(db, id, sink).get();
  EXPECT_EQ(sink.bytes, "");
}

TEST_P(Blobs, UnknownOnesAreAnError) {
  const Uuid id = Uuid::parse("550e8400-e29b-41d4-a716-446655440000");
  try {
    get(id);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), 7010);
    EXPECT_NE(std::string(error.what()).find("Blob store test"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("550e8400-e29b"), std::string::npos);
  }
  EXPECT_EQ(code_of([&] { remove(id); }), 7010);
  EXPECT_EQ(code_of([&] { db.read([&](ReadTransaction& tx) { return store.size(tx, id); }); }),
            7010);
  EXPECT_EQ(
      code_of([&] { db.read([&](ReadTransaction& tx) { return store.read(tx, id, 0, 0); }); }),
      7010);
  Collected sink;
  EXPECT_EQ(code_of([&] { store.download(db, id, sink).get(); }), 7010);
  EXPECT_FALSE(db.read([&](ReadTransaction& tx) { return store.exists(tx, id); }));
}

TEST_P(Blobs, TooLargeForATransaction) {
  EXPECT_EQ(code_of([&] { put(Bytes(BlobStore::kPutBytesMax + 1, 'x')); }), 2103);
  const Bytes largest(BlobStore::kPutBytesMax, 'x');
  EXPECT_EQ(get(put(largest)), largest);
}

TEST_P(Blobs, AreReadInParts) {
  std::mt19937_64 random(1);
  const Bytes bytes = random_bytes(random, 450'123);
  const Uuid id = put(bytes);
  EXPECT_EQ(db.read([&](ReadTransaction& tx) { return store.size(tx, id); }), 450'123);
  const auto part = [&](std::int64_t offset, std::size_t length) {
    return db.read([&](ReadTransaction& tx) { return store.read(tx, id, offset, length); });
  };
  for (const std::int64_t offset :
       {0, 1, 99'999, 100'000, 100'001, 399'999, 450'122, 450'123, 450'124, 2'000'000'000})
    for (const std::size_t length :
         {std::size_t{0}, std::size_t{1}, std::size_t{100'000}, std::size_t{250'001}, SIZE_MAX}) {
      const Bytes expected = static_cast<std::size_t>(offset) < bytes.size()
                                 ? bytes.substr(static_cast<std::size_t>(offset), length)
                                 : "";
      ASSERT_TRUE(part(offset, length) == expected) << offset << ", " << length;
    }
  EXPECT_EQ(code_of([&] { part(-1, 1); }), 2000);
}

TEST_P(Blobs, UploadsOfMoreThanATransactionHolds) {
  std::mt19937_64 random(2);
  const Bytes bytes = random_bytes(random, 12'345'678);
  Pieces source(bytes);
  const Uuid id = store.upload(db, source).get();
  Collected sink;
  store.download(db, id, sink).get();
  EXPECT_TRUE(sink.bytes == bytes);
  EXPECT_EQ(db.read([&](ReadTransaction& tx) { return store.size(tx, id); }), 12'345'678);
  EXPECT_TRUE(get(id, BlobStore::Check::digest) == bytes);
  const std::size_t rows_of_one = rows().size();
  Pieces again(bytes);
  EXPECT_EQ(store.upload(db, again).get(), id) << "the same bytes again";
  EXPECT_EQ(rows().size(), rows_of_one + 1) << "a count of references, and no chunk";
  remove(id);
  EXPECT_TRUE(get(id) == bytes);
  remove(id);
  EXPECT_EQ(rows().size(), 0u);
  EXPECT_EQ(store.sweep(db, 0).get(), 0);
}

TEST_P(Blobs, AnInterruptedUploadIsInvisibleAndSwept) {
  const Bytes bytes(9'000'000, 'u');
  Pieces source(bytes, 70'000, 8'500'000);
  EXPECT_EQ(code_of([&] { store.upload(db, source).get(); }), 1510);
  EXPECT_EQ(all().size(), 0u);
  std::optional<Uuid> left;
  for (const KeyValue& row : rows())
    if (const Tuple key = Tuple::unpack(row.key); key.size() == 3) left = key.get<Uuid>(1);
  ASSERT_TRUE(left) << "its first batches are there";
  EXPECT_EQ(code_of([&] { get(*left); }), 7010);
  EXPECT_EQ(code_of([&] { remove(*left); }), 7010);
  EXPECT_FALSE(db.read([&](ReadTransaction& tx) { return store.exists(tx, *left); }));
  EXPECT_EQ(store.sweep(db).get(), 0) << "it may be under way";
  EXPECT_EQ(store.sweep(db, 0).get(), 1);
  EXPECT_EQ(rows().size(), 0u);
}

TEST_P(Blobs, AnUploadThatWasSweptSaysSo) {
  Pieces source(Bytes(9'500'000, 's'));
  source.before_next = [&](std::size_t at) -> Future<void> {
    if (at > 9'000'000) co_await store.sweep(db, 0);
  };
  EXPECT_EQ(code_of([&] { store.upload(db, source).get(); }), 7011);
  EXPECT_EQ(all().size(), 0u);
}

// A program that keeps neither digests nor counts of references.
TEST_P(Blobs, OfOtherPrograms) {
  const Uuid id = put("theirs");
  db.run([&](Transaction& tx) {
    for (const KeyValue& row : rows())
      if (Tuple::unpack(row.key).get<Tuple>(0).get<ByteString>(1).bytes == "\x04")
        tx.clear(row.key);
  });
  EXPECT_EQ(rows().size(), 2u);
  EXPECT_EQ(get(id), "theirs");
  EXPECT_EQ(put("theirs"), id);
  remove(id);
  EXPECT_EQ(get(id), "theirs");
  remove(id);
  EXPECT_EQ(rows().size(), 0u);
}

TEST_P(Blobs, DamageIsFound) {
  const Uuid id = put(Bytes(350'000, 'd'));
  const auto chunk = [&](int index) {
    return Tuple::of(Tuple::of(42, ByteString{"\x02"}), id, index).pack();
  };
  put(Bytes(350'000, 'e'));
  db.run([&](Transaction& tx) { tx.set(chunk(3), "changed"); });
  EXPECT_EQ(code_of([&] { get(id); }), 0);
  EXPECT_EQ(code_of([&] { get(id, BlobStore::Check::digest); }), 7012);
  db.run([&](Transaction& tx) { tx.clear(chunk(2)); });
  EXPECT_EQ(code_of([&] { get(id); }), 7012);
  EXPECT_EQ(code_of([&] {
              db.read([&](ReadTransaction& tx) { return store.read(tx, id, 150'000, 200'000); });
            }),
            7012);
}

TEST_P(Blobs, AppearWithTheirTransactionOrNotAtAll) {
  Transaction tx = db.begin();
  const Uuid id = store.put(tx, "mine").get();
  EXPECT_EQ(store.get(tx, id).get(), "mine") << "read your writes";
  EXPECT_EQ(rows().size(), 0u);
  tx.reset();
  tx.commit().get();
  EXPECT_EQ(rows().size(), 0u);
}

TEST_P(Blobs, TwoStoresDoNotMeet) {
  const BlobStore other("other", Tuple::of(42, 1)), deep("deep", {}, Subspace(Tuple::of(42)));
  const Uuid id = put("mine");
  EXPECT_EQ(code_of([&] { db.read([&](ReadTransaction& tx) { return other.get(tx, id); }); }),
            7010);
  db.run([&](Transaction& tx) { return other.put(tx, "mine"); });
  db.run([&](Transaction& tx) { return deep.put(tx, "mine"); });
  for (const BlobStore& each : {store, other, deep})
    EXPECT_EQ(db.read([&](ReadTransaction& tx) { return each.list(tx); }).size(), 1u);
}

TEST_P(Blobs, ManyPutTheSameAtOnce) {
  std::vector<Uuid> ids(8);
  on_threads(8, [&](int i) { ids[static_cast<std::size_t>(i)] = put("shared"); });
  for (const Uuid& id : ids) EXPECT_EQ(id, ids[0]);
  EXPECT_EQ(all().size(), 1u);
  on_threads(8, [&](int) { remove(ids[0]); });
  EXPECT_EQ(rows().size(), 0u);
}

TEST_P(Blobs, AreListedByDigestInPages) {
  for (int i = 0; i < 50; ++i) put("blob " + std::to_string(i));
  const std::vector<BlobInfo> whole = all();
  ASSERT_EQ(whole.size(), 50u);
  std::vector<BlobInfo> pages;
  while (true) {
    const Bytes after = pages.empty() ? Bytes() : pages.back().digest;
    const auto page = db.read([&](ReadTransaction& tx) { return store.list(tx, after, 7); });
    if (page.empty()) break;
    EXPECT_LE(page.size(), 7u);
    pages.insert(pages.end(), page.begin(), page.end());
  }
  ASSERT_EQ(pages.size(), whole.size());
  for (std::size_t i = 0; i < pages.size(); ++i) EXPECT_EQ(pages[i].id, whole[i].id);
}

TEST_P(Blobs, AreAsTheModelSays) {
  const std::uint64_t seed = seed_or(1);
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  struct Known {
    Uuid id;
    int references = 0;
  };
  std::map<Bytes, Known> model;
  const std::vector<std::size_t> sizes{0, 1, 99'999, 100'000, 100'001, 200'000, 250'000};
  for (int step = 0; step < 150 * long_factor(); ++step) {
    const Bytes content(sizes[random() % sizes.size()], "abc\0\xff"[random() % 5]);
    Known& known = model[content];
    switch (random() % 4) {
      case 0:
        known.id = put(content);
        ++known.references;
        break;
      case 1: {
        Pieces source(content, 1 + random() % 150'000);
        known.id = store.upload(db, source).get();
        ++known.references;
        break;
      }
      case 2:
        EXPECT_EQ(code_of([&] { remove(known.id); }), known.references > 0 ? 0 : 7010);
        known.references = std::max(0, known.references - 1);
        break;
      default:
        if (known.references > 0) {
          EXPECT_TRUE(get(known.id, BlobStore::Check::digest) == content);
        } else {
          EXPECT_EQ(code_of([&] { get(known.id); }), 7010);
        }
    }
    std::size_t there = 0;
    for (const auto& [bytes, blob] : model) there += blob.references > 0 ? 1 : 0;
    ASSERT_EQ(all().size(), there) << "step " << step;
  }
  for (const auto& [bytes, blob] : model)
    for (int i = 0; i < blob.references; ++i) remove(blob.id);
  EXPECT_EQ(rows().size(), 0u);
}

}  // namespace
}  // namespace plinth::test
