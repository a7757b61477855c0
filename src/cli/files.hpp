// Files that the command line names; "-" is standard input or output.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "plinth/bytes.hpp"

namespace plinth::cli {

// Throws CommandFailed, which names the file and says what is wrong, wherever it cannot be read.
class InputFile {
 public:
  explicit InputFile(std::string path);
  // The next bytes, at most `most` of them; none at the end.
  Bytes read(std::size_t most);
  // All that is left.
  Bytes read_all();
  // Of the whole, where that is known beforehand.
  std::optional<std::int64_t> size() const;

 private:
  using Handle = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
  std::string path_;
  Handle file_;
};

// A file that is there as a whole, or as it was before: written beside its place, and put there by
// finish(). Throws CommandFailed, as above.
class OutputFile {
 public:
  explicit OutputFile(std::string path);
  ~OutputFile();  // unfinished: nothing is left of it
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  void write(ByteView bytes);
  void finish();

 private:
  [[noreturn]] void fail() const;

  std::string path_;
  std::string beside_;  // empty: standard output
  std::FILE* file_ = nullptr;
};

}  // namespace plinth::cli
