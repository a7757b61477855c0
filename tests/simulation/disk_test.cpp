#include "simulation/disk.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <set>

namespace plinth::simulation {
namespace {

constexpr std::uint64_t kSeeds = 300;

std::string content(const FileData& file) {
  std::string bytes(file.size(), '?');
  EXPECT_EQ(file.read(0, bytes.data(), bytes.size()), bytes.size());
  return bytes;
}

std::string content(const Disk& disk, const std::string& path) {
  const Disk::FilePtr file = disk.find(path);
  return file == nullptr ? "(none)" : content(*file);
}

std::string sectors(char letter, std::size_t count) {
  return std::string(count * kSectorBytes, letter);
}

// What `look` sees after a power loss, over many seeds.
std::set<std::string> outcomes(const Disk& disk,
                               const std::function<std::string(const Disk&)>& look,
                               double tears = 0) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    Random random(seed);
    CrashOptions options = CrashOptions::any(random);
    options.tears = tears;
    seen.insert(look(disk.after_power_loss(options, random)));
  }
  return seen;
}

// A disk with the file /f, whose name is durable.
struct DiskWithFile {
  DiskWithFile() : file(disk.create("/f")) { disk.sync_directory("/", disk.name_changes()); }
  std::set<std::string> contents(double tears = 0) const {
    return outcomes(
        disk, [](const Disk& after) { return content(after, "/f"); }, tears);
  }
  void sync() { file->sync(file->changes()); }

  Disk disk;
  Disk::FilePtr file;
};

TEST(Disk, WhatIsSyncedSurvives) {
  DiskWithFile d;
  d.file->write(100, "hello");
  d.file->truncate(103);
  d.sync();
  EXPECT_EQ(d.contents(), std::set{std::string(100, '\0') + "hel"});
}

TEST(Disk, ASyncCoversOnlyWhatWasThereWhenItBegan) {
  DiskWithFile d;
  d.file->write(0, "a");
  const std::uint64_t begun = d.file->changes();
  d.file->write(0, "b");
  d.file->sync(begun);
  EXPECT_EQ(d.contents(), (std::set<std::string>{"a", "b"}));
}

TEST(Disk, AnUnsyncedSectorSurvivesOrIsLost) {
  DiskWithFile d;
  d.file->write(0, sectors('a', 1));
  d.sync();
  d.file->write(0, sectors('b', 1));
  EXPECT_EQ(d.contents(), (std::set{sectors('a', 1), sectors('b', 1)}));
}

TEST(Disk, ASectorIsTornIfAskedFor) {
  DiskWithFile d;
  d.file->write(0, sectors('a', 1));
  d.sync();
  d.file->write(0, sectors('b', 1));
  bool torn_front = false;
  bool torn_back = false;
  for (const std::string& bytes : d.contents(0.5)) {
    EXPECT_EQ(bytes.size(), kSectorBytes);
    EXPECT_EQ(bytes.find_first_not_of("ab"), std::string::npos);
    torn_front |= bytes.front() == 'b' && bytes.back() == 'a';
    torn_back |= bytes.front() == 'a' && bytes.back() == 'b';
  }
  EXPECT_TRUE(torn_front);
  EXPECT_TRUE(torn_back);
}

TEST(Disk, SectorsReachTheDiskInAnyOrder) {
  DiskWithFile d;
  d.file->truncate(3 * kSectorBytes);
  d.sync();
  d.file->write(0, sectors('a', 2));
  d.file->write(2 * kSectorBytes, sectors('b', 1));
  const std::set<std::string> seen = d.contents();
  const std::string zeros = sectors('\0', 1);
  EXPECT_TRUE(seen.contains(zeros + zeros + sectors('b', 1)));  // the later without the earlier
  EXPECT_TRUE(seen.contains(zeros + sectors('a', 1) + zeros));  // a part of one write
  EXPECT_TRUE(seen.contains(sectors('a', 2) + sectors('b', 1)));
}

