#pragma once

// CookieJars: what servers set by Set-Cookie, and what goes back to them. Each host, or each job,
// has a jar of its own, so that one crawl's session is not another's.
//
// Bounded: jars (the one used least lately goes), cookies of a jar (the oldest goes), and the bytes
// of a cookie. In memory only: a session begins anew with the process.
//
// Source: RFC 6265, sections 5.1 to 5.4, and the prefixes, sizes and rules for secure cookies of
// RFC 6265bis (draft-ietf-httpbis-rfc6265bis). Names under a public suffix set no cookies for it.

#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "fetcher/job/request.h"
#include "lib/url/url.h"

namespace thresh {

struct CookieLimits {
  std::size_t jars = 10'000;
  std::size_t cookies = 180;        ///< Of a jar.
  std::size_t cookie_bytes = 4096;  ///< Name and value.
  std::size_t attribute_bytes = 1024;
};

class CookieJars {
 public:
  explicit CookieJars(CookieLimits limits = {}) : limits_(limits) {}

  /// Puts away what an answer from `url` sets by its Set-Cookie headers. `now_s`: Unix time.
  void Take(const std::string& jar, const Url& url, const HeaderList& headers, std::int64_t now_s);

  /// The value of a Cookie header for a request to `url`; empty: none. `own`: cookies that the
  /// recipe sends, unless the jar has others of the same names.
  [[nodiscard]] std::string HeaderFor(const std::string& jar, const Url& url, const HeaderList& own,
                                      std::int64_t now_s);

  void Forget(const std::string& jar);

  [[nodiscard]] std::size_t jars() const noexcept { return jars_.size(); }

 private:
  struct Cookie {
    std::string name, value, domain, path;
    std::int64_t expires_s = 0;  // 0: with the jar.
    bool host_only = true;
    bool secure = false;
  };
  struct Jar {
    std::vector<Cookie> cookies;  // In the order in which they were first set.
    std::list<std::string>::iterator place;
  };

  Jar& JarOf(const std::string& name);
  void Set(Jar* jar, const Url& url, std::string_view text, std::int64_t now_s) const;
  static bool Matches(const Cookie& cookie, const Url& url, std::int64_t now_s);

  CookieLimits limits_;
  std::unordered_map<std::string, Jar> jars_;
  std::list<std::string> latest_;  // Jars by use, the latest first.
};

}  // namespace thresh
