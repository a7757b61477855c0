#include "simulation/file_system.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <map>
#include <set>

#include "plinth/error.hpp"
#include "simulation/machine.hpp"
#include "support/seed.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::simulation {
namespace {

using base::File;
using base::FileSystem;
using base::OpenMode;

// Runs `program` over the files of a machine; the calls to them are made by it alone.
BootReport run(const std::function<void(Machine&, FileSystem&)>& program,
               const DeviceOptions& device = {}, std::uint64_t seed = 1) {
  Machine machine(seed);
  BootOptions options;
  options.device = device;
  options.scheduler = SchedulerOptions{};
  const BootReport report =
      machine.boot([&](Machine& m) { program(m, m.environment().files()); }, options);
  EXPECT_FALSE(report.failed()) << report.failure;
  return report;
}

// The name of the error that `step` throws, or "ok".
std::string outcome(const std::function<void()>& step) {
  try {
    step();
    return "ok";
  } catch (const Error& error) {
    return std::string(error.name());
  }
}

std::string content(File& file) {
  std::string bytes(file.size(), '?');
  bytes.resize(file.read(0, bytes.data(), bytes.size()));
  return bytes;
}

// A random sequence of operations, with what each gave; the same for each file system that keeps
// the contract.
class Script {
 public:
  Script(FileSystem& files, std::string root, std::uint64_t seed)
      : files_(files), root_(std::move(root)), random_(seed) {}

  std::vector<std::string> run(int steps) {
    for (int i = 0; i < steps; ++i) {
      std::string result;
      const std::string error = outcome([&] { result = step(); });
      results_.back() += " -> " + error + " " + result;
    }
    return results_;
  }

 private:
  std::string any_path() {
    static constexpr const char* kNames[] = {"/a", "/b", "/d", "/d/a", "/d/b", "/no/a", "/a/x"};
    return root_ + kNames[random_.below(std::size(kNames))];
  }

  std::string any_path_in(const std::string& directory) {
    return directory + (random_.chance(0.5) ? "/a" : "/b");
  }

  void note(const std::string& what) { results_.push_back(what); }

  std::string step() {
    const std::string path = any_path();
    const std::string shown = path.substr(root_.size());
    switch (random_.below(10)) {
      case 0:
      case 1:
        return use_file(path, shown);
      case 2:
        note("exists " + shown);
        return files_.exists(path) ? "yes" : "no";
      case 3:
        note("is directory " + shown);
        return files_.is_directory(path) ? "yes" : "no";
      case 4:
        note("make directories " + shown);
        files_.create_directories(path);
        return "";
      case 5: {
        note("list " + shown);
        std::string names;
        for (const std::string& name : files_.list(path)) names += name + " ";
        return names;
      }
      case 6: {
        const std::string directory = root_ + (random_.chance(0.5) ? "" : "/d");
        const std::string from = any_path_in(directory);
        const std::string to = any_path_in(directory);
        note("rename " + from.substr(root_.size()) + " " + to.substr(root_.size()));
        if (files_.is_directory(from)) return "skipped";  // not simulated
        files_.rename(from, to);
        return "";
      }
      case 7:
        note("remove " + shown);
        files_.remove(path);
        return "";
      case 8:
        if (random_.chance(0.8)) return use_file(path, shown);
        note("sync directory " + shown);
        files_.sync_directory(path);
        return "";
      default:
        note("lock " + shown);
        lock_ = nullptr;
        lock_ = files_.lock_directory(path);
        return outcome([&] { files_.lock_directory(path); });
    }
  }

  std::string use_file(const std::string& path, const std::string& shown) {
    static constexpr OpenMode kModes[] = {OpenMode::read, OpenMode::write, OpenMode::create,
                                          OpenMode::create};
    const std::size_t mode = random_.below(std::size(kModes));
    const std::uint64_t offset = random_.below(2000);
    const std::string bytes(random_.below(1000), static_cast<char>('a' + random_.below(26)));
    note("open " + shown + " " + std::to_string(mode) + ", write " + std::to_string(bytes.size()) +
         " at " + std::to_string(offset));
    const auto file = files_.open(path, kModes[mode]);
    if (kModes[mode] != OpenMode::read) {
      file->write(offset, bytes);
      if (random_.chance(0.3)) file->truncate(random_.below(2500));
      if (random_.chance(0.05)) file->sync();  // slow on real disks
    }
    const std::string bytes_now = content(*file);
    return std::to_string(file->size()) + " " + std::to_string(std::hash<std::string>()(bytes_now));
  }

