#pragma once

// Endpoints of the form tcp://HOST:PORT, HOST a name, an IPv4 address, an IPv6 address in brackets,
// or, where one listens, * for all.

#include <cstdint>
#include <string>

#include "lib/base/result.h"

namespace thresh {

struct TcpAddress {
  std::string endpoint;  ///< With the address in numbers: no look-up is needed any more.
  std::uint16_t port = 0;
  bool is_loopback = false;  ///< Nobody on another machine can reach it.
  bool is_ipv6 = false;
};

/// Looks the name up, which may wait for a name server.
/// Errors: kInvalid for what is no such endpoint; kUnavailable for a name that is not known now.
[[nodiscard]] Result<TcpAddress> ResolveTcp(const std::string& endpoint);

}  // namespace thresh
