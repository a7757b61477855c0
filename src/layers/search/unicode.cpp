#include "layers/search/unicode.hpp"

#include <unicode/brkiter.h>
#include <unicode/bytestream.h>
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utext.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <memory>

#include "plinth/error.hpp"

namespace plinth::layers::search {
namespace {

void check(UErrorCode status, const char* what) {
  if (U_SUCCESS(status)) return;
  throw Error(status == U_MEMORY_ALLOCATION_ERROR ? ErrorCode::large_alloc_failed
                                                  : ErrorCode::platform_error,
              std::string("ICU, ") + what + ": " + u_errorName(status));
}

// A text that ICU reads where it is.
class Text {
 public:
  explicit Text(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    utext_openUTF8(&text_, text.data(), static_cast<std::int64_t>(text.size()), &status);
    check(status, "opening a text");
  }
  ~Text() { utext_close(&text_); }
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;
  UText* get() { return &text_; }

 private:
  UText text_ = UTEXT_INITIALIZER;
};

using Make = icu::BreakIterator* (*)(const icu::Locale&, UErrorCode&);

// Iterators are expensive to make, and each is for one thread at a time.
std::unique_ptr<icu::BreakIterator> make(Make make_instance) {
  UErrorCode status = U_ZERO_ERROR;
  std::unique_ptr<icu::BreakIterator> made(make_instance(icu::Locale::getRoot(), status));
  check(status, "making a break iterator");
  return made;
}

icu::BreakIterator& words() {
  thread_local const auto iterator = make(icu::BreakIterator::createWordInstance);
  return *iterator;
}
icu::BreakIterator& characters() {
  thread_local const auto iterator = make(icu::BreakIterator::createCharacterInstance);
  return *iterator;
}

// An iterator that works on `text` while this lives, and on no text afterwards.
class Breaks {
 public:
  Breaks(icu::BreakIterator& iterator, std::string_view text) : iterator_(iterator), text_(text) {
    UErrorCode status = U_ZERO_ERROR;
    iterator_.setText(text_.get(), status);
    check(status, "setting a text");
  }
  ~Breaks() {
    static const icu::UnicodeString kNothing;
    iterator_.setText(kNothing);
  }
  Breaks(const Breaks&) = delete;
  Breaks& operator=(const Breaks&) = delete;
  icu::BreakIterator* operator->() { return &iterator_; }

 private:
  icu::BreakIterator& iterator_;
  Text text_;
};

// Whether the script of its first character writes no spaces between words.
bool is_unspaced(std::string_view word) {
  UChar32 character = 0;
  std::int32_t at = 0;
  U8_NEXT(word.data(), at, static_cast<std::int32_t>(word.size()), character);
  if (character < 0x0e00) return false;  // Thai is the first
  UErrorCode status = U_ZERO_ERROR;
  switch (uscript_getScript(character, &status)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
      return true;
    default:
      return false;
  }
}

}  // namespace

void for_each_segment(std::string_view text, const std::function<void(const Segment&)>& take) {
  Breaks breaks(words(), text);
  std::int32_t begin = breaks->first();
  for (std::int32_t end = breaks->next(); end != icu::BreakIterator::DONE; end = breaks->next()) {
    const auto from = static_cast<std::size_t>(begin), to = static_cast<std::size_t>(end);
    begin = end;
    if (breaks->getRuleStatus() < UBRK_WORD_NONE_LIMIT) continue;
    take({from, to, is_unspaced(text.substr(from, to - from))});
  }
}

std::vector<Segment> characters_of(std::string_view text, std::size_t begin, std::size_t end) {
  Breaks breaks(characters(), text.substr(begin, end - begin));
  std::vector<Segment> found;
  std::int32_t from = breaks->first();
  for (std::int32_t to = breaks->next(); to != icu::BreakIterator::DONE; to = breaks->next()) {
    found.push_back({begin + static_cast<std::size_t>(from), begin + static_cast<std::size_t>(to)});
    from = to;
  }
  return found;
}

void append_clean(std::string& out, std::string_view text) {
  const auto size = static_cast<std::int32_t>(text.size());
  for (std::int32_t at = 0; at < size;) {
    const std::int32_t begin = at;
    UChar32 character = 0;
    U8_NEXT(text.data(), at, size, character);
    if (character < 0) {
      out.append("\uFFFD");
    } else if (u_isUWhiteSpace(character) || u_iscntrl(character)) {
      if (!out.ends_with(' ')) out.push_back(' ');
    } else {
      out.append(text, static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin));
    }
  }
}

std::string folded(std::string_view word) {
  std::string out;
  const bool ascii = std::all_of(word.begin(), word.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (ascii) {
    out.assign(word);
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
  }
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* normalizer = icu::Normalizer2::getNFKCCasefoldInstance(status);
  check(status, "normalizing");
  icu::StringByteSink<std::string> sink(&out);
  normalizer->normalizeUTF8(0,
                            icu::StringPiece(word.data(), static_cast<std::int32_t>(word.size())),
                            sink, nullptr, status);
  check(status, "normalizing");
  constexpr std::string_view kApostrophe = "\u2019";
  for (std::size_t at = out.find(kApostrophe); at != std::string::npos;
       at = out.find(kApostrophe, at))
    out.replace(at, kApostrophe.size(), "'");
  return out;
}

}  // namespace plinth::layers::search
