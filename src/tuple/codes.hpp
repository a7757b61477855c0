// The type codes of FoundationDB's tuple layer (its design document "FDB Tuple layer typecodes").
#pragma once

#include <cstdint>

namespace plinth::tuple {

inline constexpr std::uint8_t kNullCode = 0x00;
inline constexpr std::uint8_t kBytesCode = 0x01;
inline constexpr std::uint8_t kStringCode = 0x02;
inline constexpr std::uint8_t kNestedCode = 0x05;
inline constexpr std::uint8_t kNegativeBigCode = 0x0b;
inline constexpr std::uint8_t kZeroCode = 0x14;  // plus or minus the number of bytes, up to 8
inline constexpr std::uint8_t kPositiveBigCode = 0x1d;
inline constexpr std::uint8_t kFloatCode = 0x20;
inline constexpr std::uint8_t kDoubleCode = 0x21;
inline constexpr std::uint8_t kFalseCode = 0x26;
inline constexpr std::uint8_t kTrueCode = 0x27;
inline constexpr std::uint8_t kUuidCode = 0x30;
inline constexpr std::uint8_t kVersionstampCode = 0x33;

// After a zero byte: that byte is data (in bytes and strings) or null (in a nested tuple), not the
// end. No type has this code.
inline constexpr std::uint8_t kEscapeCode = 0xff;

}  // namespace plinth::tuple
