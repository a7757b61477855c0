#include "expected_state.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace plinth::test {

ExpectedStateFile::ExpectedStateFile(const std::string& path) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT, 0600);
  if (file < 0 || ftruncate(file, sizeof(ExpectedState)) != 0) {
    std::perror(path.c_str());
    std::abort();
  }
  void* memory = mmap(nullptr, sizeof(ExpectedState), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) {
    std::perror("mmap");
    std::abort();
  }
  state_ = static_cast<ExpectedState*>(memory);
}

ExpectedStateFile::~ExpectedStateFile() {
  munmap(state_, sizeof(ExpectedState));
}

}  // namespace plinth::test
