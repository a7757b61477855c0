#include "base/little_endian.hpp"
#include "client/option_table.hpp"
#include "world.hpp"

namespace plinth::test {
namespace {

class Options : public testing::Test, protected World {
 protected:
  Transaction tx = db.begin();
  int set(int option, ByteView value = {}) {
    return code_of([&] { tx.set_option(static_cast<TransactionOption>(option), value); });
  }
};

// Each of the table is taken with a value of its kind, and refused with another.
TEST_F(Options, AllOfTheTableAreTaken) {
  using client::OptionValue;
  for (const client::OptionInfo& info : client::transaction_options()) {
    Transaction fresh = db.begin();
    const auto set = [&](ByteView value) {
      return code_of([&] { fresh.set_option(static_cast<TransactionOption>(info.code), value); });
    };
    const Bytes number = base::little_endian(100);
    const bool flag = info.value == OptionValue::none;
    const bool integer = info.value == OptionValue::integer;
    EXPECT_EQ(set(flag ? "" : integer ? ByteView(number) : "text"), 0) << info.name;
    if (flag) {
      EXPECT_EQ(set("x"), 2006) << info.name;
    }
    if (integer) {
      EXPECT_EQ(set("1234567"), 2006) << info.name;
      EXPECT_EQ(set(""), 2006) << info.name;
    }
  }
  for (const client::OptionInfo& info : client::database_options()) {
    const Bytes number = base::little_endian(100);
    const ByteView value = info.value == OptionValue::none      ? ""
                           : info.value == OptionValue::integer ? ByteView(number)
                                                                : "text";
    EXPECT_EQ(code_of([&] { db.set_option(static_cast<DatabaseOption>(info.code), value); }), 0)
        << info.name;
  }
  for (const client::OptionInfo& info : client::network_options()) {
    const Bytes number = base::little_endian(100);
    const ByteView value = info.value == OptionValue::none      ? ""
                           : info.value == OptionValue::integer ? ByteView(number)
                                                                : "text";
    EXPECT_EQ(code_of([&] { set_network_option(static_cast<NetworkOption>(info.code), value); }), 0)
        << info.name;
  }
}

TEST_F(Options, UnknownOnesAreRefused) {
  EXPECT_EQ(set(1), 2007);
  EXPECT_EQ(set(-1), 2007);
  EXPECT_EQ(set(9999), 2007);
  EXPECT_EQ(code_of([&] { db.set_option(static_cast<DatabaseOption>(1)); }), 2007);
  EXPECT_EQ(code_of([&] { set_network_option(static_cast<NetworkOption>(1)); }), 2007);
}

TEST_F(Options, ValuesOutOfRange) {
  const auto number = [&](TransactionOption option, std::int64_t value) {
    return code_of([&] { tx.set_option(option, value); });
  };
  EXPECT_EQ(number(TransactionOption::timeout, -1), 2006);
  EXPECT_EQ(number(TransactionOption::timeout, std::int64_t{1} << 31), 2006);
  EXPECT_EQ(number(TransactionOption::timeout, (std::int64_t{1} << 31) - 1), 0);
  EXPECT_EQ(number(TransactionOption::retry_limit, -2), 2006);
  EXPECT_EQ(number(TransactionOption::retry_limit, -1), 0);
  EXPECT_EQ(number(TransactionOption::max_retry_delay, -1), 2006);
  EXPECT_EQ(code_of([&] { db.set_option(DatabaseOption::max_watches, -1); }), 2006);
  EXPECT_EQ(code_of([&] { db.set_option(DatabaseOption::max_watches, 1'000'001); }), 2006);
  EXPECT_EQ(code_of([&] { db.set_option(DatabaseOption::max_watches, 1'000'000); }), 0);
  EXPECT_EQ(code_of([&] { db.set_option(DatabaseOption::transaction_size_limit, 31); }), 2006);
}

TEST_F(Options, ARefusalNamesTheOptionAndItsRange) {
  try {
    tx.set_option(TransactionOption::size_limit, 5);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("size_limit is 5; it must be from 32 to 10000000"),
              std::string::npos)
        << error.what();
  }
}

TEST_F(Options, Tags) {
  EXPECT_EQ(set(800, Bytes(255, 't')), 0);
  EXPECT_EQ(set(800, Bytes(256, 't')), 2110);
  EXPECT_EQ(set(801, "a"), 0);
  EXPECT_EQ(set(800, "b"), 0);
  EXPECT_EQ(set(800, "c"), 0);
  EXPECT_EQ(set(800, "d"), 0);
  EXPECT_EQ(set(800, "a"), 0) << "there already";
  EXPECT_EQ(set(800, "e"), 2109);
}

TEST_F(Options, CodesAreFoundationDbs) {
  EXPECT_EQ(static_cast<int>(TransactionOption::timeout), 500);
  EXPECT_EQ(static_cast<int>(TransactionOption::access_system_keys), 301);
  EXPECT_EQ(static_cast<int>(TransactionOption::bypass_unreadable), 1100);
  EXPECT_EQ(static_cast<int>(DatabaseOption::transaction_timeout), 500);
  EXPECT_EQ(static_cast<int>(DatabaseOption::max_watches), 20);
  EXPECT_EQ(static_cast<int>(NetworkOption::trace_enable), 30);
  EXPECT_EQ(client::find_option(client::transaction_options(), 51).name,
            "read_your_writes_disable");
}

}  // namespace
}  // namespace plinth::test
