// Processes that tests start of themselves, to kill them.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
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

// One that says how far it is: its last argument is a descriptor, to which it writes numbers.
class TalkingProcess {
 public:
  explicit TalkingProcess(std::vector<std::string> arguments) {
    int ends[2];
    EXPECT_EQ(pipe(ends), 0);
    arguments.push_back(std::to_string(ends[1]));
    process_ = start_self(arguments);
    close(ends[1]);
    said_ = ends[0];
  }
  ~TalkingProcess() { close(said_); }
  TalkingProcess(const TalkingProcess&) = delete;
  TalkingProcess& operator=(const TalkingProcess&) = delete;

  // Waits; nothing when it has ended.
  std::optional<std::int64_t> next() const {
    std::int64_t number = 0;
    if (::read(said_, &number, sizeof number) != sizeof number) return std::nullopt;
    return number;
  }
  // Returns the last thing that it said before it died, `last` if that was nothing new.
  std::int64_t kill_and_hear(std::int64_t last) const {
    kill_now(process_);
    while (const std::optional<std::int64_t> number = next()) last = *number;
    expect_killed(process_);
    return last;
  }
  // In that process.
  static void say(const char* descriptor, std::int64_t number) {
    if (::write(std::stoi(descriptor), &number, sizeof number) != sizeof number) _exit(3);
  }

 private:
  pid_t process_ = -1;
  int said_ = -1;
};

}  // namespace plinth::test
