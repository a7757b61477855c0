#include "simulation/file_system.hpp"

#include <utility>

namespace plinth::simulation {
namespace {

class SimFile final : public base::File {
 public:
  SimFile(std::string path, base::OpenMode mode, Disk::FilePtr data, Disk& disk, Device& device)
      : path_(std::move(path)),
        may_write_(mode != base::OpenMode::read),
        data_(std::move(data)),
        disk_(disk),
        device_(device) {}

  std::size_t read(std::uint64_t offset, char* into, std::size_t size) override {
    const Device::Permit permit = device_.begin(Call::read, path_, offset, size);
    if (permit.fault == Fault::io_error) raise(*permit.fault, Call::read, offset);
    const std::size_t got = data_->read(offset, into, size);
    if (permit.fault == Fault::bit_flip && got > 0) {
      const std::size_t place = device_.random().below(got);
      into[place] = static_cast<char>(into[place] ^ (1 << device_.random().below(8)));
    }
    device_.end(permit, path_);
    return got;
  }

  void write(std::uint64_t offset, std::string_view bytes) override {
    require_writable();
    Device::Permit permit = device_.begin(Call::write, path_, offset, bytes.size());
    device_.trace().bytes(bytes);
    if (disk_.bytes_used() + bytes.size() > device_.options().capacity_bytes &&
        extends(offset, bytes))
      permit.fault = Fault::disk_full;
    if (permit.fault == Fault::io_error || permit.fault == Fault::disk_full) {
      data_->write(offset, bytes.substr(0, device_.random().below(bytes.size() + 1)));
      device_.end(permit, path_);
      raise(*permit.fault, Call::write, offset);
    }
    data_->write(offset, bytes, fate(permit, offset));
    device_.end(permit, path_);
  }

  void sync() override {
    const std::uint64_t changes = data_->changes();
    const Device::Permit permit = device_.begin(Call::sync, path_, changes);
    device_.end(permit, path_);
    const std::string& skip = device_.options().skip_sync_of;
    if (!skip.empty() && path_.find(skip) != std::string::npos) return;
    if (permit.fault) {
      data_->fail_sync(changes, CrashOptions::any(device_.random()), device_.random());
      raise(*permit.fault, Call::sync, 0);
    }
    data_->sync(changes);
  }

  std::uint64_t size() override {
    device_.end(device_.begin(Call::lookup, path_), path_);
    return data_->size();
  }

  void truncate(std::uint64_t size) override {
    require_writable();
    const Device::Permit permit = device_.begin(Call::truncate, path_, size);
    if (permit.fault) raise(*permit.fault, Call::truncate, size);
    data_->truncate(size);
    device_.end(permit, path_);
  }

  const std::string& path() const noexcept override { return path_; }

 private:
  void require_writable() const {
    if (!may_write_)
      throw Error(ErrorCode::file_not_writable, path_ + ": the file was opened for reading only");
  }

  bool extends(std::uint64_t offset, std::string_view bytes) const {
    return offset + bytes.size() > data_->bytes_written();
  }

  WriteFate fate(const Device::Permit& permit, std::uint64_t offset) {
    if (permit.fault == Fault::lost_write) return {WriteFate::Kind::is_lost};
    if (permit.fault != Fault::misdirected_write) return {};
    const std::uint64_t sectors = (data_->size() + kSectorBytes - 1) / kSectorBytes;
    const std::uint64_t right = offset / kSectorBytes;
    if (sectors < 2) return {WriteFate::Kind::is_lost};
    std::uint64_t wrong = right;
    while (wrong == right) wrong = device_.random().below(sectors);
    return {WriteFate::Kind::lands_elsewhere, wrong * kSectorBytes + offset % kSectorBytes};
  }

  [[noreturn]] void raise(Fault fault, Call call, std::uint64_t offset) const {
    Device::raise(fault, call, path_, " at offset " + std::to_string(offset));
  }

  const std::string path_;
  const bool may_write_;
  const Disk::FilePtr data_;
  Disk& disk_;
  Device& device_;
};

void require(bool holds, ErrorCode code, Call call, const std::string& path, const char* reason) {
  if (!holds) throw Error(code, std::string(to_string(call)) + " " + path + ": " + reason);
}

}  // namespace

class SimFileSystem::Lock final : public base::DirectoryLock {
 public:
  Lock(std::shared_ptr<LockedSet> locked, std::string path)
      : locked_(std::move(locked)), path_(std::move(path)) {}
  ~Lock() override { locked_->erase(path_); }

