#include "plinth/directory.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "layers/prefix_allocator.hpp"
#include "plinth/error.hpp"

namespace plinth {
namespace {

// Of the format, as three little-endian numbers of 4 bytes.
using FormatVersion = std::array<std::uint32_t, 3>;
constexpr FormatVersion kVersion{1, 0, 0};

Bytes encoded(const FormatVersion& version) {
  Bytes bytes;
  for (const std::uint32_t number : version)
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<char>(number >> shift));
  return bytes;
}

FormatVersion decoded(ByteView bytes) {
  FormatVersion version{};
  for (std::size_t i = 0; i < bytes.size() && i < 12; ++i)
    version[i / 4] |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i]))
                      << (8 * (i % 4));
  return version;
}

// What a node's subspace has.
constexpr std::int64_t kSubdirectories = 0;  // (0, name) → prefix
const ByteString kLayer{"layer"};
// What the root's has besides.
const ByteString kVersionKey{"version"};
const ByteString kAllocator{"hca"};

constexpr const char* kPartition = "partition";

DirectoryPath operator+(DirectoryPath a, const DirectoryPath& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

DirectoryPath first(const DirectoryPath& path, std::size_t count) {
  return {path.begin(), path.begin() + static_cast<std::ptrdiff_t>(count)};
}
DirectoryPath behind(const DirectoryPath& path, std::size_t count) {
  return {path.begin() + static_cast<std::ptrdiff_t>(count), path.end()};
}
DirectoryPath parent_of(const DirectoryPath& path) {
  return first(path, path.size() - 1);
}

}  // namespace

// A place in the tree: a directory, or where one would be.
struct DirectoryLayer::Node {
  bool exists = true;
  Bytes prefix;
  Bytes layer;
  // Names of the path that lead here. What is left is inside of a partition.
  std::size_t depth = 0;
  bool leads_into_partition(const DirectoryPath& path) const {
    return exists && layer == kPartition && depth < path.size();
  }
};

std::string to_string(const DirectoryPath& path) {
  if (path.empty()) return "/";
  std::string text;
  for (const std::string& name : path) text += (text.empty() ? "" : "/") + printable(name, 1000);
  return text;
}

const Subspace& Directory::subspace() const {
  if (is_partition())
    throw Error(ErrorCode::client_invalid_operation,
                "The partition " + to_string(path_) +
                    " has no contents of its own; create a directory in it");
  return subspace_;
}

DirectoryLayer::DirectoryLayer(Subspace nodes, Subspace contents, bool allow_manual_prefixes)
    : nodes_(std::move(nodes)),
      contents_(std::move(contents)),
      allow_manual_prefixes_(allow_manual_prefixes) {}

void DirectoryLayer::fail(ErrorCode code, const DirectoryPath& path,
                          const std::string& more) const {
  throw Error(code, to_string(above_ + path) + more);
}

DirectoryLayer DirectoryLayer::inside(const Node& partition, const DirectoryPath& path) const {
  DirectoryLayer inner(Subspace::from_raw(partition.prefix + "\xfe"),
                       Subspace::from_raw(partition.prefix));
  inner.above_ = above_ + first(path, partition.depth);
  return inner;
}

// --- The tree ----------------------------------------------------------------------------------

Future<DirectoryLayer::Node> DirectoryLayer::find(ReadTransaction tx, DirectoryPath path) const {
  const DirectoryLayer self = *this;
  Node node;
  node.prefix = self.nodes_.key();
  for (const std::string& name : path) {
    const std::optional<Bytes> prefix =
        co_await tx.get(self.node_at(node.prefix).pack(kSubdirectories, name));
    ++node.depth;
    if (!prefix) {
      node.exists = false;
      co_return node;
    }
    node.prefix = *prefix;
    const std::optional<Bytes> layer = co_await tx.get(self.node_at(node.prefix).pack(kLayer));
    node.layer = layer.value_or("");
    if (node.layer == kPartition) break;
  }
  co_return node;
}

Future<void> DirectoryLayer::check_version(ReadTransaction tx, bool to_write) const {
  const Bytes key = root().pack(kVersionKey);
  const std::optional<Bytes> found = co_await tx.get(key);
  if (!found) co_return;
  const FormatVersion version = decoded(*found);
  if (version[0] > kVersion[0] || (to_write && version[1] > kVersion[1]))
    throw Error(ErrorCode::directory_version_unsupported,
                "They are of version " + std::to_string(version[0]) + "." +
                    std::to_string(version[1]) + "." + std::to_string(version[2]) +
                    ", 1.0.0 is known" + (version[0] > kVersion[0] ? "" : " and can be read"));
}

