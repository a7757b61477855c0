// Recovery of a commit log from arbitrary files, and from a real log with arbitrary damage. It is
// refused with Error(file_corrupt | format_too_new) and nothing is changed; or it gives records
// that the next recovery gives too, of which none was changed.
//
// Input: the first byte says what the rest is.
//   even: files, each as a name (1 byte), a length (2 bytes, little-endian) and that many bytes of
//         content; a bit of the first byte says whether their checksums are made right;
//   odd:  steps of a LogScript, a byte each, up to a zero; then changes of the files that they
//         leave, each as a file (1 byte), an offset (2 bytes) and what it is combined with.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "../commit_log/log_script.hpp"
#include "base/crc32c.hpp"
#include "engine/log/log_format.hpp"

namespace {

using namespace plinth;
using test::MemoryFiles;
using test::Record;

constexpr std::uint8_t kFilesRepaired = 2;

void require(bool condition) {
  if (!condition) std::abort();
}

class Input {
 public:
  explicit Input(std::string_view bytes) : bytes_(bytes) {}
  bool empty() const { return bytes_.empty(); }
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const auto value = static_cast<std::uint8_t>(bytes_.front());
    bytes_.remove_prefix(1);
    return value;
  }
  std::size_t word() {
    const std::size_t low = byte();
    return low + 256u * byte();
  }
  std::string_view bytes(std::size_t size) {
    const std::string_view taken = bytes_.substr(0, size);
    bytes_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view bytes_;
};

std::string name_of(std::uint8_t byte) {
  const engine::LogFile::Kind kinds[] = {
      engine::LogFile::Kind::segment, engine::LogFile::Kind::segment, engine::LogFile::Kind::spare,
      engine::LogFile::Kind::unfinished};
  return engine::LogFile{kinds[byte % 4], 1u + byte / 4 % 8}.path_in(test::kLogDirectory);
}

void put_word(std::string& bytes, std::size_t at, std::uint32_t word) {
  std::memcpy(bytes.data() + at, &word, sizeof word);
}

// Makes what begins like a header or a record a valid one: no fuzzer guesses checksums.
void make_checksums_right(std::string& bytes, std::uint64_t number) {
  if (bytes.size() < engine::kSegmentHeaderBytes) return;
  put_word(bytes, 72, base::crc32c(std::string_view(bytes).substr(0, 72)));
  const engine::RecordSeal seal(test::test_database(), number);
  for (std::size_t at = engine::kSegmentHeaderBytes;
       at + engine::kRecordHeaderBytes <= bytes.size(); at += engine::kRecordAlignment) {
    if (std::string_view(bytes).substr(at, 4) != "Rec\n") continue;
    engine::RecordHeader header;
    std::memcpy(&header.payload_bytes, bytes.data() + at + 8, 4);
    std::memcpy(&header.version, bytes.data() + at + 16, 8);
    std::memcpy(&header.synced_version, bytes.data() + at + 24, 8);
    const std::uint64_t size = engine::record_bytes(header.payload_bytes);
    const std::size_t body = at + engine::kRecordHeaderBytes;
    header.payload_checksum =
        base::crc32c(std::string_view(bytes).substr(body, size - engine::kRecordHeaderBytes));
    seal.encode(at, header, bytes.data() + at);
  }
}

// Nothing when it is refused.
std::optional<std::vector<Record>> recover(MemoryFiles& files, Version after_version) {
  const auto before = files.contents();
  try {
    return test::recover(files, after_version).records;
  } catch (const Error& error) {
    require(error == ErrorCode::file_corrupt || error == ErrorCode::format_too_new);
    require(files.contents() == before);
    return std::nullopt;
  }
}

// What was recovered once is recovered again, and goes on.
void check_repeatable(MemoryFiles& files, Version after_version, std::vector<Record> records) {
  test::Recovered again = test::recover(files, after_version);
  require(again.records == records);
  again.log->verify();  // may find damage in what the store has already, and must not fail
  const Version last = std::max(again.log->stats().last_version, after_version);
  if (last == INT64_MAX) return;
  records.push_back({last + 1, "more"});
  again.log->append(last + 1, "more");
  again.log->sync();
  require(recover(files, after_version) == records);
}

void check_files(Input input, bool repaired) {
  MemoryFiles files;
  files.create_directories(test::kLogDirectory);
  while (!input.empty()) {
    const std::uint8_t name = input.byte();
    std::string bytes(input.bytes(input.word()));
    if (repaired) make_checksums_right(bytes, 1u + name / 4 % 8);
    files.put(name_of(name), bytes);
  }
  if (const auto records = recover(files, 0)) check_repeatable(files, 0, *records);
}

std::string words_of(Input& input) {
  std::string words;
  for (std::uint8_t step = input.byte(); step != 0 && words.size() < 200; step = input.byte()) {
    const char* const kinds[] = {"s ", "p ", "d ", "r "};
    words += step < 32 ? kinds[step % 4] : "a" + std::to_string(step % 32 * 40) + " ";
  }
  return words;
}

void check_damage(Input input) {
  MemoryFiles files;
  test::create_log(files);
  test::LogScript script(files);
  script.run(words_of(input));
  const std::vector<std::string> names = files.list(test::kLogDirectory);
  bool damaged = false;
  while (!input.empty()) {
    const std::string path = test::kLogDirectory + "/" + names[input.byte() % names.size()];
    std::string bytes = files.get(path);
    char& byte = bytes[input.word() % bytes.size()];
    byte = static_cast<char>(byte ^ input.byte());
    damaged = damaged || bytes != files.get(path);
    files.put(path, bytes);
  }
  const auto records = recover(files, script.store_version());
  if (!damaged) require(records == script.beyond_store());
  if (!records) return;
  const std::vector<Record> written = script.beyond_store();
  require(records->size() <= written.size());
  require(std::equal(records->begin(), records->end(), written.begin()));
  check_repeatable(files, script.store_version(), *records);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input({reinterpret_cast<const char*>(data), size});
  const std::uint8_t kind = input.byte();
  if (kind % 2 == 0) {
    check_files(input, (kind & kFilesRepaired) != 0);
  } else {
    check_damage(input);
  }
  return 0;
}