TEST(Disk, WritesToOneSectorKeepTheirOrder) {
  DiskWithFile d;
  d.file->write(0, "..");
  d.sync();
  d.file->write(0, "a");
  d.file->write(1, "b");
  const std::set<std::string> seen = d.contents();
  EXPECT_EQ(seen, (std::set<std::string>{"..", "a.", "ab"}));
}

TEST(Disk, AFileHasOneOfTheSizesSinceItsSync) {
  DiskWithFile d;
  d.file->write(0, sectors('a', 1));
  d.sync();
  d.file->write(kSectorBytes, sectors('b', 1));
  d.file->truncate(10);
  std::set<std::size_t> sizes;
  bool hole = false;
  for (const std::string& bytes : d.contents()) {
    sizes.insert(bytes.size());
    hole |= bytes.size() == 2 * kSectorBytes && bytes.back() == '\0';
  }
  EXPECT_EQ(sizes, (std::set<std::size_t>{10, kSectorBytes, 2 * kSectorBytes}));
  EXPECT_TRUE(hole);  // the size has survived, the bytes have not
}

TEST(Disk, WhatWasCutOffDoesNotComeBack) {
  DiskWithFile d;
  d.file->write(0, "secret");
  d.sync();
  d.file->truncate(0);
  d.file->truncate(5);
  EXPECT_EQ(content(*d.file), std::string(5, '\0'));
  EXPECT_EQ(d.contents(), (std::set<std::string>{"secret", "", std::string(5, '\0')}));
  d.sync();
  EXPECT_EQ(d.contents(), std::set{std::string(5, '\0')});
}

TEST(Disk, AFailedSyncMayLoseWhatTheProgramStillReads) {
  bool lost = false;
  bool kept = false;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    DiskWithFile d;
    d.file->write(0, "x");
    Random random(seed);
    d.file->fail_sync(d.file->changes(), CrashOptions::any(random), random);
    EXPECT_EQ(content(*d.file), "x");
    d.sync();  // succeeds, and does nothing: nothing waits any more
    const std::set<std::string> after = d.contents();
    EXPECT_EQ(after.size(), 1u) << "it is decided";
    lost |= after.contains("");
    kept |= after.contains("x");
  }
  EXPECT_TRUE(lost);
  EXPECT_TRUE(kept);
}

TEST(Disk, ALostOrMisdirectedWriteShowsAfterAPowerLoss) {
  DiskWithFile d;
  d.file->write(0, sectors('a', 3));
  d.sync();
  d.file->write(0, sectors('b', 1), {WriteFate::Kind::is_lost});
  d.file->write(kSectorBytes, sectors('c', 1),
                {WriteFate::Kind::lands_elsewhere, 2 * kSectorBytes});
  d.sync();
  EXPECT_EQ(content(*d.file), sectors('b', 1) + sectors('c', 1) + sectors('a', 1));
  EXPECT_EQ(d.contents(), std::set{sectors('a', 2) + sectors('c', 1)});
}

TEST(Disk, AFlippedBitIsThereNowAndLater) {
  DiskWithFile d;
  d.file->write(0, "abc");
  d.sync();
  d.file->flip_bit(1, 0);
  EXPECT_EQ(content(*d.file), "acc");
  EXPECT_EQ(d.contents(), std::set<std::string>{"acc"});
}

std::set<std::string> names_after(const Disk& disk) {
  return outcomes(disk, [](const Disk& after) {
    std::string names;
    for (const std::string& name : after.list("/")) names += name + " ";
    return names;
  });
}

TEST(Disk, ANameIsDurableWithItsDirectory) {
  Disk disk;
  disk.create("/a");
  EXPECT_EQ(names_after(disk), (std::set<std::string>{"", "a "}));
  disk.sync_directory("/", disk.name_changes());
  EXPECT_EQ(names_after(disk), (std::set<std::string>{"a "}));
  disk.remove("/a");
  EXPECT_EQ(disk.list("/"), std::vector<std::string>{});
  EXPECT_EQ(names_after(disk), (std::set<std::string>{"", "a "}));
}

