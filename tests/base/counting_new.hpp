// Counts this thread's allocations: the program's operator new does (counting_new.cpp).
#pragma once
#include <cstddef>

namespace plinth {
std::size_t allocations_here() noexcept;
}
