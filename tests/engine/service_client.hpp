// A few lines that make a Service usable by hand: keys and values, no read-your-writes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.hpp"

namespace plinth::engine {

// Owns what a CommitRequest points to.
class Request {
 public:
  Request& set(ByteView key, ByteView value) { return mutate(MutationType::set, key, value); }
  Request& clear(ByteView begin, ByteView end) {
    mutation(MutationType::clear_range, begin, end);
    write(begin, end);
    return *this;
  }
  Request& mutate(MutationType type, ByteView key, ByteView operand) {
    mutation(type, key, operand);
    write(key, key_after(key));
    return *this;
  }
  Request& read(ByteView begin, ByteView end) {
    request_.read_conflicts.push_back({keep(begin), keep(end)});
    return *this;
  }
  Request& read(ByteView key) { return read(key, key_after(key)); }
  Request& write(ByteView begin, ByteView end) {
    request_.write_conflicts.push_back({keep(begin), keep(end)});
    return *this;
  }
  Request& at(std::shared_ptr<ReadSnapshot> snapshot) {
    request_.snapshot = std::move(snapshot);
    return *this;
  }
  Request& with(Durability durability) {
    request_.durability = durability;
    return *this;
  }
  Request& report() {
    request_.report_conflicts = true;
    return *this;
  }
  CommitRequest done() {
    request_.memory = memory_;
    return std::move(request_);
  }

 private:
  void mutation(MutationType type, ByteView key, ByteView operand) {
    request_.mutations.push_back({type, keep(key), keep(operand)});
  }
  ByteView keep(ByteView bytes) {
    memory_->push_back(std::make_unique<Bytes>(bytes));
    return *memory_->back();
  }

  CommitRequest request_;
  std::shared_ptr<std::vector<std::unique_ptr<Bytes>>> memory_ =
      std::make_shared<std::vector<std::unique_ptr<Bytes>>>();
};

inline std::shared_ptr<ReadSnapshot> newest(Service& service, bool long_reads = false) {
  return service.begin_read({long_reads}).get();
}

inline std::optional<Bytes> get(Service& service, ByteView key) {
  return newest(service)->get(key).get();
}

inline CommitResult commit(Service& service, Request& request) {
  return service.commit_and_wait(request.done());
}

inline CommitResult set(Service& service, ByteView key, ByteView value) {
  return commit(service, Request().set(key, value));
}

inline std::vector<KeyValue> all_rows(Service& service) {
  return newest(service)->get_range({"", "\xff\xff"}).get().to_vector();
}

inline int code_of(auto&& f) {
  try {
    f();
  } catch (const Error& error) {
    return error.code();
  }
  return 0;
}

}  // namespace plinth::engine
