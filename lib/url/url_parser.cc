#include "lib/url/url_parser.h"

#include <algorithm>
#include <string>
#include <utility>

#include "lib/text/utf8.h"
#include "lib/url/ascii.h"
#include "lib/url/drive_letter.h"
#include "lib/url/host.h"
#include "lib/url/percent.h"
#include "lib/url/url_quote.h"

namespace thresh {
namespace {

constexpr std::string_view kNoBase = "expected a scheme such as https://";
constexpr std::string_view kOpaqueBase = "only a #fragment can be resolved against ";

constexpr bool IsTabOrNewline(char c) {
  return c == '\t' || c == '\n' || c == '\r';
}

std::string_view Trimmed(std::string_view text) {
  const auto is_blank = [](char c) { return static_cast<unsigned char>(c) <= 0x20; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Four passes, each of them by vector instructions: faster than one by bytes.
bool IsClean(std::string_view text) {
  constexpr auto kNone = std::string_view::npos;
  return text.find('\n') == kNone && text.find('\t') == kNone && text.find('\r') == kNone &&
         IsUtf8(text);
}

std::string Cleaned(std::string_view text) {
  std::string clean = RepairUtf8(text);
  clean.erase(std::remove_if(clean.begin(), clean.end(), IsTabOrNewline), clean.end());
  return clean;
}

// The colon in front of the port: not one inside an IPv6 address.
std::size_t FindPortColon(std::string_view text) {
  bool in_brackets = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') in_brackets = true;
    if (text[i] == ']') in_brackets = false;
    if (text[i] == ':' && !in_brackets) return i;
  }
  return std::string_view::npos;
}

}  // namespace

Result<> UrlParser::Parse(std::string_view input, const Url* base, Url* url) {
  if (input.size() + (base != nullptr ? base->href().size() : 0) > Url::kMaxInputBytes) {
    return Error{Errc::kTooLarge, "a URL longer than " + std::to_string(Url::kMaxInputBytes) +
                                      " bytes: " + QuoteUrl(Cleaned(input))};
  }
  input = Trimmed(input);
  std::string clean;
  if (!IsClean(input)) input = clean = Cleaned(input);
  std::string memory = std::move(url->href_);
  memory.clear();
  *url = Url();
  url->href_ = std::move(memory);
  UrlParser parser(input, base, url);
  parser.Scheme();
  if (!parser.reason_.empty()) return parser.Describe();
  return Ok{};
}

Error UrlParser::Describe() const {
  const bool relative = reason_ == kNoBase;
  std::string detail = relative ? "not an absolute URL: " : "not a valid URL: ";
  detail.append(QuoteUrl(input_)).append(" (").append(reason_);
  if (reason_ == kOpaqueBase) detail.append(QuoteUrl(base_->href()));
  return Error{Errc::kInvalid, std::move(detail.append(")"))};
}

// Scheme start and scheme state.
void UrlParser::Scheme() {
  if (!TakeScheme()) return NoScheme();
  if (is_file()) return File();
  if (special()) {
    const bool like_base = base_ != nullptr && base_->scheme() == url_.href_;
    if (like_base && !rest_.starts_with("//")) return Relative();
    SkipSlashes();
    return Authority();
  }
  if (rest_.starts_with("//")) {
    rest_.remove_prefix(2);
    return Authority();
  }
  StartWithoutHost(":");
  if (!At('/')) return OpaquePath();
  rest_.remove_prefix(1);
  Path();
}

// Leaves the scheme in the href, in lower case, and its colon consumed; false, and all as it
// was, if there is none.
bool UrlParser::TakeScheme() {
  if (rest_.empty() || !IsAsciiAlpha(rest_.front())) return false;
  const auto end = std::find_if_not(rest_.begin(), rest_.end(), [](char c) {
    return IsAsciiAlpha(c) || IsAsciiDigit(c) || c == '+' || c == '-' || c == '.';
  });
  if (end == rest_.end() || *end != ':') return false;
  url_.href_.reserve(input_.size() + 8);  // For what the normal form most often adds.
  std::transform(rest_.begin(), end, std::back_inserter(url_.href_), AsciiLower);
  kind_ = KindOfScheme(url_.href_);
  rest_.remove_prefix(url_.href_.size() + 1);
  return true;
}

void UrlParser::NoScheme() {
  if (base_ == nullptr) return Fail(kNoBase);
  kind_ = KindOfScheme(base_->scheme());
  if (base_->has_opaque_path()) {
    return At('#') ? MergeWithBase() : Fail(kOpaqueBase);
  }
  return is_file() ? File() : Relative();
}

void UrlParser::Relative() {
  if (!AtSlash()) return MergeWithBase();
  rest_.remove_prefix(1);
  RelativeSlash();
}

void UrlParser::RelativeSlash() {
  if (AtSlash()) {
    url_.href_.assign(base_->scheme());
    special() ? SkipSlashes() : rest_.remove_prefix(1);
    return Authority();
  }
  StartAsBase();
  Path();
}

// Authority, host and port state. REQUIRES: the href is the scheme.
void UrlParser::Authority() {
  url_.scheme_end_ = Here();
  url_.href_.append("://");
  std::string_view authority = UntilSlash();
  rest_.remove_prefix(authority.size());
  const std::size_t at = authority.rfind('@');
  if (at != std::string_view::npos) {
    AppendCredentials(authority.substr(0, at));
    authority.remove_prefix(at + 1);
    if (authority.empty()) return Fail("no host behind the user name");
  } else {
    url_.username_end_ = Here();
  }
  url_.host_begin_ = Here();
  if (!AppendHostAndPort(authority)) return;
  PathStart();
}

void UrlParser::AppendCredentials(std::string_view userinfo) {
  const std::size_t colon = std::min(userinfo.find(':'), userinfo.size());
  const std::string_view password = userinfo.substr(std::min(colon + 1, userinfo.size()));
  AppendPercentEncoded(userinfo.substr(0, colon), PercentSet::kUserinfo, &url_.href_);
  url_.username_end_ = Here();
  if (!password.empty()) {
    url_.href_.push_back(':');
    AppendPercentEncoded(password, PercentSet::kUserinfo, &url_.href_);
  }
  if (colon > 0 || !password.empty()) url_.href_.push_back('@');
}

bool UrlParser::AppendHostAndPort(std::string_view text) {
  const std::size_t colon = FindPortColon(text);
  const std::string_view host = text.substr(0, colon);
  if (host.empty()) {
    if (special() || colon != std::string_view::npos) Fail("the host is empty");
  } else {
    reason_ = AppendHost(host, special(), &url_.href_);
  }
  url_.host_end_ = Here();
  if (!reason_.empty()) return false;
  return colon == std::string_view::npos || AppendPort(text.substr(colon + 1));
}

bool UrlParser::AppendPort(std::string_view digits) {
  std::uint32_t port = 0;
  for (const char c : digits) {
    if (IsAsciiDigit(c)) port = port * 10 + static_cast<std::uint32_t>(c - '0');
    if (!IsAsciiDigit(c) || port > 0xFFFF) {
      Fail("expected a port from 0 to 65535");
      return false;
    }
  }
  if (digits.empty() || (special() && port == DefaultPort(kind_))) return true;
  url_.port_ = static_cast<std::uint16_t>(port);
  url_.href_.append(":").append(std::to_string(port));
  return true;
}

void UrlParser::File() {
  url_.href_.assign("file");
  if (AtSlash()) {
    rest_.remove_prefix(1);
    return FileSlash();
  }
  if (base_ != nullptr && base_->scheme() == "file") return MergeWithBase();
  StartWithoutHost("://");
  Path();
}

void UrlParser::FileSlash() {
  if (AtSlash()) {
    rest_.remove_prefix(1);
    return FileHost();
  }
  if (base_ != nullptr && base_->scheme() == "file") {
    StartAsBase();
    const std::string_view path = base_->path();
    if (!StartsWithDriveLetter(rest_) && PathHasDriveLetter(path)) {
      url_.href_.append(path.substr(0, 3));
    }
  } else {
    StartWithoutHost("://");
  }
  Path();
}

void UrlParser::FileHost() {
  const std::string_view host = UntilSlash();
  StartWithoutHost("://");
  if (IsDriveLetter(host)) return Path();  // It is the first segment.
  rest_.remove_prefix(host.size());
  if (!host.empty()) reason_ = AppendHost(host, true, &url_.href_);
  if (!reason_.empty()) return;
  if (std::string_view(url_.href_).substr(url_.host_begin_) == "localhost") {
    url_.href_.resize(url_.host_begin_);
  }
  url_.host_end_ = Here();
  PathStart();
}

// What relative and file state do with text that begins with no slash.
void UrlParser::MergeWithBase() {
  StartAsBase();
  url_.href_.append(base_->path());
  if (rest_.empty() || At('#')) {
    FinishPath();
    if (base_->has_query()) {
      url_.query_begin_ = Here();
      url_.href_.append("?").append(base_->query());
    }
    return Fragment();
  }
  if (At('?')) {
    FinishPath();
    return QueryAndFragment();
  }
  if (is_file() && StartsWithDriveLetter(rest_)) {
    url_.href_.resize(url_.path_begin_);
  } else {
    Shorten();
  }
  Path();
}

// Takes over scheme, credentials, host and port.
void UrlParser::StartAsBase() {
  const std::size_t end = base_->authority_end();
  url_.href_.reserve(end + base_->path().size() + rest_.size() + 8);
  url_.href_.assign(base_->href_, 0, end);
  url_.scheme_end_ = base_->scheme_end_;
  url_.username_end_ = base_->username_end_;
  url_.host_begin_ = base_->host_begin_;
  url_.host_end_ = base_->host_end_;
  url_.port_ = base_->port_;
  url_.path_begin_ = Here();
}

// REQUIRES: the href is the scheme. `:` means no host, `://` an empty one.
void UrlParser::StartWithoutHost(std::string_view delimiter) {
  url_.scheme_end_ = Here();
  url_.href_.append(delimiter);
  url_.username_end_ = url_.host_begin_ = url_.host_end_ = url_.path_begin_ = Here();
}

void UrlParser::SkipSlashes() {
  while (AtSlash()) rest_.remove_prefix(1);
}

bool UrlParser::AtSlash() const noexcept {
  return At('/') || (special() && At('\\'));
}

std::uint32_t UrlParser::Here() const noexcept {
  return static_cast<std::uint32_t>(url_.href_.size());
}

// Not find_first_of(), which libstdc++ makes one memchr() call a character.
std::string_view UrlParser::UntilSlash() const noexcept {
  const auto end = std::find_if(rest_.begin(), rest_.end(), [this](char c) {
    return c == '/' || c == '?' || c == '#' || (c == '\\' && special());
  });
  return rest_.substr(0, static_cast<std::size_t>(end - rest_.begin()));
}

}  // namespace thresh
