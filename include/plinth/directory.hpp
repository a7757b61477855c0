// Directories: names for parts of the key space, in a tree, with short prefixes that are allocated.
//
//   const DirectoryLayer directories;
//   Directory users = db.run([&](Transaction& tx) {
//     return directories.create_or_open(tx, {"app", "users"});
//   });
//   tx.set(users.subspace().pack("ada"), "…");
//
// A directory is moved without its contents, whose prefix stays. The format is FoundationDB's
// directory layer 1.0.0 (https://apple.github.io/foundationdb/developer-guide.html#directories):
// what a binding of it has created opens here, and what is created here opens there.
//
// A directory that was created with the layer "partition" has directories of its own, all within
// its prefix: they can neither be moved out nor others in, and are removed with it.
//
// Errors, wherever they apply: directory_not_found; directory_exists; directory_layer_mismatch,
// when a directory is opened with another layer than it was created with; directory_prefix_in_use;
// directory_version_unsupported; client_invalid_operation for what is never allowed, as removing
// the root. All name the path.
//
// Handles are immutable, cheap to copy, and may be used by any thread; a Transaction& must stay
// until the future is ready.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plinth/subspace.hpp"
#include "plinth/transaction.hpp"

namespace plinth {

// Names from the root on. Names are UTF-8.
using DirectoryPath = std::vector<std::string>;

// As the command shows it: "app/users"; the root is "/".
PLINTH_API std::string to_string(const DirectoryPath& path);

class Directory;

class PLINTH_API DirectoryLayer {
 public:
  // The directories that all programs see which do not say otherwise: as the bindings of
  // FoundationDB have them, with their records below \xfe, and contents anywhere.
  DirectoryLayer() : DirectoryLayer(Subspace::from_raw("\xfe"), {}) {}
  // With its records in `nodes` and the contents of directories in `contents`.
  // `allow_manual_prefixes`: create() may be given a prefix.
  DirectoryLayer(Subspace nodes, Subspace contents, bool allow_manual_prefixes = false);

  // A path's missing beginnings are created too, with no layer. An empty `layer` opens any.
  Future<Directory> create_or_open(Transaction& tx, DirectoryPath path, Bytes layer = {}) const;
  // `prefix`: of the contents, which nothing else may begin with; without it a short one is
  // allocated that no other directory has, and under which nothing is stored.
  Future<Directory> create(Transaction& tx, DirectoryPath path, Bytes layer = {},
                           std::optional<Bytes> prefix = std::nullopt) const;
  Future<Directory> open(ReadTransaction tx, DirectoryPath path, Bytes layer = {}) const;
  // The directory that was at `from`, with all below it. The parent of `to` must be there, and `to`
  // not.
  Future<Directory> move(Transaction& tx, DirectoryPath from, DirectoryPath to) const;
  // With all below it, and all contents.
  Future<void> remove(Transaction& tx, DirectoryPath path) const;
  // The same; whether it was there.
  Future<bool> remove_if_exists(Transaction& tx, DirectoryPath path) const;
  Future<bool> exists(ReadTransaction tx, DirectoryPath path) const;
  // The names in a directory, in order.
  Future<std::vector<std::string>> list(ReadTransaction tx, DirectoryPath path = {}) const;

 private:
  struct Node;
  Subspace node_at(ByteView prefix) const { return nodes_[ByteString{Bytes(prefix)}]; }
  Subspace root() const { return node_at(nodes_.key()); }
  DirectoryLayer inside(const Node& partition, const DirectoryPath& path) const;
  Future<Node> find(ReadTransaction tx, DirectoryPath path) const;
  Future<void> check_version(ReadTransaction tx, bool to_write) const;
  Future<bool> is_prefix_free(ReadTransaction tx, Bytes prefix) const;
  Future<Bytes> new_prefix(Transaction& tx, std::optional<Bytes> wanted, DirectoryPath path) const;
  Future<Directory> make(Transaction& tx, DirectoryPath path, Bytes layer,
                         std::optional<Bytes> prefix, bool may_exist) const;
  Future<void> clear_tree(Transaction& tx, Bytes prefix) const;
  Directory opened(const Node& node, const DirectoryPath& path, const Bytes& layer) const;
  [[noreturn]] void fail(ErrorCode code, const DirectoryPath& path,
                         const std::string& more = {}) const;

  Subspace nodes_;     // of the records
  Subspace contents_;  // of what the directories hold
  bool allow_manual_prefixes_;
  DirectoryPath above_;  // of the partition, when this is the inside of one
};

// An open directory.
class PLINTH_API Directory {
 public:
  const DirectoryPath& path() const noexcept { return path_; }
  const Bytes& layer() const noexcept { return layer_; }
  // Where the contents are. Error(client_invalid_operation) of a partition, which has none beside
  // its directories.
  const Subspace& subspace() const;
  bool is_partition() const noexcept { return layer_ == "partition"; }
  // What all keys of the contents begin with; of a partition also those of the directories in it.
  const Bytes& prefix() const noexcept { return subspace_.key(); }

 private:
  friend class DirectoryLayer;
  Directory(DirectoryPath path, Bytes layer, Subspace subspace)
      : path_(std::move(path)), layer_(std::move(layer)), subspace_(std::move(subspace)) {}

  DirectoryPath path_;
  Bytes layer_;
  Subspace subspace_;
};

}  // namespace plinth
