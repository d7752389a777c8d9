#include "fetcher/transfer/cookie_jars.h"

#include <libpsl.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include <curl/curl.h>

#include "fetcher/transfer/address_guard.h"
#include "lib/base/ascii_text.h"

namespace thresh {
namespace {

// RFC 6265bis, 5.5: a cookie lives 400 days at most.
constexpr std::int64_t kLongestLifeS = std::int64_t{400} * 24 * 3600;

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(),
                     [](unsigned char c) { return (c < 0x20 && c != '\t') || c == 0x7f; });
}

// Cuts off what stands before the next semicolon.
std::string_view NextPart(std::string_view* text) {
  const std::string_view part = text->substr(0, text->find(';'));
  text->remove_prefix(std::min(part.size() + 1, text->size()));
  return part;
}

// RFC 6265, 5.1.3. An address has no domains above it.
bool DomainMatches(std::string_view host, std::string_view domain) {
  if (host == domain) return true;
  return host.size() > domain.size() && host.ends_with(domain) &&
         host[host.size() - domain.size() - 1] == '.' && !AddressOf(host);
}

// RFC 6265, 5.1.4.
std::string DefaultPath(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return std::string(slash == 0 || slash == path.npos ? "/" : path.substr(0, slash));
}

bool PathMatches(std::string_view path, std::string_view cookie_path) {
  if (!path.starts_with(cookie_path)) return false;
  return path.size() == cookie_path.size() || cookie_path.ends_with('/') ||
         path[cookie_path.size()] == '/';
}

bool MaySetFor(const std::string& host, const std::string& domain) {
  return psl_is_cookie_domain_acceptable(psl_builtin(), host.c_str(), domain.c_str()) == 1;
}

struct Attributes {
  std::string domain, path;
  std::optional<std::int64_t> max_age_s, expires_s;
  bool secure = false;
};

// RFC 6265, 5.2.2: no digit at the start, or a minus: it is over at once if it is a number at all.
std::optional<std::int64_t> ReadMaxAge(std::string_view text) {
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (digits.empty() || digits.find_first_not_of("0123456789") != digits.npos) return std::nullopt;
  if (text.starts_with('-')) return 0;
  std::int64_t seconds = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), seconds);
  return read.ec == std::errc() ? std::min(seconds, kLongestLifeS) : kLongestLifeS;
}

Attributes ReadAttributes(std::string_view text, std::size_t most_bytes) {
  Attributes found;
  while (!text.empty()) {
    const std::string_view part = NextPart(&text);
    const std::size_t equals = part.find('=');
    const std::string name = InLowerCase(TrimBlanks(part.substr(0, equals)));
    const std::string_view value =
        equals == part.npos ? std::string_view() : TrimBlanks(part.substr(equals + 1));
    if (value.size() > most_bytes) continue;
    if (name == "domain") found.domain = InLowerCase(value.substr(value.starts_with('.') ? 1 : 0));
    if (name == "path") found.path = value.starts_with('/') ? value : std::string_view();
    if (name == "secure") found.secure = true;
    if (name == "max-age") {
      if (const auto age = ReadMaxAge(value)) found.max_age_s = age;
    }
    if (name == "expires") {
      const time_t date = curl_getdate(std::string(value).c_str(), nullptr);
      if (date != -1) found.expires_s = date;
    }
  }
  return found;
}

// 0: with the jar. What is over already has a time in the past.
std::int64_t ExpiryOf(const Attributes& attributes, std::int64_t now_s) {
  if (attributes.max_age_s) return *attributes.max_age_s == 0 ? 1 : now_s + *attributes.max_age_s;
  if (!attributes.expires_s) return 0;
  return std::clamp<std::int64_t>(*attributes.expires_s, 1, now_s + kLongestLifeS);
}

}  // namespace

CookieJars::Jar& CookieJars::JarOf(const std::string& name) {
  const auto [found, is_new] = jars_.try_emplace(name);
  if (is_new) {
    latest_.push_front(name);
    found->second.place = latest_.begin();
    if (jars_.size() > limits_.jars) {
      jars_.erase(latest_.back());
      latest_.pop_back();
    }
  } else {
    latest_.splice(latest_.begin(), latest_, found->second.place);
  }
  return found->second;
}

void CookieJars::Forget(const std::string& jar) {
  const auto found = jars_.find(jar);
  if (found == jars_.end()) return;
  latest_.erase(found->second.place);
  jars_.erase(found);
}

