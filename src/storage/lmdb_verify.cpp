#include "storage/lmdb_verify.hpp"

#include <algorithm>

#include "base/probe.hpp"
#include "plinth/error.hpp"
#include "storage/lmdb_file.hpp"
#include "storage/lmdb_format.hpp"
#include "storage/lmdb_pages.hpp"
#include "storage/lmdb_walker.hpp"

namespace plinth::storage {
namespace {

constexpr std::size_t kMaxDamage = 100;    // sentences; more say nothing new
constexpr std::size_t kRowsAtOnce = 4096;  // looked at while a slot of the snapshot is held
constexpr std::size_t kBytesAtOnce = 4 << 20;
constexpr int kTries = 10;

// The meta page of the snapshot's state. A page may be seen half written, or two commits later not
// at all; hence a newer snapshot is taken and the meta pages are read again.
LmdbMeta meta_of(const std::function<std::shared_ptr<LmdbSnapshot>()>& current,
                 std::shared_ptr<LmdbSnapshot>& snapshot) {
  for (int left = kTries;; --left) {
    snapshot = current();
    const LmdbEnvironment& environment = snapshot->environment();
    int fd = -1;
    environment.check(mdb_env_get_fd(environment.env(), &fd), "looking at it");
    try {
      const LmdbMeta meta = read_lmdb_meta(fd, environment.file());
      if (meta.txn == snapshot->lmdb_txn()) return meta;
      if (left == 0)
        throw Error(ErrorCode::file_corrupt,
                    environment.file() + ": the newest meta page is of transaction " +
                        std::to_string(meta.txn) + ", not " + std::to_string(snapshot->lmdb_txn()));
    } catch (const Error&) {
      if (left <= 0) throw;
    }
    PLINTH_PROBE("lmdb verify read the meta pages again");
  }
}

class RowCheck {
 public:
  RowCheck(LmdbSnapshot& snapshot, VerifyReport& report, const Progress& progress)
      : snapshot_(snapshot),
        environment_(snapshot.environment()),
        report_(report),
        progress_(progress) {}

  void run() {
    const StoreState state =
        snapshot_.read([&](MDB_txn* txn) { return read_lmdb_state(environment_, txn); });
    for (bool more = true; more;) {
      more = snapshot_.read([&](MDB_txn* txn) { return check_some(txn); });
      const double part = static_cast<double>(report_.rows) /
                          static_cast<double>(std::max<std::uint64_t>(state.rows, 1));
      if (progress_ && !progress_(std::min(1.0, part))) return;
    }
    if (report_.rows != state.rows)
      report(std::to_string(report_.rows) + " rows were found, but the state record says " +
             std::to_string(state.rows));
    else if (report_.damage.empty() && digest_ != state.digest)
      report(
          "the rows are not those that were written: their digest is another than the state "
          "record's");
  }

 private:
  // Returns whether there is more.
  bool check_some(MDB_txn* txn) {
    LmdbWalker row(environment_, txn);
    std::size_t bytes = 0;
    bool found = row.seek(next_);
    for (std::size_t rows = 0; found; ++rows, found = row.next()) {
      if (rows == kRowsAtOnce || bytes >= kBytesAtOnce || report_.damage.size() >= kMaxDamage) {
        next_ = row.key();
        return report_.damage.size() < kMaxDamage;
      }
      const ByteView value = row.entry().value();
      if (entry_checksum(row.key(), value) != row.entry().checksum())
        report("the row with key " + printable(row.key()) + " fails its checksum");
      digest_ += row.entry().checksum();
      bytes += row.key().size() + value.size();
      ++report_.rows;
    }
    return false;
  }

  void report(const std::string& sentence) {
    report_.damage.push_back(environment_.file() + ": " + sentence);
  }

  LmdbSnapshot& snapshot_;
  const LmdbEnvironment& environment_;
  VerifyReport& report_;
  const Progress& progress_;
  Bytes next_;
  std::uint64_t digest_ = 0;
};

}  // namespace

StoreState read_lmdb_state(const LmdbEnvironment& environment, MDB_txn* txn) {
  MDB_val key = to_val(kStateKey);
  MDB_val value{};
  const int rc = mdb_get(txn, environment.meta(), &key, &value);
  if (rc == MDB_NOTFOUND)
    throw Error(ErrorCode::file_corrupt, environment.file() + " has no state record");
  environment.check(rc, "reading the state");
  return StoreState::decode(view(value), environment.file());
}

VerifyReport verify_lmdb(const std::function<std::shared_ptr<LmdbSnapshot>()>& current,
                         const Progress& progress) {
  VerifyReport report;
  bool stopped = false;
  const auto half = [&](double from) -> Progress {
    return [&, from](double part) {
      stopped = progress && !progress(from + part / 2);
      return !stopped;
    };
  };
  for (;;) {
    report = {};
    std::shared_ptr<LmdbSnapshot> snapshot;
    try {
      const LmdbMeta meta = meta_of(current, snapshot);
      const LmdbEnvironment& environment = snapshot->environment();
      int fd = -1;
      environment.check(mdb_env_get_fd(environment.env(), &fd), "looking at it");
      report.damage = check_lmdb_pages(fd, environment.file(), meta, half(0));
      // On damaged pages LMDB could read anything, or end the process.
      if (report.damage.empty() && !stopped) RowCheck(*snapshot, report, half(0.5)).run();
    } catch (const Error& error) {
      report.damage.push_back(error.what());
    }
    if (report.damage.empty() || !snapshot->given_up()) return report;
    // The map grew, and the pages were given to the writer: what was found means nothing.
    PLINTH_PROBE("lmdb verify began again");
  }
}

}  // namespace plinth::storage
