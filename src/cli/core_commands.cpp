#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <memory>

#include "cli/command.hpp"
#include "cli/json_output.hpp"
#include "cli/output.hpp"

namespace plinth::cli {
namespace {

int written(const Session& session, Version version) {
  if (session.json() && !session.in_transaction()) print_line(json_version(version));
  return kSuccess;
}

void add_get(CLI::App& app, Action& action) {
  struct Arguments {
    std::string key;
    ValueForm form = ValueForm::text;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = add_command(app, "get", "Print the value of a key",
                                  "  plinth get hello\n"
                                  "  plinth get '(\"user\", 42)'\n"
                                  "  plinth get visits --as number\n"
                                  "  plinth --json get hello     {\"key\":…,\"value\":…}, null "
                                  "when the key is absent\n");
  command->add_option("KEY", arguments->key, kKeyHelp)->required()->type_name("");
  add_form_option(*command, arguments->form);
  command->callback([arguments, &action] {
    action = [arguments](Session& session) {
      const Bytes key = parse_key_text(arguments->key);
      const auto value =
          session.read([&](const ReadTransaction& reads) { return reads.get(key).get(); });
      if (session.json()) {
        print_line(json_row(key, value, arguments->form));
        return kSuccess;
      }
      if (!value) {
        fmt::print(stderr, "plinth: there is no key {}\n", shown_key(key));
        return kNo;
      }
      print_line(shown_value(*value, arguments->form));
      return kSuccess;
    };
  });
}

void add_set(CLI::App& app, Action& action) {
  struct Arguments {
    std::string key, value;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command = add_command(app, "set", "Give a key a value; makes the database if need be",
                                  "  plinth set hello world\n"
                                  "  plinth set '(\"user\", 42)' 'Ada'\n"
                                  "  plinth set flags '\\x00\\xff'\n"
                                  "  plinth set -- -key -value   behind -- nothing is an option\n");
  command->add_option("KEY", arguments->key, kKeyHelp)->required()->type_name("");
  command->add_option("VALUE", arguments->value, kKeyHelp)->required()->type_name("");
  command->callback([arguments, &action] {
    action = [arguments](Session& session) {
      const Bytes key = parse_key_text(arguments->key);
      const Bytes value = parse_key_text(arguments->value);
      return written(session, session.write([&](Transaction& tx) { tx.set(key, value); }));
    };
  });
}

void add_clear(CLI::App& app, Action& action) {
  auto key_text = std::make_shared<std::string>();
  CLI::App* command = add_command(app, "clear", "Remove a key, if it is there",
                                  "  plinth clear hello\n"
                                  "  plinth clear '(\"user\", 42)'\n");
  command->add_option("KEY", *key_text, kKeyHelp)->required()->type_name("");
  command->callback([key_text, &action] {
    action = [key_text](Session& session) {
      const Bytes key = parse_key_text(*key_text);
      return written(session, session.write([&](Transaction& tx) { tx.clear(key); }));
    };
  });
}

void add_clear_range(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<RangeArguments>();
  CLI::App* command =
      add_command(app, "clearrange", "Remove all keys from BEGIN up to, but without, END",
                  "  plinth clearrange a b             all keys that begin with an a\n"
                  "  plinth clearrange --prefix '(\"user\")'\n"
                  "  plinth clearrange '' '\\xff'       everything\n");
  command->add_option("BEGIN", arguments->begin, "First key")->type_name("");
  command->add_option("END", arguments->end, "First key that is to stay")->type_name("");
  add_prefix_option(*command, *arguments);
  command->callback([arguments, &action] {
    action = [arguments](Session& session) {
      if (!arguments->prefix && !(arguments->begin && arguments->end))
        throw UsageError("give BEGIN and END, or --prefix: nothing is removed by default");
      const KeyRange range = key_range_of(*arguments);
      return written(session, session.write([&](Transaction& tx) { tx.clear_range(range); }));
    };
  });
}

std::int64_t parse_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size())
    throw UsageError(fmt::format("'{}' is no whole number of 64 bits", text));
  return number;
}

void add_add(CLI::App& app, Action& action) {
  struct Arguments {
    std::string key, number;
  };
  auto arguments = std::make_shared<Arguments>();
  CLI::App* command =
      add_command(app, "add", "Add a number to the one under a key, atomically",
                  "  plinth add visits 1\n"
                  "  plinth add '(\"stock\", \"tea\")' -5\n"
                  "  plinth get visits --as number\n",
                  "The number is kept in 8 bytes, little-endian; an absent key counts as 0.\n");
  command->add_option("KEY", arguments->key, kKeyHelp)->required()->type_name("");
  command->add_option("N", arguments->number, "A whole number of 64 bits")
      ->required()
      ->type_name("");
  command->callback([arguments, &action] {
    action = [arguments](Session& session) {
      const Bytes key = parse_key_text(arguments->key);
      const std::int64_t number = parse_number(arguments->number);
      return written(session, session.write([&](Transaction& tx) { tx.add(key, number); }));
    };
  });
}

void add_size(CLI::App& app, Action& action) {
  auto arguments = std::make_shared<RangeArguments>();
  CLI::App* command =
      add_command(app, "size", "Estimate the bytes of keys and values in a range (within 1 %)",
                  "  plinth size                       of everything\n"
                  "  plinth size a b\n"
                  "  plinth size --prefix '(\"user\")'\n");
  add_range_arguments(*command, *arguments);
  command->callback([arguments, &action] {
    action = [arguments](Session& session) {
      const KeyRange range = key_range_of(*arguments);
      const std::int64_t bytes = session.read([&](const ReadTransaction& reads) {
        return reads.estimated_size(range.begin, range.end).get();
      });
      if (session.json()) {
        print_line(fmt::format(R"({{"begin":{},"end":{},"bytes":{}}})",
                               json_string(escaped(range.begin)), json_string(escaped(range.end)),
                               bytes));
      } else {
        print_line(counted(bytes, "byte"));
      }
      return kSuccess;
    };
  });
}

}  // namespace

std::vector<CommandEntry> core_commands() {
  return {{"get", add_get},
          {"set", add_set},
          {"clear", add_clear},
          {"clearrange", add_clear_range},
          {"add", add_add},
          {"size", add_size},
          {"range", add_range_command}};
}

}  // namespace plinth::cli
