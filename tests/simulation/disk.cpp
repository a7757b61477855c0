#include "simulation/disk.hpp"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include "base/assert.hpp"

namespace plinth::simulation {
namespace {

// How many of `count` things in a row survive a power loss: all, some first ones, or none.
std::size_t surviving_prefix(std::size_t count, const CrashOptions& options, Random& random) {
  if (random.chance(options.survives)) return count;
  return random.chance(options.survives) ? random.below(count + 1) : 0;
}

// The part of `bytes` at `offset` that lies in a sector.
struct SectorPart {
  std::uint64_t sector;
  std::uint64_t offset;  // in the file
  std::string_view bytes;
};

template <class Visit>
void for_each_sector(std::uint64_t offset, std::string_view bytes, Visit visit) {
  while (!bytes.empty()) {
    const std::uint64_t sector = offset / kSectorBytes;
    const std::size_t size =
        std::min<std::size_t>(bytes.size(), (sector + 1) * kSectorBytes - offset);
    visit(SectorPart{sector, offset, bytes.substr(0, size)});
    offset += size;
    bytes.remove_prefix(size);
  }
}

// A sector's own fate in a power loss.
struct SectorFate {
  std::size_t writes = 0;   // to it since the last sync
  std::size_t survive = 0;  // the first so many of these do
  std::size_t met = 0;      // so far, while they are applied
  bool tears = false;       // of the first lost one a part survives
};

// A part at the beginning or at the end of what was being written.
SectorPart torn(SectorPart part, Random& random) {
  const std::size_t cut = random.below(part.bytes.size() + 1);
  if (random.chance(0.5)) {
    part.bytes = part.bytes.substr(0, cut);
  } else {
    part.bytes.remove_prefix(cut);
    part.offset += cut;
  }
  return part;
}

}  // namespace

CrashOptions CrashOptions::any(Random& random) {
  static constexpr double kSurvives[] = {0, 0.1, 0.5, 0.5, 0.9, 1};
  CrashOptions options;
  options.survives = kSurvives[random.below(std::size(kSurvives))];
  options.names_in_order = random.chance(0.5);
  return options;
}

void FileData::Content::write(std::uint64_t offset, std::string_view what) {
  if (bytes.size() < offset + what.size()) bytes.resize(offset + what.size());
  std::memcpy(bytes.data() + offset, what.data(), what.size());
  size = std::max<std::uint64_t>(size, offset + what.size());
}

void FileData::Content::truncate(std::uint64_t to) {
  if (bytes.size() > to) bytes.resize(to);
  size = to;
}

std::size_t FileData::read(std::uint64_t offset, char* into, std::size_t size) const {
  if (offset >= now_.size) return 0;
  size = std::min<std::uint64_t>(size, now_.size - offset);
  std::memset(into, 0, size);
  if (offset < now_.bytes.size())
    std::memcpy(into, now_.bytes.data() + offset,
                std::min<std::uint64_t>(size, now_.bytes.size() - offset));
  return size;
}

void FileData::write(std::uint64_t offset, std::string_view bytes, WriteFate fate) {
  if (bytes.empty()) return;
  now_.write(offset, bytes);
  waiting_.push_back({false, offset, std::string(bytes), fate});
}

void FileData::truncate(std::uint64_t size) {
  now_.truncate(size);
  waiting_.push_back({true, size, {}, {}});
}

void FileData::apply(const Change& change, Content& content) {
  if (change.is_truncate) return content.truncate(change.offset);
  const std::uint64_t size =
      std::max<std::uint64_t>(content.size, change.offset + change.bytes.size());
  switch (change.fate.kind) {
    case WriteFate::Kind::lands:
      content.write(change.offset, change.bytes);
      break;
    case WriteFate::Kind::is_lost:
      break;
    case WriteFate::Kind::lands_elsewhere:
      content.write(change.fate.elsewhere, change.bytes);
      break;
  }
  content.size = size;
  if (content.bytes.size() > size) content.bytes.resize(size);
}

std::size_t FileData::waiting_upto(std::uint64_t upto) const {
  return upto <= synced_ ? 0 : std::min<std::size_t>(upto - synced_, waiting_.size());
}

void FileData::drop_waiting(std::size_t count) {
  waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
  synced_ += count;
}

void FileData::sync(std::uint64_t upto) {
  const std::size_t count = waiting_upto(upto);
  for (std::size_t i = 0; i < count; ++i) apply(waiting_[i], durable_);
  drop_waiting(count);
}

void FileData::fail_sync(std::uint64_t upto, const CrashOptions& options, Random& random) {
  const std::size_t count = waiting_upto(upto);
  durable_ = survivors(count, options, random);
  drop_waiting(count);
}

void FileData::end_apply(bool success) {
  if (success) store_ = std::move(store_under_way_);
  store_under_way_ = nullptr;
}

std::shared_ptr<FileData> FileData::after_power_loss(const CrashOptions& options,
                                                     Random& random) const {
  auto file = std::make_shared<FileData>();
  file->durable_ = survivors(waiting_.size(), options, random);
  file->now_ = file->durable_;
  const bool applied = store_under_way_ != nullptr && random.chance(options.survives);
  file->store_ = applied ? store_under_way_ : store_;
  return file;
}

FileData::Content FileData::survivors(std::size_t count, const CrashOptions& options,
                                      Random& random) const {
  const auto place = [](const Change& change) {
    return change.fate.kind == WriteFate::Kind::lands ? change.offset : change.fate.elsewhere;
  };
  const auto reaches_disk = [](const Change& change) {
    return !change.is_truncate && change.fate.kind != WriteFate::Kind::is_lost;
  };

  std::map<std::uint64_t, SectorFate> sectors;
  for (std::size_t i = 0; i < count; ++i)
    if (reaches_disk(waiting_[i]))
      for_each_sector(place(waiting_[i]), waiting_[i].bytes,
                      [&](const SectorPart& part) { ++sectors[part.sector].writes; });
  for (auto& [sector, fate] : sectors) {
    fate.survive = surviving_prefix(fate.writes, options, random);
    fate.tears = random.chance(options.tears);
  }

  const std::size_t sizes = surviving_prefix(count, options, random);
  Content content = durable_;
  std::uint64_t size = durable_.size;
  for (std::size_t i = 0; i < count; ++i) {
    const Change& change = waiting_[i];
    if (i < sizes) {
      size = change.is_truncate
                 ? change.offset
                 : std::max<std::uint64_t>(size, change.offset + change.bytes.size());
      if (change.is_truncate) content.truncate(change.offset);
    }
    if (!reaches_disk(change)) continue;
    for_each_sector(place(change), change.bytes, [&](SectorPart part) {
      SectorFate& fate = sectors[part.sector];
      const std::size_t turn = fate.met++;
      if (turn == fate.survive && fate.tears)
        part = torn(part, random);
      else if (turn >= fate.survive)
        return;
      content.write(part.offset, part.bytes);
    });
  }
  content.truncate(size);
  return content;
}

void FileData::flip_bit(std::uint64_t offset, unsigned bit) {
  for (Content* content : {&now_, &durable_})
    if (offset < content->bytes.size())
      content->bytes[offset] = static_cast<char>(content->bytes[offset] ^ (1 << (bit % 8)));
}

Disk::Disk() {
  now_.directories.insert("/");
  durable_ = now_;
}

std::string Disk::normal(std::string_view path) {
  std::string text = ("/" / std::filesystem::path(path)).lexically_normal().string();
  if (text.size() > 1 && text.back() == '/') text.pop_back();
  return text;
}

std::string Disk::parent(std::string_view normal_path) {
  const std::size_t slash = normal_path.rfind('/');
  return slash == 0 ? "/" : std::string(normal_path.substr(0, slash));
}

Disk::FilePtr Disk::find(const std::string& path) const {
  const auto it = now_.files.find(path);
  return it == now_.files.end() ? nullptr : it->second;
}

std::vector<std::string> Disk::list(const std::string& directory) const {
  std::vector<std::string> names;
  const auto add = [&](const std::string& path) {
    if (path != "/" && parent(path) == directory) names.push_back(path.substr(path.rfind('/') + 1));
  };
  for (const auto& [path, file] : now_.files) add(path);
  for (const std::string& path : now_.directories) add(path);
  std::sort(names.begin(), names.end());
  return names;
}

Disk::FilePtr Disk::create(const std::string& path) {
  PLINTH_ASSERT(is_directory(parent(path)) && !is_directory(path));
  auto file = std::make_shared<FileData>();
  change_names({NameChange::Kind::create, path, {}, file, 0});
  return file;
}

void Disk::make_directory(const std::string& path) {
  PLINTH_ASSERT(is_directory(parent(path)) && find(path) == nullptr);
  change_names({NameChange::Kind::make_directory, path, {}, nullptr, 0});
}

void Disk::rename(const std::string& from, const std::string& to) {
  PLINTH_ASSERT(find(from) != nullptr && parent(from) == parent(to) && !is_directory(to));
  change_names({NameChange::Kind::rename, from, to, find(from), 0});
}

void Disk::remove(const std::string& path) {
  PLINTH_ASSERT(find(path) != nullptr);
  change_names({NameChange::Kind::remove, path, {}, nullptr, 0});
}

void Disk::change_names(NameChange change) {
  change.number = ++name_changes_;
  apply(change, now_);
  waiting_.push_back(std::move(change));
}

void Disk::apply(const NameChange& change, Names& names) {
  switch (change.kind) {
    case NameChange::Kind::create:
      names.files[change.path] = change.file;
      break;
    case NameChange::Kind::make_directory:
      names.directories.insert(change.path);
      break;
    case NameChange::Kind::rename:
      names.files.erase(change.path);
      names.files[change.to] = change.file;
      break;
    case NameChange::Kind::remove:
      names.files.erase(change.path);
      break;
  }
}

void Disk::sync_directory(const std::string& directory, std::uint64_t upto) {
  const auto covered = [&](const NameChange& change) {
    return change.number <= upto && parent(change.path) == directory;
  };
  for (const NameChange& change : waiting_)
    if (covered(change)) apply(change, durable_);
  std::erase_if(waiting_, covered);
}

Disk::Names Disk::surviving_names(const CrashOptions& options, Random& random) const {
  Names names = durable_;
  if (options.names_in_order) {
    const std::size_t count = surviving_prefix(waiting_.size(), options, random);
    for (std::size_t i = 0; i < count; ++i) apply(waiting_[i], names);
  } else {
    std::set<std::string> lost;  // names of which a change is lost: no later one survives
    for (const NameChange& change : waiting_) {
      const bool survives = !lost.contains(change.path) && !lost.contains(change.to) &&
                            random.chance(options.survives);
      if (survives) {
        apply(change, names);
      } else {
        lost.insert(change.path);
        if (!change.to.empty()) lost.insert(change.to);
      }
    }
  }
  // What lies in a directory that is gone cannot be reached. Parents come first in the order.
  std::erase_if(names.directories, [&](const std::string& path) {
    return path != "/" && !names.directories.contains(parent(path));
  });
  std::erase_if(names.files, [&](const auto& entry) {
    return !names.directories.contains(parent(entry.first));
  });
  return names;
}

std::uint64_t Disk::bytes_used() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, file] : now_.files) bytes += file->bytes_written();
  return bytes;
}

Disk Disk::after_power_loss(const CrashOptions& options, Random& random) const {
  Disk after;
  after.durable_ = surviving_names(options, random);
  for (auto& [path, file] : after.durable_.files) file = file->after_power_loss(options, random);
  after.now_ = after.durable_;
  return after;
}

}  // namespace plinth::simulation
