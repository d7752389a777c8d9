#include "lib/url/url.h"

#include "lib/url/scheme.h"
#include "lib/url/url_parser.h"
#include "lib/url/url_place.h"

namespace thresh {

Result<Url> Url::Parse(std::string_view input) {
  Url url;
  if (Result<> parsed = UrlParser::Parse(input, nullptr, &url); !parsed) return parsed.error();
  return url;
}

Result<Url> Url::Parse(std::string_view input, const Url& base) {
  Url url;
  if (Result<> parsed = UrlParser::Parse(input, &base, &url); !parsed) return parsed.error();
  return url;
}

Result<const Url*> UrlPlace::Parse(std::string_view input, const Url* base) {
  if (Result<> parsed = UrlParser::Parse(input, base, &url_); !parsed) return parsed.error();
  return &url_;
}

bool Url::has_authority() const noexcept {
  return host_begin_ > scheme_end_ + 1;
}

std::size_t Url::authority_end() const noexcept {
  return has_authority() ? path_begin_ : scheme_end_ + 1;
}

std::string_view Url::username() const noexcept {
  return has_authority() ? Slice(scheme_end_ + 3, username_end_) : std::string_view();
}

std::string_view Url::password() const noexcept {
  const bool given = username_end_ < host_begin_ && href_[username_end_] == ':';
  return given ? Slice(username_end_ + 1, host_begin_ - 1) : std::string_view();
}

std::string_view Url::host() const noexcept {
  return Slice(host_begin_, port_ ? path_begin_ : host_end_);
}

std::uint16_t Url::effective_port() const noexcept {
  return port_ ? *port_ : DefaultPort(KindOfScheme(scheme()));
}

std::string_view Url::query() const noexcept {
  return has_query() ? Slice(query_begin_ + 1, before_fragment()) : std::string_view();
}

std::string_view Url::fragment() const noexcept {
  return has_fragment() ? Slice(fragment_begin_ + 1, href_.size()) : std::string_view();
}

bool Url::is_http() const noexcept {
  return scheme() == "https" || scheme() == "http";
}

bool Url::has_opaque_path() const noexcept {
  return !has_authority() && !path().starts_with('/');
}

std::string Url::origin() const {
  switch (KindOfScheme(scheme())) {
    case SchemeKind::kHttp:
    case SchemeKind::kHttps:
    case SchemeKind::kWs:
    case SchemeKind::kWss:
    case SchemeKind::kFtp: return std::string(scheme()).append("://").append(host());
    case SchemeKind::kFile: return "null";
    case SchemeKind::kNotSpecial: break;
  }
  if (scheme() != "blob") return "null";
  const auto inner = Parse(path());  // One level: a blob in a blob has no origin.
  return inner.ok() && (*inner).is_http() ? (*inner).origin() : "null";
}

Url Url::WithoutFragment() const {
  Url copy = *this;
  copy.href_.resize(before_fragment());
  copy.fragment_begin_ = kNone;
  return copy;
}

}  // namespace thresh
