// What tables are measured on: documents under a partition key and a sort key, with an index by
// another attribute.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace plinth::bench {

// The number-th document of `documents`, which are in partitions of as many each.
struct Document {
  static constexpr std::uint64_t kOfOnePartition = 1'000;
  explicit Document(std::uint64_t number);

  std::string section;     // the partition key
  std::string package;     // the sort key
  std::string maintainer;  // indexed
  std::string version, description;
  std::int64_t installed_size;
};

class TablePeer {
 public:
  // One client: for one thread.
  class Client {
   public:
    virtual ~Client() = default;
    // Of the number-th document, in a transaction of its own.
    virtual void put(std::uint64_t number) = 0;
    // Whether it is there; looks at its attributes.
    virtual bool get(std::uint64_t number) = 0;
    // How many there were: up to 100 of the document's partition, from it on.
    virtual std::size_t query(std::uint64_t number) = 0;
    // How many of the same maintainer, through the index.
    virtual std::size_t query_maintainer(std::uint64_t number) = 0;
    // How many have installed_size > 90000 and a description like database, whatever the case.
    virtual std::size_t scan() = 0;
    // Adds one to installed_size if the version is the one that it has.
    virtual bool update(std::uint64_t number) = 0;
  };

  virtual ~TablePeer() = default;
  virtual std::string name() const = 0;
  virtual std::string durability() const = 0;
  virtual std::unique_ptr<Client> client() = 0;
  // Documents first … in one transaction.
  virtual void load(std::uint64_t first, std::uint64_t count) = 0;
  virtual void settle() = 0;
};

// In a new database in `directory`. Durable: each transaction is on the disk when it returns.
std::unique_ptr<TablePeer> plinth_table(const std::string& directory, bool durable);
// A table of (section, package, JSON), WITHOUT ROWID, with an index on an expression. Documents are
// parsed by Boost.JSON to look at their attributes.
std::unique_ptr<TablePeer> sqlite_table(const std::string& directory, bool durable);

}  // namespace plinth::bench
