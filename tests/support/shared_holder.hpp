// Another process that holds a shared database.
#pragma once

#include <sys/types.h>
#include <string>

namespace plinth::test {

// Runs `plinth shell` of this build on `url`, which ends in "?shared…", until it is destroyed. The
// database is made if it is not there, and left as it was.
class SharedHolder {
 public:
  // Returns when the process holds the database; throws std::runtime_error if it does not.
  explicit SharedHolder(const std::string& url);
  ~SharedHolder();
  SharedHolder(const SharedHolder&) = delete;
  SharedHolder& operator=(const SharedHolder&) = delete;

 private:
  pid_t process_ = -1;
  int commands_ = -1;  // its standard input: it ends with the end of that
};

}  // namespace plinth::test
