#include "append_loop.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace plinth::bench {
namespace {

class AppendLoop final : public Peer {
 public:
  std::string name() const override { return "append"; }
  std::string durability() const override { return "write + fdatasync"; }
  void open(const std::string& directory, bool) override {
    std::filesystem::create_directories(directory);
    file_ = ::open((directory + "/file").c_str(), O_CREAT | O_WRONLY | O_APPEND, 0644);
    if (file_ < 0) throw std::runtime_error("append: cannot create a file in " + directory);
  }
  void close() override { ::close(file_); }
  void write(const std::vector<Row>& rows) override {
    Bytes bytes;
    for (const auto& [key, value] : rows) bytes.append(key).append(value);
    if (::write(file_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::fdatasync(file_) != 0)
      throw std::runtime_error("append: the write failed");
  }
  std::unique_ptr<Reader> begin() override { throw std::runtime_error("append cannot read"); }
  void increment(ByteView) override { throw std::runtime_error("append cannot read"); }

 private:
  int file_ = -1;
};

}  // namespace

std::unique_ptr<Peer> make_append_loop() {
  return std::make_unique<AppendLoop>();
}

}  // namespace plinth::bench
