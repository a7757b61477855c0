#include "layers/table/catalogue.hpp"

#include <utility>

#include "base/environment.hpp"
#include "plinth/error.hpp"

namespace plinth::layers::table {
namespace {

constexpr ByteView kMetadataVersion("\xff/metadataVersion");

// Among a transaction's variables, the layout that it reads a table with; and the one that it
// writes with, which it conflicts with changes of.
std::string read_variable(const Bytes& record_key) {
  return "plinth table " + record_key;
}
std::string write_variable(const Bytes& record_key) {
  return "plinth written table " + record_key;
}
// There when the transaction has changed a definition itself. The metadata version is its own stamp
// then, which is not known yet: a read of it would fail, and the commit with it.
constexpr const char* kChanged = "plinth tables changed";

Future<std::optional<Bytes>> metadata_version(ReadTransaction tx) {
  if (tx.vars().contains(kChanged)) return std::optional<Bytes>();
  return tx.snapshot().get(kMetadataVersion);
}

}  // namespace

std::string Catalogue::name_of(ByteView record_key) const {
  return std::get<1>(at_.unpack<std::int64_t, std::string>(record_key));
}

Future<TableRecord> Catalogue::read(ReadTransaction tx, std::string name) const {
  const std::optional<Bytes> stored = co_await tx.get(record_key(name));
  if (!stored) throw Error(ErrorCode::table_not_found, "Table " + printable(name));
  co_return TableRecord::decode(*stored);
}

void Catalogue::write(Transaction& tx, const std::string& name, const TableRecord& record) const {
  tx.set(record_key(name), record.encode());
  changed(tx, name);
}

void Catalogue::remove(Transaction& tx, const std::string& name) const {
  tx.clear(record_key(name));
  changed(tx, name);
}

void Catalogue::changed(Transaction& tx, const std::string& name) const {
  tx.set_versionstamped_value(kMetadataVersion, Bytes(14, '\0'));
  tx.vars()[kChanged] = true;
  tx.vars().erase(read_variable(record_key(name)));
  tx.vars().erase(write_variable(record_key(name)));
}

Layout Catalogue::layout_of(const std::string& name, TableRecord record) const {
  const Subspace rows = rows_of(record.id);
  return std::make_shared<const TableLayout>(name, std::move(record), rows);
}

std::int64_t Catalogue::now() const {
  return clock_ ? clock_() : base::Environment::real().wall() / 1'000'000;
}

OpenTable::OpenTable(std::shared_ptr<const Catalogue> catalogue, std::string name)
    : catalogue_(std::move(catalogue)),
      name_(std::move(name)),
      record_key_(catalogue_->record_key(name_)),
      read_variable_(read_variable(record_key_)),
      write_variable_(write_variable(record_key_)) {}

// Nothing is waited for where the definition is known and reads are ready at once.
Future<Layout> OpenTable::layout(ReadTransaction tx) const {
  if (const auto known = tx.vars().find(read_variable_); known != tx.vars().end())
    return std::any_cast<Layout>(known->second);
  Future<std::optional<Bytes>> version = metadata_version(tx);
  if (version.ready() && !version.error()) {
    std::optional<Bytes> now = version.get();
    if (Layout layout = cached(now)) {
      tx.vars()[read_variable_] = layout;
      return layout;
    }
    version = std::move(now);
  }
  return layout_at(std::move(tx), std::move(version));
}

Layout OpenTable::cached(const std::optional<Bytes>& version) const {
  if (!version) return nullptr;
  const base::Lock lock(mutex_);
  return cached_at_ == *version ? cached_ : nullptr;
}

Future<Layout> OpenTable::layout_at(ReadTransaction tx,
                                    Future<std::optional<Bytes>> metadata_version) const {
  const std::optional<Bytes> version = co_await std::move(metadata_version);
  if (Layout layout = cached(version)) {
    tx.vars()[read_variable_] = layout;
    co_return layout;
  }
  TableRecord record = co_await catalogue_->read(tx, name_);
  const Layout layout = catalogue_->layout_of(name_, std::move(record));
  if (version) {
    const base::Lock lock(mutex_);
    cached_at_ = *version;
    cached_ = layout;
  }
  tx.vars()[read_variable_] = layout;
  co_return layout;
}

Future<Layout> OpenTable::layout_for_writing(Transaction& tx) const {
  if (const auto known = tx.vars().find(write_variable_); known != tx.vars().end())
    co_return std::any_cast<Layout>(known->second);
  const Layout layout = co_await this->layout(tx);
  tx.add_conflict_key(record_key_, ConflictRangeType::read);
  tx.vars()[write_variable_] = layout;
  co_return layout;
}

}  // namespace plinth::layers::table
