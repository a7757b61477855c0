// What an engine does when its store or its log fails below it, and when work is given up midway.
#include <gtest/gtest.h>

#include "service_client.hpp"
#include "support/faulty_environment.hpp"
#include "support/temporary_directory.hpp"

namespace plinth::engine {
namespace {

using test::FileCall;

// A store in memory of which the test can make values unreadable.
class DamagedStore final : public storage::Store {
 public:
  explicit DamagedStore(std::shared_ptr<std::atomic<bool>> damaged)
      : damaged_(std::move(damaged)), store_(storage::open_store(storage::StoreKind::memory, "")) {}
  Version version() const noexcept override { return store_->version(); }
  void apply(storage::ChangeSource& changes, Version version) override {
    store_->apply(changes, version);
  }
  std::shared_ptr<storage::Snapshot> snapshot() override {
    return std::make_shared<DamagedSnapshot>(damaged_, store_->snapshot());
  }
  storage::VerifyReport verify(const storage::Progress& progress) override {
    return store_->verify(progress);
  }
  bool compact(const storage::Progress& progress) override { return store_->compact(progress); }
  storage::StoreStats stats() override { return store_->stats(); }

 private:
  class DamagedSnapshot final : public storage::Snapshot {
   public:
    DamagedSnapshot(std::shared_ptr<std::atomic<bool>> damaged,
                    std::shared_ptr<storage::Snapshot> snapshot)
        : damaged_(std::move(damaged)), snapshot_(std::move(snapshot)) {}
    Version version() const noexcept override { return snapshot_->version(); }
    std::optional<Bytes> get(ByteView key) override {
      if (*damaged_) throw Error(ErrorCode::file_corrupt, "the page is damaged");
      return snapshot_->get(key);
    }
    std::unique_ptr<storage::Cursor> cursor() override { return snapshot_->cursor(); }

   private:
    const std::shared_ptr<std::atomic<bool>> damaged_;
    const std::shared_ptr<storage::Snapshot> snapshot_;
  };
  const std::shared_ptr<std::atomic<bool>> damaged_;
  const std::unique_ptr<storage::Store> store_;
};

class DamagedStoreTest : public testing::Test {
 protected:
  DamagedStoreTest() {
    EngineOptions options;
    options.open_store = [this](storage::StoreKind, const std::string&) {
      return std::make_unique<DamagedStore>(damaged_);
    };
    service_ = open_engine(options);
    set(*service_, "a", "1");
    set(*service_, "b", "1");
    service_->checkpoint().get();
  }
  const std::shared_ptr<std::atomic<bool>> damaged_ = std::make_shared<std::atomic<bool>>(false);
  std::shared_ptr<Service> service_;
};

TEST_F(DamagedStoreTest, AReadSaysSo) {
  *damaged_ = true;
  EXPECT_EQ(code_of([&] { get(*service_, "a"); }), 1522);
}

TEST_F(DamagedStoreTest, AnAtomicOperationOnItFailsAndLeavesTheRest) {
  *damaged_ = true;
  EXPECT_EQ(code_of([&] {
              commit(*service_, Request().set("c", "1").mutate(MutationType::add, "a", "\x01"));
            }),
            1522);
  // Overwriting it needs no look at it, and nobody meets a conflict with what never happened.
  EXPECT_EQ(commit(*service_, Request().at(newest(*service_)).read("c").set("a", "2")).status,
            CommitStatus::committed);
  EXPECT_EQ(get(*service_, "a"), "2");
  *damaged_ = false;
  EXPECT_EQ(get(*service_, "c"), std::nullopt);
}

TEST_F(DamagedStoreTest, AWatchOnItFailsAndOthersFire) {
  auto other = service_->watch("b", "1");
  *damaged_ = true;
  auto watch = service_->watch("a", "1");
  EXPECT_EQ(code_of([&] { watch.get(); }), 1522);
  EXPECT_EQ(set(*service_, "b", "2").status, CommitStatus::committed);
  EXPECT_TRUE(other.ready());
  other.get();
}

class LogFaultTest : public testing::Test {
 protected:
  std::shared_ptr<Service> open() {
    EngineOptions options;
    options.path = directory_ / "db";
    options.environment = &environment_;
    return open_engine(options);
  }
  void fail_syncs() {
    environment_.set_fault([](FileCall call, const std::string& path) {
      if (call == FileCall::sync) throw Error(ErrorCode::io_error, "injected: " + path);
    });
  }
  test::TemporaryDirectory directory_;
  test::FaultyEnvironment environment_;
};

TEST_F(LogFaultTest, AfterAFailedFlushCommitsAreRefusedForSure) {
  auto service = open();
  commit(*service, Request().set("a", "1").with(Durability::buffered));
  fail_syncs();
  EXPECT_EQ(code_of([&] { service->flush().get(); }), 1510);
  environment_.set_fault(nullptr);
  // Not 1021: it is known that this one did not happen.
  EXPECT_EQ(code_of([&] { set(*service, "b", "2"); }), 7001);
  EXPECT_EQ(code_of([&] { service->flush().get(); }), 7001);
  EXPECT_EQ(code_of([&] { service->checkpoint().get(); }), 7001);
  EXPECT_EQ(get(*service, "a"), "1");
  service.reset();
  EXPECT_EQ(get(*open(), "b"), std::nullopt);
}

TEST_F(LogFaultTest, ClosingSaysNothingOfAFailedSync) {
  auto service = open();
  commit(*service, Request().set("a", "1").with(Durability::buffered));
  fail_syncs();
  service.reset();
  environment_.set_fault(nullptr);
  get(*open(), "a");
}

TEST_F(LogFaultTest, GivenUpMaintenanceHarmsNothing) {
  auto service = open();
  for (int i = 0; i < 200; ++i) {
    auto commit = service->commit(Request().set("a", std::to_string(i)).done());
    {
      auto given_up = service->checkpoint();
      auto given_up_too = service->flush();
    }
    commit.get();
  }
  EXPECT_EQ(get(*service, "a"), "199");
  auto last = service->checkpoint();
  service.reset();  // it holds the database until it is done
  last.get();
  EXPECT_EQ(get(*open(), "a"), "199");
}

TEST(ManyVersions, OldOnesAreForgottenWhenThereAreTooMany) {
  const auto service = open_engine({});
  const Version first = set(*service, "a", "first").version;
  const auto reader = newest(*service, true);
  for (int i = 0; i < 70'000; ++i) set(*service, "a", "later");
  EXPECT_EQ(code_of([&] { service->read_at(first, {}).get(); }), 1007);
  EXPECT_EQ(reader->get("a").get(), "first");  // who holds one keeps it
  EXPECT_EQ(get(*service, "a"), "later");
}

}  // namespace
}  // namespace plinth::engine
