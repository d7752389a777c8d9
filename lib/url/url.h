#pragma once

// URLs as browsers read them: UTF-8 text in, a normalised absolute URL and its parts out.
//
// A Url is one string, its href, and where the parts begin. It always holds a valid URL and
// is never changed (but UrlPlace, of url_place.h, uses its memory again). The views it gives
// point into it and live as long as it does. No shared state but an ICU handle: any thread may
// parse.
//
// Source: https://url.spec.whatwg.org/, as of 2026. The names of parts are those of the standard:
//
//   https://user:secret@example.org:8080/a/b?x=1#top
//   scheme  username    hostname    port path query fragment
//                password
//                       '----- host -----'

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace thresh {

class Url {
 public:
  /// The absolute URL that `input` stands for. Space around it, and tabs and line ends
  /// anywhere, are dropped; bytes that are no UTF-8 count as U+FFFD.
  /// Errors: kInvalid if it is relative or broken; kTooLarge above kMaxInputBytes. The detail
  /// quotes at most some 200 bytes of the input, and never its user name and password.
  [[nodiscard]] static Result<Url> Parse(std::string_view input);

  /// What `input`, relative or absolute, means on a page at `base`.
  /// Errors: as above, and kInvalid if `base` (such as `mailto:…`) cannot carry it.
  [[nodiscard]] static Result<Url> Parse(std::string_view input, const Url& base);

  /// Of the input and the base together.
  static constexpr std::size_t kMaxInputBytes = std::size_t{64} << 20;

  /// The whole, normalised and ASCII. Two URLs are the same if and only if their hrefs are.
  [[nodiscard]] const std::string& href() const noexcept { return href_; }

  /// In lower case, without the colon.
  [[nodiscard]] std::string_view scheme() const noexcept { return Slice(0, scheme_end_); }

  /// Both percent-encoded; empty if there is none.
  [[nodiscard]] std::string_view username() const noexcept;
  [[nodiscard]] std::string_view password() const noexcept;

  /// Domain or address, an IPv6 address in brackets; empty if there is none. A domain with
  /// other letters than ASCII is in its `xn--` form.
  [[nodiscard]] std::string_view hostname() const noexcept { return Slice(host_begin_, host_end_); }

  /// hostname(), and `:port` if there is a port().
  [[nodiscard]] std::string_view host() const noexcept;

  /// Nullopt if none is given or it is the scheme's default.
  [[nodiscard]] std::optional<std::uint16_t> port() const noexcept { return port_; }

  /// port(), else the scheme's default (80 for http, 443 for https), else 0.
  [[nodiscard]] std::uint16_t effective_port() const noexcept;

  /// Percent-encoded; begins with `/` in http and https URLs.
  [[nodiscard]] std::string_view path() const noexcept { return Slice(path_begin_, path_end()); }

  /// Without the `?`. Empty both for `x?` and for `x`: has_query() tells them apart.
  [[nodiscard]] std::string_view query() const noexcept;
  [[nodiscard]] bool has_query() const noexcept { return query_begin_ != kNone; }

  /// Without the `#`; has_fragment() as for the query.
  [[nodiscard]] std::string_view fragment() const noexcept;
  [[nodiscard]] bool has_fragment() const noexcept { return fragment_begin_ != kNone; }

  /// path(), and `?query` if there is a query: what robots.txt rules and request lines name.
  [[nodiscard]] std::string_view path_and_query() const noexcept {
    return Slice(path_begin_, before_fragment());
  }

  /// True for http and https.
  [[nodiscard]] bool is_http() const noexcept;

  /// True for `mailto:x`, `data:…`, `javascript:…`: the path is no list of segments, and only
  /// a fragment can be resolved against it.
  [[nodiscard]] bool has_opaque_path() const noexcept;

  /// Scheme, hostname and port, `https://example.org:8080`; `null` for schemes without one.
  /// Source: https://url.spec.whatwg.org/#origin
  [[nodiscard]] std::string origin() const;

  /// The same URL with has_fragment() false.
  [[nodiscard]] Url WithoutFragment() const;

  friend bool operator==(const Url& a, const Url& b) noexcept { return a.href_ == b.href_; }

 private:
  friend class UrlParser;  // Fills in what stands below.
  friend class UrlPlace;

  Url() = default;

  static constexpr std::uint32_t kNone = UINT32_MAX;

  [[nodiscard]] std::string_view Slice(std::size_t begin, std::size_t end) const noexcept {
    return std::string_view(href_).substr(begin, end - begin);
  }
  [[nodiscard]] std::size_t before_fragment() const noexcept {
    return has_fragment() ? fragment_begin_ : href_.size();
  }
  [[nodiscard]] std::size_t path_end() const noexcept {
    return has_query() ? query_begin_ : before_fragment();
  }
  [[nodiscard]] bool has_authority() const noexcept;
  /// Where scheme, credentials, host and port end. The path begins there, or after a `/.`
  /// that keeps a path with two slashes in front from looking like a host.
  [[nodiscard]] std::size_t authority_end() const noexcept;

  // Positions in href_. Without authority, the three in the middle stand behind the colon.
  std::string href_;
  std::uint32_t scheme_end_ = 0;    // The colon.
  std::uint32_t username_end_ = 0;  // Then `:password@`, `@` or nothing.
  std::uint32_t host_begin_ = 0;
  std::uint32_t host_end_ = 0;
  std::uint32_t path_begin_ = 0;
  std::uint32_t query_begin_ = kNone;     // The question mark.
  std::uint32_t fragment_begin_ = kNone;  // The number sign.
  std::optional<std::uint16_t> port_;
};

}  // namespace thresh
