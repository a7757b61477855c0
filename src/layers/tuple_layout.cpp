#include "layers/tuple_layout.hpp"

#include <bit>
#include <utility>

#include "plinth/error.hpp"
#include "plinth/tuple_store.hpp"
#include "tuple/decode.hpp"

namespace plinth::layers {
namespace {

std::size_t checked(std::size_t width, const std::string& name) {
  if (width >= 1 && width <= TupleStore::kMaxWidth) return width;
  throw Error(ErrorCode::client_invalid_operation,
              "Tuple store " + name + ": a width of " + std::to_string(width) +
                  " columns; there can be 1 to " + std::to_string(TupleStore::kMaxWidth));
}

}  // namespace

TupleLayout::TupleLayout(std::string name, std::size_t width, const Subspace& at)
    : name_(std::move(name)), width_(checked(width, name_)), permutations_(width) {
  for (std::size_t index = 0; index < permutations_.size(); ++index)
    prefixes_.push_back(at.pack(index));
}

void TupleLayout::check_width(const Tuple& items) const {
  if (items.size() != width_)
    throw Error(ErrorCode::wrong_tuple_width, title() + ": the tuple " + items.to_string() +
                                                  " has " + std::to_string(items.size()) +
                                                  " items, the store has " +
                                                  std::to_string(width_) + " columns");
}

std::vector<Bytes> TupleLayout::keys(const Tuple& items) const {
  std::vector<Bytes> packed;
  for (const Element& item : items) packed.push_back(pack(item));
  std::vector<Bytes> keys;
  keys.reserve(permutations_.size());
  for (std::size_t index = 0; index < permutations_.size(); ++index) {
    Bytes& key = keys.emplace_back(prefixes_[index]);
    for (const std::size_t column : permutations_[index]) key += packed[column];
  }
  return keys;
}

TuplePlace TupleLayout::place(const BoundColumns& bound) const {
  ColumnSet set = 0;
  for (std::size_t column = 0; column < width_; ++column)
    if (bound[column] != nullptr) set |= ColumnSet{1} << column;
  const std::size_t index = permutations_.index_for(set);
  const std::span<const std::size_t> order = permutations_[index];
  const auto columns = static_cast<std::size_t>(std::popcount(set));
  TuplePlace place{prefixes_[index], order.subspan(columns)};
  for (const std::size_t column : order.first(columns)) pack_to(place.prefix, *bound[column]);
  return place;
}

void TupleLayout::decode(const TuplePlace& place, ByteView key, std::vector<Element>& to) const {
  const std::size_t before = to.size();
  std::string what;
  try {
    tuple::decode_to(key.substr(place.prefix.size()), to);
    if (to.size() - before == place.free.size()) return;
    what = std::to_string(to.size() - before) + " items after it instead of " +
           std::to_string(place.free.size());
  } catch (const Error& error) {
    what = error.what();
  }
  throw Error(ErrorCode::layer_data_damaged, title() + ", the key " + printable(key) + " behind " +
                                                 printable(place.prefix) + ": " + what);
}

}  // namespace plinth::layers
