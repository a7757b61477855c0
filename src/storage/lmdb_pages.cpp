#include "storage/lmdb_pages.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>

#include "plinth/bytes.hpp"
#include "plinth/error.hpp"

namespace plinth::storage {
namespace {

constexpr std::size_t kPageHeaderBytes = 16;
constexpr std::size_t kNodeHeaderBytes = 8;
constexpr std::size_t kTableBytes = 48;  // struct MDB_db
constexpr std::size_t kMaxLmdbKeyBytes = 511;
constexpr unsigned kMaxDepth = 32;       // CURSOR_STACK of mdb.c
constexpr std::size_t kMaxDamage = 100;  // sentences; more say nothing new

constexpr std::uint16_t kBranch = 0x01;
constexpr std::uint16_t kLeaf = 0x02;
constexpr std::uint16_t kOverflow = 0x04;

constexpr std::uint16_t kValueOnPages = 0x01;  // F_BIGDATA
constexpr std::uint16_t kValueIsTable = 0x02;  // F_SUBDATA

template <typename Int>
Int number_at(ByteView bytes, std::size_t offset) {
  Int number;
  std::memcpy(&number, bytes.data() + offset, sizeof(number));
  return number;
}

struct Node {
  ByteView key;
  std::uint16_t flags = 0;
  std::uint64_t value_bytes = 0;
  ByteView value;          // leaf: unless it is on pages of its own
  std::uint64_t page = 0;  // branch: the child; leaf: the first of the value's pages
};

// A page that is not as it must be; what() is the sentence.
struct Damage {
  std::string sentence;
};

// Thrown when the caller wants no more.
struct Stopped {};

class PageCheck {
 public:
  PageCheck(int fd, const std::string& file, const LmdbMeta& meta, const Progress& progress)
      : fd_(fd),
        file_(file),
        meta_(meta),
        progress_(progress),
        page_bytes_(meta.page_bytes()),
        used_(meta.last_page + 1) {}

  std::vector<std::string> run() {
    used_[0] = used_[1] = true;
    try {
      check_tables([](ByteView) { return true; });
      check_table("the table of free pages", meta_.free, Order::numbers,
                  [&](const Node& node) { check_free(node); });
      // Only a tree that was followed to its end tells what is not used.
      if (damage_.empty()) check_unused();
    } catch (const Stopped&) {
    }
    return std::move(damage_);
  }

  // Only the table of tables and the one of this name.
  std::vector<std::string> run_one(ByteView table) {
    used_[0] = used_[1] = true;
    try {
      check_tables([&](ByteView name) { return name == table; });
    } catch (const Stopped&) {
    }
    return std::move(damage_);
  }

 private:
  enum class Order { bytes, numbers };
  using OnNode = std::function<void(const Node&)>;

  struct Table {
    const std::string& name;
    const LmdbMeta::Table& said;
    Order order;
    const OnNode& on_node;
    LmdbMeta::Table counted;
  };

  void check_tables(const std::function<bool(ByteView name)>& wanted) {
    check_table("the table of tables", meta_.main, Order::bytes, [&](const Node& node) {
      if ((node.flags & kValueIsTable) == 0 || node.value.size() != kTableBytes)
        throw Damage{"an entry of the table of tables is none"};
      const LmdbMeta::Table table = read_table(node.value);
      if (wanted(node.key))
        check_table("table " + printable(node.key), table, Order::bytes, nullptr);
    });
  }

  void check_table(const std::string& name, const LmdbMeta::Table& said, Order order,
                   const OnNode& on_node) {
    Table table{name, said, order, on_node, {}};
    if (said.depth > kMaxDepth) throw Damage{"its depth is not possible"};
    if (said.root != kNoPage) check_page(table, said.root, 1, std::nullopt, std::nullopt);
    const LmdbMeta::Table& counted = table.counted;
    if (counted.branch_pages != said.branch_pages || counted.leaf_pages != said.leaf_pages ||
        counted.overflow_pages != said.overflow_pages || counted.entries != said.entries)
      report(file_ + ": " + name + " says it has " + std::to_string(said.entries) + " entries on " +
             std::to_string(said.leaf_pages) + " pages, but " + std::to_string(counted.entries) +
             " on " + std::to_string(counted.leaf_pages) + " were found");
  }

