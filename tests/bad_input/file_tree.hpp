// The files of a directory, to see whether anything was changed, and to bring them back.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace plinth::test {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// Path below the directory, to content; a directory's name ends with a slash.
using FileTree = std::map<std::string, std::string>;

// Without the files that only say who is using the directory.
inline FileTree read_tree(const std::string& directory) {
  FileTree tree;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
    const std::string name = entry.path().filename();
    const std::string path = entry.path().lexically_relative(directory);
    if (entry.is_directory()) {
      tree[path + "/"] = "";
    } else if (name != "LOCK" && name != "store.lmdb-lock") {
      tree[path] = read_file(entry.path());
    }
  }
  return tree;
}

// The paths that differ; empty: nothing was changed.
inline std::vector<std::string> differences(const FileTree& before, const FileTree& after) {
  std::vector<std::string> paths;
  for (const auto& [path, content] : before)
    if (!after.contains(path) || after.at(path) != content) paths.push_back(path);
  for (const auto& [path, content] : after)
    if (!before.contains(path)) paths.push_back(path);
  return paths;
}

}  // namespace plinth::test
