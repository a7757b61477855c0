#include "log_script.hpp"

#include <ostream>
#include <random>
#include <sstream>

namespace plinth::test {

void PrintTo(const Record& record, std::ostream* out) {
  *out << "record " << record.version << " of " << record.payload.size() << " bytes";
}

engine::DatabaseId test_database() {
  engine::DatabaseId id;
  for (std::size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<unsigned char>(i + 1);
  return id;
}

std::string payload_of(Version version, std::size_t size) {
  std::minstd_rand random(static_cast<unsigned>(version) + 1);
  std::string payload(size, '\0');
  for (char& c : payload) c = static_cast<char>(random() >> 8);
  return payload;
}

std::unique_ptr<engine::CommitLog> create_log(MemoryFiles& files, std::uint64_t segment_bytes) {
  return engine::CommitLog::create(files, kLogDirectory, test_database(), 0, {segment_bytes});
}

Recovered recover(base::FileSystem& files, Version after_version, std::uint64_t segment_bytes) {
  Recovered recovered;
  const auto visitor = [&](Version version, ByteView payload) {
    recovered.records.push_back({version, std::string(payload)});
  };
  recovered.log = engine::CommitLog::open(files, kLogDirectory, test_database(), after_version,
                                          visitor, {segment_bytes});
  return recovered;
}

void LogScript::run(const std::string& words) {
  std::istringstream stream(words);
  for (std::string word; stream >> word;) {
    if (log_ == nullptr) open();
    switch (word[0]) {
      case 'a':
        append(std::stoul(word.substr(1)));
        break;
      case 's':
        log_->sync();
        acknowledged_ = appended_.empty() ? 0 : appended_.back().version;
        break;
      case 'p':
        log_->prepare_next();
        break;
      case 'd':
        store_version_ = acknowledged_;
        log_->drop_before(store_version_);
        break;
      case 'r':
        open();
        break;
      default:
        throw std::logic_error("unknown word " + word);
    }
  }
}

void LogScript::open() {
  log_.reset();
  Recovered recovered = recover(files_, store_version_);
  if (recovered.records != beyond_store()) throw std::logic_error("records lost at a reopening");
  log_ = std::move(recovered.log);
  if (!appended_.empty()) acknowledged_ = appended_.back().version;
}

void LogScript::append(std::size_t size) {
  const Version version = next_version();
  appended_.push_back({version, payload_of(version, size)});
  log_->append(version, appended_.back().payload);
}

std::vector<Record> LogScript::beyond_store() const {
  std::vector<Record> records;
  for (const Record& record : appended_) {
    if (record.version > store_version_) records.push_back(record);
  }
  return records;
}

std::string LogScript::problem_with(const std::vector<Record>& records) const {
  const std::vector<Record> all = beyond_store();
  if (records.size() > all.size()) return "more records than were written";
  for (std::size_t i = 0; i < records.size(); ++i) {
    if (records[i] != all[i]) {
      return "record " + std::to_string(records[i].version) + " came back in the place of " +
             std::to_string(all[i].version) + ", or changed";
    }
  }
  const Version last = records.empty() ? store_version_ : records.back().version;
  if (last >= acknowledged_) return {};
  return "acknowledged up to " + std::to_string(acknowledged_) + ", but only " +
         std::to_string(last) + " came back";
}

}  // namespace plinth::test
