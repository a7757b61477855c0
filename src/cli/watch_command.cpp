#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

struct Arguments {
  std::string key;
  double timeout_s = -1;
  ValueForm form = ValueForm::text;
};

Watch begin_watch(Session& session, ByteView key) {
  Transaction transaction = session.begin_single(Access::read);
  while (true) {
    std::optional<Error> failure;
    try {
      Watch watch = transaction.watch(key);
      transaction.commit_and_wait();
      return watch;
    } catch (const Error& error) {
      failure = error;
    }
    session.retry(transaction, *failure);
  }
}

int run(Session& session, const Arguments& arguments) {
  const Bytes key = parse_key_text(arguments.key);
  Watch watch = begin_watch(session, key);
  if (!wait_interruptibly(watch, arguments.timeout_s)) {
    fmt::print(stderr, "plinth: {} did not change within {} s\n", shown_key(key),
               arguments.timeout_s);
    return kNo;
  }
  watch.get();
  const auto value =
      session.read([&](const ReadTransaction& reads) { return reads.get(key).get(); });
  if (session.json()) {
    print_line(json_row(key, value, arguments.form));
  } else {
    print_line(value ? shown_value(*value, arguments.form) : "(cleared)");
  }
  return kSuccess;
}

}  // namespace

void add_watch_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = add_command(
      app, "watch", "Wait until the value of a key changes, then print the new one",
      "  plinth watch ready\n"
      "  plinth watch ready --timeout 10    exit code 1 when nothing has changed in 10 s\n",
      "A database that one process holds (file:, memory:) nobody else can change meanwhile: watch\n"
      "its keys in that process, in 'plinth shell', or share it (file:PATH?shared, "
      "unix:SOCKET).\n");
  command->add_option("KEY", arguments->key, kKeyHelp)->required()->type_name("");
  command->add_option("--timeout", arguments->timeout_s, "Seconds to wait (default: for ever)")
      ->check(CLI::NonNegativeNumber.description(""))
      ->type_name("SECONDS");
  add_form_option(*command, arguments->form);
  command->callback([arguments, &action] {
    action = [arguments](Session& session) { return run(session, *arguments); };
  });
}

}  // namespace plinth::cli
