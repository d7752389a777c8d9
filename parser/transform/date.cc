#include "parser/transform/date.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <span>

#include "parser/transform/ascii.h"
#include "parser/transform/calendar.h"
#include "parser/transform/spaces.h"

namespace thresh {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kDays{"sunday",   "monday", "tuesday", "wednesday",
                                                "thursday", "friday", "saturday"};

// The letters that stand for others.
constexpr std::pair<char, std::string_view> kSpeltOut[] = {
    {'D', "%m/%d/%y"}, {'F', "%Y-%m-%d"},    {'R', "%H:%M"},    {'T', "%H:%M:%S"},
    {'x', "%m/%d/%y"}, {'r', "%I:%M:%S %p"}, {'X', "%H:%M:%S"}, {'c', "%a %b %d %H:%M:%S %Y"},
    {'h', "%b"},       {'B', "%b"},          {'A', "%a"},       {'e', "%d"},
    {'k', "%H"},       {'l', "%I"},          {'P', "%p"},       {'n', " "},
    {'t', " "}};
constexpr std::string_view kLetters = "YyCmdjbauwHIMSpfzZs%";

}  // namespace

// Reads one text by one format.
class DateReader {
 public:
  explicit DateReader(std::string_view text) : text_(text) {}

  bool Read(const DateFormat& format) {
    switch (format.kind_) {
      case DateFormat::Kind::kIso8601: return ReadIso() && at_ == text_.size();
      case DateFormat::Kind::kUnix: return ReadUnix(1) && at_ == text_.size();
      case DateFormat::Kind::kUnixMs: return ReadUnix(1000) && at_ == text_.size();
      case DateFormat::Kind::kRfc2822: return ReadRfc2822();
      case DateFormat::Kind::kLetters: break;
    }
    return ReadLetters(format.letters_) && at_ == text_.size();
  }
  bool ReadIso8601() { return ReadIso() && at_ == text_.size(); }

  [[nodiscard]] std::optional<std::string_view> Format(DateText* buffer) {
    return m_.Format(buffer);
  }

 private:
  [[nodiscard]] char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool Take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void SkipSpace() {
    while (const std::size_t n = SpaceBefore(text_.substr(at_))) at_ += n;
  }

  bool TakeSpace() {
    const std::size_t n = SpaceBefore(text_.substr(at_));
    at_ += n;
    return n > 0;
  }

  // At least `least` and at most `most` digits.
  std::optional<int> Number(std::size_t least, std::size_t most) {
    std::size_t end = at_;
    while (end < text_.size() && end - at_ < most && IsAsciiDigit(text_[end])) ++end;
    if (end - at_ < least) return std::nullopt;
    int value = 0;
    std::from_chars(text_.data() + at_, text_.data() + end, value);
    at_ = end;
    return value;
  }
  bool NumberInto(std::size_t least, std::size_t most, int* out) {
    const auto value = Number(least, most);
    if (value) *out = *value;
    return value.has_value();
  }
  [[nodiscard]] std::size_t DigitsAhead() const {
    std::size_t end = at_;
    while (end < text_.size() && IsAsciiDigit(text_[end])) ++end;
    return end - at_;
  }

