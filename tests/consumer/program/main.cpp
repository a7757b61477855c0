// Touches each part of the public API that could be missing from an installed library: functions,
// exceptions across its border, coroutines, tuples, both stores.
//   consumer DIRECTORY
#include <filesystem>
#include <iostream>
#include <plinth/plinth.hpp>

namespace {

int failed(const std::string& what) {
  std::cerr << "unexpected: " << what << '\n';
  return 1;
}

int use(const std::string& url) {
  plinth::Database db = plinth::open(url);
  const plinth::Subspace people(plinth::Tuple::of("people"));
  db.run([&](plinth::Transaction& tx) {
    tx.set(people.pack("ada", 1815), "countess");
    tx.add("counter", 41);
    tx.add("counter", 1);
  });

  plinth::Loop loop;
  const auto found = loop.run_until_done([&] {
    return db.run_async([&](plinth::Transaction& tx) -> plinth::Future<std::string> {
      auto rows = tx.range(people.range());
      const auto row = co_await rows.next();
      co_return people.unpack(row.value().key).to_string() + " " + plinth::Bytes(row->value);
    });
  });
  if (found != "(\"ada\", 1815) countess") return failed(found);

  try {
    db.run([](plinth::Transaction& tx) { tx.set(plinth::Bytes(20'000, 'k'), ""); });
    return failed("a key of 20,000 bytes was taken");
  } catch (const plinth::Error& error) {
    if (error != plinth::ErrorCode::key_too_large) return failed(error.what());
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 2) return 2;
  const std::filesystem::path directory = argv[1];
  for (const std::string& url : {std::string("memory:"), "file:" + (directory / "lmdb").string(),
                                 "file:" + (directory / "rocksdb").string() + "?store=rocksdb"})
    if (const int code = use(url)) return code;
  if (!plinth::client_version().starts_with(PLINTH_VERSION ","))
    return failed(plinth::client_version());
  std::cout << "plinth " << plinth::client_version() << '\n';
  return 0;
} catch (const std::exception& error) {
  return failed(error.what());
}
