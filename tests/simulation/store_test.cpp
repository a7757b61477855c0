#include "simulation/store.hpp"

#include <gtest/gtest.h>

#include <set>

#include "simulation/machine.hpp"

namespace plinth::simulation {
namespace {

class Changes final : public storage::ChangeSource {
 public:
  explicit Changes(std::vector<storage::Change> changes) : changes_(std::move(changes)) {}
  std::optional<storage::Change> next() override {
    if (at_ == changes_.size()) return std::nullopt;
    return changes_[at_++];
  }
  void rewind() override {
    at_ = 0;
    ++rewinds_;
  }
  int rewinds() const { return rewinds_; }

 private:
  std::vector<storage::Change> changes_;
  std::size_t at_ = 0;
  int rewinds_ = 0;
};

storage::Change set(ByteView key, ByteView value) {
  return {storage::Change::Kind::set, key, value};
}
storage::Change clear(ByteView begin, ByteView end) {
  return {storage::Change::Kind::clear, begin, end};
}

void apply(storage::Store& store, std::vector<storage::Change> changes, Version version) {
  Changes source(std::move(changes));
  store.apply(source, version);
}

std::string forward(storage::Cursor& cursor) {
  std::string rows;
  for (; cursor.valid(); cursor.next())
    rows += std::string(cursor.key()) + "=" + std::string(cursor.value()) + " ";
  return rows;
}

std::string rows(storage::Store& store) {
  const auto snapshot = store.snapshot();
  const auto cursor = snapshot->cursor();
  cursor->seek("");
  return forward(*cursor);
}

void run(Machine& machine, const Machine::Program& program, const BootOptions& options = {}) {
  const BootReport report = machine.boot(program, options);
  EXPECT_FALSE(report.failed()) << report.failure;
}

TEST(Store, KeepsRowsInOrderAndVersions) {
  Machine machine(1);
  run(machine, [](Machine& m) {
    const auto store = m.open_store("/store");
    EXPECT_EQ(store->version(), 0);
    apply(*store, {set("a", "1"), set("b", "2"), set("d", "4")}, 10);
    const auto old = store->snapshot();
    apply(*store, {set("a", "5"), clear("b", "c")}, 20);
    EXPECT_EQ(store->version(), 20);
    EXPECT_EQ(rows(*store), "a=5 d=4 ");
    EXPECT_EQ(old->version(), 10);
    EXPECT_EQ(old->get("b"), "2");
    EXPECT_EQ(old->get("c"), std::nullopt);
    EXPECT_EQ(store->stats().live_snapshots, 1u);
    EXPECT_EQ(store->stats().rows, 2u);
    EXPECT_TRUE(store->verify(nullptr).damage.empty());
    EXPECT_TRUE(store->compact(nullptr));
  });
}

TEST(Store, MayAskForABatchAgain) {
  std::set<int> rewinds;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Machine machine(seed);
    run(machine, [&](Machine& m) {
      const auto store = m.open_store("/store");
      Changes changes({set("a", "1"), set("b", "2"), set("c", "3")});
      store->apply(changes, 1);
      EXPECT_EQ(rows(*store), "a=1 b=2 c=3 ");
      rewinds.insert(changes.rewinds());
    });
  }
  EXPECT_EQ(rewinds, (std::set<int>{0, 1}));
}

TEST(Store, CursorsGoBothWays) {
  Machine machine(1);
  run(machine, [](Machine& m) {
    const auto store = m.open_store("/store");
    apply(*store, {set("a", "1"), set("c", "3"), set("e", "5")}, 1);
    const auto snapshot = store->snapshot();
    const auto cursor = snapshot->cursor();
    cursor->seek("b");
    EXPECT_EQ(cursor->key(), "c");
    cursor->prev();
    EXPECT_EQ(cursor->key(), "a");
    cursor->prev();
    EXPECT_FALSE(cursor->valid());
    cursor->seek_before("c");
    EXPECT_EQ(cursor->key(), "a");
    cursor->seek_before("a");
    EXPECT_FALSE(cursor->valid());
    cursor->seek_before("\xff");
    EXPECT_EQ(cursor->key(), "e");
    cursor->next();
    EXPECT_FALSE(cursor->valid());
    cursor->seek("f");
    EXPECT_FALSE(cursor->valid());
  });
}

TEST(Store, APowerLossKeepsAnApplyWholeOrNotAtAll) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Machine machine(seed);
    BootOptions options;
    options.device.crash_at_call = 3;  // open, apply, apply
    run(
        machine,
        [](Machine& m) {
          const auto store = m.open_store("/store");
          apply(*store, {set("a", "1"), set("b", "1")}, 1);
          apply(*store, {set("a", "2"), set("b", "2")}, 2);
        },
        options);
    run(machine, [&](Machine& m) {
      const auto store = m.open_store("/store");
      seen.insert(std::to_string(store->version()) + ": " + rows(*store));
    });
  }
  EXPECT_EQ(seen, (std::set<std::string>{"1: a=1 b=1 ", "2: a=2 b=2 "}));
}

TEST(Store, NothingIsAppliedOnceThePowerIsOff) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Machine machine(seed);
    run(machine, [](Machine& m) {
      const auto store = m.open_store("/store");
      m.cut_power();
      apply(*store, {set("a", "1")}, 1);
    });
    run(machine, [](Machine& m) { EXPECT_EQ(m.open_store("/store")->version(), 0); });
  }
}

TEST(Store, AFailedApplyLeavesItAsItWas) {
  std::set<int> errors;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Machine machine(seed);
    BootOptions options;
    options.device.script = {{3, seed % 2 == 0 ? Fault::io_error : Fault::disk_full}};
    run(
        machine,
        [&](Machine& m) {
          const auto store = m.open_store("/store");
          apply(*store, {set("a", "1")}, 1);
          try {
            apply(*store, {set("a", "2")}, 2);
          } catch (const Error& error) {
            errors.insert(error.code());
          }
          EXPECT_EQ(store->version(), 1);
          EXPECT_EQ(rows(*store), "a=1 ");
        },
        options);
  }
  EXPECT_EQ(errors, (std::set<int>{static_cast<int>(ErrorCode::io_error),
                                   static_cast<int>(ErrorCode::disk_full)}));
}

TEST(Store, GoesWithItsFile) {
  Machine machine(1);
  run(machine, [](Machine& m) {
    apply(*m.open_store("/store"), {set("a", "1")}, 1);
    base::FileSystem& files = m.environment().files();
    EXPECT_EQ(files.list("/store"), std::vector<std::string>{"DATA"});
    files.remove("/store/DATA");
    EXPECT_EQ(m.open_store("/store")->version(), 0);
  });
}

}  // namespace
}  // namespace plinth::simulation
