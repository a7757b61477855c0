// A client that is killed leaves nothing behind in the server.
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "plinth/database.hpp"
#include "remote/served_engine.hpp"
#include "storage/child_process.hpp"

namespace plinth::test {
namespace {

class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_) != 0) std::abort();
  }
  ~Pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void tell() const {
    if (::write(ends_[1], "x", 1) != 1) std::abort();
  }
  void await() const {
    char byte;
    if (::read(ends_[0], &byte, 1) != 1) std::abort();
  }

 private:
  int ends_[2];
};

int be_a_client(const std::string& socket, const Pipe& served, const Pipe& ready) {
  served.await();
  Database db = open("unix:" + socket);
  std::vector<Transaction> transactions;
  for (int i = 0; i < 10; ++i) {
    transactions.push_back(db.begin());
    transactions.back().get("k").get();
  }
  std::vector<Watch> watches;
  db.run([&](Transaction& tx) {
    for (int i = 0; i < 5; ++i) watches.push_back(tx.watch(std::to_string(i)));
  });
  while (db.status_json().find("\"watches\":5") == std::string::npos) std::this_thread::yield();
  ready.tell();
  ::pause();
  return 0;
}

TEST(Client, LeavesNothingBehindWhenItIsKilled) {
  const TemporaryDirectory directory;
  const std::string socket = directory / "socket";
  const Pipe is_served, is_ready;
  // Forked while this process has no other threads.
  const pid_t client =
      storage::start_child([&] { return be_a_client(socket, is_served, is_ready); });
  const std::shared_ptr<engine::Service> engine = engine::open_engine({});
  const remote::Server server(engine, socket);
  is_served.tell();
  is_ready.await();
  EXPECT_EQ(engine->status_json().find("\"readers\":0,"), std::string::npos);
  EXPECT_NE(engine->status_json().find("\"watches\":5"), std::string::npos);
  ::kill(client, SIGKILL);
  storage::wait_for_child(client);
  while (engine->status_json().find("\"readers\":0,\"watches\":0") == std::string::npos)
    std::this_thread::yield();
  while (server.connections() > 0) std::this_thread::yield();
}

}  // namespace
}  // namespace plinth::test
