// Directories that are no databases, or cannot be used, and URLs that name none.
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <optional>
#include <string_view>
#include <thread>

#include "bad_input/scene.hpp"
#include "base/probe.hpp"

namespace plinth::test {
namespace {

class BadDirectory : public Scene {};
PLINTH_FOR_EACH_STORE(BadDirectory);

constexpr uid_t kNobody = 65534;  // as NFS and user namespaces have it

// Takes the right to write (and with `read` that to read) to a directory and all in it away, also
// from root, who has to become somebody else for it. Given back at the end.
class Locked {
 public:
  enum class Rights { read, none };
  Locked(const std::string& top, const std::string& directory, Rights rights)
      : directory_(directory) {
    ::chmod(top.c_str(), 0755);
    set_modes(rights == Rights::read ? 0555 : 0, rights == Rights::read ? 0444 : 0);
    was_root_ = ::geteuid() == 0 && ::seteuid(kNobody) == 0;
  }
  ~Locked() {
    EXPECT_TRUE(!was_root_ || ::seteuid(0) == 0);
    ::chmod(directory_.c_str(), 0755);
    set_modes(0755, 0644);
  }

 private:
  void set_modes(mode_t of_directories, mode_t of_files) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_))
      ::chmod(entry.path().c_str(), entry.is_directory() ? of_directories | 0111 : of_files);
    ::chmod(directory_.c_str(), of_directories | 0111);
  }
  const std::string directory_;
  bool was_root_ = false;
};

TEST_P(BadDirectory, MissingIsRefusedWhenNothingIsToBeCreated) {
  const std::string missing = directory_ / "some/where";
  expect_error(ErrorCode::not_a_database, {missing, "none is to be created"},
               [&] { open("file:" + missing + "?create=0"); });
  EXPECT_FALSE(std::filesystem::exists(directory_ / "some"));
  EXPECT_NO_THROW(open("file:" + missing));  // with its parents
}

TEST_P(BadDirectory, ADatabaseThatMayNotBeWrittenIsRefused) {
  {
    const Locked locked(directory_.path(), db_, Locked::Rights::read);
    expect_refused(ErrorCode::file_not_writable, {db_, "LOCK", "Permission denied", "permissions"});
  }
  expect_whole();
}

TEST_P(BadDirectory, ADatabaseThatMayNotBeReadIsRefused) {
  {
    const Locked locked(directory_.path(), db_, Locked::Rights::none);
    expect_error(ErrorCode::file_not_writable, {db_, "Permission denied"}, [&] { open(url()); });
  }
  {
    const Locked locked(directory_.path(), path("store"), Locked::Rights::none);
    ::chmod(db_.c_str(), 0755);
    expect_error(ErrorCode::file_not_writable, {db_, "Permission denied"}, [&] { open(url()); });
  }
  EXPECT_EQ(differences(whole_, read_tree(db_)), std::vector<std::string>{});
  expect_whole();
}

TEST_P(BadDirectory, NothingIsMadeWhereNothingMayBeWritten) {
  const std::string closed = directory_ / "closed";
  std::filesystem::create_directory(closed);
  {
    const Locked locked(directory_.path(), closed, Locked::Rights::read);
    for (const std::string& target : {closed, closed + "/new", closed + "/new/deeper"})
      expect_error(ErrorCode::file_not_writable, {closed, "Permission denied"},
                   [&] { open("file:" + target); });
  }
  EXPECT_TRUE(std::filesystem::is_empty(closed));
}

TEST_P(BadDirectory, AFileWhereADirectoryShouldBeIsLeftAlone) {
  const std::string file = directory_ / "file";
  write_file(file, "text");
  expect_error(ErrorCode::not_a_database, {file, "is a file"}, [&] { open("file:" + file); });
  expect_error(ErrorCode::file_not_writable, {file, "a file is there"},
               [&] { open("file:" + file + "/below"); });
  EXPECT_EQ(read_file(file), "text");
}

TEST_P(BadDirectory, AForeignDirectoryIsLeftAlone) {
  const std::string photos = directory_ / "photos";
  std::filesystem::create_directories(photos + "/2026");
  write_file(photos + "/cat.jpg", "cat");
  const FileTree before = read_tree(photos);
  expect_error(ErrorCode::not_a_database, {photos, "holds other files", "name an empty"},
               [&] { open("file:" + photos); });
  EXPECT_EQ(differences(before, read_tree(photos)), std::vector<std::string>{});
  EXPECT_FALSE(std::filesystem::exists(photos + "/LOCK"));
}

