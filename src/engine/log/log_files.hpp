// The files in a log's directory, by name. The number in a name is never below that of a segment
// whose records the file may still hold; so a number above all of them is new, and no old bytes can
// pass for records of it (RecordSeal).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/environment.hpp"

namespace plinth::engine {

struct LogFile {
  enum class Kind {
    segment,    // NUMBER.log
    spare,      // NUMBER.old: was a segment, to be used again
    unfinished  // NUMBER.new: being made, not yet of its full size
  };
  Kind kind = Kind::segment;
  std::uint64_t number = 0;

  std::string name() const;
  std::string path_in(const std::string& directory) const { return directory + "/" + name(); }
};

// Nothing for a name that is not one of ours.
std::optional<LogFile> parse_log_file(std::string_view name);

// The first `limit` bytes of a file, fewer when it is shorter.
// Error(file_corrupt) when it is larger than any segment.
std::string read_segment(base::FileSystem& files, const std::string& path,
                         std::uint64_t limit = UINT64_MAX);

}  // namespace plinth::engine
