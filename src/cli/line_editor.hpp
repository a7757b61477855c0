// A prompt on the terminal with editing, history and completion, by libedit.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace plinth::cli {

class LineEditor {
 public:
  // `history_file` is read now and written at the end; empty: no file.
  // `commands` are what the first word of a line completes to.
  LineEditor(std::string history_file, std::vector<std::string> commands);
  ~LineEditor();

  // A line without its end; nothing at the end of input. After Control-C an empty line.
  std::optional<std::string> read_line(const std::string& prompt);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace plinth::cli