  // Checks a page and those below it; all its keys are in [low, high).
  void check_page(Table& table, std::uint64_t number, unsigned level, std::optional<ByteView> low,
                  std::optional<ByteView> high) {
    try {
      const Bytes page = read_page(number);
      const bool leaf = level == table.said.depth;
      if (level > table.said.depth) throw Damage{"it lies deeper than its table"};
      if (number_at<std::uint16_t>(page, 10) != (leaf ? kLeaf : kBranch))
        throw Damage{leaf ? "it should be a leaf" : "it should be a branch"};
      ++(leaf ? table.counted.leaf_pages : table.counted.branch_pages);
      const std::vector<Node> nodes = read_nodes(page, leaf);
      check_order(table, nodes, leaf, low, high);
      for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (leaf) {
          check_leaf_node(table, number, nodes[i]);
        } else {
          check_page(table, nodes[i].page, level + 1, i == 0 ? low : nodes[i].key,
                     i + 1 < nodes.size() ? nodes[i + 1].key : high);
        }
      }
    } catch (const Damage& damage) {
      report(file_ + ": page " + std::to_string(number) + " of " + table.name + ": " +
             damage.sentence);
    } catch (const Error& error) {  // it could not be read
      report(error.what());
    }
  }

  // Reads a page and its number, and notes that it is used.
  Bytes read_page(std::uint64_t number) {
    use(number);
    Bytes page(page_bytes_, '\0');
    if (read_at(fd_, number * page_bytes_, page.data(), page.size(), file_) != page.size())
      throw Damage{"the file ends before it"};
    if (number_at<std::uint64_t>(page, 0) != number)
      throw Damage{"it carries the number " + std::to_string(number_at<std::uint64_t>(page, 0))};
    return page;
  }

  void use(std::uint64_t number) {
    if (number > meta_.last_page) throw Damage{"there is no such page"};
    if (used_[number]) throw Damage{"it is used twice"};
    used_[number] = true;
    constexpr std::uint64_t kReportEvery = 1024;
    if (progress_ && ++pages_ % kReportEvery == 0 &&
        !progress_(std::min(1.0, static_cast<double>(pages_) / static_cast<double>(used_.size()))))
      throw Stopped{};
  }

  std::vector<Node> read_nodes(ByteView page, bool leaf) const {
    const auto lower = number_at<std::uint16_t>(page, 12);
    const auto upper = number_at<std::uint16_t>(page, 14);
    if (lower < kPageHeaderBytes + 2 || lower % 2 != 0 || upper < lower || upper > page.size())
      throw Damage{"its bounds are not possible"};
    std::vector<Node> nodes;
    std::size_t used = 0;
    for (std::size_t at = kPageHeaderBytes; at < lower; at += 2)
      nodes.push_back(read_node(page, number_at<std::uint16_t>(page, at), upper, leaf, used));
    if (used != page.size() - upper) throw Damage{"its entries do not fill the place they have"};
    if (!leaf && nodes.size() < 2) throw Damage{"it is a branch with one child"};
    return nodes;
  }

