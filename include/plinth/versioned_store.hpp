// VersionedStore: tuples with named columns, and the history of every one of them.
//
//   const VersionedStore facts("facts", {"uid", "key", "value"}, Tuple::of("app", "facts"));
//   const Uuid change = db.run([&](Transaction& tx) -> Future<Uuid> {
//     const Uuid made = co_await facts.create(tx, "first import");
//     co_await facts.add(tx, made, Tuple::of(1, "name", "Ada"));
//     co_await facts.apply(tx, made);
//     co_return made;
//   });
//   db.read([&](ReadTransaction& tx) { return facts.now(tx).ask(Tuple::of(1, "name", "Ada")); });
//
// Tuples are added and removed by changes. A change is created with a message, filled in one
// transaction or in several, and invisible until it is applied: then all of it takes its place in
// history, at the commit of the transaction that applied it. The order of history is the order of
// these commits, so history is strictly serializable.
//
// Tuples are looked for as in a TupleStore, as they are now, as they were after any change, or as
// they would be after one that is not applied yet. docs/versions.md has the layout and the costs.
//
// A handle is immutable, cheap to copy, and may be used by any thread. Transactions that are passed
// by reference must stay until the future is ready.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plinth/bindings.hpp"
#include "plinth/pattern.hpp"
#include "plinth/subspace.hpp"
#include "plinth/transaction.hpp"
#include "plinth/tuple.hpp"
#include "plinth/tuple_store.hpp"
#include "plinth/uuid.hpp"
#include "plinth/versionstamp.hpp"

namespace plinth {

struct ChangeInfo {
  Uuid id;
  std::string message;
  Versionstamp created;  // its place among all changes, in the order of their creation
  // Its place in history; nothing while it is not applied.
  std::optional<Versionstamp> significance;
  friend bool operator==(const ChangeInfo&, const ChangeInfo&) = default;
};

// What a change does to a tuple.
struct ChangeOperation {
  Tuple items;
  // What the tuple is added with; nothing: it is removed.
  std::optional<Bytes> value;
  friend bool operator==(const ChangeOperation&, const ChangeOperation&) = default;
};

// What a change has done to one tuple.
struct HistoryEntry {
  Uuid change;
  Versionstamp significance;
  std::optional<Bytes> value;  // nothing: removed
  friend bool operator==(const HistoryEntry&, const HistoryEntry&) = default;
};

// A tuple that is not the same after two changes. Nothing: it is not there.
struct TupleDifference {
  Tuple items;
  std::optional<Bytes> before;
  std::optional<Bytes> after;
  friend bool operator==(const TupleDifference&, const TupleDifference&) = default;
};

namespace layers {
class TupleSource;
class VersionedLayout;
class VersionedState;
}  // namespace layers

// The tuples of a store at one state, as a transaction sees them. It ends with the transaction.
// Errors and options as TupleStore's. Any thread that may use the transaction.
class PLINTH_API VersionedView {
 public:
  // Whether the tuple is there.
  Future<bool> ask(const Tuple& items) const;
  // Its value; nothing when it is not there.
  Future<std::optional<Bytes>> get(const Tuple& items) const;

  BindingStream select(const Pattern& pattern, const Bindings& seed = {}) const;
  BindingStream where(BindingStream bindings, const Pattern& pattern,
                      std::size_t in_flight = 16) const;
  BindingStream query(std::vector<Pattern> patterns, QueryOptions options = {}) const;

  // For VersionedStore.
  explicit VersionedView(std::shared_ptr<const layers::VersionedState> state)
      : state_(std::move(state)) {}

 private:
  std::shared_ptr<const layers::VersionedState> state_;
};

class PLINTH_API VersionedStore {
 public:
  // Of a tuple's value: it is kept with what the history needs to know.
  static constexpr std::size_t kMaxValueBytes = 99'900;

  // What to do about tuples that another change has touched, which was applied since this one was
  // created.
  enum class Check {
    overlapping,  // Error(changes_overlap), which names tuples; the change stays as it is
    none,         // the later one, which is this one, wins
  };

