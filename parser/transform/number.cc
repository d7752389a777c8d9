#include "parser/transform/number.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <cstring>
#include <type_traits>
#include <utility>

#include "lib/text/utf8.h"
#include "parser/transform/spaces.h"

namespace thresh {
namespace {

constexpr std::size_t kMaxDigits = PlainNumber::kMaxDigits;
constexpr std::size_t kMaxSeparators = 128;  // More than fit between them.

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLetter(char c) {
  return std::isalpha(static_cast<unsigned char>(c)) != 0;
}

// ---- Currencies -----------------------------------------------------------------

bool IsCurrencySign(std::uint32_t c) {
  struct Span {
    std::uint32_t first, last;
  };
  static constexpr std::array kSigns{
      // Unicode's category Sc.
      Span{0x24, 0x24},     Span{0xA2, 0xA5},     Span{0x58F, 0x58F},   Span{0x60B, 0x60B},
      Span{0x7FE, 0x7FF},   Span{0x9F2, 0x9F3},   Span{0x9FB, 0x9FB},   Span{0xAF1, 0xAF1},
      Span{0xBF9, 0xBF9},   Span{0xE3F, 0xE3F},   Span{0x17DB, 0x17DB}, Span{0x20A0, 0x20C0},
      Span{0xA838, 0xA838}, Span{0xFDFC, 0xFDFC}, Span{0xFE69, 0xFE69}, Span{0xFF04, 0xFF04},
      Span{0xFFE0, 0xFFE1}, Span{0xFFE5, 0xFFE6}};
  return std::any_of(kSigns.begin(), kSigns.end(),
                     [c](const Span& s) { return c >= s.first && c <= s.last; });
}

// Codes of ISO 4217, and what else stands for currencies in shops.
constexpr std::string_view kCodes =
    " AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP "
    "BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP "
    "GEL GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS "
    "KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR "
    "MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RMB RON RSD RUB "
    "RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD "
    "TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW BTC ETH RM "
    "Rs Rs. kr kr. Kr Kr. zł Kč Ft lei Lei лв лв. руб руб. р. din TL R Rp Rp. S/ S/. Bs Bs. KM "
    "Euro euro Euros euros EURO грн грн. тг 円 圓 元 원 ";

// What stands before `$`.
constexpr std::string_view kDollars = " US A AU C CA NZ HK S SG NT R Mex MX CN JP RMB ";

bool IsAmong(std::string_view words, std::string_view word) {
  if (word.empty() || word.size() > 8 || word.find(' ') != std::string_view::npos) return false;
  for (std::size_t at = words.find(word); at != std::string_view::npos;
       at = words.find(word, at + 1)) {
    if (words[at - 1] == ' ' && words[at + word.size()] == ' ') return true;
  }
  return false;
}

// A sign (`€`), a code (`EUR`), or letters and a sign (`US$`).
bool IsCurrency(std::string_view text) {
  std::size_t at = 0;
  bool sign = false;
  while (at < text.size() && !sign) {
    const Utf8Char c = DecodeUtf8(text, at);
    sign = IsCurrencySign(c.code_point);
    if (!sign) at += c.length;
  }
  if (!sign) return IsAmong(kCodes, text);
  const bool last = at + DecodeUtf8(text, at).length == text.size();
  return last &&
         (at == 0 || IsAmong(kDollars, text.substr(0, at)) || IsAmong(kCodes, text.substr(0, at)));
}

bool MayBeInNumber(std::string_view text) {
  return IsDigit(text[0]) || text[0] == '-' || text[0] == '+' || text.starts_with("\u2212") ||
         ((text[0] == '.' || text[0] == ',') && text.size() > 1 && IsDigit(text[1]));
}

// Takes a currency off the front, with the space behind it.
void DropCurrencyBefore(std::string_view* text) {
  std::size_t end = 0;
  while (end < text->size() && end <= 8 && !MayBeInNumber(text->substr(end)) &&
         SpaceBefore(text->substr(end)) == 0) {
    end += DecodeUtf8(*text, end).length;
  }
  if (end == 0) return;
  if (end < text->size() && (*text)[end] == '.' && IsCurrency(text->substr(0, end + 1))) ++end;
  if (!IsCurrency(text->substr(0, end))) return;
  *text = TrimSpaces(text->substr(end));
}

void DropBehind(std::string_view* text) {
  for (const std::string_view dash : {",-", ".-", ",\u2013", ".\u2013", ",\u2014", ".\u2014"}) {
    if (text->ends_with(dash)) text->remove_suffix(dash.size());
  }
  std::size_t begin = text->size();
  while (begin > 0 && text->size() - begin <= 12 && !IsDigit((*text)[begin - 1])) --begin;
  std::string_view tail = text->substr(begin);
  const std::string_view unit = TrimSpaces(tail);
  if (unit == "%" || IsCurrency(unit)) *text = text->substr(0, begin);
  for (const std::string_view dash : {",-", ".-", ",\u2013", ".\u2013", ",\u2014", ".\u2014"}) {
    if (!unit.starts_with(dash)) continue;  // `5,- €`
    const std::string_view rest = TrimSpaces(unit.substr(dash.size()));
    if (IsCurrency(rest)) *text = text->substr(0, begin);
  }
}

// ---- Digits ---------------------------------------------------------------------

enum class Separator : std::uint8_t { kPoint, kComma, kApostrophe, kSpace };

struct Digits {
  std::array<char, kMaxDigits + 16> text;  ///< With a sign in front; then room for an exponent.
  std::size_t size = 0;
  std::array<std::pair<Separator, std::size_t>, kMaxSeparators> separators;  ///< And digits before.
  std::size_t separator_count = 0;
  std::string_view exponent;  ///< With its `e`, or empty.
};

std::optional<Separator> SeparatorAt(std::string_view text, std::size_t* length) {
  *length = 1;
  switch (text.front()) {
    case '.': return Separator::kPoint;
    case ',': return Separator::kComma;
    case '\'': return Separator::kApostrophe;
    default: break;
  }
  if (text.starts_with("\u2019")) {
    *length = 3;
    return Separator::kApostrophe;
  }
  *length = SpaceBefore(text);
  if (*length == 0 || (*length == 1 && text.front() != ' ')) return std::nullopt;
  return Separator::kSpace;
}

// Nullopt if something else than digits and separators is there. The length that was read.
std::optional<std::size_t> ReadDigits(std::string_view text, Digits* out) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (IsDigit(text[at])) {
      if (out->size == kMaxDigits) return std::nullopt;
      out->text[out->size++] = text[at++];
      continue;
    }
    std::size_t length = 0;
    const auto separator = SeparatorAt(text.substr(at), &length);
    if (!separator) break;
    if (out->separator_count == kMaxSeparators) return std::nullopt;
    out->separators[out->separator_count++] = {*separator, out->size};
    at += length;
  }
  return at;
}

