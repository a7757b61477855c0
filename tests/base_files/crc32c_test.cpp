#include "base/crc32c.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace plinth::base {
namespace {

struct Vector {
  const char* name;
  std::string bytes;
  std::uint32_t checksum;
};

std::string counting(int from, int step) {
  std::string bytes;
  for (int i = 0; i < 32; ++i) bytes.push_back(static_cast<char>(from + i * step));
  return bytes;
}

// RFC 3720, appendix B.4, and the check value of the CRC catalogues.
const Vector kPublished[] = {
    {"zeros", std::string(32, '\0'), 0x8a9136aa},
    {"ones", std::string(32, '\xff'), 0x62a8ab43},
    {"rising", counting(0, 1), 0x46dd794e},
    {"falling", counting(31, -1), 0x113fdb5c},
    {"iSCSI read command",
     {"\x01\xc0\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
      "\x14\x00\x00\x00\x00\x00\x04\x00\x00\x00\x00\x14\x00\x00\x00\x18"
      "\x28\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00",
      48},
     0xd9963a56},
    {"check", "123456789", 0xe3069283},
    {"empty", "", 0},
};

TEST(Crc32c, GivesThePublishedValues) {
  for (const Vector& vector : kPublished) {
    EXPECT_EQ(crc32c(vector.bytes), vector.checksum) << vector.name;
    EXPECT_EQ(crc32c_portable(vector.bytes), vector.checksum) << vector.name;
  }
}

// Bit by bit, as the polynomial's definition says.
std::uint32_t crc32c_by_definition(std::string_view bytes) {
  std::uint32_t crc = ~0u;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78u : 0u);
  }
  return ~crc;
}

TEST(Crc32c, AgreesWithTheDefinitionForEachLengthAndAlignment) {
  std::mt19937_64 random(1);
  std::string bytes(96, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  for (std::size_t from = 0; from < 8; ++from) {
    for (std::size_t size = 0; size <= bytes.size() - from; ++size) {
      const std::string_view part = std::string_view(bytes).substr(from, size);
      ASSERT_EQ(crc32c(part), crc32c_by_definition(part)) << from << " " << size;
      ASSERT_EQ(crc32c_portable(part), crc32c_by_definition(part)) << from << " " << size;
    }
  }
}

TEST(Crc32c, ContinuesFromWhatCameBefore) {
  const std::string_view bytes = "a checksum in two steps is the checksum in one";
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    EXPECT_EQ(crc32c(bytes.substr(cut), crc32c(bytes.substr(0, cut))), crc32c(bytes));
    EXPECT_EQ(crc32c_portable(bytes.substr(cut), crc32c_portable(bytes.substr(0, cut))),
              crc32c(bytes));
  }
}

}  // namespace
}  // namespace plinth::base
