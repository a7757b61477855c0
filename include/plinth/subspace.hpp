// Subspace: a part of the key space of its own, all keys that begin with one prefix.
//
//   const Subspace users(Tuple::of("app", "users"));
//   tx.set(users.pack("alice", 42), value);
//   for rows of tx.range(users["alice"].range()): users.unpack(row.key) is ("alice", 42)
//
// Immutable, cheap to copy.
#pragma once

#include "plinth/bytes.hpp"
#include "plinth/tuple.hpp"

namespace plinth {

class PLINTH_API Subspace {
 public:
  // The whole key space: an empty prefix.
  Subspace() = default;
  // `raw_prefix` as it is, followed by the packed tuple.
  explicit Subspace(const Tuple& prefix, ByteView raw_prefix = {}) : prefix_(raw_prefix) {
    prefix.pack_to(prefix_);
  }
  // A prefix that need not be a packed tuple: the directory layer's.
  static Subspace from_raw(ByteView raw_prefix) { return Subspace(Tuple(), raw_prefix); }

  // The prefix, which is the key of the subspace itself.
  const Bytes& key() const noexcept { return prefix_; }

  // Keys of tuples in the subspace, as plinth::pack makes them.
  template <class... T>
  Bytes pack(const T&... elements) const {
    Bytes out;
    pack_to(out, elements...);
    return out;
  }
  // Appends to `out`, which is unchanged when it throws: for a buffer that is used again.
  template <class... T>
  void pack_to(Bytes& out, const T&... elements) const;
  // As Tuple::pack_with_versionstamp.
  Bytes pack_with_versionstamp(const Tuple& tuple) const {
    return tuple.pack_with_versionstamp(prefix_);
  }

  // The tuple whose key this is. Throws Error(client_invalid_operation) for a key outside the
  // subspace, Error(invalid_tuple) when what follows the prefix is no packed tuple.
  Tuple unpack(ByteView key) const { return Tuple::unpack(without_prefix(key)); }
  // The same, as values of the given types; errors as plinth::unpack's too.
  template <class First, class... Rest>
  std::tuple<First, Rest...> unpack(ByteView key) const {
    return plinth::unpack<First, Rest...>(without_prefix(key));
  }

  // Whether `key` begins with the prefix; so does the key of the subspace itself.
  bool contains(ByteView key) const noexcept { return key.starts_with(prefix_); }

  // The keys of all tuples in the subspace that have more elements after the given ones, with none
  // given all tuples but the empty one.
  template <class... T>
  KeyRange range(const T&... elements) const {
    return detail::extensions_of(pack(elements...));
  }

  // The subspaces within this one whose keys begin with the given elements.
  Subspace operator[](const Element& element) const { return subspace(element); }
  template <class... T>
  Subspace subspace(const T&... elements) const {
    return from_raw(pack(elements...));
  }

  friend auto operator<=>(const Subspace&, const Subspace&) = default;

 private:
  ByteView without_prefix(ByteView key) const;

  Bytes prefix_;
};

template <class... T>
void Subspace::pack_to(Bytes& out, const T&... elements) const {
  const std::size_t before = out.size();
  out.append(prefix_);
  try {
    plinth::pack_to(out, elements...);
  } catch (...) {
    out.resize(before);
    throw;
  }
}

}  // namespace plinth
