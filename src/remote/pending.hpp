// Pending: a request of the client that has not been answered.
#pragma once

#include <exception>
#include <utility>

#include "plinth/future.hpp"
#include "remote/messages.hpp"

namespace plinth::remote {

// Used by the link's thread, but for what its maker does before handing it in. It must not call
// back into the link.
class Pending {
 public:
  virtual ~Pending() = default;
  // The whole answer, or its last part. Throws for what is malformed; then fail() follows.
  virtual void answer(FieldReader& in) = 0;
  // A part of the answer; more comes.
  virtual void part(FieldReader& in);
  // How far the server is; more comes.
  virtual void progress(FieldReader& in);
  virtual void fail(std::exception_ptr error) = 0;

  // What it fails with when the connection is lost before the answer.
  virtual Error lost_error() const;
  // Whether it is sent again on the next connection instead; append() then does so.
  virtual bool survives() const { return false; }
  virtual void append(Bytes&, RequestId) const {}
  // Whether closing waits for its answer.
  virtual bool is_commit() const { return false; }
};

// One whose answer makes a future ready. Continuations that began on no executor go on on
// `executor`.
template <class T>
class PendingFuture : public Pending {
 public:
  explicit PendingFuture(Executor& executor) : promise_(&executor) {}
  Future<T> future() { return promise_.future(); }
  void on_cancel(std::unique_ptr<detail::Canceller> canceller) {
    promise_.on_cancel(std::move(canceller));
  }
  void fail(std::exception_ptr error) override {
    if (promise_.valid()) promise_.fail(std::move(error));
  }

 protected:
  template <class... Value>
  void set(Value&&... value) {
    promise_.set(std::forward<Value>(value)...);
  }

 private:
  Promise<T> promise_;
};

}  // namespace plinth::remote
