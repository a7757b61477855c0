// Arbitrary text as a key of the command line and as a line of its shell: refused with an error
// that the command reports, or understood. Arbitrary bytes as a key to be shown: what is shown is
// understood, and means the same bytes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "cli/key_text.hpp"
#include "cli/output.hpp"
#include "cli/shell_words.hpp"
#include "plinth/error.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

template <class F>
void refused_or_understood(F read) {
  try {
    read();
  } catch (const plinth::Error& error) {
    require(error == plinth::ErrorCode::invalid_tuple ||
            error == plinth::ErrorCode::client_invalid_operation);
  } catch (const plinth::cli::UsageError&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace plinth::cli;
  const plinth::ByteView input(reinterpret_cast<const char*>(data), size);
  refused_or_understood([&] { parse_key_text(input); });
  refused_or_understood([&] { split_words(input); });
  require(parse_key_text(shown_key(input)) == input);
  require(parse_key_text(shown_text(input)) == input);
  if (!input.starts_with('(')) require(parse_key_text(escaped(input)) == input);
  return 0;
}
