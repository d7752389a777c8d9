#pragma once

// What the transfer stage takes and gives.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fetcher/job/request.h"
#include "fetcher/transfer/address_guard.h"
#include "lib/base/shared_bytes.h"
#include "lib/io/spool_file.h"

namespace thresh {

struct FetchLimits {
  std::chrono::milliseconds connect_timeout{10'000};  ///< Also of the name's look-up.
  std::chrono::milliseconds timeout{120'000};         ///< From the start to the last byte.
  std::int64_t max_body_bytes = 64 << 20;             ///< On the wire.
  bool cut_body = false;                              ///< A longer one is cut there: no failure.
  std::int64_t max_redirects = 10;                    ///< For who follows them: no transfer does.
  std::chrono::milliseconds first_byte_timeout{60'000};  ///< From the start to the answer's first.
  std::int64_t max_header_bytes = 64 << 10;
  std::int64_t low_speed_bytes = 0;  ///< A second; slower for low_speed_time: broken off. 0: never.
  std::chrono::milliseconds low_speed_time{30'000};

  friend bool operator==(const FetchLimits&, const FetchLimits&) = default;
};

/// How servers are reached: what all requests of a recipe have in common.
struct FetchRoute {
  enum class Ip : std::uint8_t { kAny, k4, k6 };
  enum class Http : std::uint8_t { kAny, k1, k2 };  ///< kAny, k2: HTTP/2 if TLS agrees on it.

  AddressGuard guard;
  Ip ip = Ip::kAny;
  Http http = Http::kAny;
  bool verify = true;      ///< The server's certificate.
  std::string ca_file;     ///< PEM; empty: the system's.
  std::string proxy;       ///< `http://`, `https://`, `socks5://` or `socks5h://`; empty: none.
  std::string user_agent;  ///< Empty: thresh's own.
};

/// Who asks. A bearer token is a header like any other.
struct FetchAuth {
  enum class Kind : std::uint8_t { kNone, kBasic, kDigest };
  Kind kind = Kind::kNone;
  std::string user, password;
};

struct FetchJob {
  std::uint64_t id = 0;
  std::string url;  ///< Canonical.
  FetchLimits limits;
  std::shared_ptr<const FetchRoute> route;  ///< Null: a FetchRoute{}.
  std::string method = "GET";               ///< HEAD: the answer has no body.
  HeaderList headers;                       ///< Beside thresh's own, or instead of them.
  std::string body;
  FetchAuth auth;
  bool unpack = false;                   ///< The body is handed over unpacked.
  bool hang_up = false;                  ///< Its connection is not kept for another request.
  std::vector<std::string> credentials;  ///< Names of headers that are not for other origins.
};

/// An answer, or why there is none. docs/outcomes.md lists the reasons.
struct FetchResult {
  std::uint64_t id = 0;
  std::string failure;     ///< Empty if an answer came; else `timeout`, `dns`, …
  std::string detail;      ///< One line for people, of a failure.
  bool may_retry = false;  ///< Asking again later may help.
  long status = 0;         ///< HTTP status, 0 if there was none.
  std::string final_url;   ///< After redirects; of one transfer: its URL.
  HeaderList headers;      ///< Names in lower case.
  SharedBytes body;        ///< As sent; see content-encoding.
  /// The body, if it is not in memory: `body` is empty then.
  std::shared_ptr<const SpoolFile> spooled;
  std::int64_t fetched_at_ms = 0;           ///< Wall clock.
  std::string address;                      ///< Of the server, if one was connected to.
  std::chrono::microseconds first_byte{0};  ///< From the start to the answer's first byte.
};

}  // namespace thresh
