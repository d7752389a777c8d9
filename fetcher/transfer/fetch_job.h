#pragma once

// What the transfer stage takes and gives.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "fetcher/job/request.h"

namespace thresh {

struct FetchLimits {
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{120'000};  ///< Name look-up to last byte, all redirects.
  std::int64_t max_body_bytes = 64 << 20;      ///< On the wire.
  std::int64_t max_redirects = 10;
};

struct FetchJob {
  std::uint64_t id = 0;
  std::string url;
  FetchLimits limits;
  std::string user_agent;  ///< Empty: thresh's own.
  bool unpack = false;     ///< The body is handed over unpacked.
};

/// An answer, or why there is none. docs/outcomes.md lists the reasons.
struct FetchResult {
  std::uint64_t id = 0;
  std::string failure;     ///< Empty if an answer came; else `timeout`, `dns`, …
  std::string detail;      ///< One line for people, of a failure.
  bool may_retry = false;  ///< Asking again later may help.
  long status = 0;         ///< HTTP status of the last answer, 0 if there was none.
  std::string final_url;   ///< After redirects.
  HeaderList headers;      ///< Of the last answer, names in lower case.
  std::shared_ptr<const std::string> body;  ///< As sent; see content-encoding.
  std::int64_t fetched_at_ms = 0;           ///< Wall clock.
  std::chrono::microseconds first_byte{0};  ///< From the start to the answer's first byte.
  std::string address;                      ///< Of the server, if one was connected to.
};

}  // namespace thresh
