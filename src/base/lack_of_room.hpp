// What may pass: errors after which trying again later is worth it.
#pragma once

#include <exception>
#include <new>

#include "plinth/error.hpp"

namespace plinth {

// Whether `error` is a full disk, or memory that could not be had.
inline bool is_lack_of_room(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::bad_alloc&) {
    return true;
  } catch (const Error& why) {
    return why == ErrorCode::disk_full;
  } catch (...) {
    return false;
  }
}

}  // namespace plinth