 private:
  const std::shared_ptr<LockedSet> locked_;
  const std::string path_;
};

Device::Permit SimFileSystem::begin_name_call(Call call, const std::string& path) {
  Device::Permit permit = device_.begin(call, path);
  if (permit.fault) {
    device_.end(permit, path);
    Device::raise(*permit.fault, call, path);
  }
  return permit;
}

std::unique_ptr<base::File> SimFileSystem::open(const std::string& path, base::OpenMode mode) {
  const Device::Permit permit = begin_name_call(Call::open, path);
  const std::string name = Disk::normal(path);
  const bool reads = mode == base::OpenMode::read;
  require(!disk_.is_directory(name),
          reads ? ErrorCode::file_not_readable : ErrorCode::file_not_writable, Call::open, path,
          "Is a directory");
  Disk::FilePtr data = disk_.find(name);
  if (data == nullptr) {
    require(mode == base::OpenMode::create && disk_.is_directory(Disk::parent(name)),
            ErrorCode::file_not_found, Call::open, path, "No such file or directory");
    data = disk_.create(name);
  }
  device_.end(permit, path);
  return std::make_unique<SimFile>(path, mode, std::move(data), disk_, device_);
}

bool SimFileSystem::exists(const std::string& path) {
  device_.end(begin_name_call(Call::lookup, path), path);
  const std::string name = Disk::normal(path);
  return disk_.find(name) != nullptr || disk_.is_directory(name);
}

bool SimFileSystem::is_directory(const std::string& path) {
  device_.end(begin_name_call(Call::lookup, path), path);
  return disk_.is_directory(Disk::normal(path));
}

void SimFileSystem::create_directories(const std::string& path) {
  const Device::Permit permit = begin_name_call(Call::make_directory, path);
  const std::string name = Disk::normal(path);
  std::vector<std::string> made;
  for (std::size_t end = 1; end <= name.size(); ++end) {
    if (end < name.size() && name[end] != '/') continue;
    const std::string part = name.substr(0, end);
    require(disk_.find(part) == nullptr, ErrorCode::file_not_writable, Call::make_directory, path,
            "a file is there");
    if (disk_.is_directory(part)) continue;
    disk_.make_directory(part);
    made.push_back(part);
  }
  device_.end(permit, path);
  for (const std::string& part : made)
    disk_.sync_directory(Disk::parent(part), disk_.name_changes());
}

std::vector<std::string> SimFileSystem::list(const std::string& directory) {
  device_.end(begin_name_call(Call::lookup, directory), directory);
  const std::string name = Disk::normal(directory);
  require_directory(name, Call::lookup);
  return disk_.list(name);
}

void SimFileSystem::rename(const std::string& from, const std::string& to) {
  const Device::Permit permit = begin_name_call(Call::rename, from);
  const std::string old_name = Disk::normal(from);
  const std::string new_name = Disk::normal(to);
  require(disk_.find(old_name) != nullptr, ErrorCode::file_not_found, Call::rename, from,
          "No such file or directory");
  require(!disk_.is_directory(new_name), ErrorCode::file_not_writable, Call::rename, to,
          "Is a directory");
  require(Disk::parent(old_name) == Disk::parent(new_name), ErrorCode::io_error, Call::rename, from,
          "renames from one directory to another are not simulated");
  device_.trace().bytes(new_name);
  disk_.rename(old_name, new_name);
  device_.end(permit, from);
}

void SimFileSystem::remove(const std::string& path) {
  const Device::Permit permit = begin_name_call(Call::remove, path);
  const std::string name = Disk::normal(path);
  require(!disk_.is_directory(name), ErrorCode::file_not_writable, Call::remove, path,
          "Is a directory");
  require(disk_.find(Disk::parent(name)) == nullptr, ErrorCode::file_not_found, Call::remove, path,
          "Not a directory");
  if (disk_.find(name) != nullptr) disk_.remove(name);
  device_.end(permit, path);
}

void SimFileSystem::sync_directory(const std::string& directory) {
  const std::uint64_t changes = disk_.name_changes();
  const Device::Permit permit = begin_name_call(Call::sync_directory, directory);
  device_.end(permit, directory);
  const std::string name = Disk::normal(directory);
  require_directory(name, Call::sync_directory);
  const std::string& skip = device_.options().skip_directory_sync_of;
  if (!skip.empty() && name.find(skip) != std::string::npos) return;
  disk_.sync_directory(name, changes);
}

std::unique_ptr<base::DirectoryLock> SimFileSystem::lock_directory(const std::string& directory) {
  const Device::Permit permit = begin_name_call(Call::lock_directory, directory);
  const std::string name = Disk::normal(directory);
  require_directory(name, Call::lock_directory);
  if (!locked_->insert(name).second)
    throw Error(ErrorCode::database_in_use, directory + "/LOCK is held by process 1 (this one)");
  auto lock = std::make_unique<Lock>(locked_, name);
  const std::string file = Disk::normal(name + "/LOCK");
  if (disk_.find(file) == nullptr) disk_.create(file);
  device_.end(permit, directory);
  return lock;
}

void SimFileSystem::require_directory(const std::string& name, Call call) const {
  require(disk_.is_directory(name), ErrorCode::file_not_found, call, name,
          disk_.find(name) == nullptr ? "No such file or directory" : "Not a directory");
}

}  // namespace plinth::simulation