  FileSystem& files_;
  const std::string root_;
  Random random_;
  std::unique_ptr<base::DirectoryLock> lock_;
  std::vector<std::string> results_;
};

TEST(FileSystem, DoesWhatTheRealOneDoes) {
  const std::uint64_t first = test::seed_or(1);
  for (std::uint64_t seed = first; seed < first + 40; ++seed) {
    SCOPED_TRACE(test::seed_trace(seed));
    const test::TemporaryDirectory folder;
    const auto real = Script(base::Environment::real().files(), folder.path(), seed).run(60);
    std::vector<std::string> simulated;
    run([&](Machine&, FileSystem& files) {
      files.create_directories("/root");
      simulated = Script(files, "/root", seed).run(60);
    });
    ASSERT_EQ(simulated.size(), real.size());
    for (std::size_t i = 0; i < real.size(); ++i) ASSERT_EQ(simulated[i], real[i]) << "step " << i;
  }
}

TEST(FileSystem, ErrorsNameCallFileAndPlace) {
  DeviceOptions device;
  device.script = {{2, Fault::io_error}};
  run(
      [](Machine&, FileSystem& files) {
        const auto file = files.open("/f", OpenMode::create);
        try {
          file->write(700, "abc");
          ADD_FAILURE() << "the scripted fault did not come";
        } catch (const Error& error) {
          EXPECT_EQ(error, ErrorCode::io_error);
          EXPECT_NE(std::string(error.what()).find("write /f at offset 700: Input/output error"),
                    std::string::npos)
              << error.what();
        }
      },
      device);
}

TEST(FileSystem, AScriptedFaultBefallsItsCallOnly) {
  DeviceOptions device;
  device.script = {{3, Fault::disk_full}, {5, Fault::io_error}};
  run(
      [](Machine& machine, FileSystem& files) {
        const auto file = files.open("/f", OpenMode::create);
        EXPECT_EQ(outcome([&] { file->write(0, "a"); }), "ok");
        EXPECT_EQ(outcome([&] { file->write(0, "b"); }), "disk_full");
        EXPECT_EQ(outcome([&] { file->sync(); }), "ok");
        EXPECT_EQ(outcome([&] { file->sync(); }), "io_error");
        EXPECT_EQ(outcome([&] { file->sync(); }), "ok");
        EXPECT_EQ(machine.device().faults(Fault::disk_full), 1u);
        EXPECT_EQ(machine.device().faults(Fault::io_error), 1u);
      },
      device);
}

TEST(FileSystem, AFailedWriteMayHaveDoneAPart) {
  std::set<std::size_t> sizes;
  DeviceOptions device;
  device.write_error = 1;
  for (std::uint64_t seed = 1; seed <= 50; ++seed)
    run(
        [&](Machine&, FileSystem& files) {
          const auto file = files.open("/f", OpenMode::create);
          EXPECT_EQ(outcome([&] { file->write(0, "abc"); }), "io_error");
          sizes.insert(file->size());
        },
        device, seed);
  EXPECT_EQ(sizes, (std::set<std::size_t>{0, 1, 2, 3}));
}

TEST(FileSystem, TheDiskIsFullForAsLongAsAsked) {
  DeviceOptions device;
  device.disk_full_from = 3;
  device.disk_full_until = 5;
  run(
      [](Machine&, FileSystem& files) {
        const auto file = files.open("/f", OpenMode::create);
        std::string outcomes;
        for (int i = 0; i < 5; ++i) outcomes += outcome([&] { file->write(0, "x"); }) + " ";
        EXPECT_EQ(outcomes, "ok disk_full disk_full ok ok ");
      },
      device);
}

TEST(FileSystem, TheDiskHoldsItsCapacity) {
  DeviceOptions device;
  device.capacity_bytes = 1000;
  run(
      [](Machine&, FileSystem& files) {
        const auto file = files.open("/f", OpenMode::create);
        EXPECT_EQ(outcome([&] { file->write(0, std::string(900, 'a')); }), "ok");
        EXPECT_EQ(outcome([&] { file->write(900, std::string(200, 'b')); }), "disk_full");
        EXPECT_EQ(outcome([&] { file->write(0, std::string(900, 'c')); }), "ok") << "overwrites";
        file->truncate(0);
        EXPECT_EQ(outcome([&] { file->write(0, std::string(1000, 'd')); }), "ok");
      },
      device);
}

TEST(FileSystem, AReadMayComeBackWithAWrongBit) {
  DeviceOptions device;
  device.bit_flip = 0.5;
  int right = 0;
  int one_bit_off = 0;
  run(
      [&](Machine&, FileSystem& files) {
        const auto file = files.open("/f", OpenMode::create);
        file->write(0, std::string(100, '\0'));
        for (int i = 0; i < 100; ++i) {
          int bits = 0;
          for (const char c : content(*file)) bits += std::popcount(static_cast<unsigned char>(c));
          EXPECT_LE(bits, 1);
          ++(bits == 0 ? right : one_bit_off);
        }
      },
      device);
  EXPECT_GT(right, 10);
  EXPECT_GT(one_bit_off, 10);
}

// Writes three sectors, loses the power, and returns what is there then.
std::string written_through(const DeviceOptions& device, std::uint64_t seed) {
  Machine machine(seed);
  BootOptions options;
  options.device = device;
  machine.boot(
      [](Machine& m) {
        FileSystem& files = m.environment().files();
        const auto file = files.open("/f", OpenMode::create);
        for (int i = 0; i < 3; ++i)
          file->write(i * kSectorBytes, std::string(kSectorBytes, static_cast<char>('0' + i)));
        file->sync();
        files.sync_directory("/");
        EXPECT_EQ(content(*file)[2 * kSectorBytes], '2') << "what is read is from memory";
        m.cut_power();
      },
      options);
  const Disk::FilePtr file = machine.disk().find("/f");
  std::string bytes(file->size(), '?');
  file->read(0, bytes.data(), bytes.size());
  std::string letters;
  for (std::size_t i = 0; i < bytes.size(); i += kSectorBytes)
    letters.push_back(bytes[i] == '\0' ? '-' : bytes[i]);
  return letters;
}

TEST(FileSystem, WritesMayBeLostOrMisdirectedThoughReportedDone) {
  DeviceOptions device;
  EXPECT_EQ(written_through(device, 1), "012");
  device.lost_write = 1;
  EXPECT_EQ(written_through(device, 1), "---");
  device.lost_write = 0;
  device.misdirected_write = 1;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const std::string letters = written_through(device, seed);
    for (std::size_t i = 0; i < letters.size(); ++i) EXPECT_NE(letters[i], "012"[i]) << letters;
  }
}

