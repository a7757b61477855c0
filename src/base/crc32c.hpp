// CRC-32C (Castagnoli, as in iSCSI, RFC 3720 appendix B.4): the checksum of every file format here.
#pragma once

#include <cstdint>
#include <string_view>

namespace plinth::base {

// The checksum of `bytes`; or, with the checksum of what came before them, that of both together:
// crc32c(b, crc32c(a)) == crc32c(a + b). Uses the processor's instruction where there is one.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0) noexcept;

// The same without that instruction: for processors that lack it, and for tests.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before = 0) noexcept;

}  // namespace plinth::base
