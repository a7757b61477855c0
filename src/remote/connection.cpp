#include "remote/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/probe.hpp"

namespace plinth::remote {
namespace {

// Answers that wait for the client to take them, and what is held for its commits. One more
// message may come on top of each.
constexpr std::size_t kMaxUnsentBytes = 4 << 20;
constexpr std::size_t kMaxCommitBytes = 32 << 20;
constexpr std::size_t kMaxCommits = 10'000;
// What one client may leave open.
constexpr std::size_t kMaxSnapshots = 100'000;
constexpr std::size_t kMaxCancellable = 1'000'000;  // as many watches as a client may be allowed
constexpr std::size_t kMaxWatchBytes = 256 << 20;   // their keys and the values that were seen
constexpr std::size_t kMaxRanges = 10'000;
constexpr std::size_t kMaxChores = 4;
// A range, or other long answer, is sent in parts of about this size.
constexpr std::size_t kPartBytes = 128 << 10;
// A buffer that grew beyond this is given back when it is empty.
constexpr std::size_t kKeptBytes = 1 << 20;

// How long a client may take to greet, and to send the rest of a frame that it has begun.
constexpr base::Micros kHelloPatience = 10'000'000;
constexpr base::Micros kFramePatience = 60'000'000;
// When the server stops: how long a client may take to receive its last answers.
constexpr base::Micros kFarewellPatience = 2'000'000;

// What a row counts besides its key and value towards a page's limit, as everywhere.
constexpr std::size_t kRowBytes = 24;

constexpr auto no_value = [](RequestId) {};

}  // namespace

// A range of which parts are still to be sent.
struct Connection::Range {
  RequestId id;
  std::shared_ptr<engine::ReadSnapshot> snapshot;
  Bytes begin;
  Bytes end;
  std::size_t rows_left;
  std::size_t bytes_left;
  bool reverse;
};

Connection::Connection(Descriptor socket, engine::Service& service, std::function<void()> on_end)
    : service_(service), on_end_(std::move(on_end)), socket_(std::move(socket)) {
  deadline_ = base::monotonic_now() + kHelloPatience;
  thread_ = base::Thread("plinth-serve", [this] { run(); });
}

Connection::~Connection() {
  thread_.join();
}

void Connection::stop() noexcept {
  stop_ = true;
  wakeup_.signal();
}

void Connection::post(Work& work) {
  base::Lock lock(mutex_);
  posted_.push(work);
  if (!std::exchange(awake_, true)) wakeup_.signal();
}

// From here on a post wakes. False when there is something posted already.
bool Connection::begin_sleep() {
  const base::Lock lock(mutex_);
  awake_ = !posted_.empty();
  return !awake_;
}

void Connection::end_sleep() {
  const base::Lock lock(mutex_);
  awake_ = true;
}

void Connection::run_posted() {
  base::Lock lock(mutex_);
  WorkQueue batch = std::exchange(posted_, {});
  lock.unlock();
  while (Work* work = batch.pop()) work->run();
}

void Connection::run() {
  {
    const Scope scope(this);
    try {
      converse();
    } catch (const std::exception&) {
      // What it sent, or its socket's failure, concerns nobody but this client.
      PLINTH_PROBE("a client was cut off");
    }
    let_go();
  }
  ended_ = true;
  on_end_();
}

void Connection::converse() {
  while (true) {
    run_posted();
    serve_received();
    send_progress();
    send_range_parts();
    send();
    if (peer_gone_) return;
    if (held_back_ && may_serve()) continue;
    if (stop_ && !stopping_) {
      stopping_ = true;
      deadline_ = 0;
    }
    if (stopping_ && commits_ == 0) {
      if (unsent() == 0) return;
      if (deadline_ == 0) deadline_ = base::monotonic_now() + kFarewellPatience;
    }
    if (wait()) receive();
  }
}

// Nothing of the client stays behind: what it waits for is given up, its commits are waited for.
void Connection::let_go() {
  peer_gone_ = true;
  socket_ = Descriptor();
  ranges_.clear();
  snapshots_.clear();
  for (Chore& chore : chores_) chore.stop();
  const auto cancellable = std::exchange(cancellable_, {});
  for (const auto& [id, cancellation] : cancellable) cancellation.cancel();
  while (true) {
    run_posted();
    if (outstanding_ == 0) break;
    if (!begin_sleep()) continue;
    wait_for(wakeup_.descriptor(), POLLIN, 1'000'000);
    wakeup_.clear();
    end_sleep();
  }
  chores_.clear();
}

// --- The socket --------------------------------------------------------------------------------

base::Micros Connection::wait_us() const {
  if (deadline_ == 0) return -1;
  return std::max<base::Micros>(deadline_ - base::monotonic_now(), 0);
}

// True when there is something to receive.
bool Connection::wait() {
  const bool reads = !held_back_ && !stopping_;
  pollfd waiting[2] = {{wakeup_.descriptor(), POLLIN, 0}, {socket_.get(), 0, 0}};
  if (reads) waiting[1].events |= POLLIN;
  if (unsent() > 0) waiting[1].events |= POLLOUT;
  if (!begin_sleep()) return false;
  const bool ranges_wait = !ranges_.empty() && unsent() < kMaxUnsentBytes;
  const base::Micros left_us = wait_us();
  const int timeout_ms = ranges_wait   ? 0
                         : left_us < 0 ? -1
                                       : static_cast<int>((left_us + 999) / 1000);
  const int ready = ::poll(waiting, 2, timeout_ms);
  end_sleep();
  if (ready < 0 && errno != EINTR) throw Error(ErrorCode::platform_error, "poll");
  if (deadline_ != 0 && base::monotonic_now() >= deadline_) {
    PLINTH_PROBE("a client took too long");
    peer_gone_ = true;
    return false;
  }
  if (ready <= 0) return false;
  if (waiting[0].revents != 0) wakeup_.clear();
  // A client that hangs up is seen here also while it is held back.
  if (!reads && (waiting[1].revents & (POLLHUP | POLLERR)) != 0) peer_gone_ = true;
  return reads && (waiting[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0;
}

void Connection::receive() {
  const FrameReader::Space space = in_.space();
  const ssize_t size = ::recv(socket_.get(), space.begin, space.size, 0);
  if (size > 0) {
    in_.received(static_cast<std::size_t>(size));
  } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
    peer_gone_ = true;
  }
}

void Connection::send() {
  while (unsent() > 0 && !peer_gone_) {
    const ssize_t size =
        ::send(socket_.get(), out_.data() + sent_, unsent(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno == EAGAIN) {
      if (sent_ > kKeptBytes) {
        out_.erase(0, sent_);
        sent_ = 0;
      }
      return;
    }
    if (size < 0) peer_gone_ = true;
    if (size > 0) sent_ += static_cast<std::size_t>(size);
  }
  if (out_.capacity() > kKeptBytes) out_ = Bytes();
  out_.clear();
  sent_ = 0;
}

// --- Requests ----------------------------------------------------------------------------------

bool Connection::may_serve() const {
  return unsent() < kMaxUnsentBytes && commit_bytes_ < kMaxCommitBytes && commits_ < kMaxCommits &&
         ranges_.size() < kMaxRanges;
}

void Connection::serve_received() {
  if (stopping_ || stop_ || peer_gone_) return;
  while (true) {
    held_back_ = !may_serve();
    if (held_back_) {
      PLINTH_PROBE("a client was held back");
      if (greeted_) deadline_ = 0;
      return;
    }
    const std::optional<ByteView> body = in_.next();
    if (!body) break;
    FieldReader in(*body);
    const Header header(in);
    if (!greeted_) {
      if (header.kind != MessageKind::hello) throw_malformed("something else than a greeting");
      greet(in);
    } else if (header.kind == MessageKind::commit) {
      serve_commit(header, in);
    } else {
      serve(header, in);
    }
  }
  if (!greeted_) return;
  if (in_.empty()) {
    deadline_ = 0;
  } else if (deadline_ == 0) {
    deadline_ = base::monotonic_now() + kFramePatience;
  }
}

void Connection::greet(FieldReader& in) {
  const auto hello = read_fields<Hello>(in);
  HelloAnswer answering;
  if (hello.version != kProtocolVersion)
    answering.refusal = "it speaks version " + std::to_string(kProtocolVersion) +
                        " of the protocol, this program version " + std::to_string(hello.version) +
                        "; use the same version of Plinth on both sides";
  answer(0, answering);
  if (!answering.refusal.empty()) {
    send();
    peer_gone_ = true;
    return;
  }
  greeted_ = true;
  in_.set_max_body_bytes(kMaxFrameBytes);
}

void Connection::serve(const Header& header, FieldReader& in) {
  // Else the first of the two could not be given up any more.
  if (header.kind != MessageKind::cancel && cancellable_.contains(header.id))
    throw_malformed("a request with the number of another");
  switch (header.kind) {
    case MessageKind::begin_read:
    case MessageKind::read_at:
    case MessageKind::release:
      return serve_snapshot(header, in);
    case MessageKind::get:
    case MessageKind::get_range:
    case MessageKind::estimated_size:
    case MessageKind::split_points:
      return serve_read(header, in);
    case MessageKind::watch:
      return serve_watch(header, in);
    case MessageKind::cancel: {
      in.end();
      for (Chore& chore : chores_)
        if (chore.id() == header.id) chore.stop();
      const auto found = cancellable_.find(header.id);
      if (found != cancellable_.end()) Cancellation(found->second).cancel();
      return;
    }
    case MessageKind::flush:
      in.end();
      return answer_with(header.id, service_.flush(), no_value);
    case MessageKind::checkpoint:
      in.end();
      return answer_with(header.id, service_.checkpoint(), no_value);
    case MessageKind::status: {
      in.end();
      return answer_texts(header.id, {service_.status_json()});
    }
    case MessageKind::verify:
    case MessageKind::compact:
      in.end();
      return serve_chore(header);
    default:
      throw_malformed("a request of a kind that does not exist");
  }
}

void Connection::serve_snapshot(const Header& header, FieldReader& in) {
  using Snapshot = std::shared_ptr<engine::ReadSnapshot>;
  if (header.kind == MessageKind::release) {
    snapshots_.erase(read_fields<Release>(in).snapshot);
    return;
  }
  const bool is_begin = header.kind == MessageKind::begin_read;
  const ReadAt wanted = is_begin ? [&] {
    const auto begin = read_fields<BeginRead>(in);
    return ReadAt(begin.snapshot, kInvalidVersion, begin.long_reads);
  }() : read_fields<ReadAt>(in);
  if (snapshots_.size() >= kMaxSnapshots)
    return fail(header.id, ErrorCode::grv_proxy_memory_limit_exceeded);
  const engine::ReadOptions options{wanted.long_reads};
  Future<Snapshot> asked =
      is_begin ? service_.begin_read(options) : service_.read_at(wanted.version, options);
  auto give = [this, id = wanted.snapshot](RequestId request, Snapshot snapshot) {
    if (peer_gone_) return;
    answer(request, Granted(snapshot->version()));
    snapshots_.insert_or_assign(id, std::move(snapshot));
  };
  answer_with(header.id, std::move(asked), std::move(give));
}

void Connection::serve_watch(const Header& header, FieldReader& in) {
  const auto watch = read_fields<WatchKey>(in);
  std::optional<Bytes> seen;
  if (watch.seen) seen = Bytes(*watch.seen);
  const std::size_t size = watch.key.size() + (seen ? seen->size() : 0);
  if (watch_bytes_ + size > kMaxWatchBytes) return fail(header.id, ErrorCode::too_many_watches);
  Future<void> future = service_.watch(watch.key, std::move(seen));
  if (!future.ready()) {
    watch_bytes_ += size;
    watch_sizes_.emplace(header.id, size);
  }
  answer_with(header.id, std::move(future), no_value);
}

engine::ReadSnapshot* Connection::find(SnapshotId id) const {
  const auto found = snapshots_.find(id);
  return found == snapshots_.end() ? nullptr : found->second.get();
}

void Connection::serve_read(const Header& header, FieldReader& in) {
  // The snapshot of a begin_read that failed is not known; its reads fail the same way.
  const auto too_old = [&] { fail(header.id, ErrorCode::transaction_too_old); };
  switch (header.kind) {
    case MessageKind::get: {
      const auto get = read_fields<Get>(in);
      engine::ReadSnapshot* snapshot = find(get.snapshot);
      if (snapshot == nullptr) return too_old();
      return answer_with(header.id, snapshot->get(get.key),
                         [this](RequestId id, const std::optional<Bytes>& value) {
                           answer(id,
                                  Value(value ? std::optional<ByteView>(*value) : std::nullopt));
                         });
    }
    case MessageKind::get_range: {
      const auto get = read_fields<GetRange>(in);
      const auto found = snapshots_.find(get.snapshot);
      if (found == snapshots_.end()) return too_old();
      ranges_.push_back({header.id, found->second, Bytes(get.range.begin), Bytes(get.range.end),
                         get.range.limit_rows, get.range.limit_bytes, get.range.reverse});
      return;
    }
    case MessageKind::estimated_size: {
      const auto size = read_fields<EstimatedSize>(in);
      engine::ReadSnapshot* snapshot = find(size.snapshot);
      if (snapshot == nullptr) return too_old();
      return answer_with(header.id, snapshot->estimated_size(size.begin, size.end),
                         [this](RequestId id, std::int64_t bytes) { answer(id, Size(bytes)); });
    }
    default: {
      const auto split = read_fields<SplitPoints>(in);
      engine::ReadSnapshot* snapshot = find(split.range.snapshot);
      if (snapshot == nullptr) return too_old();
      return answer_with(
          header.id, snapshot->split_points(split.range.begin, split.range.end, split.chunk_bytes),
          [this](RequestId id, const std::vector<Bytes>& points) { answer_texts(id, points); });
    }
  }
}

void Connection::serve_commit(const Header& header, const FieldReader& in) {
  // The engine works on the bytes as they came; the buffer they came in is needed again.
  const auto kept = std::make_shared<const Bytes>(in.rest());
  FieldReader fields(*kept);
  auto commit = read_fields<ReceivedCommit>(fields);
  if (commit.snapshot != 0) {
    const auto found = snapshots_.find(commit.snapshot);
    if (found == snapshots_.end()) {
      engine::CommitResult result;
      result.status = engine::CommitStatus::too_old;
      return answer(header.id, CommitAnswer(result));
    }
    commit.request.snapshot = found->second;
  }
  commit.request.memory = kept;
  const std::size_t size = kept->size();
  ++commits_;
  commit_bytes_ += size;
  continue_with(service_.commit(std::move(commit.request)),
                [this, id = header.id, size](Future<engine::CommitResult> ready) {
                  --commits_;
                  commit_bytes_ -= size;
                  if (const std::exception_ptr error = ready.error()) return fail(id, error);
                  answer(id, CommitAnswer(ready.get()));
                });
}

void Connection::serve_chore(const Header& header) {
  if (chores_.size() >= kMaxChores) return fail(header.id, ErrorCode::proxy_memory_limit_exceeded);
  Chore::Job job;
  if (header.kind == MessageKind::verify) {
    job = [this](const auto& progress) { return service_.verify(progress); };
  } else {
    job = [this](const auto& progress) {
      service_.compact(progress);
      return Chore::Sentences();
    };
  }
  Chore& chore = chores_.emplace_back(header.id, std::move(job), [this] { wakeup_.signal(); });
  continue_with(chore.outcome(), [this, id = header.id](Future<Chore::Sentences> ready) {
    std::erase_if(chores_, [&](const Chore& done) { return done.id() == id; });
    if (const std::exception_ptr error = ready.error()) return fail(id, error);
    answer_texts(id, ready.get());
  });
}

// --- Answers -----------------------------------------------------------------------------------

template <class Fields>
void Connection::put(MessageKind kind, RequestId id, const Fields& fields) {
  if (peer_gone_) return;
  try {
    append_message(out_, kind, id, fields);
  } catch (const std::bad_alloc&) {
    PLINTH_PROBE("no memory for an answer");
    peer_gone_ = true;
  }
}

void Connection::fail(RequestId id, const std::exception_ptr& error) {
  put(MessageKind::error, id, Failure(error));
}

void Connection::forget_watch(RequestId id) noexcept {
  const auto found = watch_sizes_.find(id);
  if (found == watch_sizes_.end()) return;
  watch_bytes_ -= found->second;
  watch_sizes_.erase(found);
}

template <class T, class Then>
void Connection::continue_with(Future<T> future, Then then) {
  ++outstanding_;
  try {
    std::move(future).on_ready([this, then = std::move(then)](Future<T> ready) mutable {
      --outstanding_;
      then(std::move(ready));
    });
  } catch (...) {
    --outstanding_;
    throw;
  }
}

template <class T, class Give>
void Connection::answer_with(RequestId id, Future<T> future, Give give) {
  auto conclude = [this, id, give = std::move(give)](Future<T> ready) mutable {
    if (const std::exception_ptr error = ready.error()) return fail(id, error);
    if constexpr (std::is_void_v<T>) {
      answer(id, Nothing());
    } else {
      give(id, ready.get());
    }
  };
  if (future.ready()) return conclude(std::move(future));
  if (cancellable_.size() >= kMaxCancellable)
    return fail(id, ErrorCode::proxy_memory_limit_exceeded);
  cancellable_.emplace(id, future.cancellation());
  continue_with(std::move(future),
                [this, id, conclude = std::move(conclude)](Future<T> ready) mutable {
                  cancellable_.erase(id);
                  forget_watch(id);
                  conclude(std::move(ready));
                });
}

void Connection::answer_texts(RequestId id, const std::vector<std::string>& texts) {
  Texts part;
  std::size_t bytes = 0;
  for (const std::string& text : texts) {
    if (bytes > kPartBytes) {
      put(MessageKind::part, id, part);
      part.texts.clear();
      bytes = 0;
    }
    part.texts.push_back(text);
    bytes += text.size() + sizeof(std::uint32_t);
  }
  answer(id, part);
}

// A part of each range, so that none waits for the whole of another.
void Connection::send_range_parts() {
  for (auto range = ranges_.begin(); range != ranges_.end() && unsent() < kMaxUnsentBytes;) {
    range = send_range_part(*range) ? std::next(range) : ranges_.erase(range);
  }
}

// False when it was the last one.
bool Connection::send_range_part(Range& range) {
  Rows rows;
  try {
    // Ready at once: the service is an engine in this process.
    rows = range.snapshot
               ->get_range({range.begin, range.end, range.rows_left,
                            std::min(range.bytes_left, kPartBytes), range.reverse})
               .get();
  } catch (const std::exception&) {
    fail(range.id, std::current_exception());
    return false;
  }
  const std::size_t bytes = rows.byte_size() + kRowBytes * rows.size();
  const bool last = !rows.more() || rows.size() >= range.rows_left || bytes >= range.bytes_left;
  put(last ? MessageKind::answer : MessageKind::part, range.id, RowsOf(rows));
  if (last) return false;
  if (range.rows_left != SIZE_MAX) range.rows_left -= rows.size();
  if (range.bytes_left != SIZE_MAX) range.bytes_left -= bytes;
  (range.reverse ? range.end : range.begin) =
      range.reverse ? Bytes(rows.back().key) : key_after(rows.back().key);
  return true;
}

void Connection::send_progress() {
  std::uint32_t millionths = 0;
  for (Chore& chore : chores_)
    if (chore.take_progress(millionths))
      put(MessageKind::progress, chore.id(), Progress(millionths));
}

}  // namespace plinth::remote