TEST(FileSystem, SyncsCanBeTakenOutFromOutside) {
  DeviceOptions device;
  device.skip_sync_of = "f";
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) seen.insert(written_through(device, seed));
  EXPECT_GT(seen.size(), 3u);

  device.skip_sync_of = "other";
  for (std::uint64_t seed = 1; seed <= 50; ++seed) EXPECT_EQ(written_through(device, seed), "012");
}

TEST(FileSystem, SyncsOfDirectoriesCanBeTakenOutFromOutside) {
  const auto names_lost = [](const std::string& skip) {
    int lost = 0;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
      Machine machine(seed);
      BootOptions options;
      options.device.skip_directory_sync_of = skip;
      machine.boot(
          [](Machine& m) {
            FileSystem& files = m.environment().files();
            files.create_directories("/db");
            files.open("/db/f", OpenMode::create);
            files.sync_directory("/db");
            m.cut_power();
          },
          options);
      if (machine.disk().find("/db/f") == nullptr) ++lost;
    }
    return lost;
  };
  EXPECT_EQ(names_lost(""), 0);
  EXPECT_EQ(names_lost("other"), 0);
  EXPECT_GT(names_lost("db"), 5);
}

TEST(FileSystem, CallsTakeTimeAndSyncsTakeMore) {
  run([](Machine& machine, FileSystem& files) {
    const auto file = files.open("/f", OpenMode::create);
    const auto duration = [&](const std::function<void()>& step) {
      Micros total = 0;
      for (int i = 0; i < 100; ++i) {
        const Micros before = machine.environment().monotonic();
        step();
        total += machine.environment().monotonic() - before;
      }
      return total / 100;
    };
    const Micros write = duration([&] { file->write(0, "x"); });
    const Micros sync = duration([&] { file->sync(); });
    EXPECT_GT(write, 1);
    EXPECT_LT(write, 1000);
    EXPECT_GT(sync, 5 * write);
  });
}

TEST(FileSystem, OtherThreadsRunDuringACall) {
  run([](Machine&, FileSystem& files) {
    const auto file = files.open("/f", OpenMode::create);
    int others = 0;
    base::Mutex mutex;
    base::Thread thread("other", [&] {
      for (int i = 0; i < 1000; ++i) {
        const base::Lock lock(mutex);
        ++others;
      }
    });
    for (int i = 0; i < 50; ++i) file->sync();
    EXPECT_EQ(others, 1000);
  });
}

TEST(FileSystem, CountsItsCalls) {
  const BootReport report = run([](Machine& machine, FileSystem& files) {
    const auto file = files.open("/f", OpenMode::create);
    file->write(0, "a");
    file->write(1, "b");
    file->sync();
    EXPECT_EQ(machine.device().calls(Call::write), 2u);
    EXPECT_EQ(machine.device().calls(Call::sync), 1u);
  });
  EXPECT_EQ(report.calls, 4u);
}

}  // namespace
}  // namespace plinth::simulation
