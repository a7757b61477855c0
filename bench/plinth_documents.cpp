#include "document_peer.hpp"
#include "plinth/blob_store.hpp"
#include "plinth/database.hpp"
#include "plinth/entity_store.hpp"

namespace plinth::bench {
namespace {

class PlinthDocuments final : public DocumentPeer {
 public:
  explicit PlinthDocuments(const std::string& directory)
      : db_(open("file:" + directory + "/documents?durability=buffered")) {}
  std::string name() const override { return "plinth"; }
  std::string durability() const override { return "buffered: fdatasync once a second"; }

  std::string put_blob(std::string_view bytes) override {
    return db_.run([&](Transaction& tx) { return blobs_.put(tx, bytes); }).to_string();
  }
  std::size_t get_blob(const std::string& id) override {
    const Uuid uid = Uuid::parse(id);
    return db_.read([&](ReadTransaction& tx) { return blobs_.get(tx, uid); }).size();
  }

  void create(std::uint64_t first, std::uint64_t count) override {
    std::vector<Uuid> ids;
    db_.run([&](Transaction& tx) {
      ids.clear();
      for (std::uint64_t i = first; i < first + count; ++i) {
        const Person person(i);
        ids.push_back(
            people_
                .create(tx, {{"name", person.name}, {"city", person.city}, {"born", person.born}})
                .get());
      }
    });
    ids_.insert(ids_.end(), ids.begin(), ids.end());
  }
  std::size_t get(std::uint64_t number) override {
    return db_.read([&](ReadTransaction& tx) { return people_.get(tx, ids_[number]); }).size();
  }
  std::size_t find_city(const std::string& city) override {
    return db_.read([&](ReadTransaction& tx) { return people_.find(tx, "city", city); }).size();
  }
  std::size_t find_city_and_year(const std::string& city, std::int64_t year) override {
    const Entity pairs{{"city", city}, {"born", year}};
    return db_.read([&](ReadTransaction& tx) { return people_.find(tx, pairs); }).size();
  }
  void move(std::uint64_t number, const std::string& city) override {
    const EntityPatch changes{{"city", city}};
    db_.run([&](Transaction& tx) { return people_.patch(tx, ids_[number], changes); });
  }

 private:
  Database db_;
  const BlobStore blobs_{"blobs", Tuple::of("blobs")};
  const EntityStore people_{"people", Tuple::of("people")};
  std::vector<Uuid> ids_;
};

}  // namespace

std::unique_ptr<DocumentPeer> plinth_documents(const std::string& directory) {
  return std::make_unique<PlinthDocuments>(directory);
}

}  // namespace plinth::bench
