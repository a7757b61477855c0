#include "plinth/tuple_store.hpp"

#include <algorithm>
#include <utility>

#include "layers/patterns/query.hpp"
#include "layers/tuple_layout.hpp"
#include "layers/tuple_reads.hpp"
#include "plinth/error.hpp"

namespace plinth {

using layers::TupleLayout;
using layers::TupleReads;

TupleStore::TupleStore(std::string name, std::size_t width, Tuple prefix, const Subspace& within)
    : layout_(
          std::make_shared<const TupleLayout>(std::move(name), width, within.subspace(prefix))) {}

const std::string& TupleStore::name() const noexcept {
  return layout_->name();
}
std::size_t TupleStore::width() const noexcept {
  return layout_->width();
}

// --- Writing -----------------------------------------------------------------------------------

// What does not fit is refused before the first key is written.
void TupleStore::add(Transaction& tx, const Tuple& items, ByteView value) const {
  layout_->check_width(items);
  const std::vector<Bytes> keys = layout_->keys(items);
  const std::size_t longest = keys.back().size();
  if (longest > kMaxKeyBytes)
    throw Error(ErrorCode::tuple_too_large, layout_->title() + ": as a key the tuple has " +
                                                std::to_string(longest) + " bytes. It begins " +
                                                printable(items.to_string()));
  if (value.size() > kMaxValueBytes)
    throw Error(ErrorCode::value_too_large, layout_->title() + ": the value of a tuple has " +
                                                std::to_string(value.size()) + " bytes");
  for (const Bytes& key : keys) tx.set(key, value);
}

void TupleStore::remove(Transaction& tx, const Tuple& items) const {
  layout_->check_width(items);
  const std::vector<Bytes> keys = layout_->keys(items);
  if (keys.back().size() > kMaxKeyBytes) return;  // add() refuses it
  for (const Bytes& key : keys) tx.clear(key);
}

// --- Reading -----------------------------------------------------------------------------------

Future<std::optional<Bytes>> TupleStore::get(ReadTransaction tx, const Tuple& items) const {
  layout_->check_width(items);
  layers::BoundColumns bound;
  for (const Element& item : items) bound.push_back(&item);
  const layers::TuplePlace place = layout_->place(bound);
  if (!place.can_exist()) return std::optional<Bytes>();
  return tx.get(place.prefix);
}

BindingStream TupleStore::select(ReadTransaction tx, const Pattern& pattern,
                                 const Bindings& seed) const {
  return layers::select(std::make_shared<const TupleReads>(layout_, std::move(tx)), pattern, seed);
}

BindingStream TupleStore::where(ReadTransaction tx, BindingStream bindings, const Pattern& pattern,
                                std::size_t in_flight) const {
  return layers::where(std::make_shared<const TupleReads>(layout_, std::move(tx)),
                       std::move(bindings), pattern, in_flight);
}

BindingStream TupleStore::query(ReadTransaction tx, std::vector<Pattern> patterns,
                                QueryOptions options) const {
  return layers::query(std::make_shared<const TupleReads>(layout_, std::move(tx)),
                       std::move(patterns), std::move(options));
}

}  // namespace plinth
