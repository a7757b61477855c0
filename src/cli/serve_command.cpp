#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"
#include "urls/serve.hpp"

namespace plinth::cli {
namespace {

int run(const Session& session, const std::string& socket) {
  catch_termination();
  const urls::ServedDatabase served(session.url(), {}, socket);
  print_line(session.json() ? fmt::format(R"({{"serving":{},"socket":{},"process":{}}})",
                                          json_string(session.url()), json_string(socket), getpid())
                            : fmt::format("serving {} at unix:{} as process {}; Control-C ends it",
                                          session.url(), socket, getpid()));
  flush_output();
  while (!interrupted()) {
    pollfd waiting{interrupt_descriptor(), POLLIN, 0};
    poll(&waiting, 1, -1);
  }
  return kSuccess;
}

}  // namespace

void add_serve_command(CLI::App& app, Action& action) {
  auto socket = std::make_shared<std::string>();
  CLI::App* command = add_command(
      app, "serve", "Serve the database to other processes of this user, on a Unix socket",
      "  plinth --db file:/var/lib/app/db serve --socket /run/app/db.socket\n"
      "  plinth --db unix:/run/app/db.socket get hello     in another process\n",
      "Control-C or SIGTERM ends it: commits under way finish and are answered before. A socket\n"
      "whose server has died is replaced, one whose server is there is left alone.\n");
  command->add_option("--socket", *socket, "Where the socket is made")
      ->required()
      ->type_name("PATH");
  command->callback(
      [socket, &action] { action = [socket](Session& session) { return run(session, *socket); }; });
}

}  // namespace plinth::cli
