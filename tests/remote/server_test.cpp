// The server among clients that behave badly, or end; and its own beginning and end.
#include "remote/server.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "base/probe.hpp"
#include "remote/raw_client.hpp"
#include "remote/served_engine.hpp"
#include "support/seed.hpp"

namespace plinth::test {
namespace {

using remote::MessageKind;

std::string error_of(const std::function<void()>& work, ErrorCode code) {
  try {
    work();
  } catch (const Error& error) {
    EXPECT_EQ(error.error_code(), code) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "no error";
  return {};
}

void expect_serves(const ServedEngine& served) {
  Database db = served.connect();
  db.run([](Transaction& tx) { tx.set("alive", "yes"); });
  EXPECT_EQ(db.read([](ReadTransaction& tx) { return tx.get("alive"); }), "yes");
}

std::uint64_t times_held_back() {
  for (const base::Probe* probe : base::Probe::all())
    if (probe->name() == std::string("a client was held back")) return probe->count();
  return 0;
}

// Waits until the engine has so many readers and watches.
void await_status(const ServedEngine& served, const std::string& readers,
                  const std::string& watches) {
  const std::string wanted = "\"readers\":" + readers + ",\"watches\":" + watches;
  while (served.engine->status_json().find(wanted) == std::string::npos) std::this_thread::yield();
}

// --- The socket --------------------------------------------------------------------------------

TEST(Server, LetsOnlyItsUserIn) {
  const ServedEngine served;
  struct stat info {};
  ASSERT_EQ(::stat(served.socket.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
}

TEST(Server, TakesItsSocketAway) {
  ServedEngine served;
  served.server.reset();
  EXPECT_NE(::access(served.socket.c_str(), F_OK), 0);
  const std::string text = error_of([&] { served.connect(); }, ErrorCode::connection_failed);
  EXPECT_NE(text.find(served.socket + ": there is no such socket"), std::string::npos) << text;
}

TEST(Server, ReplacesOnlyTheSocketOfADeadServer) {
  ServedEngine served;
  const std::string text =
      error_of([&] { remote::Server(served.engine, served.socket); }, ErrorCode::address_in_use);
  EXPECT_NE(text.find("process " + std::to_string(::getpid()) + " serves there"), std::string::npos)
      << text;
  expect_serves(served);

  // As when its process was killed: nobody listens, and nobody took the file away.
  served.server.reset();
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  served.socket.copy(address.sun_path, sizeof address.sun_path - 1);
  const int dead_socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(::bind(dead_socket, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  ::close(dead_socket);
  const std::string dead = error_of([&] { served.connect(); }, ErrorCode::connection_failed);
  EXPECT_NE(dead.find("its server has ended"), std::string::npos) << dead;
  served.serve();
  expect_serves(served);
}

TEST(Server, LeavesOtherFilesAlone) {
  ServedEngine served;
  const std::string path = served.directory / "file";
  std::ofstream(path) << "precious";
  error_of([&] { remote::Server(served.engine, path); }, ErrorCode::address_in_use);
  std::string content;
  std::ifstream(path) >> content;
  EXPECT_EQ(content, "precious");
}

TEST(Server, ServesBehindALongPath) {
  ServedEngine served;
  std::string folder = served.directory.path();
  while (folder.size() < 300) {
    folder += "/" + std::string(50, 'd');
    std::filesystem::create_directory(folder);
  }
  const remote::Server server(served.engine, folder + "/socket");
  Database db = open("unix:" + folder + "/socket");
  EXPECT_EQ(db.read([](ReadTransaction& tx) { return tx.get("k"); }), std::nullopt);
  struct stat info {};
  ASSERT_EQ(::stat((folder + "/socket").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
  error_of([&] { remote::Server(served.engine, folder + "/" + std::string(120, 's')); },
           ErrorCode::bind_failed);
}

// --- Bad clients -------------------------------------------------------------------------------

TEST(Server, CutsOffWhoDoesNotGreet) {
  const ServedEngine served;
  const Bytes http = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
  Bytes unknown;
  remote::append_message(unknown, MessageKind::get, 1, remote::Get(1, "k"));
  Bytes huge(8, '\xff');
  for (const Bytes& first : {http, unknown, huge}) {
    RawClient client(served.socket, false);
    client.send(first);
    EXPECT_TRUE(client.is_cut_off());
  }
  expect_serves(served);
}

TEST(Server, RefusesOtherVersionsOfTheProtocol) {
  const ServedEngine served;
  RawClient client(served.socket, false);
  client.ask(MessageKind::hello, 0, remote::Hello(remote::kProtocolVersion + 1));
  const auto body = client.receive();
  ASSERT_TRUE(body);
  remote::FieldReader in(*body);
  const remote::Header header(in);
  EXPECT_EQ(header.kind, MessageKind::answer);
  const remote::HelloAnswer answer(in);
  EXPECT_NE(answer.refusal.find("same version of Plinth"), std::string::npos) << answer.refusal;
  EXPECT_TRUE(client.is_cut_off());
}

TEST(Server, CutsOffWhoSendsGarbage) {
  const std::uint64_t seed = seed_or(1);
  SCOPED_TRACE(seed_trace(seed));
  std::mt19937_64 random(seed);
  const ServedEngine served;
  for (int i = 0; i < 100; ++i) {
    const RawClient client(served.socket);
    Bytes garbage(1 + random() % 300, '\0');
    for (char& byte : garbage) byte = static_cast<char>(random());
    client.send(garbage);  // it may be the beginning of a long frame, so it need not be cut off
  }
  // Sound frames with any bytes inside.
  for (int i = 0; i < 300; ++i) {
    const RawClient client(served.socket);
    Bytes frame;
    remote::FrameWriter writer(frame);
    remote::Header(static_cast<MessageKind>(random() % 20), random() % 3).put(writer);
    for (std::size_t left = random() % 60; left > 0; --left)
      writer.number(static_cast<std::uint8_t>(random() % 4 == 0 ? random() : 0));
    writer.finish();
    client.send(frame);
  }
  expect_serves(served);
  await_status(served, "0", "0");
}

TEST(Server, CutsOffInTheMiddleOfAFrame) {
  const ServedEngine served;
  Bytes frame;
  remote::append_message(frame, MessageKind::get, 1, remote::Get(1, "key"));
  for (std::size_t size = 1; size < frame.size(); ++size)
    RawClient(served.socket).send(frame.substr(0, size));
  expect_serves(served);
}

// It asks for much and takes nothing: the server holds a few megabytes of it, and goes on serving
// the others.
TEST(Server, HoldsBackWhoDoesNotListen) {
  const ServedEngine served;
  served.direct().run([](Transaction& tx) {
    for (char key = 'a'; key <= 'z'; ++key) tx.set(Bytes(1, key), Bytes(100'000, 'x'));
  });
  RawClient client(served.socket);
  client.ask(MessageKind::begin_read, 1, remote::BeginRead(1, false));
  constexpr int kReads = 300;  // 30 MB
  const std::uint64_t before = times_held_back();
  std::thread asker([&] {
    for (int i = 0; i < kReads; ++i) {
      if (i % 2 == 0) {
        client.ask(MessageKind::get, 2 + i, remote::Get(1, "k"));
      } else {
        client.ask(MessageKind::get_range, 2 + i,
                   remote::GetRange(1, {"", "\xff", SIZE_MAX, 100'000, false}));
      }
    }
  });
  expect_serves(served);
  while (times_held_back() == before) std::this_thread::yield();
  // When it listens at last, nothing is missing.
  int answers = 0;
  while (answers < kReads + 1) {
    const auto body = client.receive();
    ASSERT_TRUE(body);
    remote::FieldReader in(*body);
    answers += remote::Header(in).kind == MessageKind::answer ? 1 : 0;
  }
  asker.join();
}

// Of two with one number, the first could not be given up when the client goes.
TEST(Server, CutsOffWhoGivesTwoRequestsOneNumber) {
  const ServedEngine served;
  RawClient client(served.socket);
  client.ask(MessageKind::watch, 1, remote::WatchKey("a", std::nullopt));
  client.ask(MessageKind::watch, 1, remote::WatchKey("b", std::nullopt));
  EXPECT_TRUE(client.is_cut_off());
  await_status(served, "0", "0");
}

TEST(Server, AnswersReadsOnUnknownSnapshots) {
  const ServedEngine served;
  RawClient client(served.socket);
  client.ask(MessageKind::get, 1, remote::Get(77, "k"));
  const auto body = client.receive();
  ASSERT_TRUE(body);
  remote::FieldReader in(*body);
  ASSERT_EQ(remote::Header(in).kind, MessageKind::error);
  EXPECT_EQ(remote::Failure(in).error(), ErrorCode::transaction_too_old);
}

// Watches of large values, until there are as many as the server holds for one client.
TEST(Server, HoldsNoMoreWatchesThanItHasRoomFor) {
  const ServedEngine served;
  RawClient client(served.socket);
  const Bytes large(kMaxValueBytes, 'x');
  const auto key = [](int i) { return "key" + std::to_string(100 + i % 300); };
  for (int i = 0; i < 300; i += 75)
    served.direct().run([&](Transaction& tx) {
      for (int n = i; n < i + 75; ++n) tx.set(key(n), large);
    });
  constexpr int kWatches = 3'000;  // 300 MB
  std::thread asker([&] {
    for (int i = 1; i <= kWatches; ++i)
      client.ask(MessageKind::watch, i, remote::WatchKey(key(i), large));
    client.ask(MessageKind::status, kWatches + 1, remote::Nothing());
  });
  int refused = 0;
  while (true) {
    const auto body = client.receive();
    ASSERT_TRUE(body);
    remote::FieldReader in(*body);
    if (remote::Header(in).kind == MessageKind::answer) break;
    EXPECT_EQ(remote::Failure(in).error(), ErrorCode::too_many_watches);
    ++refused;
  }
  asker.join();
  EXPECT_EQ(refused, kWatches - (256 << 20) / (kMaxValueBytes + key(0).size()));
  // Each that is over makes room for another.
  client.ask(MessageKind::cancel, 1, remote::Nothing());
  ASSERT_TRUE(client.receive());
  client.ask(MessageKind::watch, kWatches + 2, remote::WatchKey(key(1), large));
  client.ask(MessageKind::status, kWatches + 3, remote::Nothing());
  const auto body = client.receive();
  ASSERT_TRUE(body);
  remote::FieldReader in(*body);
  EXPECT_EQ(remote::Header(in).kind, MessageKind::answer);
}

// --- Ends --------------------------------------------------------------------------------------

TEST(Server, AnswersCommitsBeforeItEnds) {
  ServedEngine served;
  Database db = served.connect(50'000);
  std::atomic<int> acknowledged{0};
  std::atomic<int> unknown{0};
  Loop loop;
  // A thousand commits are handed in; the server is stopped while they are under way.
  const auto commit_all = [&]() -> Future<void> {
    std::vector<Future<void>> commits;
    for (int i = 0; i < 1000; ++i) {
      auto tx = std::make_shared<Transaction>(db.begin());
      tx->atomic_op(MutationType::add, "count", ByteView("\1\0\0\0\0\0\0\0", 8));
      commits.push_back([](std::shared_ptr<Transaction> tx, std::atomic<int>& acknowledged,
                           std::atomic<int>& unknown) -> Future<void> {
        try {
          co_await tx->commit();
          ++acknowledged;
        } catch (const Error& error) {
          // The latter for those that came when it was gone.
          EXPECT_TRUE(error == ErrorCode::commit_unknown_result ||
                      error == ErrorCode::connection_failed)
              << error.what();
          ++unknown;
        }
      }(tx, acknowledged, unknown));
    }
    for (Future<void>& commit : commits) co_await commit;
  };
  std::thread stopper([&] {
    while (acknowledged == 0) std::this_thread::yield();
    served.server->stop();
  });
  loop.run_until_done(commit_all);
  stopper.join();
  EXPECT_EQ(acknowledged + unknown, 1000);
  const std::optional<Bytes> count =
      served.direct().read([](ReadTransaction& tx) { return tx.get("count"); });
  ASSERT_TRUE(count);
  std::uint64_t number = 0;
  std::memcpy(&number, count->data(), 8);
  // What the server took it has answered; what it had not read was never done.
  EXPECT_EQ(number, acknowledged.load());
}

TEST(Server, IsFoundAgainWhenItComesBack) {
  ServedEngine served;
  Database db = served.connect();
  Transaction before = db.begin();
  EXPECT_EQ(before.get("k").get(), std::nullopt);
  const auto kept = db.run([](Transaction& tx) { return std::make_shared<Watch>(tx.watch("k")); });
  while (served.engine->status_json().find("\"watches\":1") == std::string::npos)
    std::this_thread::yield();
  served.server.reset();
  served.direct().run([](Transaction& tx) { tx.set("k", "new"); });
  std::thread back([&] { served.serve(); });
  kept->get();  // set again, it finds the new value
  EXPECT_EQ(db.read([](ReadTransaction& tx) { return tx.get("k"); }), "new");
  back.join();
  error_of([&] { before.get("k").get(); }, ErrorCode::transaction_too_old);
  // What was read on a lost connection commits nothing.
  Transaction late = db.begin();
  late.get("k").get();
  served.server.reset();
  served.serve();
  db.read([](ReadTransaction& tx) { return tx.get("k"); });  // the client has the new connection
  late.set("k", "late");
  error_of([&] { late.commit().get(); }, ErrorCode::transaction_too_old);
}

TEST(Server, TellsItsClientsThatItIsGone) {
  ServedEngine served;
  Database db = served.connect(50'000);
  served.server.reset();
  error_of([&] { db.run([](Transaction& tx) { tx.set("k", "v"); }); },
           ErrorCode::connection_failed);
  error_of([&] { db.read([](ReadTransaction& tx) { return tx.get("k"); }); },
           ErrorCode::connection_failed);
}

}  // namespace
}  // namespace plinth::test
