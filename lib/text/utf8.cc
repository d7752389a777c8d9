#include "lib/text/utf8.h"

#include <simdjson.h>

namespace thresh {
namespace {

struct Lead {
  std::uint32_t following;    // Continuation bytes; 0 for a byte that cannot lead.
  std::uint8_t lower, upper;  // Bounds of the first continuation byte.
  std::uint32_t bits;
};

Lead ReadLead(std::uint8_t b) {
  if (b >= 0xC2 && b <= 0xDF) return {1, 0x80, 0xBF, b & 0x1Fu};
  if (b >= 0xE0 && b <= 0xEF) {
    const std::uint8_t lower = b == 0xE0 ? 0xA0 : 0x80;  // No overlong forms,
    const std::uint8_t upper = b == 0xED ? 0x9F : 0xBF;  // no surrogates,
    return {2, lower, upper, b & 0x0Fu};
  }
  if (b >= 0xF0 && b <= 0xF4) {
    const std::uint8_t lower = b == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t upper = b == 0xF4 ? 0x8F : 0xBF;  // nothing above U+10FFFF.
    return {3, lower, upper, b & 0x07u};
  }
  return {0, 0, 0, 0};
}

}  // namespace

Utf8Char DecodeUtf8(std::string_view text, std::size_t at) {
  const auto first = static_cast<std::uint8_t>(text[at]);
  if (first < 0x80) return {first, 1, true};
  const Lead lead = ReadLead(first);
  if (lead.following == 0) return {0xFFFD, 1, false};
  std::uint32_t code_point = lead.bits;
  for (std::uint32_t i = 1; i <= lead.following; ++i) {
    const auto b = at + i < text.size() ? static_cast<std::uint8_t>(text[at + i]) : std::uint8_t{0};
    const std::uint8_t lower = i == 1 ? lead.lower : 0x80;
    const std::uint8_t upper = i == 1 ? lead.upper : 0xBF;
    if (b < lower || b > upper) return {0xFFFD, i, false};
    code_point = code_point << 6 | (b & 0x3Fu);
  }
  return {code_point, lead.following + 1, true};
}

void AppendUtf8(std::uint32_t c, std::string* out) {
  const auto put = [out](std::uint32_t b) { out->push_back(static_cast<char>(b)); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
}

bool IsUtf8(std::string_view text) {
  return simdjson::validate_utf8(text);
}

std::string RepairUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 16);
  for (std::size_t i = 0; i < text.size();) {
    const Utf8Char c = DecodeUtf8(text, i);
    if (c.valid) {
      out.append(text.substr(i, c.length));
    } else {
      AppendUtf8(0xFFFD, &out);
    }
    i += c.length;
  }
  return out;
}

}  // namespace thresh
