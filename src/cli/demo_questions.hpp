// The questions that the demo asks of its packages.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "cli/demo_stores.hpp"
#include "cli/session.hpp"

namespace plinth::cli {

// Prints question, answer and the time that the answer took: for people, or as a line of JSON,
// {"question":…,"answer":[lines],"seconds":…}.
class Questions {
 public:
  // Of what was loaded.
  explicit Questions(Session& session);

  // --- One layer each: demo_layer_questions.cpp ---
  void what_depends_on(const std::string& name);
  void largest();
  void required_in(const std::string& section);
  // Empty names: two packages that are far apart are chosen.
  void shortest_chain(std::string from, std::string to);
  void through_libraries(const std::string& section, const std::string& library);
  void search(const std::string& words);
  // Rows of one section that an expression holds for.
  void filtered(const std::string& section, const std::string& expression);
  void of_the_same_maintainer(const std::string& name);
  void files();
  void upgrade();  // demo_upgrade.cpp
  void directories();

  // --- The core ---
  void sections();
  void conflict();
  void old_snapshot();

  // Whether all answers that can be wrong were right.
  bool all_right() const { return all_right_; }

 private:
  using Lines = std::vector<std::string>;

  void ask(const std::string& question, const std::function<Lines()>& answer);
  // A package with long chains of dependencies, and the one that is farthest from it.
  std::pair<std::string, std::string> far_apart();
  std::vector<EntityValue> largest_ids(const ReadTransaction& reads, std::size_t count);
  std::vector<std::string> largest_names(std::size_t count);
  // The first line of its description.
  std::string summary(const ReadTransaction& reads, const std::string& name);
  // A line that says whether an answer is right.
  std::string verdict(bool right, const std::string& what);

  Session& session_;
  PackageStores stores_;
  int number_ = 0;
  bool all_right_ = true;
};

}  // namespace plinth::cli
