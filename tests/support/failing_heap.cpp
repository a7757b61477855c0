#include "failing_heap.hpp"

#include <atomic>
#include <cstdlib>
#include <new>

namespace {

// Until the one that fails; below zero: none will.
std::atomic<int> g_allocations_left = -1;
std::atomic<bool> g_failed = false;
// Whose allocations count.
std::atomic<bool> g_all_threads = false;
thread_local bool t_counted = false;

std::atomic<bool> g_others_have_none = false;
thread_local bool t_has_some = false;

bool fails() noexcept {
  if (g_others_have_none && !t_has_some) return true;
  if (g_allocations_left < 0 || !(t_counted || g_all_threads)) return false;
  if (g_allocations_left.fetch_sub(1) != 0) return false;
  g_failed = true;
  return true;
}

}  // namespace

namespace plinth::test {

FailingHeap::FailingHeap(int allocations, Of whose) noexcept {
  t_counted = true;
  g_all_threads = whose == Of::all_threads;
  g_failed = false;
  g_allocations_left = allocations;
}

FailingHeap::~FailingHeap() {
  g_allocations_left = -1;
  g_all_threads = false;
  t_counted = false;
}

bool FailingHeap::failed() const noexcept {
  return g_failed;
}

NoHeapForOthers::NoHeapForOthers() noexcept {
  t_has_some = true;
  g_others_have_none = true;
}

NoHeapForOthers::~NoHeapForOthers() {
  g_others_have_none = false;
  t_has_some = false;
}

}  // namespace plinth::test

void* operator new(std::size_t size) {
  if (fails()) throw std::bad_alloc();
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return fails() ? nullptr : std::malloc(size);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
