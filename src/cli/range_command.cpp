#include <CLI/CLI.hpp>
#include <memory>

#include "cli/command.hpp"
#include "cli/interrupt.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

struct Arguments {
  RangeArguments range;
  RangeOptions options{.limit = 0, .reverse = false, .mode = StreamingMode::want_all};
  ValueForm form = ValueForm::text;
};

// Narrows what is still to be read to what comes after `last`.
void go_on_after(KeyRange& range, RangeOptions& options, ByteView last, std::size_t rows) {
  if (options.reverse) {
    range.end = last;
  } else {
    range.begin = key_after(last);
  }
  if (options.limit > 0) options.limit -= static_cast<int>(rows);
}

// Prints what is left of the range, and narrows `range` and `options` with every page, so that
// after an error another transaction can go on.
void print_rows(const Session& session, const ReadTransaction& reads, KeyRange& range,
                RangeOptions& options, ValueForm form) {
  const bool limited = options.limit > 0;
  RangeStream stream = reads.range(range, options);
  while (true) {
    check_interrupt();
    const Rows rows = stream.next_page().get();
    if (rows.empty()) return;
    for (const KeyValueView row : rows) print_line(shown_row(session, row.key, row.value, form));
    go_on_after(range, options, rows.back().key, rows.size());
    if (limited && options.limit == 0) return;
  }
}

int run(Session& session, const Arguments& arguments) {
  KeyRange range = key_range_of(arguments.range);
  RangeOptions options = arguments.options;
  if (session.in_transaction()) {
    print_rows(session, session.transaction(), range, options, arguments.form);
    return kSuccess;
  }
  Transaction transaction = session.begin_single(Access::read);
  while (true) {
    std::optional<Error> failure;
    try {
      print_rows(session, transaction.snapshot(), range, options, arguments.form);
      return kSuccess;
    } catch (const Error& error) {
      failure = error;
    }
    session.retry(transaction, *failure);
  }
}

}  // namespace

void add_range_command(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = add_command(
      app, "range", "Print the rows from BEGIN up to, but without, END",
      "  plinth range                       everything\n"
      "  plinth range a b --limit 10        the first ten whose keys begin with an a\n"
      "  plinth range --prefix '(\"user\")' --reverse\n"
      "  plinth --json range a b            a line a row: {\"key\":…,\"value\":…}\n",
      "Rows are printed as they are read. A range too large to be read in one transaction is\n"
      "read in several, each of which sees the database as it is then.\n");
  add_range_arguments(*command, arguments->range);
  command->add_option("--limit", arguments->options.limit, "Rows at the most")
      ->check(CLI::Range(1, 2'147'483'647).description(""))
      ->type_name("N");
  command->add_flag("--reverse", arguments->options.reverse, "From the end towards the beginning");
  add_form_option(*command, arguments->form);
  command->callback([arguments, &action] {
    action = [arguments](Session& session) { return run(session, *arguments); };
  });
}

}  // namespace plinth::cli
