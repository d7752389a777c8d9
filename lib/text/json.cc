#include "lib/text/json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <simdjson.h>

#include "lib/text/utf8.h"

namespace thresh {
namespace {

// Bytes that go through as they are: printable ASCII but for quote and backslash.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x7F; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

void AppendEscape(std::uint32_t c, std::string* out) {
  static constexpr char kDigits[] = "0123456789abcdef";
  switch (c) {
    case '"': out->append("\\\""); return;
    case '\\': out->append("\\\\"); return;
    case '\n': out->append("\\n"); return;
    case '\r': out->append("\\r"); return;
    case '\t': out->append("\\t"); return;
    case '\b': out->append("\\b"); return;
    case '\f': out->append("\\f"); return;
    default: break;
  }
  out->append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out->push_back(kDigits[c >> shift & 15]);
}

bool NeedsEscape(std::uint32_t c) {
  return c < 0x20 || c == '"' || c == '\\' || (c >= 0x7F && c < 0xA0) || c == 0x2028 || c == 0x2029;
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  std::size_t i = 0;
  while (i < text.size()) {
    std::size_t run = i;
    while (run < text.size() && kPlain[static_cast<std::uint8_t>(text[run])]) ++run;
    out->append(text.substr(i, run - i));
    i = run;
    if (i == text.size()) break;
    const Utf8Char c = DecodeUtf8(text, i);
    if (NeedsEscape(c.code_point)) {
      AppendEscape(c.code_point, out);
    } else if (c.valid) {
      out->append(text.substr(i, c.length));
    } else {
      AppendUtf8(c.code_point, out);
    }
    i += c.length;
  }
  out->push_back('"');
}

std::string JsonString(std::string_view text) {
  std::string out;
  AppendJsonString(text, &out);
  return out;
}

void AppendJsonNumber(double value, std::string* out) {
  if (!std::isfinite(value)) {
    out->append("null");
    return;
  }
  char digits[32];
  const bool whole = value == std::trunc(value) && std::fabs(value) <= 9007199254740992.0;
  const auto end =
      whole ? std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(value))
            : std::to_chars(digits, digits + sizeof digits, value);
  out->append(digits, end.ptr);
}

bool IsJson(std::string_view text) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(text);
  return parser.parse(padded).error() == simdjson::SUCCESS;
}

}  // namespace thresh
