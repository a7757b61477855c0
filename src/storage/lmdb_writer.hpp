// LmdbWriter: makes the changes of one batch in an LMDB write transaction and keeps count of them.
#pragma once

#include <lmdb.h>

#include "storage/lmdb_environment.hpp"
#include "storage/lmdb_format.hpp"
#include "storage/lmdb_walker.hpp"

namespace plinth::storage {

class LmdbWriter {
 public:
  // All must outlive it. Rows, digest and next node of `state` are kept up to date.
  LmdbWriter(const LmdbEnvironment& environment, MDB_txn* txn, StoreState& state);

  // Changes come sorted by key and do not overlap. Throws LmdbMapFull, Error(disk_full | io_error),
  // and Error(file_corrupt) when what they replace is damaged: damage is never overwritten unseen.
  void set(ByteView key, ByteView value);
  void clear(ByteView begin, ByteView end);
  // Writes the state record.
  void finish();

 private:
  NodeId child(NodeId node, ByteView path, ByteView piece);
  void put_row(NodeId node, ByteView piece, ByteView key, ByteView value);

  const LmdbEnvironment& environment_;
  MDB_txn* txn_;
  StoreState& state_;
  LmdbWalker walker_;
  MDB_cursor* cursors_[2] = {};  // for sets, in "data" and "pieces"; closed with the transaction
  Bytes last_key_;               // of "data" before this batch
  Bytes entry_;
};

}  // namespace plinth::storage
