// plinth search NAME add|rm|query: full-text indexes, each under ("plinth", "search", NAME).

#include <fmt/format.h>

#include <memory>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "plinth/search_index.hpp"
#include "tuple/utf8.hpp"

namespace plinth::cli {
namespace {

struct Arguments {
  std::string name, id, file;
  std::vector<std::string> query;
  std::size_t limit = 10;
  bool snippets = false;
};

SearchIndex index_of(const Arguments& arguments) {
  SearchOptions options;
  options.keep_text = true;
  return SearchIndex(arguments.name, Subspace(Tuple::of("plinth", "search", arguments.name)),
                     options);
}

// Text, or a tuple in parentheses: one element is meant itself.
Element parse_id(const std::string& text) {
  const Bytes bytes = parse_key_text(text);
  if (text.starts_with('(')) {
    Tuple tuple = Tuple::unpack(bytes);
    return tuple.size() == 1 ? tuple[0] : Element(std::move(tuple));
  }
  if (tuple::find_invalid_utf8(bytes) == ByteView::npos) return Element(bytes);
  return Element(ByteString{bytes});
}

// parse_id(shown_id(id)) is that id again.
std::string shown_id(const Element& id, std::string (*shown)(ByteView)) {
  if (const auto text = id.get_if<std::string>(); text && !text->starts_with('('))
    return shown(*text);
  if (const auto nested = id.get_if<Tuple>(); nested && nested->size() != 1)
    return nested->to_string();
  return Tuple::of(id).to_string();
}

int add(Session& session, const Arguments& arguments) {
  const SearchIndex index = index_of(arguments);
  const Element id = parse_id(arguments.id);
  const std::string text = InputFile(arguments.file).read_all();
  const Version version =
      session.write([&](Transaction& tx) { index.index_text(tx, id, text).get(); });
  if (session.json()) print_line(json_version(version));
  return kSuccess;
}

int remove(Session& session, const Arguments& arguments) {
  const SearchIndex index = index_of(arguments);
  const Element id = parse_id(arguments.id);
  bool there = false;
  const Version version =
      session.write([&](Transaction& tx) { there = index.remove(tx, id).get(); });
  if (session.json()) {
    print_line(json_version(version));
  } else if (!there) {
    fmt::print(stderr, "plinth: {} has no document {}\n", shown_text(arguments.name),
               shown_id(id, shown_text));
    return kNo;
  }
  return kSuccess;
}

int query(Session& session, const Arguments& arguments) {
  const SearchIndex index = index_of(arguments);
  std::string text;
  for (const std::string& word : arguments.query) text += (text.empty() ? "" : " ") + word;
  const SearchQuery query = SearchQuery::parse(text);
  const bool snippets = arguments.snippets || !session.json();
  const std::vector<SearchResult> results = session.read([&](const ReadTransaction& reads) {
    return index.search(reads, query, {.limit = arguments.limit, .snippets = snippets}).get();
  });
  for (const SearchResult& result : results) {
    const std::string snippet = result.snippet.marked();
    if (session.json()) {
      print_line(fmt::format(R"({{"id":{},"score":{}{}}})",
                             json_string(shown_id(result.id, escaped)), result.score,
                             snippets ? R"(,"snippet":)" + json_string(snippet) : ""));
    } else {
      print_line(fmt::format("{}  ({:.3f})", shown_id(result.id, shown_text), result.score));
      if (!snippet.empty()) print_line("    " + snippet);
    }
  }
  if (!results.empty() || session.json()) return kSuccess;
  fmt::print(stderr, "plinth: no document of {} matches\n", shown_text(arguments.name));
  return kNo;
}

constexpr const char* kIdHelp = "Text, or a tuple in parentheses: '(42)' is a number";

void add_verbs(Verbs<Arguments>& verbs) {
  Arguments& arguments = verbs.arguments();
  CLI::App* command =
      verbs.verb("add", add, "Index a text under an ID, in place of what was there",
                 "  plinth search pages add home index.txt\n"
                 "  echo 'The cat sat on the mat' | plinth search pages add '(42)' -\n");
  command->add_option("ID", arguments.id, kIdHelp)->required()->type_name("");
  command->add_option("FILE", arguments.file, "A text in UTF-8; - is standard input")
      ->required()
      ->type_name("");
  command = verbs.verb("rm", remove, "Remove a document", "  plinth search pages rm home\n");
  command->add_option("ID", arguments.id, kIdHelp)->required()->type_name("");
  command = verbs.verb(
      "query", query, "Find documents, the best first",
      "  plinth search pages query cats dogs              both words\n"
      "  plinth search pages query '\"big dog\" OR pre*'    a phrase, or a word that begins so\n"
      "  plinth search pages query --limit 3 -- cats -mouse\n");
  command->add_option("TEXT", arguments.query, "Words, \"phrases\", -without, pre*, one OR other")
      ->required()
      ->type_name("");
  command->add_option("--limit", arguments.limit, "Documents at the most (default: 10)")
      ->check(CLI::Range(1, 1'000'000).description(""))
      ->type_name("N");
  command->add_flag("--snippets", arguments.snippets,
                    "With --json too, the part of the text that matches");
}

}  // namespace

void add_search_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* search = add_command(
      app, "search", "Full-text search: index texts, and find them by their words",
      "  plinth search pages add home index.txt\n"
      "  plinth search pages query 'cats \"big dog\" -mouse pre*'\n"
      "  plinth --json search pages query cats --limit 3    {\"id\":…,\"score\":…}\n"
      "  plinth search pages rm home\n",
      "An index is named by NAME, and made with its first document. Its keys begin with the tuple\n"
      "(\"plinth\", \"search\", NAME).\n");
  search->add_option("NAME", arguments->name, "Of the index")->required()->type_name("");
  search->require_subcommand(1);
  Verbs verbs(*search, arguments, action);
  add_verbs(verbs);
}

}  // namespace plinth::cli
