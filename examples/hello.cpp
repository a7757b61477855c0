// Opens a database, writes in one transaction, reads a key and a range in another.
//   hello [URL]
#include <iostream>

#include "plinth/plinth.hpp"

int main(int argc, char** argv) try {
  const std::string url = argc > 1 ? argv[1] : "memory:";
  plinth::Database db = plinth::open(url);

  // All of it takes effect, or none of it.
  db.run([](plinth::Transaction& tx) {
    tx.set("fruit/apple", "red");
    tx.set("fruit/banana", "yellow");
    tx.set("fruit/cherry", "black");
    tx.clear("fruit/apple");
  });

  // The function's result is run's result. It reads one consistent version of the database.
  const auto fruits = db.run([](plinth::Transaction& tx) {
    std::cout << "banana: " << tx.get("fruit/banana").get().value_or("(absent)") << '\n'
              << "apple:  " << tx.get("fruit/apple").get().value_or("(absent)") << '\n';
    return tx.range(plinth::KeyRange::starts_with("fruit/")).collect();
  });
  for (const auto& [key, value] : fruits) std::cout << key << " = " << value << '\n';

  return fruits.size() == 2 && fruits[0].key == "fruit/banana" ? 0 : 1;
} catch (const plinth::Error& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
