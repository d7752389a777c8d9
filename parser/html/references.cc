#include "parser/html/references.h"

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "lib/text/utf8.h"
#include "parser/html/ascii.h"
#include "parser/html/references_table.h"

namespace thresh::html {
namespace {

constexpr std::uint32_t kReplacement = 0xFFFD;
constexpr std::uint32_t kTooBig = 0x110000;

// What windows-1252 has at 0x80 to 0x9F; pages mean these. 13.2.5.80.
constexpr std::array<std::uint16_t, 32> kC1 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

int DigitValue(char c, bool hex) {
  if (IsDigit(c)) return c - '0';
  const char lower = ToLower(c);
  return hex && lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::uint32_t Repaired(std::uint32_t code) {
  if (code == 0 || code >= kTooBig || (code >= 0xD800 && code <= 0xDFFF)) return kReplacement;
  return code >= 0x80 && code <= 0x9F ? kC1[code - 0x80] : code;
}

// `at` is behind `&#`. Returns nullptr if no digit follows.
const char* AppendNumeric(const char* at, const char* end, std::string* out) {
  const bool hex = at != end && ToLower(*at) == 'x';
  if (hex) ++at;
  const char* const digits = at;
  std::uint32_t code = 0;
  for (int digit; at != end && (digit = DigitValue(*at, hex)) >= 0; ++at) {
    code = code * (hex ? 16 : 10) + static_cast<std::uint32_t>(digit);
    if (code > kTooBig) code = kTooBig;
  }
  if (at == digits) return nullptr;
  if (at != end && *at == ';') ++at;
  AppendUtf8(Repaired(code), out);
  return at;
}

std::string_view NameAt(std::size_t index) {
  return {kReferenceNames + kReferenceStarts[index],
          static_cast<std::size_t>(kReferenceStarts[index + 1] - kReferenceStarts[index])};
}

// The first name in [low, high), all of which share `depth` bytes, whose next byte is >= `c`.
std::size_t FirstFrom(std::size_t low, std::size_t high, std::size_t depth, int c) {
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const std::string_view name = NameAt(middle);
    const int here = depth < name.size() ? name[depth] : -1;
    if (here < c) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// The longest name at the start of `text`, or kReferenceCount. REQUIRES: it begins with a letter.
std::size_t LongestName(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  std::size_t low = kReferencesByLetter[first];
  std::size_t high = kReferencesByLetter[first + 1];
  std::size_t longest = kReferenceCount;
  for (std::size_t depth = 1; depth < text.size(); ++depth) {
    const char c = text[depth];
    if (!IsAlpha(c) && !IsDigit(c) && c != ';') break;
    low = FirstFrom(low, high, depth, c);
    high = FirstFrom(low, high, depth, c + 1);
    if (low == high) break;
    if (NameAt(low).size() == depth + 1) longest = low;
  }
  return longest;
}

constexpr std::uint32_t Word(const char (&text)[5]) {
  return std::bit_cast<std::uint32_t>(std::array{text[0], text[1], text[2], text[3]});
}

// Those that pages are full of. Returns nullptr for others.
const char* AppendCommon(const char* name, const char* end, std::string* out) {
  if (end - name < 5) return nullptr;
  std::uint32_t word;
  std::memcpy(&word, name, sizeof word);
  switch (word) {
    case Word("amp;"): out->push_back('&'); return name + 4;
    case Word("#39;"): out->push_back('\''); return name + 4;
    case Word("quot"):
      if (name[4] != ';') return nullptr;
      out->push_back('"');
      return name + 5;
    case Word("nbsp"):
      if (name[4] != ';') return nullptr;
      out->append("\u00A0");
      return name + 5;
    default: break;
  }
  if (name[1] != 't' || name[2] != ';' || (name[0] != 'l' && name[0] != 'g')) return nullptr;
  out->push_back(name[0] == 'l' ? '<' : '>');
  return name + 3;
}

}  // namespace

const char* AppendReference(const char* at, const char* end, bool in_attribute, std::string* out) {
  const char* const name = at + 1;
  if (const char* const behind = AppendCommon(name, end, out)) return behind;
  if (name != end && *name == '#') {
    if (const char* const behind = AppendNumeric(name + 1, end, out)) return behind;
  } else if (name != end && IsAlpha(*name)) {
    const std::size_t found = LongestName({name, static_cast<std::size_t>(end - name)});
    if (found != kReferenceCount) {
      const char* const behind = name + NameAt(found).size();
      const bool is_text = in_attribute && behind[-1] != ';' && behind != end &&
                           (*behind == '=' || IsAlpha(*behind) || IsDigit(*behind));
      if (!is_text) {
        out->append(kReferenceValues[found]);
        return behind;
      }
    }
  }
  out->push_back('&');
  return name;
}

}  // namespace thresh::html