// Whether the separators [0, count) part the digits [0, end) into thousands, or into the lakhs
// and crores of India.
bool AreThousands(const Digits& d, std::size_t count, std::size_t end) {
  const std::size_t first = d.separators[0].second;
  if (first == 0 || first > 3 || d.text[0] == '0') return false;
  bool thousands = true;
  bool lakhs = count > 1 && first <= 2 && d.separators[0].first == Separator::kComma;
  for (std::size_t i = 0; i < count; ++i) {
    if (d.separators[i].first != d.separators[0].first) return false;
    const bool last = i + 1 == count;
    const std::size_t size = (last ? end : d.separators[i + 1].second) - d.separators[i].second;
    thousands = thousands && size == 3;
    lakhs = lakhs && size == (last ? 3U : 2U);
  }
  return thousands || lakhs;
}

struct Shape {
  std::optional<std::size_t> decimal_at;  ///< How many digits stand before the decimal sign.
};

// What the separators mean; nullopt if they make no sense.
std::optional<Shape> ShapeOf(const Digits& d, bool integer) {
  const std::size_t n = d.separator_count;
  if (d.size == 0) return std::nullopt;
  if (n == 0) return Shape{};
  const auto [last, last_at] = d.separators[n - 1];
  std::size_t like_last = 0;
  for (std::size_t i = 0; i < n; ++i) like_last += d.separators[i].first == last ? 1 : 0;
  const bool point_or_comma = last == Separator::kPoint || last == Separator::kComma;
  if (!point_or_comma || like_last > 1) {
    return AreThousands(d, n, d.size) ? std::optional(Shape{}) : std::nullopt;
  }
  if (n > 1) {  // One of its kind behind others: the decimal sign.
    const bool fine = AreThousands(d, n - 1, last_at) && last_at < d.size;
    return fine ? std::optional(Shape{last_at}) : std::nullopt;
  }
  if ((last == Separator::kComma || integer) && AreThousands(d, 1, d.size)) return Shape{};
  if (last == Separator::kComma && (last_at == 0 || last_at == d.size)) return std::nullopt;
  return Shape{last_at};
}

PlainNumber Plain(bool negative, const Digits& d, const Shape& shape) {
  PlainNumber plain;
  char* end = plain.bytes.data();
  if (negative) *end++ = '-';
  const std::size_t whole = shape.decimal_at.value_or(d.size);
  end = std::copy_n(d.text.data(), whole, end);
  if (whole < d.size) {
    *end++ = '.';
    end = std::copy_n(d.text.data() + whole, d.size - whole, end);
  }
  end = std::copy(d.exponent.begin(), d.exponent.end(), end);
  plain.size = static_cast<std::size_t>(end - plain.bytes.data());
  return plain;
}

