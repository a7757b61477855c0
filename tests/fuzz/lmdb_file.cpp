// The file of an LMDB store with arbitrary damage: it is refused with Error(file_corrupt |
// format_too_new), or verify() names damage, or all rows are right. It never ends the process.
// Reading rows of a file that verify() has found fault with is not promised to go well: see
// docs/stores.md.
//
// Input: changes of five bytes each: a page, a place in it (2 bytes, see place_in), what to do
// there, and with what.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>

#include "plinth/error.hpp"
#include "storage/store.hpp"
#include "support/temporary_directory.hpp"

namespace {

using namespace plinth;
using storage::Change;

constexpr std::size_t kPageBytes = 4096;

void require(bool condition) {
  if (!condition) std::abort();
}

using Rows = std::map<Bytes, Bytes>;

class RowsToSet final : public storage::ChangeSource {
 public:
  explicit RowsToSet(const Rows& rows) : rows_(rows) {}
  std::optional<Change> next() override {
    if (at_ == rows_.end()) return std::nullopt;
    const auto& [key, value] = *at_++;
    return Change{Change::Kind::set, key, value};
  }
  void rewind() override { at_ = rows_.begin(); }

 private:
  const Rows& rows_;
  Rows::const_iterator at_ = rows_.begin();
};

std::unique_ptr<storage::Store> open_store(const std::string& directory) {
  storage::StoreOptions options;
  options.initial_map_bytes = 16 << 20;
  return storage::open_store(storage::StoreKind::lmdb, directory, options);
}

// A small store with pages of all kinds: branches, leaves, long keys, values on pages of their own,
// and free ones.
class Original {
 public:
  Original() {
    for (int i = 0; i < 150; ++i) rows["row " + std::to_string(i)] = Bytes(40, 'v');
    for (int i = 0; i < 8; ++i) rows[Bytes(1'200, 'l') + std::to_string(i)] = "long";
    for (int i = 0; i < 3; ++i) rows["value " + std::to_string(i)] = Bytes(9'000, 'w');
    {
      const auto store = open_store(directory.path());
      for (Version version = 1; version < 4; ++version) {
        rows["row 7"] = std::to_string(version);
        RowsToSet changes(rows);
        store->apply(changes, version);
      }
    }
    std::ifstream in(file, std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
    // Less is quicker: the zeros behind the pages are made again when it is opened.
    bytes.resize((bytes.find_last_not_of('\0') / kPageBytes + 1) * kPageBytes);
  }

  const test::TemporaryDirectory directory;
  const std::string file = directory / "store.lmdb";
  Rows rows;
  std::string bytes;
};

std::size_t word_at(const std::string& bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]) + 256u * static_cast<unsigned char>(bytes[at + 1]);
}

// Most of a page is rows; what LMDB goes by is its header, the list of offsets behind it, and at
// each of these a header of eight bytes.
std::size_t place_in(const std::string& bytes, std::size_t page, std::size_t wanted) {
  if (wanted % 4 == 0) return wanted / 4 % (kPageBytes - 1);
  if (wanted % 4 == 1) return wanted / 4 % 64;
  const std::size_t node = word_at(bytes, page + 16 + wanted / 4 % 16 * 2);
  return (node + wanted / 64 % 12) % (kPageBytes - 1);
}

std::string damaged(const std::string& whole, const std::uint8_t* data, std::size_t size) {
  std::string bytes = whole;
  const std::size_t pages = whole.size() / kPageBytes;
  for (; size >= 5 && !bytes.empty(); data += 5, size -= 5) {
    const std::size_t page = data[0] % pages * kPageBytes;
    if (page + kPageBytes > bytes.size()) continue;  // cut off before
    const std::size_t at = page + place_in(bytes, page, data[1] + 256u * data[2]);
    switch (data[3] % 6) {
      case 0:
        bytes[at] = static_cast<char>(data[4]);
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ data[4]);
        break;
      case 2:  // a number of two bytes, where LMDB has them
        bytes[at & ~std::size_t{1}] = static_cast<char>(data[4]);
        bytes[at | 1] = static_cast<char>(data[3]);
        break;
      case 3:
        bytes.replace(page, kPageBytes, whole, data[4] % pages * kPageBytes, kPageBytes);
        break;
      case 4:
        bytes.replace(page, kPageBytes, kPageBytes, '\0');
        break;
      case 5:
        bytes.resize(at);
        break;
    }
  }
  return bytes;
}

void check(const Original& original, storage::Store& store) {
  if (!store.verify({}).damage.empty()) return;
  const auto snapshot = store.snapshot();
  const auto cursor = snapshot->cursor();
  cursor->seek({});
  for (const auto& [key, value] : original.rows) {
    require(cursor->valid() && cursor->key() == key && cursor->value() == value);
    require(snapshot->get(key) == value);
    cursor->next();
  }
  require(!cursor->valid());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Original original;
  std::ofstream(original.file, std::ios::binary | std::ios::trunc)
      << damaged(original.bytes, data, size);
  try {
    check(original, *open_store(original.directory.path()));
  } catch (const Error& error) {
    require(error == ErrorCode::file_corrupt || error == ErrorCode::format_too_new);
  }
  return 0;
}