TEST(Disk, ASyncedFileIsLostWithItsName) {
  Disk disk;
  const Disk::FilePtr file = disk.create("/a");
  file->write(0, "durable?");
  file->sync(file->changes());
  EXPECT_TRUE(names_after(disk).contains(""));
}

TEST(Disk, ARenameHappensOrDoesNot) {
  Disk disk;
  for (const char* path : {"/old", "/new"}) {
    const Disk::FilePtr file = disk.create(path);
    file->write(0, path);
    file->sync(file->changes());
  }
  disk.sync_directory("/", disk.name_changes());
  disk.rename("/new", "/old");
  EXPECT_EQ(outcomes(disk,
                     [](const Disk& after) {
                       return content(after, "/old") + " " + content(after, "/new");
                     }),
            (std::set<std::string>{"/old /new", "/new (none)"}));
}

TEST(Disk, ChangesOfUnrelatedNamesSurviveInAnyCombination) {
  Disk disk;
  disk.create("/a");
  disk.create("/b");
  EXPECT_EQ(names_after(disk), (std::set<std::string>{"", "a ", "b ", "a b "}));
}

TEST(Disk, ANameKeepsItsHistoryInOrder) {
  const auto make = [](Disk& disk, const std::string& bytes) {
    const Disk::FilePtr file = disk.create("/a");
    file->write(0, bytes);
    file->sync(file->changes());
  };
  Disk disk;
  make(disk, "first");
  disk.sync_directory("/", disk.name_changes());
  disk.rename("/a", "/b");
  make(disk, "second");
  // Never the second in the place of the first.
  EXPECT_EQ(
      outcomes(disk,
               [](const Disk& after) { return content(after, "/a") + " " + content(after, "/b"); }),
      (std::set<std::string>{"first (none)", "(none) first", "second first"}));
}

TEST(Disk, ASyncOfADirectoryCoversOnlyWhatWasThereWhenItBegan) {
  Disk disk;
  disk.create("/a");
  const std::uint64_t begun = disk.name_changes();
  disk.create("/b");
  disk.sync_directory("/", begun);
  EXPECT_EQ(names_after(disk), (std::set<std::string>{"a ", "a b "}));
}

TEST(Disk, WhatLiesInALostDirectoryIsLost) {
  Disk disk;
  disk.make_directory("/d");
  disk.create("/d/f");
  disk.sync_directory("/d", disk.name_changes());
  const auto look = [](const Disk& after) {
    return std::string(after.is_directory("/d") ? "d " : "") + (after.find("/d/f") ? "f" : "");
  };
  EXPECT_EQ(outcomes(disk, look), (std::set<std::string>{"", "d f"}));
}

TEST(Disk, AStoreKeepsOneContentOrTheOther) {
  DiskWithFile d;
  const auto version = [](const Disk& after) {
    return std::to_string(after.find("/f")->store()->version);
  };
  auto first = std::make_shared<StoreContent>();
  first->version = 1;
  d.file->begin_apply(first);
  d.file->end_apply(true);
  EXPECT_EQ(outcomes(d.disk, version), std::set<std::string>{"1"});
  auto second = std::make_shared<StoreContent>();
  second->version = 2;
  d.file->begin_apply(second);
  EXPECT_EQ(outcomes(d.disk, version), (std::set<std::string>{"1", "2"}));
  d.file->end_apply(false);
  EXPECT_EQ(outcomes(d.disk, version), std::set<std::string>{"1"});
}

TEST(Disk, PathsHaveOneForm) {
  EXPECT_EQ(Disk::normal("/a//b/./c/"), "/a/b/c");
  EXPECT_EQ(Disk::normal("a/b"), "/a/b");
  EXPECT_EQ(Disk::normal("/"), "/");
  EXPECT_EQ(Disk::parent("/a/b"), "/a");
  EXPECT_EQ(Disk::parent("/a"), "/");
}

}  // namespace
}  // namespace plinth::simulation
