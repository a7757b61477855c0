#include "storage/lmdb_walker.hpp"

#include <algorithm>

#include "base/probe.hpp"
#include "plinth/error.hpp"
#include "storage/lmdb_pages.hpp"

namespace plinth::storage {

LmdbWalker::LmdbWalker(const LmdbEnvironment& environment, MDB_txn* txn, Use use)
    : environment_(environment), use_(use), txn_(txn) {
  environment_.check(mdb_cursor_open(txn_, environment_.data(), &data_), "opening a cursor");
}

LmdbWalker::~LmdbWalker() {
  mdb_cursor_close(data_);
  if (pieces_ != nullptr) mdb_cursor_close(pieces_);
}

void LmdbWalker::renew(MDB_txn* txn) {
  txn_ = txn;
  environment_.check(mdb_cursor_renew(txn_, data_), "renewing a cursor");
  if (pieces_ != nullptr) environment_.check(mdb_cursor_renew(txn_, pieces_), "renewing a cursor");
  to_root();
}

bool LmdbWalker::seek(ByteView key) {
  to_root();
  for (; key.size() > kPieceBytes; key.remove_prefix(kPieceBytes)) {
    const ByteView piece = key.substr(0, kPieceBytes);
    const bool found = first_not_before(piece, EntryKind::link);
    if (!found || !at_link_of(piece)) return settle(found, Direction::forward);
    descend();
  }
  return settle(first_not_before(key, EntryKind::row), Direction::forward);
}

bool LmdbWalker::seek_before(ByteView key) {
  to_root();
  for (; key.size() > kPieceBytes; key.remove_prefix(kPieceBytes)) {
    const ByteView piece = key.substr(0, kPieceBytes);
    if (!first_not_before(piece, EntryKind::link) || !at_link_of(piece))
      return settle(last_before(piece, EntryKind::link), Direction::backward);
    descend();
  }
  return settle(last_before(key, EntryKind::row), Direction::backward);
}

bool LmdbWalker::step(Direction direction) {
  if (unread_) {
    const Answer answer = *unread_;
    unread_.reset();
    return settle(take(answer), direction);
  }
  return settle(move(direction == Direction::forward ? MDB_NEXT : MDB_PREV), direction);
}

const char* LmdbWalker::page_of(ByteView key) const noexcept {
  const auto address = reinterpret_cast<std::uintptr_t>(key.data());
  return reinterpret_cast<const char*>(address & ~std::uintptr_t{environment_.page_bytes() - 1});
}

void LmdbWalker::check_page(ByteView lmdb_key) {
  const char* page = page_of(lmdb_key);
  if (page == checked_page_ || use_ == Use::writing) return;
  if (!lmdb_leaf_is_sound(page, environment_.page_bytes()))
    corrupt("the page of key " + printable(lmdb_key) + " is damaged");
  checked_page_ = page;
}

std::size_t LmdbWalker::step_plain(Direction direction, std::span<PlainRow> rows) {
  if (!in_root() || unread_) return 0;
  const MDB_cursor_op op = direction == Direction::forward ? MDB_NEXT : MDB_PREV;
  std::size_t count = 0;
  while (count < rows.size()) {
    Answer answer{};
    answer.rc = mdb_cursor_get(data_, &answer.key, &answer.value, op);
    const ByteView key = view(answer.key);
    const EntryView entry(view(answer.value));
    // Rows whose LMDB key is the key itself.
    if (answer.rc != MDB_SUCCESS || key.empty() || key.front() == 0 || key.size() > kPieceBytes ||
        !entry.well_formed()) [[unlikely]] {
      unread_ = answer;
      break;
    }
    check_page(key);
    for (std::size_t at = 0; at < std::min<std::size_t>(answer.value.mv_size, 256); at += 64)
      __builtin_prefetch(static_cast<const char*>(answer.value.mv_data) + at);
    rows[count++] = {key, entry};
  }
  return count;
}

void LmdbWalker::check() const {
  if (entry_checksum(key_, entry_.value()) != entry_.checksum()) [[unlikely]]
    throw Error(ErrorCode::file_corrupt, environment_.file() + ": the row with key " +
                                             printable(key_) + " fails its checksum");
}

bool LmdbWalker::erase() {
  environment_.check(mdb_cursor_del(cursor(), 0), "deleting a row");
  bool found = move(MDB_NEXT);
  while (!found && !nodes_.empty()) {
    const bool empty = !first_of_node();
    ascend();
    if (empty) {
      PLINTH_PROBE("lmdb empty node removed");
      environment_.check(mdb_cursor_del(cursor(), 0), "deleting a link");
    }
    found = move(MDB_NEXT);
  }
  return settle(found, Direction::forward);
}

MDB_cursor* LmdbWalker::pieces() {
  if (pieces_ == nullptr)
    environment_.check(mdb_cursor_open(txn_, environment_.pieces(), &pieces_), "opening a cursor");
  return pieces_;
}

bool LmdbWalker::move(MDB_cursor_op op, MDB_val key) {
  Answer answer{0, key, {}};
  answer.rc = mdb_cursor_get(cursor(), &answer.key, &answer.value, op);
  return take(answer);
}

bool LmdbWalker::take(const Answer& answer) {
  if (answer.rc == MDB_NOTFOUND) return false;
  environment_.check(answer.rc, "reading");
  const ByteView bytes = view(answer.key);
  check_page(bytes);
  if (!in_root()) {
    const LmdbKey mine(node(), {}, EntryKind::row);
    if (bytes.substr(0, sizeof(NodeId)) != mine.bytes()) return false;
  }
  const bool is_key = bytes.size() > (in_root() ? 0 : sizeof(NodeId));
  if (is_key) piece_ = piece_of(node(), bytes);
  entry_ = EntryView(view(answer.value));
  if (!is_key || piece_.size() > kPieceBytes + 1 || !entry_.well_formed())
    corrupt("an entry is malformed at " + printable(bytes));
  return true;
}

bool LmdbWalker::first_not_before(ByteView piece, EntryKind kind) {
  LmdbKey key(node(), piece, kind);
  return move(MDB_SET_RANGE, key.val());
}

bool LmdbWalker::last_before(ByteView piece, EntryKind kind) {
  LmdbKey key(node(), piece, kind);
  MDB_val at = key.val();
  MDB_val value{};
  const int rc = mdb_cursor_get(cursor(), &at, &value, MDB_SET_RANGE);
  if (rc != MDB_NOTFOUND) environment_.check(rc, "reading");
  return move(rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

bool LmdbWalker::first_of_node() {
  return nodes_.empty() ? move(MDB_FIRST) : first_not_before({}, EntryKind::row);
}

bool LmdbWalker::last_of_node() {
  if (nodes_.empty()) return move(MDB_LAST);
  LmdbKey behind(node() + 1, {}, EntryKind::row);
  MDB_val at = behind.val();
  MDB_val value{};
  const int rc = mdb_cursor_get(cursor(), &at, &value, MDB_SET_RANGE);
  if (rc != MDB_NOTFOUND) environment_.check(rc, "reading");
  return move(rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

bool LmdbWalker::at_link_of(ByteView piece) const {
  return at_link() && piece_.substr(0, kPieceBytes) == piece;
}

bool LmdbWalker::settle(bool found, Direction direction) {
  const bool forward = direction == Direction::forward;
  for (;;) {
    if (found && !at_link()) {
      if (nodes_.empty()) {
        key_ = piece_;
      } else {
        long_key_.assign(path_).append(piece_);
        key_ = long_key_;
      }
      return true;
    }
    if (found) {
      descend();
      found = forward ? first_of_node() : last_of_node();
      if (!found) corrupt("the node of long keys below " + printable(path_) + " is empty");
    } else {
      if (nodes_.empty()) return false;
      ascend();
      found = move(forward ? MDB_NEXT : MDB_PREV);
    }
  }
}

void LmdbWalker::to_root() {
  unread_.reset();
  checked_page_ = nullptr;
  nodes_.clear();
  path_.clear();
}

void LmdbWalker::descend() {
  path_.append(piece_.substr(0, kPieceBytes));
  if (!is_link(entry_, path_))
    corrupt("the link to the long keys below " + printable(path_) + " fails its checksum");
  nodes_.push_back(get_number<NodeId>(entry_.value().data()));
}

void LmdbWalker::ascend() {
  const Bytes piece = path_.substr(path_.size() - kPieceBytes);
  nodes_.pop_back();
  path_.resize(path_.size() - kPieceBytes);
  if (nodes_.empty()) return;  // the root's cursor has not moved from the link
  LmdbKey link(node(), piece, EntryKind::link);
  if (!move(MDB_SET_KEY, link.val())) corrupt("a link to long keys is gone");
}

void LmdbWalker::corrupt(const std::string& what) const {
  throw Error(ErrorCode::file_corrupt, environment_.file() + ": " + what);
}

}  // namespace plinth::storage
