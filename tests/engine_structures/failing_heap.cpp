#include "failing_heap.hpp"

#include <cstdlib>
#include <new>

namespace {

constexpr int kNever = -1;
thread_local int t_allocations_left = kNever;
thread_local bool t_failed = false;

}  // namespace

namespace plinth::engine::test {

FailingHeap::FailingHeap(int allocations) noexcept {
  t_allocations_left = allocations;
  t_failed = false;
}

FailingHeap::~FailingHeap() {
  t_allocations_left = kNever;
}

bool FailingHeap::failed() const noexcept {
  return t_failed;
}

}  // namespace plinth::engine::test

void* operator new(std::size_t size) {
  if (t_allocations_left != kNever && t_allocations_left-- == 0) {
    t_failed = true;
    throw std::bad_alloc();
  }
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
