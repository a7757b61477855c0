#include "cluster/test_cluster.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cluster/open_cluster.hpp"
#include "cluster/prefixed_database.hpp"

namespace plinth::test {
namespace {

constexpr ByteView kAllTests("plinth-test/");

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

// Of the build that this program is from.
std::string own_library() {
  const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe");
  return program.parent_path().parent_path() / "fdb/lib/libfdb_c.so";
}

Bytes new_prefix() {
  static std::atomic<int> count{0};
  return Bytes(kAllTests) + std::to_string(::getpid()) + "-" + std::to_string(++count) + "/";
}

}  // namespace

TestCluster::TestCluster(std::string directory)
    : directory_(std::move(directory)),
      cluster_file_(variable("PLINTH_TEST_CLUSTER_FILE")),
      prefix_(new_prefix()) {
  if (is_real()) return;
  ::setenv("PLINTH_LIBFDB_C", own_library().c_str(), 0);
  // Buffers so small that checkpoints happen during a test, as in open_small().
  std::ofstream(directory_ + "/fdb.cluster")
      << "plinth file:" << directory_
      << "/db?durability=buffered&window_bytes=8388608&checkpoint_bytes=262144"
         "&log_segment_bytes=1048576\n";
}

TestCluster::~TestCluster() {
  if (!is_real()) return;
  try {
    plinth::open("fdb:" + cluster_file_).run([&](Transaction& tx) {
      tx.clear_range(prefix_, prefix_ + '\xff');
    });
  } catch (const std::exception& error) {
    std::fprintf(stderr, "Keys under \"%s\" are left on the cluster: %s\n", prefix_.c_str(),
                 error.what());
  }
}

Database TestCluster::open() {
  if (!is_real()) return plinth::open("fdb:" + directory_ + "/fdb.cluster");
  return prefixed(cluster::open_cluster(cluster_file_, "fdb:" + cluster_file_), prefix_);
}

}  // namespace plinth::test
