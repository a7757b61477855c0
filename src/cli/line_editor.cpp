#include "cli/line_editor.hpp"

#include <fmt/format.h>
#include <histedit.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <cwchar>
#include <string_view>
#include <utility>

#include "cli/interrupt.hpp"

namespace plinth::cli {
namespace {

constexpr int kHistoryLines = 1000;

std::string common_prefix(const std::vector<std::string>& words) {
  std::string prefix = words.front();
  for (const std::string& word : words) {
    const auto end = std::mismatch(prefix.begin(), prefix.end(), word.begin(), word.end()).first;
    prefix.erase(end, prefix.end());
  }
  return prefix;
}

}  // namespace

class LineEditor::Impl {
 public:
  Impl(std::string history_file, std::vector<std::string> commands)
      : history_file_(std::move(history_file)),
        commands_(std::move(commands)),
        editor_(el_init("plinth", stdin, stdout, stderr)),
        history_(history_init()) {
    if (std::setlocale(LC_CTYPE, "") == nullptr || MB_CUR_MAX == 1)
      std::setlocale(LC_CTYPE, "C.UTF-8");
    HistEvent event;
    history(history_, &event, H_SETSIZE, kHistoryLines);
    history(history_, &event, H_SETUNIQUE, 1);
    if (!history_file_.empty()) history(history_, &event, H_LOAD, history_file_.c_str());
    el_set(editor_, EL_CLIENTDATA, this);
    el_set(editor_, EL_PROMPT, prompt);
    el_set(editor_, EL_EDITOR, "emacs");
    el_set(editor_, EL_HIST, ::history, history_);
    el_set(editor_, EL_ADDFN, "complete-command", "Complete a command", complete);
    el_set(editor_, EL_BIND, "^I", "complete-command", nullptr);
    el_set(editor_, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    el_set(editor_, EL_GETCFN, get_character);
    el_source(editor_, nullptr);  // the user's ~/.editrc
  }

  ~Impl() {
    HistEvent event;
    if (!history_file_.empty()) {
      const mode_t before = umask(077);  // lines may hold what is nobody else's business
      history(history_, &event, H_SAVE, history_file_.c_str());
      umask(before);
    }
    history_end(history_);
    el_end(editor_);
  }

  std::optional<std::string> read_line(const std::string& prompt) {
    prompt_ = prompt;
    catch_interrupts();
    // Before the prompt is shown, not only after: a ^D that comes between the two would be lost.
    el_set(editor_, EL_PREP_TERM, 1);
    int size = 0;
    const char* text = el_gets(editor_, &size);
    if (interrupted()) {
      el_reset(editor_);
      std::fputs("^C\n", stdout);
      catch_interrupts();
      return std::string();
    }
    if (text == nullptr || size <= 0) return std::nullopt;
    std::string line(text, static_cast<std::size_t>(size));
    while (line.ends_with('\n') || line.ends_with('\r')) line.pop_back();
    if (!line.empty()) {
      HistEvent event;
      history(history_, &event, H_ENTER, line.c_str());
    }
    return line;
  }

 private:
  static Impl& of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<Impl*>(self);
  }

  // The next character of standard input, -1 when an interrupt comes first. libedit's own reader
  // would miss one that comes between two reads.
  static int get_character(EditLine*, wchar_t* character) {
    std::mbstate_t state{};
    while (true) {
      pollfd sources[] = {{STDIN_FILENO, POLLIN, 0}, {interrupt_descriptor(), POLLIN, 0}};
      while (poll(sources, 2, -1) < 0 && !interrupted()) {
      }
      if (interrupted()) return -1;
      char byte = 0;
      const ssize_t size = read(STDIN_FILENO, &byte, 1);
      if (size <= 0) return static_cast<int>(size);
      const std::size_t used = std::mbrtowc(character, &byte, 1, &state);
      if (used == 0 || used == 1) return 1;
      if (used == static_cast<std::size_t>(-1)) state = {};  // no character: left out
    }
  }

  static const char* prompt(EditLine* editor) { return of(editor).prompt_.c_str(); }

  // Tab: completes the first word, or lists what it may become.
  static unsigned char complete(EditLine* editor, int) {
    const LineInfo* line = el_line(editor);
    const std::string_view typed(line->buffer,
                                 static_cast<std::size_t>(line->cursor - line->buffer));
    if (typed.find(' ') != std::string_view::npos) return CC_ERROR;
    std::vector<std::string> matches;
    for (const std::string& command : of(editor).commands_)
      if (command.starts_with(typed)) matches.push_back(command);
    if (matches.empty()) return CC_ERROR;
    const std::string rest =
        common_prefix(matches).substr(typed.size()) + (matches.size() == 1 ? " " : "");
    if (!rest.empty()) return el_insertstr(editor, rest.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    std::string list = "\n";
    for (const std::string& match : matches) list += match + "  ";
    std::fputs((list + "\n").c_str(), stdout);
    return CC_REDISPLAY;
  }

  std::string history_file_;
  std::vector<std::string> commands_;
  std::string prompt_;
  EditLine* editor_;
  History* history_;
};

LineEditor::LineEditor(std::string history_file, std::vector<std::string> commands)
    : impl_(std::make_unique<Impl>(std::move(history_file), std::move(commands))) {}

LineEditor::~LineEditor() = default;

std::optional<std::string> LineEditor::read_line(const std::string& prompt) {
  return impl_->read_line(prompt);
}

}  // namespace plinth::cli
