// FoundationDB's C API as the benchmarks use it: Plinth's libfdb_c.so, loaded like any program's.
#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "cluster/fdb_library.hpp"

namespace plinth::bench {

// The library with its network thread. One a process; lives until its end.
class FdbClient {
 public:
  explicit FdbClient(const std::string& library_path);
  ~FdbClient();
  FdbClient(const FdbClient&) = delete;
  FdbClient& operator=(const FdbClient&) = delete;

  const cluster::FdbLibrary& library() const noexcept { return *library_; }

 private:
  std::unique_ptr<cluster::FdbLibrary> library_;
  std::thread network_;
};

inline const std::uint8_t* fdb_data(std::string_view bytes) {
  return reinterpret_cast<const std::uint8_t*>(bytes.data());
}
inline int fdb_size(std::string_view bytes) {
  return static_cast<int>(bytes.size());
}
inline void fdb_check(fdb_error_t code) {
  if (code != 0) throw std::runtime_error("fdb_c: error " + std::to_string(code));
}

// A database behind a cluster file that names `url`.
class FdbDatabase {
 public:
  FdbDatabase(const FdbClient& client, const std::string& folder, const std::string& url);
  ~FdbDatabase();
  FdbDatabase(const FdbDatabase&) = delete;
  FdbDatabase& operator=(const FdbDatabase&) = delete;

  const cluster::FdbLibrary& library() const noexcept { return client_.library(); }
  FDBTransaction* begin() const;

 private:
  const FdbClient& client_;
  FDBDatabase* handle_ = nullptr;
};

}  // namespace plinth::bench
