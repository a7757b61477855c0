// plinth dir ls|create|show|mv|rm: the directories that every binding of FoundationDB sees.

#include <fmt/format.h>

#include <memory>

#include "cli/command.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/verbs.hpp"
#include "plinth/directory.hpp"

namespace plinth::cli {
namespace {

struct Arguments {
  std::string path, to, layer;
};

// Names between slashes; a slash in a name is \x2f, a parenthesis at its beginning \x28.
DirectoryPath parse_path(std::string_view text) {
  DirectoryPath path;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('/'), text.size());
    if (end > 0) path.push_back(parse_key_text(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return path;
}

// parse_path(shown_path(p)) is p again.
std::string shown_path(const DirectoryPath& path) {
  std::string text;
  for (const std::string& name : path) {
    text += text.empty() ? "" : "/";
    for (const char c : shown_text(name))
      text += c == '/' ? std::string("\\x2f") : std::string(1, c);
  }
  return text.empty() ? "/" : text;
}

void print_directory(const Session& session, const Directory& directory) {
  if (session.json()) {
    print_line(fmt::format(R"({{"path":{},"layer":{},"prefix":{}}})", json_array(directory.path()),
                           json_string(escaped(directory.layer())),
                           json_string(escaped(directory.prefix()))));
    return;
  }
  std::string line =
      fmt::format("{}  prefix {}", shown_path(directory.path()), escaped(directory.prefix()));
  if (!directory.layer().empty()) line += "  layer " + shown_text(directory.layer());
  print_line(line);
}

int list(Session& session, const Arguments& arguments) {
  const DirectoryPath path = parse_path(arguments.path);
  const std::vector<std::string> names = session.read(
      [&](const ReadTransaction& reads) { return DirectoryLayer().list(reads, path).get(); });
  for (const std::string& name : names)
    print_line(session.json() ? fmt::format(R"({{"name":{}}})", json_string(name))
                              : shown_path({name}));
  return kSuccess;
}

int show(Session& session, const Arguments& arguments) {
  const DirectoryPath path = parse_path(arguments.path);
  print_directory(session, session.read([&](const ReadTransaction& reads) {
    return DirectoryLayer().open(reads, path).get();
  }));
  return kSuccess;
}

// Prints the directory that `work` gives, when its transaction is committed.
int write(Session& session, const std::function<Future<Directory>(Transaction&)>& work) {
  std::optional<Directory> directory;
  session.write([&](Transaction& tx) { directory = work(tx).get(); });
  print_directory(session, *directory);
  return kSuccess;
}

int create(Session& session, const Arguments& arguments) {
  return write(session, [&](Transaction& tx) {
    return DirectoryLayer().create_or_open(tx, parse_path(arguments.path),
                                           parse_key_text(arguments.layer));
  });
}

int move(Session& session, const Arguments& arguments) {
  session.database(Access::read);  // does not make one
  return write(session, [&](Transaction& tx) {
    return DirectoryLayer().move(tx, parse_path(arguments.path), parse_path(arguments.to));
  });
}

int remove(Session& session, const Arguments& arguments) {
  session.database(Access::read);
  const DirectoryPath path = parse_path(arguments.path);
  const Version version =
      session.write([&](Transaction& tx) { DirectoryLayer().remove(tx, path).get(); });
  if (session.json()) print_line(json_version(version));
  return kSuccess;
}

constexpr const char* kPathHelp = "Names with slashes between them: app/users";

void add_verbs(CLI::App& dir, Action& action) {
  Verbs verbs(dir, std::make_shared<Arguments>(), action);
  Arguments& arguments = verbs.arguments();
  CLI::App* command = verbs.verb("ls", list, "List the directories in one, or in the root",
                                 "  plinth dir ls\n"
                                 "  plinth dir ls app\n");
  command->add_option("PATH", arguments.path, kPathHelp)->type_name("");
  command = verbs.verb("create", create, "Create a directory, and those that it is in; or open it",
                       "  plinth dir create app/users\n"
                       "  plinth dir create customers/42 --layer partition\n");
  command->add_option("PATH", arguments.path, kPathHelp)->required()->type_name("");
  command
      ->add_option("--layer", arguments.layer,
                   "What is kept in it; one that is there must have the same. 'partition': the "
                   "directories in it are all within its prefix")
      ->type_name("NAME");
  command = verbs.verb("show", show, "Print a directory's prefix and layer",
                       "  plinth dir show app/users\n");
  command->add_option("PATH", arguments.path, kPathHelp)->required()->type_name("");
  command = verbs.verb("mv", move, "Move a directory, with all in it",
                       "  plinth dir mv app/users app/people\n");
  command->add_option("FROM", arguments.path, kPathHelp)->required()->type_name("");
  command->add_option("TO", arguments.to, "The new path, whose parent must be there")
      ->required()
      ->type_name("");
  command = verbs.verb("rm", remove, "Remove a directory, with all in it, and all its contents",
                       "  plinth dir rm app/users\n");
  command->add_option("PATH", arguments.path, kPathHelp)->required()->type_name("");
}

}  // namespace

void add_dir_command(CLI::App& app, Action& action) {
  CLI::App* dir = add_command(app, "dir", "Directories: names for parts of the key space",
                              "  plinth dir create app/users\n"
                              "  plinth dir ls app\n"
                              "  plinth dir mv app/users app/people\n",
                              "They are those that FoundationDB's bindings create and open, with "
                              "their records below \\xfe.\n"
                              "A slash in a name is written \\x2f.\n");
  dir->require_subcommand(1);
  add_verbs(*dir, action);
}

}  // namespace plinth::cli
