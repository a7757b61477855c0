#include "memory_files.hpp"

#include <algorithm>
#include <cstring>

namespace plinth::test {
namespace {

std::string directory_of(const std::string& path) {
  return path.substr(0, path.rfind('/'));
}

std::string sector_of(const std::string& bytes, std::size_t sector) {
  std::string content;
  if (bytes.size() > sector * kSectorBytes) {
    content = bytes.substr(sector * kSectorBytes, kSectorBytes);
  }
  content.resize(kSectorBytes);
  return content;
}

// The different values in order; a value that comes back counts again.
template <typename T>
void add_version(std::vector<T>& versions, const T& value) {
  if (versions.empty() || versions.back() != value) versions.push_back(value);
}

}  // namespace

class MemoryFile final : public base::File {
 public:
  MemoryFile(MemoryFiles& files, std::string path, MemoryFiles::InodePtr inode, bool writable)
      : files_(files), path_(std::move(path)), inode_(std::move(inode)), writable_(writable) {}

  std::size_t read(std::uint64_t offset, char* into, std::size_t size) override {
    const std::string& bytes = inode_->bytes;
    if (offset >= bytes.size()) return 0;
    const std::size_t count = std::min<std::size_t>(size, bytes.size() - offset);
    std::memcpy(into, bytes.data() + offset, count);
    return count;
  }

  void write(std::uint64_t offset, std::string_view bytes) override {
    if (!writable_) throw Error(ErrorCode::io_error, "write " + path_ + ": opened for reading");
    const bool fails = files_.change();
    if (fails) bytes = bytes.substr(0, files_.fault_.bytes_written);
    if (!bytes.empty()) {
      std::string content = inode_->bytes;
      content.resize(std::max<std::size_t>(content.size(), offset + bytes.size()));
      content.replace(offset, bytes.size(), bytes);
      inode_->change(content, offset, offset + bytes.size());
    }
    if (fails) fail("write");
  }

  // After a failed one programs go on seeing the unsynced bytes, but they are no longer on their
  // way to the disk: what Linux does.
  void sync() override {
    if (files_.change()) {
      failed_ = true;
      inode_->unsynced.clear();
      fail("sync");
    }
    if (failed_) throw std::logic_error("sync after a failed sync of " + path_);
    inode_->make_durable();
  }

  std::uint64_t size() override { return inode_->bytes.size(); }

  void truncate(std::uint64_t size) override {
    if (files_.change()) fail("truncate");
    std::string content = inode_->bytes;
    content.resize(size);
    inode_->change(content, std::min<std::size_t>(size, inode_->bytes.size()),
                   std::max<std::size_t>(size, inode_->bytes.size()));
  }

  const std::string& path() const noexcept override { return path_; }

 private:
  [[noreturn]] void fail(const std::string& call) {
    throw Error(files_.fault_.code, call + " " + path_ + ": injected");
  }

