// Arbitrary answers to a client's requests: each request ends, with an answer or an error.
#include <vector>

#include "remote/remote_service.hpp"
#include "remote_peer.hpp"

namespace {

using namespace plinth;

template <class T>
void await(Future<T>& future) {
  future.wait();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes text = fuzz::speech({reinterpret_cast<const char*>(data), size});
  auto [ours, theirs] = fuzz::connected_pair();
  const auto no_other = []() -> remote::Descriptor {
    throw Error(ErrorCode::connection_failed, "there is but one");
  };
  remote::RemoteService service(std::move(theirs), no_other, 0, nullptr);
  const auto snapshot = service.begin_read({}).get();  // request 1
  Future<Version> version = snapshot->read_version();
  Future<std::optional<Bytes>> value = snapshot->get("k");                // 2
  Future<Rows> rows = snapshot->get_range({"a", "b"});                    // 3
  Future<std::vector<Bytes>> keys = snapshot->split_points("a", "b", 1);  // 4
  engine::CommitRequest request;
  request.snapshot = snapshot;
  request.read_conflicts = {{"a", "b"}};
  Future<engine::CommitResult> commit = service.commit(request);  // 5
  Future<void> watch = service.watch("k", std::nullopt);          // 6
  auto read_at = service.read_at(1, {});                          // 7
  fuzz::converse(ours, text);
  ours = remote::Descriptor();
  await(version);
  await(value);
  await(rows);
  await(keys);
  await(commit);
  await(watch);
  await(read_at);
  return 0;
}
