#include "support/shared_holder.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

extern char** environ;

namespace plinth::test {

SharedHolder::SharedHolder(const std::string& url) {
  const std::string program =
      std::filesystem::read_symlink("/proc/self/exe").parent_path() / "plinth";
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0)
    throw std::runtime_error("pipe2");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
  std::string words[] = {"plinth", "--db", url, "shell"};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), nullptr};
  const int error =
      ::posix_spawn(&process_, program.c_str(), &actions, nullptr, arguments, environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(in[0]);
  ::close(out[1]);
  commands_ = in[1];
  // The first command opens the database; the last one's answer is the only output.
  const std::string script = "set holder 1\nclear holder\nsize\n";
  char answer = 0;
  const bool holds =
      error == 0 &&
      ::write(commands_, script.data(), script.size()) == static_cast<ssize_t>(script.size()) &&
      ::read(out[0], &answer, 1) == 1;
  ::close(out[0]);
  if (!holds) {
    ::close(commands_);
    throw std::runtime_error(program + " does not hold " + url);
  }
}

SharedHolder::~SharedHolder() {
  ::close(commands_);
  ::waitpid(process_, nullptr, 0);
}

}  // namespace plinth::test
