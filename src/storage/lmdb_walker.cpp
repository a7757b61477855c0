#include "storage/lmdb_walker.hpp"

#include "base/probe.hpp"
#include "plinth/error.hpp"

namespace plinth::storage {

LmdbWalker::LmdbWalker(const LmdbEnvironment& environment, MDB_txn* txn)
    : environment_(environment), txn_(txn) {
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
    const bool found = first_not_before(piece, kLink);
    if (!found || !at_link(piece)) return settle(found, Direction::forward);
    descend();
  }
  return settle(first_not_before(key, kRow), Direction::forward);
}

bool LmdbWalker::seek_before(ByteView key) {
  to_root();
  for (; key.size() > kPieceBytes; key.remove_prefix(kPieceBytes)) {
    const ByteView piece = key.substr(0, kPieceBytes);
    if (!first_not_before(piece, kLink) || !at_link(piece))
      return settle(last_before(piece, kLink), Direction::backward);
    descend();
  }
  return settle(last_before(key, kRow), Direction::backward);
}

bool LmdbWalker::next() {
  return settle(move(MDB_NEXT), Direction::forward);
}
bool LmdbWalker::prev() {
  return settle(move(MDB_PREV), Direction::backward);
}

void LmdbWalker::check() const {
  if (entry_checksum(key_, entry_.value) != entry_.checksum) [[unlikely]]
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

MDB_cursor* LmdbWalker::cursor() {
  if (nodes_.empty()) return data_;
  if (pieces_ == nullptr)
    environment_.check(mdb_cursor_open(txn_, environment_.pieces(), &pieces_), "opening a cursor");
  return pieces_;
}

bool LmdbWalker::move(MDB_cursor_op op, MDB_val key) {
  MDB_val value{};
  const int rc = mdb_cursor_get(cursor(), &key, &value, op);
  if (rc == MDB_NOTFOUND) return false;
  environment_.check(rc, "reading");
  lmdb_key_ = view(key);
  if (!nodes_.empty()) {
    const LmdbKey mine(node(), {}, kRow);
    const ByteView prefix = mine.bytes().substr(0, sizeof(NodeId));
    if (lmdb_key_.substr(0, sizeof(NodeId)) != prefix) return false;
  }
  const auto parsed = parse_key(node(), lmdb_key_);
  const auto entry = parse_entry(view(value));
  if (!parsed || !entry) corrupt("an entry is malformed at " + printable(lmdb_key_));
  at_ = *parsed;
  entry_ = *entry;
  return true;
}

bool LmdbWalker::first_not_before(ByteView piece, char marker) {
  LmdbKey key(node(), piece, marker);
  return move(MDB_SET_RANGE, key.val());
}

bool LmdbWalker::last_before(ByteView piece, char marker) {
  LmdbKey key(node(), piece, marker);
  MDB_val at = key.val();
  MDB_val value{};
  const int rc = mdb_cursor_get(cursor(), &at, &value, MDB_SET_RANGE);
  if (rc != MDB_NOTFOUND) environment_.check(rc, "reading");
  return move(rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

bool LmdbWalker::first_of_node() {
  return nodes_.empty() ? move(MDB_FIRST) : first_not_before({}, kRow);
}

bool LmdbWalker::last_of_node() {
  if (nodes_.empty()) return move(MDB_LAST);
  LmdbKey behind(node() + 1, {}, kRow);
  MDB_val at = behind.val();
  MDB_val value{};
  const int rc = mdb_cursor_get(cursor(), &at, &value, MDB_SET_RANGE);
  if (rc != MDB_NOTFOUND) environment_.check(rc, "reading");
  return move(rc == MDB_NOTFOUND ? MDB_LAST : MDB_PREV);
}

bool LmdbWalker::at_link(ByteView piece) const {
  return at_.marker == kLink && at_.piece == piece;
}

bool LmdbWalker::settle(bool found, Direction direction) {
  const bool forward = direction == Direction::forward;
  for (;;) {
    if (found && at_.marker == kRow) {
      if (nodes_.empty()) {
        key_ = at_.piece;
      } else {
        long_key_.assign(path_).append(at_.piece);
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
  nodes_.clear();
  path_.clear();
}

void LmdbWalker::descend() {
  path_.append(at_.piece);
  if (entry_.value.size() != sizeof(NodeId) ||
      link_checksum(path_, entry_.value) != entry_.checksum)
    corrupt("the link to the long keys below " + printable(path_) + " fails its checksum");
  nodes_.push_back(get_little_endian<NodeId>(entry_.value.data()));
}

void LmdbWalker::ascend() {
  const Bytes piece = path_.substr(path_.size() - kPieceBytes);
  nodes_.pop_back();
  path_.resize(path_.size() - kPieceBytes);
  if (nodes_.empty()) return;  // the root's cursor has not moved from the link
  LmdbKey link(node(), piece, kLink);
  if (!move(MDB_SET_KEY, link.val())) corrupt("a link to long keys is gone");
}

void LmdbWalker::corrupt(const std::string& what) const {
  throw Error(ErrorCode::file_corrupt, environment_.file() + ": " + what);
}

}  // namespace plinth::storage
