// Frames: whole ones come out as they went in, however they are cut up on the way; damaged ones
// never.
#include "remote/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "support/seed.hpp"

namespace plinth::remote {
namespace {

Bytes frame_of(ByteView text) {
  Bytes frame;
  FrameWriter writer(frame);
  writer.bytes(text);
  writer.finish();
  return frame;
}

// Gives `bytes` to the reader, at most `step` at a time; the texts of the frames that come out.
std::vector<Bytes> read(FrameReader& reader, ByteView bytes, std::size_t step) {
  std::vector<Bytes> texts;
  while (!bytes.empty()) {
    const FrameReader::Space space = reader.space();
    EXPECT_GT(space.size, 0);
    const std::size_t size = std::min({space.size, step, bytes.size()});
    std::copy_n(bytes.data(), size, space.begin);
    reader.received(size);
    bytes.remove_prefix(size);
    while (const auto body = reader.next()) {
      FieldReader fields(*body);
      texts.emplace_back(fields.bytes());
      fields.end();
    }
  }
  return texts;
}

bool is_refused(ByteView bytes) {
  FrameReader reader(kMaxFrameBytes);
  try {
    read(reader, bytes, bytes.size());
    return false;
  } catch (const Error& error) {
    EXPECT_EQ(error, ErrorCode::connection_failed);
    return true;
  }
}

TEST(Frame, ComesOutAsItWentIn) {
  const std::uint64_t seed = test::seed_or(1);
  SCOPED_TRACE(test::seed_trace(seed));
  std::mt19937_64 random(seed);
  std::vector<Bytes> texts;
  Bytes stream;
  for (int i = 0; i < 200; ++i) {
    const std::size_t most = i % 20 == 0 ? 3'000'000 : i % 3 == 0 ? 100'000 : 100;
    texts.emplace_back(random() % most, static_cast<char>(i));
    stream += frame_of(texts.back());
  }
  for (const std::size_t step : {std::size_t{701}, std::size_t{65'536}, stream.size()}) {
    FrameReader reader(kMaxFrameBytes);
    EXPECT_EQ(read(reader, stream, step), texts);
    EXPECT_TRUE(reader.empty());
  }
  FrameReader reader(kMaxFrameBytes);
  EXPECT_EQ(read(reader, ByteView(stream).substr(0, 0), 1), std::vector<Bytes>());
}

TEST(Frame, ComesOutByteByByte) {
  FrameReader reader(kMaxFrameBytes);
  EXPECT_EQ(read(reader, frame_of("one") + frame_of("") + frame_of("three"), 1),
            (std::vector<Bytes>{"one", "", "three"}));
}

TEST(Frame, WaitsForTheRestWhereverItIsCut) {
  const Bytes frame = frame_of("some text");
  for (std::size_t size = 0; size < frame.size(); ++size) {
    FrameReader reader(kMaxFrameBytes);
    EXPECT_TRUE(read(reader, ByteView(frame).substr(0, size), frame.size()).empty());
    EXPECT_EQ(reader.empty(), size == 0);
    EXPECT_EQ(read(reader, ByteView(frame).substr(size), frame.size()),
              std::vector<Bytes>{"some text"});
  }
}

// A flip in the length may make the frame longer, so that it waits for more; it never comes out.
TEST(Frame, NeverComesOutDamaged) {
  const Bytes frame = frame_of("some text that is long enough");
  for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
    Bytes damaged = frame;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    FrameReader reader(kMaxFrameBytes);
    try {
      EXPECT_TRUE(read(reader, damaged, damaged.size()).empty()) << "bit " << bit;
      EXPECT_LT(bit, 32) << "only a wrong length may look like half a frame";
    } catch (const Error& error) {
      EXPECT_EQ(error, ErrorCode::connection_failed);
    }
  }
}

TEST(Frame, IsRefusedWhenItClaimsToBeHuge) {
  Bytes header(kFrameHeaderBytes, '\0');
  for (const std::uint32_t length : {kMaxFrameBytes + 1, std::size_t{UINT32_MAX}}) {
    std::memcpy(header.data(), &length, sizeof length);
    EXPECT_TRUE(is_refused(header));
  }
  const std::uint32_t most = kMaxFrameBytes;
  std::memcpy(header.data(), &most, sizeof most);
  EXPECT_FALSE(is_refused(header));
}

// The length alone makes nobody take memory.
TEST(Frame, TakesMemoryOnlyForWhatHasCome) {
  Bytes header(kFrameHeaderBytes, '\0');
  const std::uint32_t most = kMaxFrameBytes;
  std::memcpy(header.data(), &most, sizeof most);
  FrameReader reader(kMaxFrameBytes);
  read(reader, header, header.size());
  EXPECT_LE(reader.space().size, 64u << 10);
}

TEST(Fields, AreRefusedWhenTheyAreNotThere) {
  Bytes body;
  FieldReader empty(body);
  EXPECT_THROW(empty.number<std::uint8_t>(), Error);
  body = Bytes("\x05\0\0\0abcd", 8);
  FieldReader short_text(body);
  EXPECT_THROW(short_text.bytes(), Error);
  body = Bytes("\xff\xff\xff\xff", 4);
  FieldReader huge_count(body);
  EXPECT_THROW(huge_count.count(1), Error);
  body = "\2";
  FieldReader flag(body);
  EXPECT_THROW(flag.flag(), Error);
  FieldReader rest(body);
  EXPECT_THROW(rest.end(), Error);
}

}  // namespace
}  // namespace plinth::remote