template <typename T>
std::optional<T> Read(std::string_view plain) {
  T value{};
  const char* const end = plain.data() + plain.size();
  const auto read = std::from_chars(plain.data(), end, value);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return value;
}

bool IsExponent(std::string_view text) {
  if (text.size() < 2 || text.size() > 8 || (text[0] | 0x20) != 'e') return false;
  text.remove_prefix(text[1] == '+' || text[1] == '-' ? 2 : 1);
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

// Drops a sign; true for a minus.
bool DropSign(std::string_view* text, bool* any) {
  *any = true;
  if (text->starts_with("\u2212")) {
    text->remove_prefix(3);
    return true;
  }
  const bool minus = text->starts_with('-');
  *any = minus || text->starts_with('+');
  if (*any) text->remove_prefix(1);
  return minus;
}

std::optional<PlainNumber> ReadWhole(std::string_view text, bool integer) {
  text = TrimSpaces(text);
  if (text.size() > 2 * kMaxDigits) return std::nullopt;
  bool signed_number = false;
  bool negative = DropSign(&text, &signed_number);
  DropCurrencyBefore(&text);
  if (!signed_number) negative = DropSign(&text, &signed_number);
  DropBehind(&text);
  Digits digits;
  const auto end = ReadDigits(text, &digits);
  if (!end) return std::nullopt;
  if (*end < text.size()) {
    if (integer || !IsExponent(text.substr(*end))) return std::nullopt;
    digits.exponent = text.substr(*end);
  }
  const auto shape = ShapeOf(digits, integer);
  if (!shape || (integer && shape->decimal_at)) return std::nullopt;
  return Plain(negative, digits, *shape);
}

template <typename T>
std::optional<T> ReadAs(std::string_view text) {
  const auto plain = ReadWhole(text, std::is_integral_v<T>);
  return plain ? Read<T>(plain->View()) : std::nullopt;
}

// Most numbers are plain.
template <typename T>
std::optional<T> ReadPlain(std::string_view text) {
  if (text.empty() || !IsDigit(text.back()) || text.size() > kMaxDigits) return std::nullopt;
  return Read<T>(text);
}

// The first number within a text.
std::optional<PlainNumber> Find(std::string_view text, bool integer) {
  std::size_t at = 0;
  while (at < text.size() && !IsDigit(text[at])) ++at;
  if (at == text.size()) return std::nullopt;
  bool negative = false;
  std::size_t before = at;
  const bool point = at > 0 && text[at - 1] == '.';
  if (point) before = --at;
  if (before > 0 && text[before - 1] == '-') {
    negative = before == 1 || !(IsLetter(text[before - 2]) || IsDigit(text[before - 2]));
  } else if (text.substr(0, before).ends_with("\u2212")) {
    negative = true;
  }
  std::size_t end = at;  // As far as digits with single separators go.
  for (std::size_t next = at; next < text.size();) {
    std::size_t length = 1;
    if (IsDigit(text[next])) {
      end = ++next;
    } else if (SeparatorAt(text.substr(next), &length) && next + length < text.size() &&
               IsDigit(text[next + length])) {
      next += length;
    } else {
      break;
    }
  }
  while (end > at) {  // The longest part that makes sense: in `5, 6` the first.
    Digits digits;
    const auto read = ReadDigits(text.substr(at, end - at), &digits);
    const auto shape = read ? ShapeOf(digits, integer) : std::nullopt;
    if (shape) return Plain(negative, digits, *shape);
    do --end;
    while (end > at && !(IsDigit(text[end - 1]) && !IsDigit(text[end])));
  }
  return std::nullopt;
}

}  // namespace

std::optional<double> ToNumber(std::string_view text) {
  if (const auto plain = ReadPlain<double>(text)) return plain;
  return ReadAs<double>(text);
}

std::optional<std::int64_t> ToInteger(std::string_view text) {
  if (const auto plain = ReadPlain<std::int64_t>(text)) return plain;
  return ReadAs<std::int64_t>(text);
}

std::optional<std::uint64_t> ToUnsigned(std::string_view text) {
  return ReadAs<std::uint64_t>(text);
}

std::optional<PlainNumber> ToPlainNumber(std::string_view text) {
  return ReadWhole(text, false);
}

std::optional<double> FindNumber(std::string_view text) {
  const auto plain = FindPlainNumber(text);
  return plain ? Read<double>(plain->View()) : std::nullopt;
}

std::optional<PlainNumber> FindPlainNumber(std::string_view text) {
  return Find(text, false);
}

std::optional<double> FindCount(std::string_view text) {
  const auto plain = Find(text, true);
  return plain ? Read<double>(plain->View()) : std::nullopt;
}

}  // namespace thresh
