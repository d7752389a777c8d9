#pragma once

// WireWatch: what a transfer's connection receives, whether it becomes a body or not. libcurl
// counts bodies alone: the extension of a chunk (RFC 9112, 7.1.1) may be without end, and is none
// of one.
//
//   if (watch.Look(easy, socket) > limit) ...   // once a second
//
// HTTP/2 has no such thing, and its connections belong to several transfers: there, and before a
// head says which it is, nothing is counted.

#include <cstdint>

#include <curl/curl.h>

namespace thresh {

class WireWatch {
 public:
  /// Bytes that came at `easy`'s socket since the first look; 0 where the system cannot tell.
  [[nodiscard]] std::uint64_t Look(CURL* easy, curl_socket_t socket);

  void Reset() noexcept { *this = {}; }

 private:
  curl_socket_t socket_ = CURL_SOCKET_BAD;
  std::uint64_t first_ = 0;
};

}  // namespace thresh
