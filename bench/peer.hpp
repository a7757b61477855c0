// Peer: what the benchmarks ask of each engine. Each does it in the way its own documentation
// recommends; all of them hand the value's bytes to the caller, who looks at them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plinth::bench {

using Bytes = std::string;
using ByteView = std::string_view;
using Row = std::pair<Bytes, Bytes>;

// A read-only transaction at one state of the database.
class Reader {
 public:
  virtual ~Reader() = default;
  // Returns a sum over the value's bytes that were looked at; 0 when it is absent.
  virtual std::uint64_t get(ByteView key) = 0;
  // Reads up to `limit` rows from `begin` on; the same sum over keys and values.
  virtual std::uint64_t range(ByteView begin, std::size_t limit) = 0;
};

// Runs clients() clients, each of which performs operations until its share is done. See
// Peer::run_clients.
struct Load {
  int clients = 1;
  std::uint64_t operations = 0;  // of all clients together
  // Operation `i` (of all): a read of one key, a durable write, or a durable increment of a
  // counter.
  enum class Kind { read, write, increment };
  struct Operation {
    Kind kind;
    Bytes key;
    Bytes value;
  };
  std::function<Operation(std::uint64_t i)> operation;
};

class Peer {
 public:
  virtual ~Peer() = default;
  virtual std::string name() const = 0;
  // How writes are made durable in durable mode, in the engine's own words.
  virtual std::string durability() const = 0;

  // Opens a database in `directory`, empty at first. `durable`: each write transaction is on disk
  // when it returns; else buffered as the engine does it.
  virtual void open(const std::string& directory, bool durable) = 0;
  virtual void close() = 0;

  virtual void write(const std::vector<Row>& rows) = 0;  // one transaction
  // Lets work in the background come to its end.
  virtual void settle() {}
  virtual std::unique_ptr<Reader> begin() = 0;

  // Adds one to the number at `key` in a read-modify-write transaction; retries inside.
  virtual void increment(ByteView key) = 0;

  // Performs the load and appends each operation's latency in microseconds. By default with a
  // thread for each client.
  virtual void run_clients(const Load& load, std::vector<float>& latencies_us);
};

// Looks at a value the way each reader does: every cache line of it.
inline std::uint64_t look_at(ByteView bytes) {
  std::uint64_t sum = 1;
  for (std::size_t i = 0; i < bytes.size(); i += 64) sum += static_cast<unsigned char>(bytes[i]);
  return sum;
}

std::unique_ptr<Peer> make_plinth();
std::unique_ptr<Peer> make_plinth_on_rocksdb();
std::unique_ptr<Peer> make_lmdb();
std::unique_ptr<Peer> make_rocksdb();
std::unique_ptr<Peer> make_leveldb();
std::unique_ptr<Peer> make_sqlite();

}  // namespace plinth::bench
