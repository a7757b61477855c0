#include "urls/url.hpp"

#include <gtest/gtest.h>

#include "plinth/error.hpp"

namespace plinth::urls {
namespace {

// The refusal's code and text.
std::pair<int, std::string> refusal(const std::string& url) {
  try {
    parse_url(url, {});
  } catch (const Error& error) {
    return {error.code(), error.what()};
  }
  return {0, ""};
}

TEST(Url, PlacesOfData) {
  EXPECT_EQ(parse_url("memory:", {}).path, "");
  EXPECT_EQ(parse_url("file:/var/db", {}).path, "/var/db");
  EXPECT_EQ(parse_url("file:a:b", {}).path, "a:b");
  EXPECT_EQ(parse_url("relative/path", {}).path, "relative/path");
  EXPECT_EQ(parse_url("./odd:name", {}).path, "./odd:name");
  EXPECT_EQ(parse_url("/odd:name", {}).path, "/odd:name");
  EXPECT_EQ(parse_url("Mixed:case", {}).path, "Mixed:case");
}

TEST(Url, ParametersOverrideOptions) {
  DatabaseOptions given;
  given.buffer_bytes = 5;
  given.log_segment_bytes = 6;
  const Url url = parse_url(
      "file:/db?store=rocksdb&durability=buffered&create=0&flush_interval_ms=20&buffer_bytes=30&"
      "window_bytes=40&checkpoint_bytes=50&resolver_bytes=60",
      given);
  EXPECT_EQ(url.path, "/db");
  EXPECT_EQ(url.options.store, Store::rocksdb);
  EXPECT_EQ(url.options.durability, Durability::buffered);
  EXPECT_FALSE(url.options.create);
  EXPECT_EQ(url.options.flush_interval_ms, 20);
  EXPECT_EQ(url.options.buffer_bytes, 30u);
  EXPECT_EQ(url.options.window_bytes, 40u);
  EXPECT_EQ(url.options.checkpoint_bytes, 50u);
  EXPECT_EQ(url.options.resolver_bytes, 60u);
  EXPECT_EQ(url.options.log_segment_bytes, 6u);
  EXPECT_EQ(parse_url("x?durability=none", {}).options.durability, Durability::none);
  EXPECT_TRUE(parse_url("x?create=1", {.create = false}).options.create);
}

TEST(Url, RefusalsNameWhatIsWrong) {
  const auto expect = [](const std::string& url, const std::string& part) {
    const auto [code, text] = refusal(url);
    EXPECT_EQ(code, 7005) << url;
    EXPECT_NE(text.find(part), std::string::npos) << text;
    EXPECT_NE(text.find(url), std::string::npos) << text;
  };
  expect("", "names no directory");
  expect("file:", "names no directory");
  expect("?create=0", "names no directory");
  expect("memory:here", "takes no path");
  expect("http:somewhere", "\"http:\" is not a kind of database");
  expect("db?colour=red", "no parameter \"colour\"");
  expect("db?store=sqlite", "store is lmdb or rocksdb, not \"sqlite\"");
  expect("db?durability=maybe", "durable, buffered or none, not \"maybe\"");
  expect("db?create=yes", "create is 0 or 1, not \"yes\"");
  expect("db?create", "not \"\"");
  expect("db?buffer_bytes=12x", "number above zero, not \"12x\"");
  expect("db?buffer_bytes=-1", "number above zero");
  expect("db?buffer_bytes=99999999999999999999", "number above zero");
}

TEST(Url, Clusters) {
  EXPECT_EQ(parse_url("fdb:", {}).kind, Kind::cluster);
  EXPECT_EQ(parse_url("fdb:", {}).path, "");
  EXPECT_EQ(parse_url("fdb:/etc/fdb.cluster", {}).path, "/etc/fdb.cluster");
  EXPECT_EQ(parse_url("fdb:x", {}).timeout_ms, 0);
  EXPECT_EQ(parse_url("fdb:x?timeout_ms=250", {}).timeout_ms, 250);
  EXPECT_EQ(parse_url("x", {}).kind, Kind::embedded);
  const auto [code, text] = refusal("fdb:x?durability=none");
  EXPECT_EQ(code, 7005);
  EXPECT_NE(text.find("\"durability\" for a cluster; there is timeout_ms"), std::string::npos)
      << text;
}

TEST(Url, NamesASocket) {
  EXPECT_EQ(parse_url("unix:/run/db", {}).kind, Kind::socket);
  EXPECT_EQ(parse_url("unix:/run/db", {}).path, "/run/db");
  EXPECT_EQ(refusal("unix:").first, 7005);
  const auto [code, text] = refusal("unix:/run/db?durability=none");
  EXPECT_EQ(code, 7005);
  EXPECT_NE(text.find("no parameters for a socket"), std::string::npos) << text;
}

TEST(Url, SaysWhetherADirectoryIsShared) {
  EXPECT_FALSE(parse_url("db", {}).shared);
  EXPECT_TRUE(parse_url("db?shared", {}).shared);
  EXPECT_TRUE(parse_url("file:db?create=0&shared=1", {}).shared);
  EXPECT_FALSE(parse_url("db?shared=0", {}).shared);
  EXPECT_EQ(refusal("db?shared=maybe").first, 7005);
  EXPECT_EQ(refusal("memory:?shared").first, 7005);
}

}  // namespace
}  // namespace plinth::urls
