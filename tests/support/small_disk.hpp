// A file system of its own, so that a test can fill it.
#pragma once

#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <fstream>
#include <string>

namespace plinth::test {

// Gives this process, which must have no threads, a file system of so many bytes ("16m") at `path`,
// gone with the process. False when the system does not let it.
inline bool mount_small_disk(const std::string& path, const std::string& bytes) {
  const auto write_text = [](const char* file, const std::string& text) {
    std::ofstream(file) << text;
  };
  const std::string user = std::to_string(::geteuid());
  const std::string group = std::to_string(::getegid());
  if (::unshare(CLONE_NEWNS | CLONE_NEWUSER) != 0) return false;
  write_text("/proc/self/setgroups", "deny");
  write_text("/proc/self/uid_map", "0 " + user + " 1");
  write_text("/proc/self/gid_map", "0 " + group + " 1");
  return ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", path.c_str(), "tmpfs", 0, ("size=" + bytes).c_str()) == 0;
}

}  // namespace plinth::test
