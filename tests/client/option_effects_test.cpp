// The table of options tells the truth: an option that works changes what a transaction does, and
// one that is only accepted changes nothing.
#include <sstream>

#include "base/little_endian.hpp"
#include "client/option_table.hpp"
#include "world.hpp"

namespace plinth::test {
namespace {

using client::OptionInfo;

// For an integer, a number that is small enough to be noticed as any of timeout, retry_limit,
// max_retry_delay, size_limit and max_watches.
constexpr std::int64_t kNumber = 40;

Bytes value_for(const OptionInfo& info) {
  switch (info.value) {
    case client::OptionValue::none:
      return {};
    case client::OptionValue::integer:
      return base::little_endian(kNumber);
    default:
      return "t";
  }
}

// All that a program can see of a few transactions, as text.
class Story : World {
 public:
  using SetUp = std::function<void(Database&)>;
  using SetUpEach = std::function<void(Transaction&)>;

  explicit Story(
      const SetUp& set_up, SetUpEach set_up_each = [](Transaction&) {})
      : set_up_each_(std::move(set_up_each)) {
    model->clock_follows_delays = true;
    other_.run([](Transaction& tx) {
      for (const char* key : {"a", "b", "c"}) tx.set(key, "1");
    });
    set_up(db);
  }

  std::string tell() {
    reads();
    system_and_special_keys();
    a_commit();
    a_conflict();
    old_age();
    retries();
    tags();
    watches();
    return out_.str();
  }

 private:
  Transaction begin() {
    Transaction tx = db.begin();
    set_up_each_(tx);
    return tx;
  }
  template <class T>
  void note(const char* what, const T& value) {
    out_ << what << ": " << value << "\n";
  }
  static std::string result(Future<std::optional<Bytes>> read) {
    try {
      return printable(read.get().value_or("absent"));
    } catch (const Error& error) {
      return std::to_string(error.code());
    }
  }

  void reads() {
    Transaction tx = begin();
    tx.set("a", "own");
    note("own", result(tx.get("a")));
    note("own by snapshot", result(tx.snapshot().get("a")));
    tx.set_option(TransactionOption::snapshot_ryw_disable);
    note("own by snapshot, disabled once", result(tx.snapshot().get("a")));
    tx.set_versionstamped_value("stamped", Bytes(14, '\0'));
    note("pending", result(tx.get("stamped")));
  }

  void system_and_special_keys() {
    Transaction tx = begin();
    note("read", result(tx.get("\xff/x")));
    note("write", code_of([&] { tx.set("\xff/x", "1"); }));
    note("write special", code_of([&] { tx.set("\xff\xff/status/json", "1"); }));
    note("two modules",
         code_of([&] { tx.get_range("\xff\xff/status/json", "\xff\xff/transaction/z").get(); }));
  }

  void a_commit() {
    Transaction tx = begin();
    tx.get("a").get();
    tx.get_range("b", "d").get();
    for (const char* key : {"k", "l"}) tx.set(key, "1");
    tx.clear_range("m", "n");
    note("size", tx.approximate_size());
    note("commit", code_of([&] { tx.commit().get(); }));
    const ModelService::Seen seen = model->last_commit();
    for (const KeyRange& range : seen.reads) note("reads", testing::PrintToString(range));
    for (const KeyRange& range : seen.writes) note("writes", testing::PrintToString(range));
    note("mutations", seen.mutations);
    note("read version", seen.read_version);
    note("durability", seen.durability ? static_cast<int>(*seen.durability) : -1);
    note("committed version", tx.committed_version());
  }

  void a_conflict() {
    Transaction tx = begin();
    tx.get("a").get();
    tx.set("k", "1");
    other_.run([](Transaction& other) { other.set("a", "2"); });
    note("conflict", code_of([&] { tx.commit().get(); }));
    const Bytes prefix("\xff\xff/transaction/conflicting_keys/");
    note("reported", tx.get_range(prefix, next_prefix(prefix)).get().size());
  }

  void old_age() {
    Transaction reader = begin();
    reader.get("a").get();
    Transaction blind = begin();
    blind.read_version().get();
    blind.set("k", "1");
    model->advance(6'000'000);
    note("old read", result(reader.get("b")));
    note("old commit", code_of([&] { blind.commit().get(); }));
  }

  void retries() {
    Transaction tx = begin();
    const std::int64_t before = model->monotonic_us();
    int code = 0;
    for (int i = 0; i < kNumber + 5; ++i)
      code = code_of([&] { tx.on_error(Error(ErrorCode::not_committed)).get(); });
    note("last retry", code);
    note("waited", model->monotonic_us() - before);
  }

  void tags() {
    Transaction tx = begin();
    for (const char* tag : {"1", "2", "3", "4", "5"})
      note("tag", code_of([&] { tx.set_option(TransactionOption::tag, ByteView(tag)); }));
  }

  void watches() {
    Transaction tx = begin();
    std::vector<Watch> watches;
    for (int i = 0; i <= kNumber; ++i) watches.push_back(tx.watch("a"));
    note("last watch", watches.back().ready() ? code_of([&] { watches.back().get(); }) : -1);
  }

  const SetUpEach set_up_each_;
  Database other_{std::make_shared<client::NativeDatabase>(model, "model:")};
  std::ostringstream out_;
};

std::string plain() {
  return Story([](Database&) {}).tell();
}

void expect_as_the_table_says(const OptionInfo& info, const std::string& story) {
  if (info.effect == client::OptionEffect::works) {
    EXPECT_NE(story, plain()) << info.name << " does nothing";
  } else {
    EXPECT_EQ(story, plain()) << info.name << " does something";
  }
}

TEST(OptionEffects, TheStoryIsTheSameEachTime) {
  EXPECT_EQ(plain(), plain());
}

TEST(OptionEffects, OfATransaction) {
  for (const OptionInfo& info : client::transaction_options()) {
    const auto set = [&](Transaction& tx) {
      tx.set_option(static_cast<TransactionOption>(info.code), ByteView(value_for(info)));
    };
    expect_as_the_table_says(info, Story([](Database&) {}, set).tell());
  }
}

TEST(OptionEffects, OfADatabase) {
  for (const OptionInfo& info : client::database_options()) {
    const auto set = [&](Database& db) {
      db.set_option(static_cast<DatabaseOption>(info.code), ByteView(value_for(info)));
    };
    expect_as_the_table_says(info, Story(set).tell());
  }
}

TEST(OptionEffects, OfTheNetwork) {
  for (const OptionInfo& info : client::network_options()) {
    set_network_option(static_cast<NetworkOption>(info.code), ByteView(value_for(info)));
    expect_as_the_table_says(info, plain());
  }
}

}  // namespace
}  // namespace plinth::test
