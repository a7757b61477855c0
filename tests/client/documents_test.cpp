// docs/options.md and docs/errors.md come from the tables. With PLINTH_WRITE_DOCS=1 in the
// environment this test writes them, else it compares.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "client/option_table.hpp"
#include "plinth/error.hpp"

namespace plinth::client {
namespace {

std::string name_of(OptionValue value) {
  switch (value) {
    case OptionValue::none:
      return "";
    case OptionValue::integer:
      return "integer";
    case OptionValue::text:
      return "text";
    case OptionValue::bytes:
      return "bytes";
  }
  return "?";
}

void write_options(std::ostream& out, const std::string& title, std::span<const OptionInfo> table) {
  out << "\n## " << title
      << "\n\n| code | name | value | here | meaning |\n|---|---|---|---|---|\n";
  for (const OptionInfo& info : table) {
    out << "| " << info.code << " | `" << info.name << "` | " << name_of(info.value) << " | "
        << (info.effect == OptionEffect::works ? "works" : "accepted") << " | ";
    for (const char c : info.meaning) out << (c == '\\' ? "\\\\" : std::string(1, c));
    out << " |\n";
  }
}

std::string options_document() {
  std::ostringstream out;
  out << "# Options\n\n"
         "FoundationDB's options with its codes, and Plinth's own from 7000 up. *works*: it does "
         "what it says; *accepted*: it is\nabout a cluster or its client library, so it is "
         "checked and then ignored. A flag takes no value, an integer is 8\nbytes, "
         "little-endian.\n\n"
         "This page is made from `include/plinth/detail/options.inc` by the test "
         "`tests/client/documents_test.cpp`.\n";
  write_options(out, "Of a transaction", transaction_options());
  write_options(out, "Of a database", database_options());
  write_options(out, "Of the network", network_options());
  return out.str();
}

std::string errors_document() {
  std::ostringstream out;
  out << "# Errors\n\n"
         "Codes below 7000 and their names are FoundationDB 7.3's; those from 7000 up are Plinth's "
         "own. *retry*: `on_error` and the\nretry loops try again; *maybe*: they do, and the "
         "commit that failed so may have happened.\n\n"
         "This page is made from `include/plinth/detail/errors.inc` by the test "
         "`tests/client/documents_test.cpp`.\n\n"
         "| code | name | | what it says |\n|---|---|---|---|\n";
  const auto row = [&](int code, const std::string& name, const std::string& sentence) {
    const bool maybe = error_predicate(ErrorPredicate::maybe_committed, code);
    const bool retry = error_predicate(ErrorPredicate::retryable, code);
    out << "| " << code << " | `" << name << "` | "
        << (maybe   ? "maybe"
            : retry ? "retry"
                    : "")
        << " | ";
    for (const char c : sentence) out << (c == '\\' ? "\\\\" : std::string(1, c));
    out << " |\n";
  };
#define PLINTH_ERROR(code, name, sentence) row(code, #name, sentence);
#include "plinth/detail/errors.inc"
#undef PLINTH_ERROR
  return out.str();
}

void compare(const std::string& name, const std::string& made) {
  const std::string path = std::string(PLINTH_SOURCE_FOLDER) + "/docs/" + name;
  if (std::getenv("PLINTH_WRITE_DOCS") != nullptr) {
    std::ofstream(path, std::ios::binary) << made;
    return;
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream there;
  there << file.rdbuf();
  EXPECT_TRUE(there.str() == made)
      << path << " is not what the table makes; run this test with PLINTH_WRITE_DOCS=1";
}

TEST(Documents, Options) {
  compare("options.md", options_document());
}
TEST(Documents, Errors) {
  compare("errors.md", errors_document());
}

}  // namespace
}  // namespace plinth::client
