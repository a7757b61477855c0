// A cluster for one test: Plinth's own libfdb_c.so, or, when PLINTH_TEST_CLUSTER_FILE names a
// cluster file, that cluster, on which only keys under a prefix of this test's own are touched.
#pragma once

#include <string>

#include "plinth/database.hpp"

namespace plinth::test {

class TestCluster {
 public:
  // `directory`: an empty one, which outlives it.
  explicit TestCluster(std::string directory);
  // Removes what the test has left on a real cluster.
  ~TestCluster();
  TestCluster(const TestCluster&) = delete;
  TestCluster& operator=(const TestCluster&) = delete;

  // Through the whole path of the C API; opened again it has the same keys.
  Database open();
  bool is_real() const { return !cluster_file_.empty(); }

 private:
  const std::string directory_;
  const std::string cluster_file_;  // of a real one
  const Bytes prefix_;              // on it
};

}  // namespace plinth::test
