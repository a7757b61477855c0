// Messages: what is put into them comes out; what a client of ours would never send is refused
// before the engine sees it.
#include "remote/messages.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace plinth::remote {
namespace {

template <class Fields>
Bytes body_of(const Fields& fields) {
  Bytes frame;
  FrameWriter out(frame);
  fields.put(out);
  return frame.substr(kFrameHeaderBytes);
}

template <class Fields>
Fields again(const Fields& fields, Bytes& body) {
  body = body_of(fields);
  FieldReader in(body);
  return read_fields<Fields>(in);
}

// Each beginning of a message but the whole is refused.
template <class Received>
void expect_no_beginning(const Bytes& body) {
  for (std::size_t size = 0; size < body.size(); ++size) {
    const Bytes cut = body.substr(0, size);
    FieldReader in(cut);
    EXPECT_THROW(read_fields<Received>(in), Error) << size << " of " << body.size() << " bytes";
  }
}

engine::CommitRequest some_commit() {
  engine::CommitRequest request;
  request.read_version = 42;
  request.durability = Durability::none;
  request.report_conflicts = true;
  request.mutations = {
      {MutationType::set, "key", "value"},
      {MutationType::clear_range, "a", "b"},
      {MutationType::add, "n", "\1"},
      {MutationType::set_versionstamped_key, ByteView("0123456789\0\0\0\0", 14), "stamped"},
      {MutationType::set_versionstamped_value, "k", ByteView("x0123456789\1\0\0\0", 15)}};
  request.read_conflicts = {{"a", "b"}, {"c", "c"}};
  request.write_conflicts = {{"key", ByteView("key\0", 4)}};
  return request;
}

TEST(Messages, CommitsComeOutAsTheyWentIn) {
  const engine::CommitRequest request = some_commit();
  const Bytes body = body_of(Commit(7, request));
  FieldReader in(body);
  const auto received = read_fields<ReceivedCommit>(in);
  EXPECT_EQ(received.snapshot, 7);
  EXPECT_EQ(received.request.read_version, 42);
  EXPECT_EQ(received.request.durability, Durability::none);
  EXPECT_TRUE(received.request.report_conflicts);
  ASSERT_EQ(received.request.mutations.size(), request.mutations.size());
  for (std::size_t i = 0; i < request.mutations.size(); ++i) {
    EXPECT_EQ(received.request.mutations[i].type, request.mutations[i].type);
    EXPECT_EQ(received.request.mutations[i].key, request.mutations[i].key);
    EXPECT_EQ(received.request.mutations[i].operand, request.mutations[i].operand);
  }
  ASSERT_EQ(received.request.read_conflicts.size(), 2);
  EXPECT_EQ(received.request.read_conflicts[1].begin, "c");
  ASSERT_EQ(received.request.write_conflicts.size(), 1);
  EXPECT_EQ(received.request.write_conflicts[0].end, ByteView("key\0", 4));
  expect_no_beginning<ReceivedCommit>(body);
}

TEST(Messages, ReadsComeOutAsTheyWentIn) {
  Bytes body;
  EXPECT_EQ(again(Get(3, "key"), body).key, "key");
  expect_no_beginning<Get>(body);
  const auto range = again(GetRange(3, {"a", "z", 10, SIZE_MAX, true}), body);
  EXPECT_EQ(range.snapshot, 3);
  EXPECT_EQ(range.range.begin, "a");
  EXPECT_EQ(range.range.end, "z");
  EXPECT_EQ(range.range.limit_rows, 10);
  EXPECT_EQ(range.range.limit_bytes, SIZE_MAX);
  EXPECT_TRUE(range.range.reverse);
  expect_no_beginning<GetRange>(body);
  EXPECT_EQ(again(ReadAt(3, 99, true), body).version, 99);
  expect_no_beginning<ReadAt>(body);
  EXPECT_EQ(again(SplitPoints(3, "a", "b", 17), body).chunk_bytes, 17);
  expect_no_beginning<SplitPoints>(body);
  EXPECT_EQ(again(WatchKey("k", std::nullopt), body).seen, std::nullopt);
  EXPECT_EQ(again(WatchKey("k", "v"), body).seen, "v");
  expect_no_beginning<WatchKey>(body);
}

TEST(Messages, AnswersComeOutAsTheyWentIn) {
  Bytes body;
  EXPECT_EQ(again(Value("v"), body).value, "v");
  EXPECT_EQ(again(Value(std::nullopt), body).value, std::nullopt);
  engine::CommitResult result;
  result.status = engine::CommitStatus::conflict;
  result.version = 5;
  result.batch_order = 6;
  result.conflicting_reads = {0, 3};
  const engine::CommitResult received = again(CommitAnswer(result), body).result;
  EXPECT_EQ(received.status, result.status);
  EXPECT_EQ(received.version, 5);
  EXPECT_EQ(received.batch_order, 6);
  EXPECT_EQ(received.conflicting_reads, result.conflicting_reads);
  expect_no_beginning<CommitAnswer>(body);
}

TEST(Messages, ErrorsKeepTheirCodeAndDetail) {
  Bytes body;
  for (const Error& error :
       {Error(ErrorCode::disk_full), Error(ErrorCode::io_error, "log/1 at 7")}) {
    const Failure failure(std::make_exception_ptr(error));
    EXPECT_STREQ(again(failure, body).error().what(), error.what());
  }
  const Failure no_memory(std::make_exception_ptr(std::bad_alloc()));
  EXPECT_EQ(again(no_memory, body).error(), ErrorCode::large_alloc_failed);
}

// What longer bounds of ranges are cut to lies on the same side of every key.
TEST(Messages, LongBoundsAreCut) {
  Bytes body;
  const Bytes bound(20'000, 'x');
  const ByteView cut = again(EstimatedSize(1, bound, bound), body).begin;
  EXPECT_EQ(cut, bound.substr(0, kMaxKeyBytes + 1));
}

TEST(Messages, RefusesWhatTheEngineMustNotSee) {
  const Bytes long_key(kMaxKeyBytes + 1, 'k');
  const Bytes long_value(kMaxValueBytes + 1, 'v');
  const std::vector<std::function<void(engine::CommitRequest&)>> spoilers = {
      [&](auto& commit) { commit.mutations[0].key = long_key; },
      [&](auto& commit) { commit.mutations[0].operand = long_value; },
      [](auto& commit) { commit.mutations[0].type = static_cast<MutationType>(3); },
      [](auto& commit) {
        commit.mutations[1] = {MutationType::clear_range, "b", "a"};
      },
      [](auto& commit) { commit.mutations[3].key = "short"; },
      [](auto& commit) { commit.mutations[3].key = ByteView("0123456789\1\0\0\0", 14); },
      [](auto& commit) {
        commit.mutations[4].operand = ByteView("0123456789\377\377\377\377", 14);
      },
      [](auto& commit) {
        commit.read_conflicts[0] = {"b", "a"};
      },
      [](auto& commit) {
        commit.write_conflicts[0] = {"b", "a"};
      },
      [](auto& commit) { commit.durability = static_cast<Durability>(3); },
  };
  for (std::size_t i = 0; i < spoilers.size(); ++i) {
    engine::CommitRequest commit = some_commit();
    spoilers[i](commit);
    const Bytes body = body_of(Commit(0, commit));
    FieldReader in(body);
    EXPECT_THROW(read_fields<ReceivedCommit>(in), Error) << "spoiler " << i;
  }
}

}  // namespace
}  // namespace plinth::remote
