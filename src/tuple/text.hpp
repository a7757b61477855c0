// The text form of tuples: what its printer, its parser and messages share.
#pragma once

#include <string>

#include "plinth/tuple.hpp"
#include "tuple/float_order.hpp"

namespace plinth::tuple {

// The bits of the NaN that is written "nan"; any other is written with its bits.
template <class Float>
inline constexpr auto kPlainNan = static_cast<FloatBits<Float>>(sizeof(Float) == 4
                                                                    ? 0x7fc00000
                                                                    : 0x7ff8000000000000);

// For messages: to_string(), but only the beginning of a long one.
std::string shown(const Tuple& tuple);
std::string shown(const Element& element);

}  // namespace plinth::tuple
