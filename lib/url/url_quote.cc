#include "lib/url/url_quote.h"

#include <algorithm>

#include "lib/text/utf8.h"
#include "lib/url/ascii.h"
#include "lib/url/percent.h"
#include "lib/url/scheme.h"

namespace thresh {
namespace {

constexpr auto kNone = std::string_view::npos;

// Where the authority would begin: after `https:`, `x://`, `//` or nothing. `admin:` in
// `admin:secret@host` is no scheme.
std::size_t AuthorityBegin(std::string_view url) {
  const std::size_t colon = url.find_first_of(":/\\?#@");
  std::size_t begin = 0;
  if (colon != kNone && url[colon] == ':') {
    std::string scheme(url.substr(0, colon));
    std::transform(scheme.begin(), scheme.end(), scheme.begin(), AsciiLower);
    const bool special = KindOfScheme(scheme) != SchemeKind::kNotSpecial;
    if (special || url.substr(colon + 1).starts_with("//")) begin = colon + 1;
  }
  return std::min(url.find_first_not_of("/\\", begin), url.size());
}

// Behind the @ that ends the credentials, or `begin`. A password may hold, unencoded, what
// ends an authority: with a colon in front, all up to the last @ is taken for one.
std::size_t CredentialsEnd(std::string_view url, std::size_t begin) {
  const std::size_t end = std::min(url.find_first_of("/\\?#", begin), url.size());
  const bool colon = url.substr(begin, end - begin).find(':') != kNone;
  const std::string_view searched = colon ? url : url.substr(0, end);
  const std::size_t at = searched.rfind('@');
  return at == kNone || at < begin ? begin : at + 1;
}

void AppendOnOneLine(std::string_view text, std::string* out) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      out->push_back(c);
      continue;
    }
    std::string encoded;
    AppendPercentEncoded({&c, 1}, PercentSet::kC0Control, &encoded);
    out->append("\\x").append(encoded, 1);
  }
}

// Never within a character.
std::string_view Shortened(std::string_view text) {
  if (text.size() <= kMaxQuotedBytes) return text;
  std::size_t end = kMaxQuotedBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

}  // namespace

std::string QuoteUrl(std::string_view url) {
  const std::size_t begin = AuthorityBegin(url);
  const std::size_t end = CredentialsEnd(url, begin);
  std::string shown(url.substr(0, std::min(begin, kMaxQuotedBytes + 4)));
  if (end > begin) shown.append("***@");
  shown.append(url.substr(end, kMaxQuotedBytes + 4));
  shown = RepairUtf8(shown);
  const std::string_view shortened = Shortened(shown);
  std::string out = "\"";
  AppendOnOneLine(shortened, &out);
  out.append(shortened.size() < shown.size() ? "…\"" : "\"");
  return out;
}

}  // namespace thresh
