// Floating-point numbers as unsigned integers that compare as tuples order them: negative numbers
// with all bits flipped, others with the sign bit flipped. It is IEEE 754's total order.
#pragma once

#include <bit>
#include <cstdint>
#include <type_traits>

namespace plinth::tuple {

template <class Float>
using FloatBits = std::conditional_t<sizeof(Float) == 4, std::uint32_t, std::uint64_t>;

template <class Float>
inline constexpr FloatBits<Float> kSignBit = FloatBits<Float>{1} << (8 * sizeof(Float) - 1);

template <class Float>
FloatBits<Float> to_ordered(Float number) noexcept {
  const auto bits = std::bit_cast<FloatBits<Float>>(number);
  return (bits & kSignBit<Float>) != 0 ? ~bits : bits | kSignBit<Float>;
}

template <class Float>
Float from_ordered(FloatBits<Float> ordered) noexcept {
  const bool positive = (ordered & kSignBit<Float>) != 0;
  return std::bit_cast<Float>(positive ? ordered & ~kSignBit<Float> : ~ordered);
}

}  // namespace plinth::tuple