TEST_P(BadDirectory, AFolderWhereAFileShouldBeIsNamed) {
  for (const char* name : {"PLINTH", "LOCK"}) {
    std::filesystem::remove_all(path(name));
    std::filesystem::create_directory(path(name));
    expect_error(
        std::string(name) == "LOCK" ? ErrorCode::file_not_writable : ErrorCode::file_not_readable,
        {path(name), "Is a directory"}, [&] { open(url()); });
    std::filesystem::remove_all(path(name));
    mend();
  }
}

// How often an open has found its directory held, and tries again.
std::uint64_t times_waited_for() {
  for (const base::Probe* probe : base::Probe::all())
    if (probe->name() == std::string_view("directory in use waited for")) return probe->count();
  ADD_FAILURE() << "there is no such probe";
  return 0;
}

// For the answer to an asynchronous commit may come a moment before its database is let go.
TEST_P(BadDirectory, AHolderThatIsJustEndingIsWaitedFor) {
  std::optional<Database> first(open(url()));
  const std::uint64_t before = times_waited_for();
  std::atomic<bool> opened = false;
  std::thread ends([&] {
    while (times_waited_for() == before && !opened) std::this_thread::yield();
    first.reset();
  });
  EXPECT_NO_THROW(open(url()));
  opened = true;
  ends.join();
  EXPECT_GT(times_waited_for(), before) << "it was opened beside its holder";
}

TEST_P(BadDirectory, ASecondOpenerIsToldWhoHoldsIt) {
  const std::string us = std::to_string(::getpid());
  {
    Database first = open(url());
    expect_error(ErrorCode::database_in_use, {path("LOCK"), "process " + us + " (this one)"},
                 [&] { open(url()); });
    // Another process gets no farther than to the lock, so it needs none of the threads that
    // fork() does not take along.
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        open(url());
        ::_exit(1);
      } catch (const Error& error) {
        const bool named = std::string(error.what()).find("process " + us) != std::string::npos;
        ::_exit(error == ErrorCode::database_in_use && named ? 0 : 2);
      }
    }
    int status = -1;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
    first.run([](Transaction& tx) { tx.set("still", "mine"); });
    rows_["still"] = "mine";
  }
  expect_whole();
}

// A crash while a database is created leaves PLINTH.new, and of log and store anything.
TEST_P(BadDirectory, AnInterruptedCreationIsBegunAgain) {
  const std::string half = directory_ / "half";
  DatabaseOptions options;
  options.store = GetParam();
  open("file:" + half, options);
  std::filesystem::rename(half + "/PLINTH", half + "/PLINTH.new");
  for (const Store store : {GetParam(), Store::lmdb, Store::rocksdb}) {
    options.store = store;
    Database db = open("file:" + half, options);
    EXPECT_TRUE(contents_of(db).empty());
    db.run([](Transaction& tx) { tx.set("a", "1"); });
    EXPECT_EQ(db.verify(), std::vector<std::string>{});
    db = open("memory:");
    std::filesystem::rename(half + "/PLINTH", half + "/PLINTH.new");
  }
}

TEST(BadUrl, IsQuotedAndMakesNothing) {
  const TemporaryDirectory directory;
  const std::string here = directory / "db";
  const struct {
    std::string url;
    std::vector<std::string> words;
  } kUrls[] = {
      {"", {"names no directory"}},
      {"file:", {"names no directory", "file:"}},
      {"http://example.org/db", {"http://example.org/db", "not a kind of database"}},
      {"memory:db", {"memory:db", "takes no path"}},
      {here + "?store=sqlite", {"store is lmdb or rocksdb", "sqlite"}},
      {here + "?create=yes", {"create is 0 or 1", "yes"}},
      {here + "?durability=", {"durable, buffered or none"}},
      {here + "?windowbytes=1", {"no parameter \"windowbytes\"", "window_bytes"}},
      {here + "?window_bytes=0", {"window_bytes is a number above zero"}},
      {here + "?window_bytes=9x", {"window_bytes is a number above zero", "9x"}},
      {here + "?window_bytes=99999999999999999999", {"window_bytes is a number"}},
      {here + std::string("\0", 1), {"zero byte"}},
  };
  for (const auto& [url, words] : kUrls) {
    SCOPED_TRACE(url);
    expect_error(ErrorCode::invalid_url, words, [&, u = url] { open(u); });
  }
  expect_error(ErrorCode::connection_failed, {"unix:" + here, "no such socket", "plinth serve"},
               [&] { open("unix:" + here); });
  EXPECT_FALSE(std::filesystem::exists(here));
}

}  // namespace
}  // namespace plinth::test