  // `name` appears in errors; the columns' names must differ. All keys are within `within`, and in
  // it begin with the elements of `prefix`. Throws Error(client_invalid_operation) unless there are
  // 1 to TupleStore::kMaxWidth columns.
  VersionedStore(std::string name, std::vector<std::string> columns, const Tuple& prefix = {},
                 const Subspace& within = {});

  // --- Changes ---------------------------------------------------------------------------------
  // Error(change_not_found) for an unknown id, everywhere.

  Future<Uuid> create(Transaction& tx, std::string message) const;
  // The message of an applied change can be set too.
  Future<void> set_message(Transaction& tx, Uuid change, std::string message) const;
  // Of tuples of another width Error(wrong_tuple_width); Error(tuple_too_large) or
  // Error(value_too_large) for those that do not fit; Error(change_applied). Of several operations
  // on one tuple in a change the last one counts; to remove what the change itself has added undoes
  // that.
  Future<void> add(Transaction& tx, Uuid change, Tuple items, Bytes value = {}) const;
  Future<void> remove(Transaction& tx, Uuid change, Tuple items) const;
  // All of it becomes visible with the transaction's commit. Does nothing when it is applied
  // already. Error(change_too_large) when it does not fit into a transaction: then apply several
  // smaller ones. Two changes of one tuple cannot be applied in one transaction: that is
  // Error(changes_overlap) too.
  Future<void> apply(Transaction& tx, Uuid change, Check check = Check::overlapping) const;
  // Forgets a change, which must not be applied: Error(change_applied).
  Future<void> drop(Transaction& tx, Uuid change) const;
  // Creates a change, not applied, which makes the tuples that `change` has touched what they were
  // before it. Error(change_not_applied).
  Future<Uuid> revert(Transaction& tx, Uuid change, std::string message) const;

  // --- Their history ---------------------------------------------------------------------------
  // What a transaction has itself created and applied has no place in history before it commits:
  // that it cannot read is Error(accessed_unreadable).

  Future<ChangeInfo> change(ReadTransaction tx, Uuid change) const;
  // The newest first, by their creation; `limit` at the most, those before `before`.
  Future<std::vector<ChangeInfo>> changes(ReadTransaction tx, std::size_t limit = 1000,
                                          std::optional<Versionstamp> before = std::nullopt) const;
  // What the change does, in the order of the tuples; those after `after`.
  Future<std::vector<ChangeOperation>> operations(ReadTransaction tx, Uuid change,
                                                  std::size_t limit = SIZE_MAX,
                                                  std::optional<Tuple> after = std::nullopt) const;
  // What changes have done to the tuple, the latest first; those before `before`.
  Future<std::vector<HistoryEntry>> history(
      ReadTransaction tx, Tuple items, std::size_t limit = SIZE_MAX,
      std::optional<Versionstamp> before = std::nullopt) const;
  // From the state after one applied change to that after another, older or newer, in the order of
  // the tuples. Costs what the changes in between have, whatever the store has.
  // Error(change_not_applied).
  Future<std::vector<TupleDifference>> diff(ReadTransaction tx, Uuid from, Uuid to) const;

  // --- Tuples ----------------------------------------------------------------------------------
  VersionedView now(ReadTransaction tx) const;
  // As they were when this change had just been applied. Error(change_not_applied).
  Future<VersionedView> as_of(ReadTransaction tx, Uuid change) const;
  // As they would be if this change, which is not applied, were applied now.
  // Error(change_applied). Holds the change's operations in memory.
  Future<VersionedView> preview(ReadTransaction tx, Uuid change) const;

  // A pattern by the names of columns; those that are not named are variables of their names.
  // Throws Error(client_invalid_operation) for a name that no column has.
  Pattern pattern(const std::vector<std::pair<std::string, PatternItem>>& items) const;
  const std::string& name() const noexcept;
  const std::vector<std::string>& columns() const noexcept { return *columns_; }

 private:
  std::shared_ptr<const layers::VersionedLayout> layout_;
  std::shared_ptr<const std::vector<std::string>> columns_;
};

}  // namespace plinth
