// Unpacks tuples. Takes what any binding writes: integers in more bytes than they need, and
// ±(2^64 − 1) in either of its forms.
#pragma once

#include "plinth/tuple.hpp"

namespace plinth::tuple {

// Throws Error(invalid_tuple) naming the offset in `packed` and what is wrong there.
std::vector<Element> decode(ByteView packed);
// The same, to the end of `to`, which has an unspecified part of them when it throws.
void decode_to(ByteView packed, std::vector<Element>& to);

}  // namespace plinth::tuple
