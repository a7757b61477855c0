#include "data.hpp"

#include <cmath>

namespace plinth::bench {
namespace {

constexpr double kTheta = 0.99;

double zeta(std::uint64_t n) {
  double sum = 0;
  for (std::uint64_t i = 1; i <= n; ++i) sum += std::pow(1.0 / static_cast<double>(i), kTheta);
  return sum;
}

}  // namespace

Zipf::Zipf(std::uint64_t n)
    : n_(n),
      zeta_n_(zeta(n)),
      eta_((1 - std::pow(2.0 / static_cast<double>(n), 1 - kTheta)) / (1 - zeta(2) / zeta_n_)),
      alpha_(1 / (1 - kTheta)),
      half_power_(std::pow(0.5, kTheta)) {}

std::uint64_t Zipf::operator()(Random& random) const {
  const double u = static_cast<double>(random.next() >> 11) * 0x1p-53;
  const double uz = u * zeta_n_;
  if (uz < 1) return 0;
  if (uz < 1 + half_power_) return 1;
  const auto place =
      static_cast<std::uint64_t>(static_cast<double>(n_) * std::pow(eta_ * u - eta_ + 1, alpha_));
  return place < n_ ? place : n_ - 1;
}

}  // namespace plinth::bench
