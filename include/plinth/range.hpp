// Reading ranges: where they begin and end, how much comes at a time, and what comes back.
#pragma once

#include <cstdint>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "plinth/bytes.hpp"
#include "plinth/future.hpp"

namespace plinth {

// Names a key by its place among the keys that exist: find the last key < `key` (or <= `key` with
// `or_equal`), then move `offset` keys on (back, when negative). Past the ends it resolves to the
// empty key or to the end of the key space. A plain key converts to first_greater_or_equal.
struct KeySelector {
  Bytes key;
  bool or_equal = false;
  int offset = 1;

  KeySelector(Bytes k) : key(std::move(k)) {}
  KeySelector(ByteView k) : key(k) {}
  KeySelector(const char* k) : key(k) {}
  KeySelector(Bytes k, bool equal, int move) : key(std::move(k)), or_equal(equal), offset(move) {}

  static KeySelector last_less_than(ByteView key) { return {Bytes(key), false, 0}; }
  static KeySelector last_less_or_equal(ByteView key) { return {Bytes(key), true, 0}; }
  static KeySelector first_greater_than(ByteView key) { return {Bytes(key), true, 1}; }
  static KeySelector first_greater_or_equal(ByteView key) { return {Bytes(key), false, 1}; }

  KeySelector operator+(int move) const { return {key, or_equal, offset + move}; }
  KeySelector operator-(int move) const { return {key, or_equal, offset - move}; }
  friend bool operator==(const KeySelector&, const KeySelector&) = default;
};

// How many bytes a page of a range read brings, with FoundationDB's codes. A row counts its key,
// its value and 24; a page ends after the row with which it reaches the target.
enum class StreamingMode : int {
  want_all = -2,  // 80,000: the whole range is wanted
  iterator = -1,  // 4,096 at first, half as much again with each page, up to 120,000
  exact = 0,      // as many rows as `limit` says, which must be given (else Error 2210)
  small = 1,      // 256
  medium = 2,     // 1,000
  large = 3,      // 4,096
  serial = 4,     // 80,000
};

struct RangeOptions {
  int limit = 0;         // rows at the most; 0 or -1: no limit
  bool reverse = false;  // from the end towards the beginning
  StreamingMode mode = StreamingMode::iterator;
  int target_bytes = 0;  // bytes of a page, below the mode's; 0 or -1: the mode's
};

struct KeyValueView {
  ByteView key;
  ByteView value;
};

// Rows in one piece of memory that it owns; views into it hold while it lives.
class PLINTH_API Rows {
 public:
  std::size_t size() const noexcept { return places_.size(); }
  bool empty() const noexcept { return places_.empty(); }
  KeyValueView operator[](std::size_t i) const noexcept {
    const Place& place = places_[i];
    const char* key = bytes_.data() + place.offset;
    return {{key, place.key_size}, {key + place.key_size, place.value_size}};
  }
  KeyValueView front() const noexcept { return (*this)[0]; }
  KeyValueView back() const noexcept { return (*this)[size() - 1]; }
  // Whether the range may have more rows after these.
  bool more() const noexcept { return more_; }
  // Sum of keys' and values' sizes.
  std::size_t byte_size() const noexcept { return bytes_.size(); }
  std::vector<KeyValue> to_vector() const;

  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = KeyValueView;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = KeyValueView;
    Iterator(const Rows* rows, std::size_t i) : rows_(rows), i_(i) {}
    KeyValueView operator*() const noexcept { return (*rows_)[i_]; }
    Iterator& operator++() noexcept {
      ++i_;
      return *this;
    }
    bool operator==(const Iterator& other) const noexcept { return i_ == other.i_; }

   private:
    const Rows* rows_;
    std::size_t i_;
  };
  Iterator begin() const noexcept { return {this, 0}; }
  Iterator end() const noexcept { return {this, size()}; }

  // For those who fill it.
  void append(ByteView key, ByteView value) {
    places_.push_back({bytes_.size(), static_cast<std::uint32_t>(key.size()),
                       static_cast<std::uint32_t>(value.size())});
    bytes_.append(key).append(value);
  }
  void append(const Rows& other);
  void set_more(bool more) noexcept { more_ = more; }
  void reserve(std::size_t rows, std::size_t bytes) {
    places_.reserve(rows);
    bytes_.reserve(bytes);
  }

 private:
  struct Place {
    std::size_t offset;
    std::uint32_t key_size;
    std::uint32_t value_size;
  };
  Bytes bytes_;
  std::vector<Place> places_;
  bool more_ = false;
};

namespace detail {
class TransactionImpl;
}

// A range read under way: rows come page by page as they are asked for. It keeps its transaction's
// state alive, but ends with it: after the transaction is destroyed or reset, Error 1025.
// One consumer; one call at a time.
class PLINTH_API RangeStream {
 public:
  // The next row, nothing at the end. Its views hold until the next call.
  Future<std::optional<KeyValueView>> next();
  // The next page; empty only at the end.
  Future<Rows> next_page();
  // All rows that are left, in one.
  Future<Rows> collect();
  // The next `count` rows, fewer at the end.
  Future<Rows> take(std::size_t count);

  RangeStream(std::shared_ptr<detail::TransactionImpl> transaction, bool snapshot,
              KeySelector begin, KeySelector end, RangeOptions options);
  RangeStream(RangeStream&&) noexcept;
  RangeStream& operator=(RangeStream&&) noexcept;
  ~RangeStream();

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace plinth
