#include <stdexcept>

#include "peer.hpp"
#include "plinth/database.hpp"
#include "plinth/expression.hpp"
#include "plinth/table.hpp"
#include "plinth/table_store.hpp"
#include "table_peer.hpp"

namespace plinth::bench {
namespace {

Item item_of(const Document& document) {
  return {{"section", document.section},         {"package", document.package},
          {"maintainer", document.maintainer},   {"version", document.version},
          {"description", document.description}, {"installed_size", document.installed_size}};
}
Item key_of(const Document& document) {
  return {{"section", document.section}, {"package", document.package}};
}

class TableClient final : public TablePeer::Client {
 public:
  TableClient(Database db, Table table) : db_(std::move(db)), table_(std::move(table)) {}

  void put(std::uint64_t number) override {
    const Item item = item_of(Document(number));
    db_.run([&](Transaction& tx) { return table_.put(tx, item); });
  }
  bool get(std::uint64_t number) override {
    const Item key = key_of(Document(number));
    const auto item = db_.read([&](ReadTransaction& tx) { return table_.get(tx, key); });
    if (item) look(*item);
    return item.has_value();
  }
  std::size_t query(std::uint64_t number) override {
    const Document document(number);
    return looked_at(db_.read([&](ReadTransaction& tx) {
      return table_.query(
          tx, document.section,
          {.sort_key = SortKeyCondition::greater_equal(document.package), .limit = 100});
    }));
  }
  std::size_t query_maintainer(std::uint64_t number) override {
    const Document document(number);
    return looked_at(db_.read([&](ReadTransaction& tx) {
      return table_.query(tx, document.maintainer, {.index = "by_maintainer"});
    }));
  }
  std::size_t scan() override {
    static const Condition wanted =
        Condition::parse("installed_size > 90000 AND description =~ /database/i");
    std::size_t count = 0;
    ItemStream items =
        table_.long_scan(db_, {.filter = [](const Item& item) { return wanted.matches(item); }});
    while (const std::optional<Item> item = items.next().get()) {
      look(*item);
      ++count;
    }
    return count;
  }
  bool update(std::uint64_t number) override {
    static const Update one_more = Update::parse("SET installed_size = installed_size + 1");
    const Document document(number);
    const Item key = key_of(document);
    const Condition same = Condition::parse("version = :v", {.values = {{":v", document.version}}});
    WriteOptions options;
    options.condition = [&](const Item& item) { return same.matches(item); };
    db_.run([&](Transaction& tx) {
      return table_.update(
          tx, key, [](Item& item) { item = one_more.apply(item); }, options);
    });
    return true;
  }

 private:
  void look(const Item& item) {
    for (const auto& [name, value] : item)
      if (const auto* text = value.get_if<std::string>()) sum_ += look_at(*text);
  }
  std::size_t looked_at(const ItemPage& page) {
    for (const Item& item : page.items) look(item);
    return page.items.size();
  }

  Database db_;
  const Table table_;
  std::uint64_t sum_ = 0;
};

class PlinthTable final : public TablePeer {
 public:
  PlinthTable(const std::string& directory, bool durable)
      : durable_(durable),
        db_(open("file:" + directory + "/table" + (durable ? "" : "?durability=buffered"))) {
    TableDefinition definition;
    definition.partition_key = {"section"};
    definition.sort_key = KeyAttribute{"package"};
    definition.indexes.push_back(
        {.name = "by_maintainer", .partition_key = KeyAttribute{"maintainer"}});
    db_.run([&](Transaction& tx) { return store_.create_table(tx, "packages", definition); });
  }
  std::string name() const override { return "plinth"; }
  std::string durability() const override {
    return durable_ ? "durable: fdatasync of the log" : "buffered: fdatasync once a second";
  }
  std::unique_ptr<TablePeer::Client> client() override {
    return std::make_unique<TableClient>(db_, store_.table("packages"));
  }
  void load(std::uint64_t first, std::uint64_t count) override {
    const Table table = store_.table("packages");
    db_.run([&](Transaction& tx) {
      for (std::uint64_t i = first; i < first + count; ++i)
        table.put(tx, item_of(Document(i))).get();
    });
  }
  void settle() override { db_.checkpoint().get(); }

 private:
  const bool durable_;
  Database db_;
  const TableStore store_{Tuple::of("tables")};
};

}  // namespace

std::unique_ptr<TablePeer> plinth_table(const std::string& directory, bool durable) {
  return std::make_unique<PlinthTable>(directory, durable);
}

}  // namespace plinth::bench
