// Processes that tests start of themselves, to kill them.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace plinth::test {

// This program once more, with other arguments. -1 when there can be no process.
inline pid_t start_self(const std::vector<std::string>& arguments) {
  std::vector<char*> words{const_cast<char*>("self")};
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  const pid_t child = fork();
  if (child != 0) return child;
  execv("/proc/self/exe", words.data());
  _exit(127);
}

inline void kill_now(pid_t process) {
  EXPECT_EQ(kill(process, SIGKILL), 0);
}

// After kill_now.
inline void expect_killed(pid_t process) {
  int status = 0;
  EXPECT_EQ(waitpid(process, &status, 0), process);
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << "it ended by itself";
}

}  // namespace plinth::test
