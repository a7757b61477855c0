// Items in JSON Lines and CSV.
#include "cli/item_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "support/seed.hpp"
#include "table/random_item.hpp"
#include "tuple/expect_error.hpp"

namespace plinth::cli {
namespace {

using plinth::test::expect_error;

Chunks chunks_of(std::string text, std::size_t size) {
  return [text = std::move(text), size, at = std::size_t{0}]() mutable {
    const std::string chunk = text.substr(std::min(at, text.size()), size);
    at += size;
    return chunk;
  };
}

// Each item's line and JSON.
std::string all(const std::unique_ptr<ItemReader>& reader) {
  std::string text;
  while (const auto item = reader->next())
    text += std::to_string(reader->line()) + " " + to_json(*item) + "\n";
  return text;
}

void expect_items(std::unique_ptr<ItemReader> (*read)(Chunks), const std::string& text,
                  const std::string& wanted) {
  for (const std::size_t size : {1u, 2u, 3u, 7u, 4096u})
    EXPECT_EQ(all(read(chunks_of(text, size))), wanted) << "chunks of " << size;
}

TEST(JsonLines, AreReadOneByOne) {
  expect_items(read_json_lines, "", "");
  expect_items(read_json_lines, "\n\n  \n", "");
  expect_items(read_json_lines, "{\"a\":1}\n\n{\"b\":\"x\\ny\"}\r\n \n{}",
               "1 {\"a\":1}\n3 {\"b\":\"x\\ny\"}\n5 {}\n");
  expect_items(read_json_lines, "\xef\xbb\xbf{\"a\":1}\n", "1 {\"a\":1}\n");
}

TEST(JsonLines, ErrorsNameTheLine) {
  const auto refuse = [](const std::string& text, ErrorCode code, const std::string& place) {
    expect_error(code, {place}, [&] { all(read_json_lines(chunks_of(text, 5))); });
  };
  refuse("{\"a\":1}\n\n{\"a\":}\n", ErrorCode::item_not_json, "Line 3, column 6");
  refuse("{\"a\":1}\n{\"a\":1,\"a\":2}", ErrorCode::item_not_json, "Line 2, column 10");
  refuse("{\"a\":1} {}\n", ErrorCode::item_not_json, "Line 1, column 9: there is more");
  refuse("{\"a\":\n1}", ErrorCode::item_not_json, "Line 1, column");
  refuse("{}\n" + std::string(4'000'000, ' '), ErrorCode::invalid_item, "Line 2: it is longer");
}

TEST(Csv, IsReadAsRfc4180Says) {
  expect_items(read_csv, "", "");
  expect_items(read_csv, "a,b\r\n", "");
  expect_items(read_csv, "a,b\r\naaa,bbb\r\nccc,ddd",
               "2 {\"a\":\"aaa\",\"b\":\"bbb\"}\n3 {\"a\":\"ccc\",\"b\":\"ddd\"}\n");
  expect_items(
      read_csv, "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n\"two\r\nlines\",z\nlast,one\n",
      "2 {\"a\":\"x,y\",\"b\":\"say \\\"hi\\\"\"}\n3 {\"a\":\"two\\r\\nlines\",\"b\":\"z\"}\n"
      "5 {\"a\":\"last\",\"b\":\"one\"}\n");
  expect_items(read_csv, "\xef\xbb\xbf\"a\",b\n,x\ny,\n,\n\n",
               "2 {\"b\":\"x\"}\n3 {\"a\":\"y\"}\n4 {}\n");
  expect_items(read_csv, "\xef\xba\x80\n1\n\n2\n",
               "2 {\"\xef\xba\x80\":1}\n3 {}\n4 {\"\xef\xba\x80\":2}\n");
  expect_items(
      read_csv,
      "v\n5\n-1.50\n1e2\n0123\n1.2.3-4\ntrue\nTrue\nnull\nnone\n[1]\n{x}"
      "\n\"\"\"5\"\"\"\n\"\"\"\"\"\"\n 5\n\"{\"\"$strings\"\":[\"\"a\"\"]}\"\n",
      "2 {\"v\":5}\n3 {\"v\":-1.5}\n4 {\"v\":100}\n5 {\"v\":\"0123\"}\n6 {\"v\":\"1.2.3-4\"}\n7 "
      "{\"v\":true}\n"
      "8 {\"v\":\"True\"}\n9 {\"v\":null}\n10 {\"v\":\"none\"}\n11 {\"v\":[1]}\n12 "
      "{\"v\":\"{x}\"}\n"
      "13 {\"v\":\"5\"}\n14 {\"v\":\"\"}\n15 {\"v\":\" 5\"}\n16 {\"v\":{\"$strings\":[\"a\"]}}\n");
}

TEST(Csv, ErrorsNameTheLine) {
  const auto refuse = [](const std::string& text, const std::string& place) {
    expect_error(ErrorCode::invalid_item, {place}, [&] { all(read_csv(chunks_of(text, 5))); });
  };
  refuse("a,b\n1,2\n3\n", "Line 3: it has 1 fields, and the first line 2");
  refuse("a,b\n\"1\n1\",2\n3,4,5\n", "Line 4: it has 3 fields");
  refuse("a,b\n\n1,\"2\n3\n", "Line 3: there is no quote that ends");
  refuse("a\n\"1\"2\n", "Line 2: behind the quote");
  refuse("a\n\"1\"\r2\n", "Line 2: behind the quote");
  refuse("a\n1\"2\"\n", "Line 2: a quote within a field");
  refuse("a,,b\n", "Line 1: an attribute has no name");
  refuse("a,b,a\n", "Line 1: the attribute 'a' comes twice");
  refuse("a\nok\n\xff\n", "Line 3: it is not UTF-8");
  refuse("a\n" + std::string(4'000'000, 'x'), "Line 2: it is longer");
}

TEST(Csv, HasAColumnForEachAttribute) {
  EXPECT_EQ(csv_header({"a", "b c", "d,e", "f\"g"}), "a,b c,\"d,e\",\"f\"\"g\"\r\n");
  EXPECT_EQ(csv_record({{"b", 1}}, {"a", "b", "c"}), ",1,\r\n");
  expect_error(ErrorCode::invalid_item, {"no column for the attribute 'x'"}, [] {
    csv_record({{"a", 1}, {"x", 2}}, {"a", "b"});
  });
}

TEST(ItemFiles, OfRandomItemsReadBack) {
  const std::uint64_t seed = plinth::test::seed_or(1);
  SCOPED_TRACE(plinth::test::seed_trace(seed));
  plinth::test::RandomItems random(seed);
  std::vector<Item> items;
  std::set<std::string> names = {"always"};
  for (int i = 0; i < 500 * plinth::test::long_factor(); ++i) {
    items.push_back(random.item());
    items.back()["always"] = i;
    for (const auto& [name, value] : items.back()) names.insert(name);
  }
  const std::vector<std::string> columns(names.begin(), names.end());
  std::string lines;
  std::string csv = csv_header(columns);
  for (const Item& item : items) {
    lines += to_json(item) + "\n";
    csv += csv_record(item, columns);
  }
  const auto json_reader = read_json_lines(chunks_of(lines, 1000));
  const auto csv_reader = read_csv(chunks_of(csv, 1000));
  for (const Item& item : items) {
    ASSERT_EQ(json_reader->next(), item);
    ASSERT_EQ(csv_reader->next(), item) << to_json(item);
  }
  EXPECT_EQ(json_reader->next(), std::nullopt);
  EXPECT_EQ(csv_reader->next(), std::nullopt);
}

}  // namespace
}  // namespace plinth::cli
