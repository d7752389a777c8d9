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

void AppendJsonNumber(double value, std::string* out) {
  char text[kMostNumberBytes];
  out->append(text, WriteJsonNumber(value, text));
}

char* WriteJsonNumber(double value, char* out) noexcept {
  if (!std::isfinite(value)) return json_escape::Put("null", out);
  const bool whole = value == std::trunc(value) && std::fabs(value) <= 9007199254740992.0;
  return whole ? std::to_chars(out, out + kMostNumberBytes, static_cast<std::int64_t>(value)).ptr
               : std::to_chars(out, out + kMostNumberBytes, value).ptr;
}

bool IsJson(std::string_view text) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(text);
  return parser.parse(padded).error() == simdjson::SUCCESS;
}

}  // namespace thresh
