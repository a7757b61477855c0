// plinth blob put|get|ls|rm|sweep: the blobs under ("plinth", "blobs").

#include <fmt/format.h>

#include <memory>

#include "cli/command.hpp"
#include "cli/files.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "cli/progress_bar.hpp"
#include "cli/uid_text.hpp"
#include "cli/verbs.hpp"
#include "plinth/blob_store.hpp"

namespace plinth::cli {
namespace {

struct Arguments {
  std::string uid, file;
  std::string output = "-";
  std::int64_t idle_minutes = 60;
};

const BlobStore& blobs() {
  static const BlobStore store("blobs", Tuple::of("plinth", "blobs"));
  return store;
}

class FileSource final : public BlobSource {
 public:
  explicit FileSource(const std::string& path) : file_(path), bar_("uploading") {}
  Future<Bytes> next(std::size_t most) override {
    check_interrupt();
    Bytes part = file_.read(most);
    done_ += static_cast<std::int64_t>(part.size());
    const std::int64_t size = file_.size().value_or(0);
    bar_.show(size > 0 ? static_cast<double>(done_) / static_cast<double>(size) : 0,
              byte_count(done_));
    co_return part;
  }
  std::int64_t done() const { return done_; }

 private:
  InputFile file_;
  ProgressBar bar_;
  std::int64_t done_ = 0;
};

class FileSink final : public BlobSink {
 public:
  FileSink(const std::string& path, std::int64_t size)
      : file_(path), bar_("downloading"), size_(size) {}
  Future<void> take(ByteView bytes) override {
    check_interrupt();
    file_.write(bytes);
    done_ += static_cast<std::int64_t>(bytes.size());
    bar_.show(static_cast<double>(done_) / static_cast<double>(std::max<std::int64_t>(size_, 1)),
              byte_count(done_));
    return Future<void>::done();
  }
  void finish() { file_.finish(); }

 private:
  OutputFile file_;
  ProgressBar bar_;
  const std::int64_t size_;
  std::int64_t done_ = 0;
};

int put(Session& session, const Arguments& arguments) {
  FileSource source(arguments.file);  // before a database is made for it
  const Uuid id = blobs().upload(session.database(Access::write), source).get();
  print_line(session.json()
                 ? fmt::format(R"({{"uid":"{}","size":{}}})", shown_uid(id), source.done())
                 : shown_uid(id));
  return kSuccess;
}

int get(Session& session, const Arguments& arguments) {
  const Uuid id = parse_uid(arguments.uid);
  const Database db = session.database(Access::read);
  const std::int64_t size =
      session.read([&](const ReadTransaction& reads) { return blobs().size(reads, id).get(); });
  FileSink sink(arguments.output, size);
  blobs().download(db, id, sink).get();
  sink.finish();
  return kSuccess;
}

int remove(Session& session, const Arguments& arguments) {
  const Uuid id = parse_uid(arguments.uid);
  session.database(Access::read);  // does not make one
  const Version version = session.write([&](Transaction& tx) { blobs().remove(tx, id).get(); });
  if (session.json()) print_line(json_version(version));
  return kSuccess;
}

int list(Session& session, const Arguments&) {
  constexpr std::size_t kPage = 1000;
  Bytes after;
  while (true) {
    check_interrupt();
    std::vector<std::pair<Uuid, std::int64_t>> page;
    session.read([&](const ReadTransaction& reads) {
      page.clear();
      const std::vector<BlobInfo> found = blobs().list(reads, after, kPage).get();
      std::vector<Future<std::int64_t>> sizes;
      for (const BlobInfo& blob : found) sizes.push_back(blobs().size(reads, blob.id));
      for (std::size_t i = 0; i < found.size(); ++i)
        page.emplace_back(found[i].id, std::move(sizes[i]).get());
      if (!found.empty()) after = found.back().digest;
    });
    for (const auto& [id, size] : page)
      print_line(session.json() ? fmt::format(R"({{"uid":"{}","size":{}}})", shown_uid(id), size)
                                : fmt::format("{}  {}", shown_uid(id), byte_count(size)));
    if (page.size() < kPage) return kSuccess;
  }
}

int sweep(Session& session, const Arguments& arguments) {
  const int swept =
      blobs().sweep(session.database(Access::read), arguments.idle_minutes * 60'000).get();
  print_line(session.json() ? fmt::format(R"({{"swept":{}}})", swept)
                            : counted(swept, "interrupted upload") + " swept");
  return kSuccess;
}

constexpr const char* kUidHelp = "32 hexadecimal digits, as put prints them";

void add_verbs(CLI::App& blob, Action& action) {
  Verbs verbs(blob, std::make_shared<Arguments>(), action);
  Arguments& arguments = verbs.arguments();
  CLI::App* command =
      verbs.verb("put", put, "Store a file's bytes, and print their uid",
                 "  plinth blob put photo.jpg\n"
                 "  tar c folder | plinth blob put -\n",
                 "The same bytes are stored once, and counted: 'rm' takes one away.\n");
  command->add_option("FILE", arguments.file, "Of any size; - is standard input")
      ->required()
      ->type_name("");
  command = verbs.verb("get", get, "Write a blob to a file or to standard output",
                       "  plinth blob get 550e8400e29b41d4a716446655440000 -o photo.jpg\n"
                       "  plinth blob get 550e8400e29b41d4a716446655440000 | tar t\n");
  command->add_option("UID", arguments.uid, kUidHelp)->required()->type_name("");
  command->add_option("-o,--output", arguments.output, "Put there when all of it has come")
      ->type_name("FILE");
  verbs.verb("ls", list, "List the blobs with their sizes", "  plinth blob ls\n");
  command = verbs.verb("rm", remove, "Remove a blob, or one of the times that it was put",
                       "  plinth blob rm 550e8400e29b41d4a716446655440000\n");
  command->add_option("UID", arguments.uid, kUidHelp)->required()->type_name("");
  command = verbs.verb("sweep", sweep, "Remove what is left of interrupted uploads",
                       "  plinth blob sweep\n"
                       "  plinth blob sweep --idle 5\n");
  command
      ->add_option("--idle", arguments.idle_minutes,
                   "Minutes without progress after which an upload counts as interrupted "
                   "(default: 60)")
      ->check(CLI::Range(0, 1'000'000).description(""))
      ->type_name("N");
}

}  // namespace

void add_blob_command(CLI::App& app, Action& action) {
  CLI::App* blob = add_command(app, "blob", "Blobs: bytes of any size, each content once",
                               "  plinth blob put photo.jpg        prints its uid\n"
                               "  plinth blob get UID -o copy.jpg\n"
                               "  plinth blob rm UID\n",
                               "The keys begin with the tuple (\"plinth\", \"blobs\").\n");
  blob->require_subcommand(1);
  add_verbs(*blob, action);
}

}  // namespace plinth::cli
