#include "layers/table/expressions/network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace plinth::layers::table {
namespace {

// The longest address is shorter; inet_pton needs it to end in a zero byte.
constexpr std::size_t kMaxAddressText = 64;

std::optional<Network> parse_address(std::string_view text) {
  if (text.size() > kMaxAddressText || text.find('\0') != text.npos) return std::nullopt;
  const std::string terminated(text);
  Network network;
  network.is_ipv6 = text.find(':') != text.npos;
  network.prefix_bits = network.is_ipv6 ? 128 : 32;
  if (inet_pton(network.is_ipv6 ? AF_INET6 : AF_INET, terminated.c_str(), network.address.data()) !=
      1)
    return std::nullopt;
  return network;
}

void clear_behind(std::array<std::uint8_t, 16>& address, int bits) {
  for (int i = 0; i < 16; ++i) {
    const int kept = std::clamp(bits - 8 * i, 0, 8);
    address[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(0xff00 >> kept);
  }
}

}  // namespace

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  std::optional<Network> network = parse_address(text.substr(0, slash));
  if (!network || slash == text.npos) return network;
  const std::string_view digits = text.substr(slash + 1);
  int bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size() || digits.front() == '-' ||
      bits > network->prefix_bits)
    return std::nullopt;
  network->prefix_bits = bits;
  clear_behind(network->address, bits);
  return network;
}

bool Network::contains(std::string_view text) const {
  std::optional<Network> other = parse_address(text);
  if (!other || other->is_ipv6 != is_ipv6) return false;
  clear_behind(other->address, prefix_bits);
  return other->address == address;
}

}  // namespace plinth::layers::table
