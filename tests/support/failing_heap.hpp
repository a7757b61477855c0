// FailingHeap: makes allocations fail. The program's operator new sees to it (failing_heap.cpp, to
// be linked into the test).
#pragma once

namespace plinth::test {

// While it lives, one allocation throws std::bad_alloc: the one after `allocations` others; those
// behind it succeed again. One at a time may live.
class FailingHeap {
 public:
  enum class Of { this_thread, all_threads };

  explicit FailingHeap(int allocations, Of whose = Of::this_thread) noexcept;
  FailingHeap(const FailingHeap&) = delete;
  FailingHeap& operator=(const FailingHeap&) = delete;
  ~FailingHeap();
  bool failed() const noexcept;  // so far
};

// While it lives, every allocation of every other thread throws std::bad_alloc.
class NoHeapForOthers {
 public:
  NoHeapForOthers() noexcept;
  NoHeapForOthers(const NoHeapForOthers&) = delete;
  NoHeapForOthers& operator=(const NoHeapForOthers&) = delete;
  ~NoHeapForOthers();
};

}  // namespace plinth::test
