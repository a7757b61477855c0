// The questions that the demo asks of its packages.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/demo_graph.hpp"
#include "cli/session.hpp"

namespace plinth::cli {

// Prints question, answer and the time that the answer took: for people, or as a line of JSON,
// {"question":…,"answer":[lines],"seconds":…}.
class Questions {
 public:
  explicit Questions(Session& session) : session_(session) {}

  void what_depends_on(const std::string& name);
  void largest();
  // Empty names: two packages that are far apart are chosen.
  void shortest_chain(std::string from, std::string to);
  void sections();
  void conflict();
  void old_snapshot();

  // Whether all answers that can be wrong were right.
  bool all_right() const { return all_right_; }

 private:
  using Lines = std::vector<std::string>;

  void ask(const std::string& question, const std::function<Lines()>& answer);
  // The two ends of a long chain: of some packages the one from which it is farthest to another,
  // and that other.
  std::pair<std::string, std::string> far_apart();
  std::vector<std::string> largest_names(std::size_t count);

  // A line that says whether an answer is right.
  std::string verdict(bool right, const std::string& what);

  Session& session_;
  int number_ = 0;
  bool all_right_ = true;
};

}  // namespace plinth::cli
