// What blobs and entities are measured on.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plinth::bench {

// Of the number-th entity.
struct Person {
  explicit Person(std::uint64_t number)
      : name("name" + std::to_string(number)),
        city("city" + std::to_string(number % 1000)),
        born(static_cast<std::int64_t>(1900 + number % 100)) {}
  std::string name, city;
  std::int64_t born;
};

class DocumentPeer {
 public:
  virtual ~DocumentPeer() = default;
  virtual std::string name() const = 0;
  virtual std::string durability() const = 0;

  // In a transaction; returns its id.
  virtual std::string put_blob(std::string_view bytes) = 0;
  virtual std::size_t get_blob(const std::string& id) = 0;

  // Persons `first` … in one transaction; the ids are kept by number.
  virtual void create(std::uint64_t first, std::uint64_t count) = 0;
  // How many keys it has.
  virtual std::size_t get(std::uint64_t number) = 0;
  virtual std::size_t find_city(const std::string& city) = 0;
  virtual std::size_t find_city_and_year(const std::string& city, std::int64_t year) = 0;
  // Moves it to another city, in a transaction.
  virtual void move(std::uint64_t number, const std::string& city) = 0;
};

std::unique_ptr<DocumentPeer> plinth_documents(const std::string& directory);
// A table of blobs, and one of (entity, key, value) with its index, WITHOUT ROWID.
std::unique_ptr<DocumentPeer> sqlite_documents(const std::string& directory);

}  // namespace plinth::bench