  MemoryFiles& files_;
  const std::string path_;
  const MemoryFiles::InodePtr inode_;
  const bool writable_;
  bool failed_ = false;
};

void MemoryFiles::Inode::change(std::string after, std::size_t begin, std::size_t end) {
  bytes = std::move(after);
  unsynced.push_back({bytes, begin / kSectorBytes, (end + kSectorBytes - 1) / kSectorBytes});
}

void MemoryFiles::Inode::make_durable() {
  for (const Change& change : unsynced) {
    durable.resize(change.bytes.size());
    for (std::size_t i = change.first_sector; i < change.end_sector; ++i) {
      const std::string sector =
          change.bytes.substr(std::min(change.bytes.size(), i * kSectorBytes), kSectorBytes);
      durable.replace(std::min(durable.size(), i * kSectorBytes), sector.size(), sector);
    }
  }
  unsynced.clear();
}

void MemoryFiles::NameChange::apply(Names& names) const {
  if (!removed.empty()) names.erase(removed);
  if (!added.empty()) names[added] = inode;
}

MemoryFiles::MemoryFiles(const MemoryFiles& other)
    : unsynced_names_(other.unsynced_names_), directories_(other.directories_) {
  std::map<InodePtr, InodePtr> copies;
  const auto copy = [&](const InodePtr& inode) {
    if (inode == nullptr) return inode;
    InodePtr& copied = copies[inode];
    if (copied == nullptr) copied = std::make_shared<Inode>(*inode);
    return copied;
  };
  for (const auto& [name, inode] : other.names_) names_[name] = copy(inode);
  for (const auto& [name, inode] : other.durable_names_) durable_names_[name] = copy(inode);
  for (NameChange& change : unsynced_names_) change.inode = copy(change.inode);
}

bool MemoryFiles::change() {
  if (++calls_ != fault_.call) return false;
  if (fault_.kind == Fault::Kind::crash) throw Crash();
  return true;
}

void MemoryFiles::change_name(const NameChange& change) {
  if (this->change()) throw Error(fault_.code, change.removed + change.added + ": injected");
  change.apply(names_);
  unsynced_names_.push_back(change);
}

std::unique_ptr<base::File> MemoryFiles::open(const std::string& path, base::OpenMode mode) {
  if (is_directory(path)) throw Error(ErrorCode::file_not_readable, path + " is a directory");
  if (!names_.contains(path)) {
    if (mode != base::OpenMode::create) throw Error(ErrorCode::file_not_found, path);
    if (!is_directory(directory_of(path))) throw Error(ErrorCode::file_not_found, path);
    change_name({"", path, std::make_shared<Inode>()});
  }
  return std::make_unique<MemoryFile>(*this, path, names_.at(path), mode != base::OpenMode::read);
}

bool MemoryFiles::exists(const std::string& path) {
  return names_.contains(path) || is_directory(path);
}

bool MemoryFiles::is_directory(const std::string& path) {
  return directories_.contains(path);
}

void MemoryFiles::create_directories(const std::string& path) {
  if (path.empty() || is_directory(path)) return;
  create_directories(directory_of(path));
  if (change()) throw Error(fault_.code, path + ": injected");
  directories_.insert(path);
}

std::vector<std::string> MemoryFiles::list(const std::string& directory) {
  if (!is_directory(directory)) throw Error(ErrorCode::file_not_found, directory);
  std::vector<std::string> result;
  const auto add = [&](const std::string& path) {
    if (directory_of(path) == directory) result.push_back(path.substr(directory.size() + 1));
  };
  for (const auto& [path, inode] : names_) add(path);
  for (const std::string& path : directories_) add(path);
  std::sort(result.begin(), result.end());
  return result;
}

void MemoryFiles::rename(const std::string& from, const std::string& to) {
  if (!names_.contains(from)) throw Error(ErrorCode::file_not_found, from);
  change_name({from, to, names_.at(from)});
}

void MemoryFiles::remove(const std::string& path) {
  if (names_.contains(path)) change_name({path, "", nullptr});
}

void MemoryFiles::sync_directory(const std::string& directory) {
  if (!is_directory(directory)) throw Error(ErrorCode::file_not_found, directory);
  if (change()) throw Error(fault_.code, "sync " + directory + ": injected");
  std::vector<NameChange> others;
  for (const NameChange& change : unsynced_names_) {
    const std::string& path = change.added.empty() ? change.removed : change.added;
    if (directory_of(path) == directory) {
      change.apply(durable_names_);
    } else {
      others.push_back(change);
    }
  }
  unsynced_names_ = others;
}

std::unique_ptr<base::DirectoryLock> MemoryFiles::lock_directory(const std::string&) {
  return std::make_unique<base::DirectoryLock>();
}

std::map<std::string, std::string> MemoryFiles::contents() const {
  std::map<std::string, std::string> all;
  for (const auto& [path, inode] : names_) all[path] = inode->bytes;
  return all;
}

void MemoryFiles::put(const std::string& path, std::string bytes) {
  const auto inode = std::make_shared<Inode>();
  inode->bytes = inode->durable = std::move(bytes);
  names_[path] = durable_names_[path] = inode;
}

std::unique_ptr<MemoryFiles> MemoryFiles::durable_only() const {
  auto files = std::make_unique<MemoryFiles>();
  files->directories_ = directories_;
  for (const auto& [path, inode] : durable_names_) files->put(path, inode->durable);
  return files;
}

void MemoryFiles::for_each_power_loss(std::size_t limit, std::mt19937_64& random,
                                      const std::function<void(MemoryFiles&)>& check) const {
  // Each thing that may have come out one way or another, with the number of ways.
  struct File {
    InodePtr inode;
    std::vector<std::size_t> sizes;
    std::vector<std::vector<std::string>> sectors;
  };
  std::vector<File> files;
  std::vector<std::size_t> choices;
  Names reachable = durable_names_;
  for (const NameChange& change : unsynced_names_) {
    choices.push_back(2);
    if (change.inode != nullptr) reachable["/" + std::to_string(choices.size())] = change.inode;
  }
  for (const auto& [path, inode] : reachable) {
    if (std::any_of(files.begin(), files.end(),
                    [&wanted = inode](auto& file) { return file.inode == wanted; })) {
      continue;
    }
    File& file = files.emplace_back();
    file.inode = inode;
    std::size_t size_max = inode->durable.size();
    add_version(file.sizes, size_max);
    for (const Change& change : inode->unsynced) {
      add_version(file.sizes, change.bytes.size());
      size_max = std::max(size_max, change.bytes.size());
    }
    file.sectors.resize((size_max + kSectorBytes - 1) / kSectorBytes);
    for (std::size_t i = 0; i < file.sectors.size(); ++i) {
      add_version(file.sectors[i], sector_of(inode->durable, i));
      for (const Change& change : inode->unsynced) {
        if (i < change.first_sector || i >= change.end_sector) continue;
        add_version(file.sectors[i], sector_of(change.bytes, i));
      }
    }
  }
  for (const File& file : files) {
    choices.push_back(file.sizes.size());
    for (const auto& sector : file.sectors) choices.push_back(sector.size());
  }

  const auto run = [&](const std::vector<std::size_t>& chosen) {
    MemoryFiles state;
    state.directories_ = directories_;
    Names names = durable_names_;
    std::size_t at = 0;
    for (const NameChange& change : unsynced_names_) {
      if (chosen[at++] == 1) change.apply(names);
    }
    std::map<InodePtr, std::string> contents;
    for (const File& file : files) {
      const std::size_t size = file.sizes[chosen[at++]];
      std::string& bytes = contents[file.inode];
      for (const auto& sector : file.sectors) bytes += sector[chosen[at++]];
      bytes.resize(size);
    }
    for (const auto& [path, inode] : names) state.put(path, contents.at(inode));
    check(state);
  };

  double states = 1;
  for (const std::size_t choice : choices) states *= static_cast<double>(choice);
  std::vector<std::size_t> chosen(choices.size());
  if (states > static_cast<double>(limit)) {
    run(chosen);
    for (std::size_t i = 0; i < choices.size(); ++i) chosen[i] = choices[i] - 1;
    run(chosen);
    for (std::size_t n = 2; n < limit; ++n) {
      for (std::size_t i = 0; i < choices.size(); ++i) chosen[i] = random() % choices[i];
      run(chosen);
    }
    return;
  }
  for (;;) {  // count up, in mixed radix
    run(chosen);
    std::size_t i = 0;
    while (i < choices.size() && ++chosen[i] == choices[i]) chosen[i++] = 0;
    if (i == choices.size()) return;
  }
}

}  // namespace plinth::test
