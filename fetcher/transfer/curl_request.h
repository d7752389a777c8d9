#pragma once

// How thresh asks for a URL: the options of a libcurl handle, and what libcurl's result
// codes mean to the rest of the pipeline. Shared by the fetcher and `thresh fetch`.

#include <array>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <curl/curl.h>

#include "fetcher/transfer/fetch_job.h"
#include "lib/base/curl_handles.h"
#include "lib/base/result.h"

namespace thresh {

/// Of a canonical URL.
struct UrlHost {
  std::string_view name;  ///< An IPv6 address in brackets.
  std::string_view port;  ///< The scheme's own if the URL has none.
};
[[nodiscard]] UrlHost HostOf(std::string_view url);

struct FailureKind {
  const char* reason;  ///< As in docs/outcomes.md.
  bool may_retry;
};
/// `said`: libcurl's own words, if there are any. REQUIRES: code != CURLE_OK.
[[nodiscard]] FailureKind ClassifyFailure(CURLcode code, std::string_view said = {});

/// What libcurl reads of an answer at a time: most pages in one or two.
inline constexpr std::size_t kReadBytes = 64 << 10;

/// A libcurl handle for one request after another. Redirects are answers like any other: see
/// redirect.h. Bodies come as they are sent: packed, if the answer's Content-Encoding says so.
/// Setting options is a good part of what a request costs, so a handle keeps what the next request
/// has in common with the one before.
class CurlRequest {
 public:
  /// `easy()` is null if libcurl has no handle left.
  CurlRequest();
  CurlRequest(const CurlRequest&) = delete;
  CurlRequest& operator=(const CurlRequest&) = delete;

  /// Who is told of what arrives; stays, whatever requests are set.
  struct Callbacks {
    curl_write_callback on_body = nullptr;
    curl_write_callback on_header = nullptr;
    void* data = nullptr;  ///< The last argument of both, and the handle's CURLINFO_PRIVATE.
    curl_closesocket_callback on_close_socket = nullptr;
    void* close_data = nullptr;  ///< The first argument of on_close_socket.
  };
  void SetCallbacks(const Callbacks& callbacks);

  /// Makes this the request of `job`, which must stay as it is until the transfer has ended.
  /// Errors: kInvalid, reason `bad_request`, for a method or header that cannot be sent as it is;
  /// kInvalid, reason `private_address`, for a proxy's request to such.
  Result<> SetRequest(const FetchJob& job);

  /// Which names libcurl is to take these addresses for: `name:port:address,…`, `-name:port` to
  /// forget one.
  void SetResolve(CurlList entries);

  [[nodiscard]] CURL* easy() const noexcept { return easy_.get(); }

  /// After a failure: what it means, and one line for people.
  [[nodiscard]] FailureKind FailureOf(CURLcode code) const;
  [[nodiscard]] std::string DetailOf(CURLcode code) const;

  /// After a failure: the address that the guard refused, if that is why; else empty.
  [[nodiscard]] std::string refused_address() const { return opened_ ? "" : refused_; }

 private:
  static curl_socket_t OnOpenSocket(void* self, curlsocktype, curl_sockaddr* address) noexcept;
  static int OnPrereq(void* self, char* remote, char*, int, int) noexcept;
  [[nodiscard]] bool MayConnect(const std::optional<AddressBytes>& address);

  void SetBase();
  void SetRoute(const FetchRoute& route);
  void SetLimits(const FetchLimits& limits);
  void SetMethod(const FetchJob& job);
  void SetHeaders(const FetchJob& job);
  void SetAuth(const FetchAuth& auth);

  std::array<char, CURL_ERROR_SIZE> said_{};  // By libcurl, of a failure.
  CurlEasy easy_;
  Callbacks callbacks_;
  FetchLimits limits_;
  std::shared_ptr<const FetchRoute> route_;
  bool plain_ = true;  // No more is set than every GET has.
  bool resolves_ = false;
  bool unpacks_ = false;
  bool hangs_up_ = false;
  bool opened_ = false;  // A socket, to an address that the guard let through.
  CurlList headers_, resolve_;
  std::string hostname_;
  std::string refused_;
};

/// thresh's own User-Agent.
[[nodiscard]] const char* DefaultUserAgent();

}  // namespace thresh