  Node read_node(ByteView page, std::size_t offset, std::size_t upper, bool leaf,
                 std::size_t& used) const {
    if (offset < upper || offset % 2 != 0 || offset + kNodeHeaderBytes > page.size())
      throw Damage{"an entry lies outside its place"};
    const std::uint64_t low = number_at<std::uint32_t>(page, offset);
    Node node;
    node.flags = number_at<std::uint16_t>(page, offset + 4);
    const std::size_t key_bytes = number_at<std::uint16_t>(page, offset + 6);
    std::size_t size = kNodeHeaderBytes + key_bytes;
    if (leaf) {
      node.value_bytes = low;
      size += (node.flags & kValueOnPages) != 0 ? sizeof(std::uint64_t) : node.value_bytes;
    } else {
      node.page = low | std::uint64_t{node.flags} << 32;
    }
    if (key_bytes > kMaxLmdbKeyBytes || offset + size > page.size())
      throw Damage{"an entry reaches beyond the page"};
    node.key = page.substr(offset + kNodeHeaderBytes, key_bytes);
    const ByteView rest =
        page.substr(offset + kNodeHeaderBytes + key_bytes, size - kNodeHeaderBytes - key_bytes);
    if (leaf && (node.flags & kValueOnPages) != 0)
      node.page = number_at<std::uint64_t>(rest, 0);
    else
      node.value = rest;
    used += size + size % 2;
    return node;
  }

  void check_order(const Table& table, const std::vector<Node>& nodes, bool leaf,
                   std::optional<ByteView> low, std::optional<ByteView> high) const {
    // The first key of a branch is never looked at.
    for (std::size_t i = leaf ? 0 : 1; i < nodes.size(); ++i) {
      const ByteView key = nodes[i].key;
      if (key.empty() || (table.order == Order::numbers && key.size() != sizeof(std::uint64_t)))
        throw Damage{"a key has a size that is not possible"};
      const bool first = i == (leaf ? 0 : 1);
      if ((!first && !before(table, nodes[i - 1].key, key)) || (low && before(table, key, *low)) ||
          (high && !before(table, key, *high)))
        throw Damage{"the key " + printable(key) + " is out of order"};
    }
  }

  static bool before(const Table& table, ByteView a, ByteView b) {
    if (table.order == Order::bytes) return a < b;
    return number_at<std::uint64_t>(a, 0) < number_at<std::uint64_t>(b, 0);
  }

  void check_leaf_node(Table& table, std::uint64_t number, const Node& node) {
    try {
      const bool tables = &table.said == &meta_.main;
      if ((node.flags & ~(kValueOnPages | (tables ? kValueIsTable : 0))) != 0)
        throw Damage{"an entry has flags that are not possible"};
      if ((node.flags & kValueOnPages) != 0)
        table.counted.overflow_pages += check_value_pages(node);
      ++table.counted.entries;
      if (table.on_node) table.on_node(node);
    } catch (const Damage& damage) {
      report(file_ + ": page " + std::to_string(number) + " of " + table.name + ", key " +
             printable(node.key) + ": " + damage.sentence);
    }
  }

  // Returns how many pages the value has.
  std::uint64_t check_value_pages(const Node& node) {
    const std::uint64_t count = (kPageHeaderBytes - 1 + node.value_bytes) / page_bytes_ + 1;
    if (node.page > meta_.last_page || count > meta_.last_page + 1 - node.page)
      throw Damage{"its value lies outside the file"};
    const Bytes page = read_page(node.page);
    for (std::uint64_t i = 1; i < count; ++i) use(node.page + i);
    char last = 0;
    const std::uint64_t end =
        node.page * page_bytes_ + kPageHeaderBytes + node.value_bytes;  // of the value
    if (read_at(fd_, end - 1, &last, 1, file_) != 1) throw Damage{"the file ends in its value"};
    if (number_at<std::uint16_t>(page, 10) != kOverflow)
      throw Damage{"the page of its value is of another kind"};
    if (number_at<std::uint32_t>(page, 12) != count)
      throw Damage{"its value should have " + std::to_string(count) + " pages, but has " +
                   std::to_string(number_at<std::uint32_t>(page, 12))};
    return count;
  }