void CookieJars::Take(const std::string& jar, const Url& url, const HeaderList& headers,
                      std::int64_t now_s) {
  Jar* kept = nullptr;
  for (const auto& [name, value] : headers) {
    if (name != "set-cookie") continue;
    if (kept == nullptr) kept = &JarOf(jar);
    Set(kept, url, value, now_s);
  }
}

// RFC 6265, 5.2 and 5.3.
void CookieJars::Set(Jar* jar, const Url& url, std::string_view text, std::int64_t now_s) const {
  if (HasControl(text)) return;
  const std::string_view pair = NextPart(&text);
  const std::size_t equals = pair.find('=');
  Cookie cookie;
  cookie.name = TrimBlanks(equals == pair.npos ? std::string_view() : pair.substr(0, equals));
  cookie.value = TrimBlanks(equals == pair.npos ? pair : pair.substr(equals + 1));
  const std::size_t bytes = cookie.name.size() + cookie.value.size();
  if (bytes == 0 || bytes > limits_.cookie_bytes) return;
  const Attributes attributes = ReadAttributes(text, limits_.attribute_bytes);

  const std::string host(url.hostname());
  cookie.domain = host;
  if (!attributes.domain.empty() && attributes.domain != host) {
    if (!DomainMatches(host, attributes.domain) || !MaySetFor(host, attributes.domain)) return;
    cookie.domain = attributes.domain;
  }
  cookie.host_only =
      attributes.domain.empty() || AddressOf(host) || !MaySetFor(host, attributes.domain);
  cookie.path = attributes.path.empty() ? DefaultPath(url.path()) : attributes.path;
  cookie.secure = attributes.secure;
  cookie.expires_s = ExpiryOf(attributes, now_s);

  const bool secure_url = url.scheme() == "https";
  if (cookie.secure && !secure_url) return;
  const std::string prefix = InLowerCase(cookie.name.substr(0, 9));
  if (prefix.starts_with("__secure-") && !cookie.secure) return;
  const bool whole_host = cookie.secure && attributes.domain.empty() && attributes.path == "/";
  if (prefix.starts_with("__host-") && !whole_host) return;

  auto& cookies = jar->cookies;
  const auto same = std::find_if(cookies.begin(), cookies.end(), [&](const Cookie& old) {
    return old.name == cookie.name && old.domain == cookie.domain && old.path == cookie.path &&
           old.host_only == cookie.host_only;
  });
  const bool over = cookie.expires_s != 0 && cookie.expires_s <= now_s;
  if (same != cookies.end()) {
    if (same->secure && !secure_url) return;  // Not to be overwritten by who may be anybody.
    if (over) {
      cookies.erase(same);
    } else {
      *same = std::move(cookie);
    }
    return;
  }
  if (over) return;
  cookies.push_back(std::move(cookie));
  if (cookies.size() > limits_.cookies) cookies.erase(cookies.begin());
}

bool CookieJars::Matches(const Cookie& cookie, const Url& url, std::int64_t now_s) {
  const bool host = cookie.host_only ? url.hostname() == cookie.domain
                                     : DomainMatches(url.hostname(), cookie.domain);
  return host && PathMatches(url.path(), cookie.path) &&
         (!cookie.secure || url.scheme() == "https") &&
         (cookie.expires_s == 0 || cookie.expires_s > now_s);
}

// RFC 6265, 5.4: longer paths first, then as they were set.
std::string CookieJars::HeaderFor(const std::string& jar, const Url& url, const HeaderList& own,
                                  std::int64_t now_s) {
  std::vector<const Cookie*> sent;
  if (jars_.contains(jar)) {
    for (const Cookie& cookie : JarOf(jar).cookies) {
      if (Matches(cookie, url, now_s)) sent.push_back(&cookie);
    }
  }
  std::stable_sort(sent.begin(), sent.end(), [](const Cookie* a, const Cookie* b) {
    return a->path.size() > b->path.size();
  });
  std::string header;
  const auto append = [&header](const std::string& name, const std::string& value) {
    if (!header.empty()) header += "; ";
    header += name.empty() ? value : name + "=" + value;
  };
  for (const auto& [name, value] : own) {
    const bool known = std::any_of(sent.begin(), sent.end(),
                                   [&](const Cookie* cookie) { return cookie->name == name; });
    if (!known) append(name, value);
  }
  for (const Cookie* cookie : sent) append(cookie->name, cookie->value);
  return header;
}

}  // namespace thresh
