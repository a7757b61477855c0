// Arbitrary requests to a server, after a proper greeting: it answers them or hangs up; the engine
// behind it stays sound, and nothing of the client stays behind.
#include <string>
#include <thread>

#include "engine/engine.hpp"
#include "remote/connection.hpp"
#include "remote_peer.hpp"

namespace {

using namespace plinth;

std::shared_ptr<engine::Service> fresh_engine() {
  engine::EngineOptions options;
  options.options.window_bytes = 8 << 20;
  options.options.checkpoint_bytes = 1 << 20;
  return engine::open_engine(options);
}

void require_nothing_left(engine::Service& service) {
  // The thread that commits lets a commit's snapshot go just after it has answered.
  while (service.status_json().find("\"readers\":0,\"watches\":0") == std::string::npos)
    std::this_thread::yield();
  if (service.status_json().find("\"healthy\"") == std::string::npos) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  // Now and then a fresh one, lest it fill up.
  static std::shared_ptr<engine::Service> service;
  static int runs = 0;
  if (runs++ % 500 == 0) service = fresh_engine();
  Bytes text;
  remote::append_message(text, remote::MessageKind::hello, 0,
                         remote::Hello(remote::kProtocolVersion));
  text += fuzz::speech({reinterpret_cast<const char*>(data), size});
  auto [ours, theirs] = fuzz::connected_pair();
  {
    remote::Connection connection(std::move(theirs), *service, [] {});
    fuzz::converse(ours, text);
  }
  require_nothing_left(*service);
  return 0;
}
