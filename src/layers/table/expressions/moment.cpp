#include "layers/table/expressions/moment.hpp"

#include <chrono>

namespace plinth::layers::table {
namespace {

// Goes over a text by its form: each function takes what it is named for off the front, or nothing.
class MomentReader {
 public:
  explicit MomentReader(std::string_view text) : text_(text) {}

  std::size_t position() const { return at_; }

  // `pattern`: 'd' is a digit, all else itself.
  bool take(std::string_view pattern) {
    if (!sees(pattern)) return false;
    at_ += pattern.size();
    return true;
  }
  bool sees(std::string_view pattern) const {
    if (text_.size() - at_ < pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      const char c = text_[at_ + i];
      if (pattern[i] == 'd' ? c < '0' || c > '9' : c != pattern[i]) return false;
    }
    return true;
  }
  int number_before(std::size_t back, std::size_t digits) const {
    int number = 0;
    for (const char c : text_.substr(at_ - back, digits)) number = number * 10 + (c - '0');
    return number;
  }
  std::string_view taken_since(std::size_t begin) const { return text_.substr(begin, at_ - begin); }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

class MomentParser {
 public:
  explicit MomentParser(std::string_view text) : reader_(text) {}

  // Whether something of the form of a moment is at the front.
  bool parse() {
    if (reader_.take("dddd-dd-dd")) {
      date_ = {std::chrono::year(reader_.number_before(10, 4)),
               std::chrono::month(static_cast<unsigned>(reader_.number_before(5, 2))),
               std::chrono::day(static_cast<unsigned>(reader_.number_before(2, 2)))};
      if (reader_.sees("Tdd:dd") || reader_.sees(" dd:dd")) {
        reader_.take(reader_.sees("T") ? "T" : " ");
        parse_time();
        parse_zone();
      }
      return true;
    }
    kind_ = Moment::Kind::time_of_day;
    return parse_time();
  }
  std::size_t length() const { return reader_.position(); }
  // Nothing when there is no such moment.
  std::optional<Moment> moment(std::string_view text) const {
    if (hour_ > 23 || minute_ > 59 || second_ > 60 || zone_hour_ > 23 || zone_minute_ > 59)
      return std::nullopt;
    std::int64_t seconds = (hour_ * 60 + minute_) * 60 + second_;
    if (kind_ == Moment::Kind::instant) {
      if (!date_.ok()) return std::nullopt;
      seconds += std::int64_t{std::chrono::sys_days(date_).time_since_epoch().count()} * 86'400;
      seconds -= zone_sign_ * (zone_hour_ * 60 + zone_minute_) * 60;
    }
    return Moment{kind_, seconds + fraction_, std::string(text)};
  }

 private:
  static constexpr std::size_t kMaxFractionDigits = 9;

  bool parse_time() {
    if (!reader_.take("dd:dd")) return false;
    hour_ = reader_.number_before(5, 2);
    minute_ = reader_.number_before(2, 2);
    if (!reader_.take(":dd")) return true;
    second_ = reader_.number_before(2, 2);
    if (!reader_.sees(".d")) return true;
    const std::size_t begin = reader_.position();
    reader_.take(".");
    for (std::size_t i = 0; i < kMaxFractionDigits && reader_.take("d"); ++i) continue;
    fraction_ = Number::parse("0" + std::string(reader_.taken_since(begin)));
    return true;
  }
  void parse_zone() {
    if (reader_.take("Z")) return;
    zone_sign_ = reader_.sees("-") ? -1 : 1;
    if (reader_.take("+dd:dd") || reader_.take("-dd:dd")) {
      zone_hour_ = reader_.number_before(5, 2);
      zone_minute_ = reader_.number_before(2, 2);
    }
  }

  MomentReader reader_;
  Moment::Kind kind_ = Moment::Kind::instant;
  std::chrono::year_month_day date_{};
  int hour_ = 0;
  int minute_ = 0;
  int second_ = 0;
  Number fraction_;
  int zone_sign_ = 1;
  int zone_hour_ = 0;
  int zone_minute_ = 0;
};

}  // namespace

std::optional<Moment> Moment::parse(std::string_view text) {
  MomentParser parser(text);
  if (!parser.parse() || parser.length() != text.size()) return std::nullopt;
  return parser.moment(text);
}

std::size_t moment_length(std::string_view text) {
  MomentParser parser(text);
  return parser.parse() ? parser.length() : 0;
}

}  // namespace plinth::layers::table
