// Work in a process of its own, which may crash, be killed, or live on a file system of its own.
#pragma once

#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <exception>
#include <functional>

namespace plinth::storage {

// Starts a process that runs `work` and ends with what it returns, or 255 when it throws.
inline pid_t start_child(const std::function<int()>& work) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  int code = 255;
  try {
    code = work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child: %s\n", error.what());
  }
  std::fflush(nullptr);
  ::_exit(code);
}

struct ChildEnd {
  int code = -1;   // what it returned, when it ended by itself
  int signal = 0;  // what it died of, else
};

inline ChildEnd wait_for_child(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0) {
  }
  if (WIFSIGNALED(status)) return {-1, WTERMSIG(status)};
  return {WEXITSTATUS(status), 0};
}

inline ChildEnd run_child(const std::function<int()>& work) {
  return wait_for_child(start_child(work));
}

}  // namespace plinth::storage