// Whether no directory has it, or one that it begins with, or that begins with it.
Future<bool> DirectoryLayer::is_prefix_free(ReadTransaction tx, Bytes prefix) const {
  const DirectoryLayer self = *this;
  if (prefix.empty() || prefix.starts_with(self.nodes_.key())) co_return false;
  const KeyRange all = self.nodes_.range();
  const Rows before =
      co_await tx.get_range(all.begin, key_after(self.nodes_.pack(ByteStringView{prefix})),
                            {.limit = 1, .reverse = true, .mode = StreamingMode::exact});
  if (!before.empty()) {
    const Tuple key = self.nodes_.unpack(before.front().key);
    if (prefix.starts_with(key.get<ByteString>(0).bytes)) co_return false;
  }
  const Bytes end = next_prefix(prefix);
  const Rows within = co_await tx.get_range(self.nodes_.pack(ByteStringView{prefix}),
                                            self.nodes_.pack(ByteStringView{end}),
                                            {.limit = 1, .mode = StreamingMode::exact});
  co_return within.empty();
}

Future<Bytes> DirectoryLayer::new_prefix(Transaction& tx, std::optional<Bytes> wanted,
                                         DirectoryPath path) const {
  const DirectoryLayer self = *this;
  if (wanted) {
    const bool is_free = co_await self.is_prefix_free(tx, *wanted);
    if (!is_free)
      self.fail(ErrorCode::directory_prefix_in_use, path, ": the prefix " + printable(*wanted));
    co_return *wanted;
  }
  const Bytes number = co_await layers::allocate_prefix(tx, self.root()[kAllocator]);
  const Bytes prefix = self.contents_.key() + number;
  const Rows stored = co_await tx.get_range(prefix, next_prefix(prefix),
                                            {.limit = 1, .mode = StreamingMode::exact});
  const bool is_free = co_await self.is_prefix_free(tx.snapshot(), prefix);
  if (!stored.empty() || !is_free)
    self.fail(ErrorCode::directory_prefix_in_use, path,
              ": the prefix " + printable(prefix) + " that was allocated for it" +
                  (is_free ? " has keys that are no directory's" : " is a directory's"));
  co_return prefix;
}

// --- Creating and opening ----------------------------------------------------------------------

Future<Directory> DirectoryLayer::create_or_open(Transaction& tx, DirectoryPath path,
                                                 Bytes layer) const {
  return make(tx, std::move(path), std::move(layer), std::nullopt, true);
}

Future<Directory> DirectoryLayer::create(Transaction& tx, DirectoryPath path, Bytes layer,
                                         std::optional<Bytes> prefix) const {
  return make(tx, std::move(path), std::move(layer), std::move(prefix), false);
}

Future<Directory> DirectoryLayer::make(Transaction& tx, DirectoryPath path, Bytes layer,
                                       std::optional<Bytes> prefix, bool may_exist) const {
  const DirectoryLayer self = *this;
  if (path.empty()) self.fail(ErrorCode::client_invalid_operation, path, ": it is always there");
  co_await self.check_version(tx, false);
  const Node node = co_await self.find(tx, path);
  if (node.leads_into_partition(path)) {
    const DirectoryLayer inner = self.inside(node, path);
    co_return co_await inner.make(tx, behind(path, node.depth), layer, prefix, may_exist);
  }
  if (node.exists) {
    if (!may_exist) self.fail(ErrorCode::directory_exists, path);
    co_return self.opened(node, path, layer);
  }
  if (prefix && !self.allow_manual_prefixes_)
    self.fail(ErrorCode::client_invalid_operation, path,
              ": its prefix cannot be chosen, but in a DirectoryLayer that allows manual prefixes");
  co_await self.check_version(tx, true);
  const Bytes version_key = self.root().pack(kVersionKey);
  const std::optional<Bytes> version = co_await tx.get(version_key);
  if (!version) tx.set(version_key, encoded(kVersion));
  const Bytes new_prefix = co_await self.new_prefix(tx, prefix, path);
  Subspace parent = self.root();
  if (path.size() > 1) {
    const Directory above = co_await self.make(tx, parent_of(path), Bytes(), std::nullopt, true);
    parent = self.node_at(above.prefix());
  }
  tx.set(parent.pack(kSubdirectories, path.back()), new_prefix);
  tx.set(self.node_at(new_prefix).pack(kLayer), layer);
  Node made;
  made.prefix = new_prefix;
  made.layer = layer;
  co_return self.opened(made, path, layer);
}

Future<Directory> DirectoryLayer::open(ReadTransaction tx, DirectoryPath path, Bytes layer) const {
  const DirectoryLayer self = *this;
  if (path.empty())
    self.fail(ErrorCode::client_invalid_operation, path, ": it has no contents to be opened");
  co_await self.check_version(tx, false);
  const Node node = co_await self.find(tx, path);
  if (node.leads_into_partition(path)) {
    const DirectoryLayer inner = self.inside(node, path);
    co_return co_await inner.open(tx, behind(path, node.depth), layer);
  }
  if (!node.exists) self.fail(ErrorCode::directory_not_found, path);
  co_return self.opened(node, path, layer);
}

Directory DirectoryLayer::opened(const Node& node, const DirectoryPath& path,
                                 const Bytes& layer) const {
  if (!layer.empty() && layer != node.layer)
    fail(ErrorCode::directory_layer_mismatch, path,
         ": \"" + printable(node.layer) + "\", not \"" + printable(layer) + "\"");
  return {above_ + path, node.layer, Subspace::from_raw(node.prefix)};
}