  // A name, whole or its first three letters (`Sept` too); -1 if none.
  template <std::size_t n>
  int Name(const std::array<std::string_view, n>& names) {
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t four = names[i] == "september" ? 4 : 3;
      for (const std::size_t length : {names[i].size(), four, std::size_t{3}}) {
        if (!EqualsIgnoringCase(text_.substr(at_, length), names[i].substr(0, length))) continue;
        at_ += length;
        return static_cast<int>(i);
      }
    }
    return -1;
  }

  bool ReadLetters(std::string_view letters) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
      if (IsAsciiSpace(letters[i])) {
        SkipSpace();
      } else if (letters[i] != '%') {
        if (!Take(letters[i])) return false;
      } else if (!ReadLetter(letters[++i])) {
        return false;
      }
    }
    return m_.Settle();
  }

  bool ReadLetter(char letter) {
    if (std::string_view("%fzZ").find(letter) == std::string_view::npos) SkipSpace();
    switch (letter) {
      case 'Y': return NumberInto(1, 4, &m_.year);
      case 'y': return NumberInto(1, 2, &m_.year_of_century);
      case 'C': return NumberInto(1, 2, &m_.century);
      case 'm': return NumberInto(1, 2, &m_.month);
      case 'd': return NumberInto(1, 2, &m_.day);
      case 'j': return NumberInto(1, 3, &m_.day_of_year);
      case 'b': return (m_.month = Name(kMonths) + 1) > 0;
      case 'a': return Name(kDays) >= 0;
      case 'u':
      case 'w': return ReadWeekday(letter == 'u' ? 1 : 0);
      case 'p': return ReadHalfOfDay();
      case 'f': return ReadFraction();
      case 's': return ReadUnix(1);
      case 'z': return ReadZone();
      case 'Z': return ReadZoneName();
      case '%': return Take('%');
      default: break;
    }
    m_.has_time = true;
    switch (letter) {
      case 'H': return NumberInto(1, 2, &m_.hour);
      case 'I': m_.twelve_hours = true; return NumberInto(1, 2, &m_.hour);
      case 'M': return NumberInto(1, 2, &m_.minute);
      default: return NumberInto(1, 2, &m_.second);
    }
  }

  // Seven days, the first of which has this number.
  bool ReadWeekday(int first) {
    const auto day = Number(1, 1);
    return day && *day >= first && *day <= first + 6;
  }

  bool ReadHalfOfDay() {
    for (const auto& [word, pm] :
         {std::pair("a.m.", 0), std::pair("p.m.", 1), std::pair("am", 0), std::pair("pm", 1)}) {
      const std::string_view name = word;
      if (!EqualsIgnoringCase(text_.substr(at_, name.size()), name)) continue;
      at_ += name.size();
      m_.half_of_day = pm;
      return true;
    }
    return false;
  }

  bool ReadFraction() {
    const std::size_t digits = DigitsAhead();
    if (digits == 0 || digits > 18) return false;
    m_.fraction = text_.substr(at_, std::min<std::size_t>(digits, 9));
    at_ += digits;
    return true;
  }

  // `Z`, `+02`, `+02:00`, `+0200`.
  bool ReadZone() {
    SkipSpace();
    m_.has_zone = true;
    m_.offset_minutes = 0;
    if (Take('Z') || Take('z')) return true;
    const bool minus = Peek() == '-';
    if (!minus && Peek() != '+') return false;
    ++at_;
    int hours = 0;
    int minutes = 0;
    if (!NumberInto(2, 2, &hours)) return false;
    if (Take(':') ? !NumberInto(2, 2, &minutes)
                  : DigitsAhead() > 0 && !NumberInto(2, 2, &minutes)) {
      return false;
    }
    if (hours > 23 || minutes > 59) return false;
    m_.offset_minutes = (hours * 60 + minutes) * (minus ? -1 : 1);
    return true;
  }

  struct Zone {
    std::string_view name;
    int hours;
  };

  // UTC's names; the letters of other zones say nothing certain, but for those of `known`.
  bool ReadZoneName(std::span<const Zone> known = {}) {
    static constexpr Zone kUtc[] = {{"utc", 0}, {"gmt", 0}, {"ut", 0}, {"z", 0}};
    SkipSpace();
    std::size_t end = at_;
    while (end < text_.size() && IsAsciiLetter(text_[end])) ++end;
    const std::string_view name = text_.substr(at_, end - at_);
    at_ = end;
    for (const std::span<const Zone> zones : {std::span<const Zone>(kUtc), known}) {
      for (const Zone& zone : zones) {
        if (!EqualsIgnoringCase(name, zone.name)) continue;
        m_.has_zone = true;
        m_.offset_minutes = zone.hours * 60;
      }
    }
    return !name.empty();
  }

  bool ReadIso() {
    if (!ReadIsoDay()) return false;
    if (at_ == text_.size()) return m_.Settle();
    if (!m_.whole_day || !(Take('T') || Take('t') || TakeSpace())) return false;
    m_.has_time = true;
    const bool colons = text_.substr(at_).size() > 2 && text_[at_ + 2] == ':';
    if (!NumberInto(2, 2, &m_.hour)) return false;
    for (int* part : {&m_.minute, &m_.second}) {
      if (colons ? !Take(':') : DigitsAhead() == 0) break;
      if (!NumberInto(2, 2, part)) return false;
      if (part == &m_.second && (Take('.') || Take(',')) && !ReadFraction()) return false;
    }
    if (at_ < text_.size() && !ReadZone()) return false;
    return m_.Settle();
  }

  bool ReadIsoDay() {
    const std::size_t digits = DigitsAhead();
    m_.whole_day = true;
    if (digits == 8) {
      return NumberInto(4, 4, &m_.year) && NumberInto(2, 2, &m_.month) && NumberInto(2, 2, &m_.day);
    }
    if (digits == 7) return NumberInto(4, 4, &m_.year) && NumberInto(3, 3, &m_.day_of_year);
    if (digits != 4) return false;
    NumberInto(4, 4, &m_.year);
    const bool dash = Take('-');
    if (Take('W')) return ReadIsoWeek(dash);
    m_.whole_day = false;
    if (!dash) return at_ == text_.size();
    m_.whole_day = true;
    if (DigitsAhead() == 3) return NumberInto(3, 3, &m_.day_of_year);
    if (!NumberInto(2, 2, &m_.month)) return false;
    m_.whole_day = Take('-');
    return !m_.whole_day || NumberInto(2, 2, &m_.day);
  }

  bool ReadIsoWeek(bool dash) {
    int week = 0;
    int day = 1;
    if (!NumberInto(2, 2, &week)) return false;
    m_.whole_day = dash ? Take('-') : DigitsAhead() == 1;
    if (m_.whole_day && !NumberInto(1, 1, &day)) return false;
    return m_.SetWeek(week, day);
  }

  bool ReadUnix(std::int64_t per_second) {
    const bool negative = Peek() == '-';
    std::int64_t value = 0;
    const auto read = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (read.ec != std::errc{}) return false;
    at_ = static_cast<std::size_t>(read.ptr - text_.data());
    if (per_second == 1 && Take('.') && !ReadFraction()) return false;
    if (negative && m_.CountFractionFromBelow()) {
      if (value == std::numeric_limits<std::int64_t>::min()) return false;
      --value;
    }
    return m_.SetUnix(value, per_second);
  }

  bool ReadRfc2822() {
    static constexpr Zone kAmerican[] = {{"est", -5}, {"edt", -4}, {"cst", -6}, {"cdt", -5},
                                         {"mst", -7}, {"mdt", -6}, {"pst", -8}, {"pdt", -7}};
    if (Name(kDays) >= 0 && !Take(',')) return false;
    if (!ReadLetters("%d %b ")) return false;
    const std::size_t digits = DigitsAhead();
    if (!NumberInto(2, 4, &m_.year)) return false;
    if (digits < 4) m_.year += digits == 2 && m_.year < 50 ? 2000 : 1900;  // 4.3
    if (!ReadLetters(" %H:%M")) return false;
    if (Peek() == ':' && !ReadLetters(":%S")) return false;
    SkipSpace();
    const bool has_zone = at_ < text_.size() && Peek() != '(';
    if (has_zone && !(IsAsciiLetter(Peek()) ? ReadZoneName(kAmerican) : ReadZone())) return false;
    SkipComment();
    return at_ == text_.size() && m_.Settle();
  }

  // `(UTC)` at the end.
  void SkipComment() {
    SkipSpace();
    if (Peek() == '(' && text_.ends_with(')')) at_ = text_.size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
  Moment m_;
};

