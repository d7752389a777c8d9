#pragma once

// AddressGuard: which addresses a request may connect to. Pages and feeds must not lead a fetcher
// to what only its own machine and network can reach (server-side request forgery), so addresses
// that are not of the public internet are refused unless a recipe or an operator names them.
//
// It is asked with the address that is about to be connected to, after the name was looked up:
// what a URL looks like, and what a name meant a moment ago, does not count.

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

/// An IP address; IPv4 as `::ffff:a.b.c.d`.
using AddressBytes = std::array<std::uint8_t, 16>;

/// Nullopt if it is of another family than IPv4 and IPv6.
[[nodiscard]] std::optional<AddressBytes> AddressOf(const sockaddr& address);
/// Of `192.0.2.1` or `2001:db8::1`, with or without brackets; nullopt for all else.
[[nodiscard]] std::optional<AddressBytes> AddressOf(std::string_view text);
/// `192.0.2.1` or `2001:db8::1`.
[[nodiscard]] std::string TextOf(const AddressBytes& address);

/// Whether it is not globally reachable: loopback, private, shared (100.64/10), link-local,
/// unique-local, multicast, reserved and for documentation, and IPv6 addresses that embed such an
/// IPv4 address (mapped, compatible, NAT64, 6to4, ISATAP).
/// Source: IANA IPv4 and IPv6 Special-Purpose Address Registries (RFC 6890).
[[nodiscard]] bool IsPrivate(const AddressBytes& address);

class AddressGuard {
 public:
  /// Lets through a network, `10.0.0.0/8` or `fd00::/8`; or, without a `/`, all that a URL's
  /// hostname leads to: `localhost`, `192.168.1.1`, `[::1]`.
  /// Errors: kInvalid for what has a `/` and is no network.
  Result<> Allow(std::string_view network_or_host);

  /// Whether a request for a URL with this hostname may go to this address.
  [[nodiscard]] bool MayConnect(std::string_view hostname, const AddressBytes& address) const;

  /// Whether a proxy may be asked for this hostname: it connects on its own, so all that can be
  /// seen here are addresses written in the URL, and names of this machine (RFC 6761, 6.3).
  [[nodiscard]] bool MayAskProxyFor(std::string_view hostname) const;

 private:
  struct Network {
    AddressBytes address{};
    unsigned bits = 0;  ///< Of 128.
  };

  [[nodiscard]] bool AllowsHost(std::string_view hostname) const;

  std::vector<Network> networks_;
  std::vector<std::string> hosts_;
};

}  // namespace thresh
