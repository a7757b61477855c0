// What an FDBResult points to. Results are of blob granules alone, so each is an error.
#pragma once

#include "capi/handle.hpp"

namespace plinth::capi {

class Result final : public Handle {
 public:
  using Abi = FDBResult;
  static constexpr HandleKind kKind = HandleKind::result;

  explicit Result(ErrorCode error) : Handle(kKind), error_(error) {}
  ErrorCode error() const noexcept { return error_; }

 private:
  const ErrorCode error_;
};

}  // namespace plinth::capi
