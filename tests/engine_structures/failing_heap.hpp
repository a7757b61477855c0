// FailingHeap: makes one allocation of this thread fail. The program's operator new sees to it
// (failing_heap.cpp).
#pragma once

namespace plinth::engine::test {

// While it lives, the allocation after `allocations` others throws std::bad_alloc; those behind it
// succeed again.
class FailingHeap {
 public:
  explicit FailingHeap(int allocations) noexcept;
  FailingHeap(const FailingHeap&) = delete;
  FailingHeap& operator=(const FailingHeap&) = delete;
  ~FailingHeap();
  bool failed() const noexcept;
};

}  // namespace plinth::engine::test
