#include "lib/base/redact.h"

#include <algorithm>
#include <array>
#include <optional>

#include "lib/base/ascii_text.h"

namespace thresh {
namespace {

constexpr std::array<std::string_view, 4> kHeaders{"proxy-authorization", "authorization",
                                                   "set-cookie", "cookie"};
constexpr std::array<std::string_view, 7> kEndings{"key",    "token",     "secret",    "password",
                                                   "passwd", "signature", "credential"};
constexpr std::string_view kBlanks = " \t\r\n\f\v";
constexpr std::size_t kMaxNameBytes = 256;  // Of a parameter: longer ones are looked at in part.

bool IsAlnum(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

std::string PercentDecoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool encoded = text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
                         HexDigit(text[i + 2]) >= 0;
    if (!encoded) {
      decoded += text[i];
      continue;
    }
    decoded += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
    i += 2;
  }
  return decoded;
}

bool StartsWithNoCase(std::string_view text, std::string_view lower) {
  return text.size() >= lower.size() && InLowerCase(text.substr(0, lower.size())) == lower;
}

// A part of the text that is not to be shown.
struct Span {
  std::size_t begin = 0, end = 0;
};

// ---- User name and password ---------------------------------------------------------------

// Where what may be user name and password ends at the latest. A blank ends a URL; but before it a
// colon with more than a port behind it is a password with a blank in it.
std::size_t AuthorityEnd(std::string_view text, std::size_t begin) {
  const std::size_t end = std::min(text.find_first_of("/?#\\\"<>\n", begin), text.size());
  const std::size_t length = text.substr(begin, end - begin).find_first_of(kBlanks);
  if (length == std::string_view::npos) return end;
  const std::size_t blank = begin + length;
  const std::string_view first = text.substr(begin, length);
  const std::size_t colon = first.find(':');
  const bool port = colon == std::string_view::npos ||
                    first.find_first_not_of("0123456789", colon + 1) == std::string_view::npos;
  return port || first.find('@') != std::string_view::npos ? blank : end;
}

std::optional<Span> UserInfoAt(std::string_view text, std::size_t at) {
  if (text.substr(at, 3) != "://") return std::nullopt;
  const std::size_t begin = at + 3;
  const std::size_t end = AuthorityEnd(text, begin);
  const std::size_t sign = text.substr(begin, end - begin).rfind('@');
  if (sign == std::string_view::npos || sign == 0) return std::nullopt;
  return Span{begin, begin + sign};
}

// ---- Headers ------------------------------------------------------------------------------

// The value that begins at `at`, behind `Cookie:`; `opened` is the quote that the name stands in.
Span HeaderValue(std::string_view text, std::size_t at, char opened) {
  while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  char quote = opened;
  if (at < text.size() && (text[at] == '"' || text[at] == '\'')) quote = text[at++];
  std::size_t end = at;
  for (; end < text.size() && text[end] != '\n' && text[end] != '\r'; ++end) {
    if (quote != 0 && text[end] == quote) break;
    if (quote != 0 && text[end] == '\\') ++end;
  }
  return {at, std::min(end, text.size())};
}

std::optional<Span> HeaderAt(std::string_view text, std::size_t at) {
  if (at > 0 && IsAlnum(text[at - 1])) return std::nullopt;
  for (const std::string_view name : kHeaders) {
    if (!StartsWithNoCase(text.substr(at), name)) continue;
    std::size_t next = at + name.size();
    char opened = at > 0 && (text[at - 1] == '"' || text[at - 1] == '\'') ? text[at - 1] : '\0';
    if (opened != 0 && next < text.size() && text[next] == opened) {
      ++next;  // Only the name stands in quotes, as in JSON.
      opened = 0;
    }
    while (next < text.size() && text[next] == ' ') ++next;
    if (next >= text.size() || (text[next] != ':' && text[next] != '=')) continue;
    return HeaderValue(text, next + 1, opened);
  }
  return std::nullopt;
}

// ---- Parameters ---------------------------------------------------------------------------

bool IsNameChar(char c) {
  return IsAlnum(c) || std::string_view("_-.[]%+").find(c) != std::string_view::npos;
}

// Whether what stands before the sign at `sign` names a secret parameter.
bool NamesParameter(std::string_view text, std::size_t sign) {
  std::size_t begin = sign;
  while (begin > 0 && sign - begin < kMaxNameBytes && IsNameChar(text[begin - 1])) --begin;
  const std::string name = InLowerCase(PercentDecoded(text.substr(begin, sign - begin)));
  const bool secret = std::any_of(kEndings.begin(), kEndings.end(),
                                  [&](std::string_view e) { return name.ends_with(e); });
  if (!secret) return false;
  constexpr std::string_view kBefore = "?&;#\"'{,";
  return begin == 0 || kBefore.find(text[begin - 1]) != std::string_view::npos ||
         name.find_first_of("?&") != std::string::npos;
}

std::optional<Span> ParameterAt(std::string_view text, std::size_t at) {
  const bool encoded = StartsWithNoCase(text.substr(at), "%3d");
  if (text[at] != '=' && !encoded) return std::nullopt;
  if (!NamesParameter(text, at)) return std::nullopt;
  const std::size_t begin = at + (encoded ? 3 : 1);
  std::size_t end = std::min(text.find_first_of("&#\"'<> \t\r\n", begin), text.size());
  if (encoded) end = begin + std::min(text.substr(begin, end - begin).find("%26"), end - begin);
  if (begin == end) return std::nullopt;
  return Span{begin, end};
}

}  // namespace

std::string Redact(std::string_view text) {
  std::string shown;
  std::size_t at = 0;
  while (at < text.size()) {
    const char c = static_cast<char>(text[at] | 0x20);
    std::optional<Span> hidden;
    if (text[at] == ':') hidden = UserInfoAt(text, at);
    if (c == 'a' || c == 'c' || c == 'p' || c == 's') hidden = HeaderAt(text, at);
    if (text[at] == '=' || text[at] == '%') hidden = ParameterAt(text, at);
    if (!hidden) {
      shown += text[at++];
      continue;
    }
    shown.append(text.substr(at, hidden->begin - at)).append(kRedacted);
    at = hidden->end;
  }
  return shown;
}

bool IsSecretField(std::string_view name) {
  const std::string lower = InLowerCase(name);
  const auto is = [&](std::string_view other) { return lower == other; };
  return std::any_of(kHeaders.begin(), kHeaders.end(), is) || is("token") || is("secret") ||
         is("password");
}

}  // namespace thresh
