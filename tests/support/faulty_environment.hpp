// The real environment with files that fail on demand.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "base/environment.hpp"
#include "plinth/error.hpp"

namespace plinth::test {

enum class FileCall { write, sync, open, rename };

// `fault(call, path)` is asked before each of these calls; what it throws, the call throws.
class FaultyEnvironment final : public base::Environment, public base::FileSystem {
 public:
  using Fault = std::function<void(FileCall, const std::string&)>;
  void set_fault(Fault fault) { *fault_ = std::move(fault); }

  base::FileSystem& files() override { return *this; }
  base::Micros monotonic() override { return real().monotonic(); }
  base::Micros wall() override { return real().wall() + wall_offset; }
  std::uint64_t random() override { return real().random(); }

  std::unique_ptr<base::File> open(const std::string& path, base::OpenMode mode) override {
    if (mode != base::OpenMode::read) ask(FileCall::open, path);
    return std::make_unique<FaultyFile>(real().files().open(path, mode), fault_);
  }
  bool exists(const std::string& path) override { return real().files().exists(path); }
  bool is_directory(const std::string& path) override { return real().files().is_directory(path); }
  void create_directories(const std::string& path) override {
    real().files().create_directories(path);
  }
  std::vector<std::string> list(const std::string& directory) override {
    return real().files().list(directory);
  }
  void rename(const std::string& from, const std::string& to) override {
    ask(FileCall::rename, from);
    real().files().rename(from, to);
  }
  void remove(const std::string& path) override { real().files().remove(path); }
  void sync_directory(const std::string& directory) override {
    real().files().sync_directory(directory);
  }
  std::unique_ptr<base::DirectoryLock> lock_directory(const std::string& directory) override {
    return real().files().lock_directory(directory);
  }

  std::atomic<base::Micros> wall_offset{0};

 private:
  class FaultyFile final : public base::File {
   public:
    FaultyFile(std::unique_ptr<base::File> file, std::shared_ptr<Fault> fault)
        : file_(std::move(file)), fault_(std::move(fault)) {}
    std::size_t read(std::uint64_t offset, char* into, std::size_t size) override {
      return file_->read(offset, into, size);
    }
    void write(std::uint64_t offset, std::string_view bytes) override {
      if (*fault_) (*fault_)(FileCall::write, path());
      file_->write(offset, bytes);
    }
    void sync() override {
      if (*fault_) (*fault_)(FileCall::sync, path());
      file_->sync();
    }
    std::uint64_t size() override { return file_->size(); }
    void truncate(std::uint64_t size) override { file_->truncate(size); }
    const std::string& path() const noexcept override { return file_->path(); }

   private:
    std::unique_ptr<base::File> file_;
    std::shared_ptr<Fault> fault_;
  };

  void ask(FileCall call, const std::string& path) {
    if (*fault_) (*fault_)(call, path);
  }

  std::shared_ptr<Fault> fault_ = std::make_shared<Fault>();
};

}  // namespace plinth::test
