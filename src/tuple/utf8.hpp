// Is it UTF-8?
#pragma once

#include <cstddef>

#include "plinth/bytes.hpp"

namespace plinth::tuple {

// The offset of the first byte that does not belong to a well-formed sequence (Unicode 15, table
// 3-7: no overlong forms, no surrogates, nothing above U+10FFFF); ByteView::npos when all is well.
std::size_t find_invalid_utf8(ByteView text) noexcept;

}  // namespace plinth::tuple
