#include "lib/text/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

#include <simdjson.h>

#include "lib/text/json_escape.h"

namespace thresh {
namespace json_escape {

char* WriteEscape(std::uint32_t c, char* out) noexcept {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (c) {
    case '"': return Put("\\\"", out);
    case '\\': return Put("\\\\", out);
    case '\n': return Put("\\n", out);
    case '\r': return Put("\\r", out);
    case '\t': return Put("\\t", out);
    case '\b': return Put("\\b", out);
    case '\f': return Put("\\f", out);
    default: break;
  }
  out = Put("\\u", out);
  for (int shift = 12; shift >= 0; shift -= 4) *out++ = kDigits[c >> shift & 15];
  return out;
}

char* WriteLetter(std::string_view* text, char* out) noexcept {
  const Utf8Char c = DecodeUtf8(*text, 0);
  const std::string_view letter = c.valid ? text->substr(0, c.length) : "\xEF\xBF\xBD";
  text->remove_prefix(c.length);
  return NeedsEscape(c.code_point) ? WriteEscape(c.code_point, out) : Put(letter, out);
}

}  // namespace json_escape

namespace {

// Writes whole / kScale, which is 10^kPlaces, without the zeros at its end.
// REQUIRES: it is no whole number.
template <std::size_t kPlaces, std::uint64_t kScale>
char* WritePlaces(std::uint64_t whole, char* out) noexcept {
  out = std::to_chars(out, out + kMostNumberBytes, whole / kScale).ptr;
  *out++ = '.';
  std::uint64_t rest = whole % kScale;
  for (std::size_t place = kPlaces; place > 0; --place, rest /= 10) {
    out[place - 1] = static_cast<char>('0' + rest % 10);
  }
  out += kPlaces;
  while (out[-1] == '0') --out;
  return out;
}

template <std::size_t kPlaces, std::uint64_t kScale>
char* WriteIfPlaces(double value, char* out) noexcept {
  constexpr auto kDivisor = static_cast<double>(kScale);
  const auto whole = static_cast<std::int64_t>(value * kDivisor + 0.5);
  if (static_cast<double>(whole) / kDivisor != value) return nullptr;
  return WritePlaces<kPlaces, kScale>(static_cast<std::uint64_t>(whole), out);
}

// Most numbers are a decimal of few places, as of prices and coordinates: the quotient of two whole
// numbers that a double holds, rounded once. With 15 digits or fewer no two of them have the same
// double, so no shorter text reads back. Null for all others, and for those too small to be written
// without an exponent. REQUIRES: value > 0, no whole number.
char* WriteDecimal(double value, char* out) noexcept {
  if (value < 0.001 || value >= 1e9) return nullptr;
  if (char* end = WriteIfPlaces<6, 1'000'000>(value, out)) return end;
  return value < 1e3 ? WriteIfPlaces<12, 1'000'000'000'000>(value, out) : nullptr;
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  const char* end = json_escape::WriteString(
      text, out->data() + out->size(), [out](const char* at, std::size_t bytes) {
        const auto begin = static_cast<std::size_t>(at - out->data());
        out->resize(std::max(out->size(), begin + bytes));
        return out->data() + begin;
      });
  out->resize(static_cast<std::size_t>(end - out->data()));
}

std::string JsonString(std::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

std::string EscapeInJson(std::string_view json) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(json.size());
  for (std::size_t at = 0; at < json.size();) {
    const std::string_view rest = json.substr(at);
    if (rest.starts_with("\u2028") || rest.starts_with("\u2029")) {
      out.append(rest[2] == '\xA8' ? "\\u2028" : "\\u2029");
      at += 3;
    } else if (rest.front() == '\x7F') {
      out.append("\\u007f");
      ++at;
    } else if (rest.starts_with('\xC2') && rest.size() > 1 &&
               static_cast<unsigned char>(rest[1]) < 0xA0) {
      const auto low = static_cast<unsigned char>(rest[1]);
      out.append("\\u00").append({kHex[low >> 4], kHex[low & 15]});
      at += 2;
    } else {
      out.push_back(rest.front());
      ++at;
    }
  }
  return out;
}

void AppendJsonNumber(double value, std::string* out) {
  char text[kMostNumberBytes];
  out->append(text, WriteJsonNumber(value, text));
}

char* WriteJsonNumber(double value, char* out) noexcept {
  if (!std::isfinite(value)) return json_escape::Put("null", out);
  const bool whole = value == std::trunc(value) && std::fabs(value) <= 9007199254740992.0;
  char* const limit = out + kMostNumberBytes;
  if (whole) return std::to_chars(out, limit, static_cast<std::int64_t>(value)).ptr;
  *out = '-';
  if (char* end = WriteDecimal(std::fabs(value), out + (value < 0 ? 1 : 0))) return end;
  return std::to_chars(out, limit, value).ptr;
}

void AppendPlainNumber(double value, std::string* out) {
  char digits[400];                             // 309 before the point, or 324 and 17 after it.
  const double shown = value == 0 ? 0 : value;  // Negative zero is zero.
  out->append(digits,
              std::to_chars(digits, digits + sizeof digits, shown, std::chars_format::fixed).ptr);
}

bool IsJson(std::string_view text) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(text);
  return parser.parse(padded).error() == simdjson::SUCCESS;
}

}  // namespace thresh