  static LmdbMeta::Table read_table(ByteView bytes) {
    LmdbMeta::Table table;
    table.flags = number_at<std::uint16_t>(bytes, 4);
    table.depth = number_at<std::uint16_t>(bytes, 6);
    table.branch_pages = number_at<std::uint64_t>(bytes, 8);
    table.leaf_pages = number_at<std::uint64_t>(bytes, 16);
    table.overflow_pages = number_at<std::uint64_t>(bytes, 24);
    table.entries = number_at<std::uint64_t>(bytes, 32);
    table.root = number_at<std::uint64_t>(bytes, 40);
    if (table.flags != 0) throw Damage{"a table has flags that are not possible"};
    return table;
  }

  // An entry of the free pages: how many, then their numbers, falling.
  void check_free(const Node& node) {
    Bytes on_pages;
    ByteView list = node.value;
    if ((node.flags & kValueOnPages) != 0) {
      on_pages.resize(node.value_bytes);
      read_at(fd_, node.page * page_bytes_ + kPageHeaderBytes, on_pages.data(), on_pages.size(),
              file_);
      list = on_pages;
    }
    constexpr std::size_t kNumber = sizeof(std::uint64_t);
    if (list.size() < kNumber) throw Damage{"a list of free pages is too short"};
    const auto count = number_at<std::uint64_t>(list, 0);
    if (count > list.size() / kNumber - 1)
      throw Damage{"a list of free pages is longer than its place"};
    std::uint64_t last = kNoPage;
    for (std::uint64_t i = 1; i <= count; ++i) {
      const auto page = number_at<std::uint64_t>(list, i * kNumber);
      if (page >= last) throw Damage{"a list of free pages is out of order"};
      last = page;
      if (page > meta_.last_page || used_[page])
        throw Damage{"page " + std::to_string(page) +
                     " is said to be free, but is used, or free "
                     "twice, or not there"};
      used_[page] = true;
    }
  }

  void check_unused() {
    const auto lost = static_cast<std::uint64_t>(std::count(used_.begin(), used_.end(), false));
    if (lost == 0) return;
    const auto first = std::find(used_.begin(), used_.end(), false) - used_.begin();
    report(file_ + ": " + std::to_string(lost) + " pages are neither used nor free, the first is " +
           std::to_string(first));
  }

  void report(std::string sentence) {
    damage_.push_back(std::move(sentence));
    if (damage_.size() < kMaxDamage) return;
    damage_.push_back(file_ + ": there is more damage");
    throw Stopped{};
  }

  const int fd_;
  const std::string& file_;
  const LmdbMeta& meta_;
  const Progress& progress_;
  const std::size_t page_bytes_;
  std::vector<bool> used_;  // pages that are in a tree, or free
  std::uint64_t pages_ = 0;
  std::vector<std::string> damage_;
};

}  // namespace

bool lmdb_leaf_is_sound(const char* bytes, std::size_t page_bytes) noexcept {
  const ByteView page(bytes, page_bytes);
  const auto lower = number_at<std::uint16_t>(page, 12);
  const auto upper = number_at<std::uint16_t>(page, 14);
  if (number_at<std::uint16_t>(page, 10) != kLeaf || lower < kPageHeaderBytes || upper < lower ||
      upper > page_bytes)
    return false;
  bool sound = true;
  for (std::size_t at = kPageHeaderBytes; at < lower; at += 2) {
    const auto node = number_at<std::uint16_t>(page, at);
    if (node < upper || node + kNodeHeaderBytes > page_bytes) return false;
    sound &= (number_at<std::uint16_t>(page, node + 4) & ~kValueOnPages) == 0;
  }
  return sound;
}

std::vector<std::string> check_lmdb_table(int fd, const std::string& file, const LmdbMeta& meta,
                                          ByteView table) {
  return PageCheck(fd, file, meta, {}).run_one(table);
}

std::vector<std::string> check_lmdb_pages(int fd, const std::string& file, const LmdbMeta& meta,
                                          const Progress& progress) {
  return PageCheck(fd, file, meta, progress).run();
}

}  // namespace plinth::storage
