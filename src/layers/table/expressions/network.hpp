// Networks of IPv4 and IPv6 addresses.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace plinth::layers::table {

// Of either protocol; an IPv4 address is in no IPv6 network.
struct Network {
  // "10.0.0.0/8", "2001:db8::/32", or a single address. What stands behind the prefix counts as
  // zero. Nothing for other text.
  static std::optional<Network> parse(std::string_view text);

  // False too for a text that is no address.
  bool contains(std::string_view address) const;

  friend bool operator==(const Network&, const Network&) = default;

  bool is_ipv6 = false;
  int prefix_bits = 0;
  std::array<std::uint8_t, 16> address = {};  // of IPv4: the first four bytes
};

}  // namespace plinth::layers::table