// --- Looking -----------------------------------------------------------------------------------

Future<bool> DirectoryLayer::exists(ReadTransaction tx, DirectoryPath path) const {
  const DirectoryLayer self = *this;
  co_await self.check_version(tx, false);
  const Node node = co_await self.find(tx, path);
  if (!node.leads_into_partition(path)) co_return node.exists;
  const DirectoryLayer inner = self.inside(node, path);
  co_return co_await inner.exists(tx, behind(path, node.depth));
}

Future<std::vector<std::string>> DirectoryLayer::list(ReadTransaction tx,
                                                      DirectoryPath path) const {
  const DirectoryLayer self = *this;
  co_await self.check_version(tx, false);
  const Node node = co_await self.find(tx, path);
  if (!node.exists) self.fail(ErrorCode::directory_not_found, path);
  if (node.layer == kPartition) {
    const DirectoryLayer inner = self.inside(node, path);
    co_return co_await inner.list(tx, behind(path, node.depth));
  }
  std::vector<std::string> names;
  const Subspace place = self.node_at(node.prefix);
  RangeStream rows = tx.range(place.range(kSubdirectories));
  while (true) {
    const Rows page = co_await rows.next_page();
    if (page.empty()) co_return names;
    for (const KeyValueView row : page)
      names.push_back(std::get<1>(place.unpack<std::int64_t, std::string>(row.key)));
  }
}

// --- Moving and removing -----------------------------------------------------------------------

Future<Directory> DirectoryLayer::move(Transaction& tx, DirectoryPath from,
                                       DirectoryPath to) const {
  const DirectoryLayer self = *this;
  if (from.empty()) self.fail(ErrorCode::client_invalid_operation, from, ": it cannot be moved");
  if (to.size() >= from.size() && std::equal(from.begin(), from.end(), to.begin()))
    self.fail(ErrorCode::client_invalid_operation, from,
              ": cannot be moved into itself, to " + to_string(self.above_ + to));
  co_await self.check_version(tx, true);
  const Node old = co_await self.find(tx, from);
  const Node now = co_await self.find(tx, to);
  if (!old.exists) self.fail(ErrorCode::directory_not_found, from);
  const bool out = old.leads_into_partition(from), in = now.leads_into_partition(to);
  if (out || in) {
    if (!out || !in || old.prefix != now.prefix)
      self.fail(
          ErrorCode::client_invalid_operation, from,
          ": cannot be moved to " + to_string(self.above_ + to) + ", over the edge of a partition");
    const DirectoryLayer inner = self.inside(old, from);
    co_return co_await inner.move(tx, behind(from, old.depth), behind(to, now.depth));
  }
  if (now.exists) self.fail(ErrorCode::directory_exists, to);
  const Node new_parent = co_await self.find(tx, parent_of(to));
  if (!new_parent.exists)
    self.fail(ErrorCode::directory_not_found, parent_of(to), ": create it first");
  const Node old_parent = co_await self.find(tx, parent_of(from));
  tx.set(self.node_at(new_parent.prefix).pack(kSubdirectories, to.back()), old.prefix);
  tx.clear(self.node_at(old_parent.prefix).pack(kSubdirectories, from.back()));
  co_return self.opened(old, to, {});
}

Future<void> DirectoryLayer::remove(Transaction& tx, DirectoryPath path) const {
  const DirectoryLayer self = *this;
  const bool removed = co_await self.remove_if_exists(tx, path);
  if (!removed) self.fail(ErrorCode::directory_not_found, path);
}

Future<bool> DirectoryLayer::remove_if_exists(Transaction& tx, DirectoryPath path) const {
  const DirectoryLayer self = *this;
  if (path.empty()) self.fail(ErrorCode::client_invalid_operation, path, ": it cannot be removed");
  co_await self.check_version(tx, true);
  const Node node = co_await self.find(tx, path);
  if (!node.exists) co_return false;
  if (node.leads_into_partition(path)) {
    const DirectoryLayer inner = self.inside(node, path);
    co_return co_await inner.remove_if_exists(tx, behind(path, node.depth));
  }
  const Node parent = co_await self.find(tx, parent_of(path));
  co_await self.clear_tree(tx, node.prefix);
  tx.clear(self.node_at(parent.prefix).pack(kSubdirectories, path.back()));
  co_return true;
}

// Of the directory with this prefix, and of all below it, contents and records.
Future<void> DirectoryLayer::clear_tree(Transaction& tx, Bytes prefix) const {
  const DirectoryLayer self = *this;
  std::vector<Bytes> left{prefix};
  while (!left.empty()) {
    const Bytes next = std::move(left.back());
    left.pop_back();
    const Subspace node = self.node_at(next);
    RangeStream below = tx.range(node.range(kSubdirectories));
    while (true) {
      const Rows page = co_await below.next_page();
      if (page.empty()) break;
      for (const KeyValueView row : page) left.emplace_back(row.value);
    }
    tx.clear_range(KeyRange::starts_with(next));
    tx.clear_range(node.range());
  }
}

}  // namespace plinth
