#include "fetcher/politeness/robots_lines.h"

#include <array>
#include <cstddef>

#include "lib/base/ascii_text.h"
#include "lib/text/utf8.h"

namespace thresh {
namespace {

constexpr std::string_view kSpace = " \t\v\f\r\n";

char InLowerCase(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool BeginsWith(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    if (InLowerCase(text[i]) != lower[i]) return false;
  }
  return true;
}

struct KeySpelling {
  std::string_view begin;
  RobotsKey key;
};

// A key counts by how it begins, in any case. Webmasters misspell these, and mean it.
constexpr std::array kSpellings = {
    KeySpelling{"user-agent", RobotsKey::kUserAgent},
    KeySpelling{"useragent", RobotsKey::kUserAgent},
    KeySpelling{"user agent", RobotsKey::kUserAgent},
    KeySpelling{"allow", RobotsKey::kAllow},
    KeySpelling{"disallow", RobotsKey::kDisallow},
    KeySpelling{"dissallow", RobotsKey::kDisallow},
    KeySpelling{"dissalow", RobotsKey::kDisallow},
    KeySpelling{"disalow", RobotsKey::kDisallow},
    KeySpelling{"diasllow", RobotsKey::kDisallow},
    KeySpelling{"disallaw", RobotsKey::kDisallow},
    KeySpelling{"crawl-delay", RobotsKey::kCrawlDelay},
    KeySpelling{"crawldelay", RobotsKey::kCrawlDelay},
    KeySpelling{"crawl delay", RobotsKey::kCrawlDelay},
    KeySpelling{"sitemap", RobotsKey::kSitemap},
    KeySpelling{"site-map", RobotsKey::kSitemap},
};

std::optional<RobotsKey> KeyOf(std::string_view name) {
  for (const KeySpelling& spelling : kSpellings) {
    if (BeginsWith(name, spelling.begin)) return spelling.key;
  }
  return std::nullopt;
}

// `key: value`, or two words without a colon.
std::optional<RobotsLine> ReadLine(std::string_view line) {
  line = TrimBlanks(line.substr(0, line.find('#')), kSpace);
  std::size_t end = line.find(':');
  if (end == std::string_view::npos) {
    end = line.find_first_of(" \t");
    if (end == std::string_view::npos) return std::nullopt;
    if (TrimBlanks(line.substr(end), kSpace).find_first_of(" \t") != std::string_view::npos)
      return std::nullopt;
  }
  const std::optional<RobotsKey> key = KeyOf(TrimBlanks(line.substr(0, end), kSpace));
  if (!key) return std::nullopt;
  return RobotsLine{*key, TrimBlanks(line.substr(end + 1), kSpace)};
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = InLowerCase(c);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// RFC 3986, 2.3.
bool IsUnreserved(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

// What no URI holds as it is.
bool IsForeign(unsigned char c) {
  constexpr std::string_view kNever = "\"<>\\^`{|}";
  return c <= 0x20 || c >= 0x7F || kNever.find(static_cast<char>(c)) != std::string_view::npos;
}

void AppendEncoded(unsigned char c, std::string* out) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  out->push_back('%');
  out->push_back(kDigits[c >> 4]);
  out->push_back(kDigits[c & 15]);
}

std::uint32_t Unit(std::string_view bytes, std::size_t at, bool big_endian) {
  const auto first = static_cast<unsigned char>(bytes[at]);
  const auto second = static_cast<unsigned char>(bytes[at + 1]);
  return big_endian ? static_cast<std::uint32_t>(first << 8 | second)
                    : static_cast<std::uint32_t>(second << 8 | first);
}

// A half of a pair without the other becomes U+FFFD.
std::string FromUtf16(std::string_view bytes, bool big_endian) {
  std::string text;
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    std::uint32_t c = Unit(bytes, at, big_endian);
    const bool is_high = c >= 0xD800 && c < 0xDC00;
    const std::uint32_t low =
        is_high && at + 3 < bytes.size() ? Unit(bytes, at + 2, big_endian) : 0;
    if (low >= 0xDC00 && low < 0xE000) {
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
      at += 2;
    } else if (c >= 0xD800 && c < 0xE000) {
      c = 0xFFFD;
    }
    AppendUtf8(c, &text);
  }
  return text;
}

}  // namespace

// A byte order mark is passed over, also if it was cut short.
RobotsLines::RobotsLines(std::string_view text) : rest_(text) {
  for (const char c : {'\xEF', '\xBB', '\xBF'}) {
    if (rest_.empty() || rest_.front() != c) break;
    rest_.remove_prefix(1);
  }
}

std::string_view RobotsLines::TakeLine() {
  const std::size_t end = rest_.find_first_of("\r\n");
  const std::string_view line = rest_.substr(0, end);
  if (end == std::string_view::npos) {
    rest_ = {};
  } else {
    const bool two = rest_.substr(end, 2) == "\r\n";
    rest_.remove_prefix(end + (two ? 2 : 1));
  }
  ++number_;
  return line;
}

std::optional<RobotsLine> RobotsLines::Next() {
  while (!rest_.empty()) {
    if (std::optional<RobotsLine> line = ReadLine(TakeLine())) {
      line->number = number_;
      return line;
    }
  }
  return std::nullopt;
}

std::string RobotsText(std::string_view body) {
  if (body.starts_with("\xFE\xFF")) return FromUtf16(body.substr(2), true);
  if (body.starts_with("\xFF\xFE")) return FromUtf16(body.substr(2), false);
  return std::string(body);
}

std::string NormaliseRobotsPath(std::string_view path, bool is_pattern) {
  std::string out;
  out.reserve(path.size());
  for (std::size_t at = 0; at < path.size(); ++at) {
    auto c = static_cast<unsigned char>(path[at]);
    bool encoded = false;
    if (c == '%' && at + 2 < path.size() && HexDigit(path[at + 1]) >= 0 &&
        HexDigit(path[at + 2]) >= 0) {
      c = static_cast<unsigned char>(HexDigit(path[at + 1]) << 4 | HexDigit(path[at + 2]));
      encoded = true;
      at += 2;
    }
    const bool special = c == '$' || (c == '*' && !is_pattern);
    if (IsForeign(c) || special || (encoded && !IsUnreserved(c))) {
      AppendEncoded(c, &out);
    } else {
      out.push_back(static_cast<char>(c));
    }
  }
  return out;
}

}  // namespace thresh
