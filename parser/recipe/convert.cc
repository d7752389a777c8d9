#include "parser/recipe/convert.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace thresh {
namespace {

std::string_view Trim(std::string_view text) {
  const auto space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && space(text.front())) text.remove_prefix(1);
  while (!text.empty() && space(text.back())) text.remove_suffix(1);
  return text;
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Without the commas between groups of three; nullopt if a comma stands anywhere else.
std::optional<std::string> WithoutThousands(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.empty() || !IsDigit(text.front())) return std::nullopt;
  }
  if (text.find(',') == std::string_view::npos) return std::string(text);
  const std::size_t sign = text.starts_with('-') ? 1 : 0;
  std::size_t whole = sign;
  while (whole < text.size() && (IsDigit(text[whole]) || text[whole] == ',')) ++whole;
  std::string plain(text.substr(0, sign));
  for (std::size_t i = sign; i < whole; ++i) {
    const bool must_be_comma = (whole - i) % 4 == 0;
    if ((text[i] == ',') != must_be_comma || (i == sign && must_be_comma)) return std::nullopt;
    if (text[i] != ',') plain.push_back(text[i]);
  }
  plain.append(text.substr(whole));
  return plain;
}

template <typename T>
std::optional<T> ReadWhole(std::string_view text) {
  const auto plain = WithoutThousands(Trim(text));
  if (!plain || plain->empty()) return std::nullopt;
  const char last = plain->back();
  if (!IsDigit(last) && last != '.') return std::nullopt;  // No `inf`, no `nan`.
  T value{};
  const char* end = plain->data() + plain->size();
  const auto read = std::from_chars(plain->data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) == y;
         });
}

struct Moment {
  std::tm tm{};
  bool has_time = false;
  bool has_zone = false;
};

std::string FormatMoment(const Moment& m) {
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", m.tm.tm_year + 1900, m.tm.tm_mon + 1,
                m.tm.tm_mday);
  std::string out = text;
  if (!m.has_time) return out;
  std::snprintf(text, sizeof text, "T%02d:%02d:%02d", m.tm.tm_hour, m.tm.tm_min, m.tm.tm_sec);
  out += text;
  if (!m.has_zone) return out;
  const long offset = m.tm.tm_gmtoff / 60;
  if (offset == 0) return out + "Z";
  std::snprintf(text, sizeof text, "%c%02ld:%02ld", offset < 0 ? '-' : '+', std::labs(offset) / 60,
                std::labs(offset) % 60);
  return out + text;
}

// strptime(3) takes February 30th; a date has to exist.
bool Exists(const std::tm& tm) {
  static constexpr std::array<int, 12> kDays{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (tm.tm_mday < 1 || tm.tm_mday > kDays[static_cast<std::size_t>(tm.tm_mon)]) return false;
  const int year = tm.tm_year + 1900;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return tm.tm_mon != 1 || tm.tm_mday < 29 || leap;
}

bool HasAny(std::string_view format, std::string_view letters) {
  for (std::size_t i = 0; i + 1 < format.size(); ++i) {
    if (format[i] == '%' && letters.find(format[i + 1]) != std::string_view::npos) return true;
  }
  return false;
}

std::optional<Moment> ReadFormat(const std::string& text, const std::string& format) {
  Moment m;
  m.tm.tm_mday = 1;
  const char* end = strptime(text.c_str(), format.c_str(), &m.tm);
  if (end != text.c_str() + text.size() || !Exists(m.tm)) return std::nullopt;
  if (std::labs(m.tm.tm_gmtoff) >= 24L * 3600) return std::nullopt;
  m.has_time = HasAny(format, "HIMSTRrcsX");
  m.has_zone = HasAny(format, "z");
  return m;
}

// `2016-07-04`, and with `T` or a space `18:30`, `18:30:05`, `18:30:05.123`, then `Z`,
// `+02:00` or `+0200`.
std::optional<Moment> ReadIso(std::string text) {
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  // A fraction of a second is passed over, strptime(3) has none: it stands after the seconds.
  constexpr std::size_t kFraction = std::string_view("2016-07-04T18:30:05").size();
  if (text.size() > kFraction && text[kFraction] == '.') {
    std::size_t end = kFraction + 1;
    while (end < text.size() && IsDigit(text[end])) ++end;
    if (end == kFraction + 1) return std::nullopt;
    text.erase(kFraction, end - kFraction);
  }
  for (const char* format : {"%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z",
                             "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M%z"}) {
    if (auto m = ReadFormat(text, format)) return m;
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> ToNumber(std::string_view text) {
  return ReadWhole<double>(text);
}

std::optional<std::int64_t> ToInteger(std::string_view text) {
  return ReadWhole<std::int64_t>(text);
}

std::optional<bool> ToBool(std::string_view text) {
  text = Trim(text);
  for (const std::string_view word : {"true", "yes", "on", "1"}) {
    if (EqualsIgnoringCase(text, word)) return true;
  }
  for (const std::string_view word : {"false", "no", "off", "0"}) {
    if (EqualsIgnoringCase(text, word)) return false;
  }
  return std::nullopt;
}

std::optional<std::string> ToDate(std::string_view text, const std::vector<std::string>& formats) {
  const std::string trimmed(Trim(text));
  if (formats.empty()) {
    const auto m = ReadIso(trimmed);
    return m ? std::optional(FormatMoment(*m)) : std::nullopt;
  }
  for (const std::string& format : formats) {
    const auto m = format == "iso8601" ? ReadIso(trimmed) : ReadFormat(trimmed, format);
    if (m) return FormatMoment(*m);
  }
  return std::nullopt;
}

}  // namespace thresh