Result<DateFormat> DateFormat::Compile(std::string_view text, std::size_t* error_offset) {
  DateFormat format;
  *error_offset = 0;
  for (const auto& [name, kind] :
       {std::pair("iso8601", Kind::kIso8601), std::pair("rfc2822", Kind::kRfc2822),
        std::pair("unix", Kind::kUnix), std::pair("unix_ms", Kind::kUnixMs)}) {
    format.kind_ = kind;
    if (text == name) return format;
  }
  format.kind_ = Kind::kLetters;
  bool has_year = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    format.letters_.push_back(text[i]);
    if (text[i] != '%') continue;
    *error_offset = i++;
    const char letter = i < text.size() ? text[i] : '\0';
    const auto* const spelt =
        std::find_if(std::begin(kSpeltOut), std::end(kSpeltOut),
                     [letter](const auto& entry) { return entry.first == letter; });
    if (spelt != std::end(kSpeltOut)) {
      format.letters_.pop_back();
      format.letters_ += spelt->second;
    } else if (letter != '\0' && kLetters.find(letter) != std::string_view::npos) {
      format.letters_.push_back(letter);
    } else {
      return Error{Errc::kInvalid, "format: expected a letter of strptime behind %, found \"" +
                                       std::string(text.substr(i - 1, 2)) + "\""};
    }
    has_year = has_year || std::string_view("YyDFxcs").find(letter) != std::string_view::npos;
  }
  *error_offset = 0;
  if (!has_year) {
    return Error{Errc::kInvalid,
                 "format: expected iso8601, rfc2822, unix, unix_ms, or letters of strptime with a "
                 "year, such as %Y, found \"" +
                     std::string(text) + "\""};
  }
  return format;
}

std::optional<std::string_view> ToDate(std::string_view text, std::span<const DateFormat> formats,
                                       DateText* buffer) {
  text = TrimSpaces(text);
  if (formats.empty()) {
    DateReader reader(text);
    return reader.ReadIso8601() ? reader.Format(buffer) : std::nullopt;
  }
  for (const DateFormat& format : formats) {
    DateReader reader(text);
    if (reader.Read(format)) return reader.Format(buffer);
  }
  return std::nullopt;
}

}  // namespace thresh
