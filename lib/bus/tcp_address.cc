#include "lib/bus/tcp_address.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <charconv>
#include <memory>
#include <optional>
#include <string_view>

namespace thresh {
namespace {

struct HostAndPort {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<HostAndPort> Split(std::string_view endpoint) {
  constexpr std::string_view kScheme = "tcp://";
  if (!endpoint.starts_with(kScheme)) return std::nullopt;
  endpoint.remove_prefix(kScheme.size());
  const std::size_t colon = endpoint.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  std::string_view host = endpoint.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;
  }
  HostAndPort found{.host = std::string(host)};
  const std::string_view port = endpoint.substr(colon + 1);
  const char* const end = port.data() + port.size();
  const auto [stopped, error] = std::from_chars(port.data(), end, found.port);
  if (error != std::errc() || stopped != end || found.host.empty()) return std::nullopt;
  return found;
}

struct FreeAddresses {
  void operator()(addrinfo* list) const noexcept { ::freeaddrinfo(list); }
};

TcpAddress AddressOf(const sockaddr* address, std::uint16_t port) {
  TcpAddress found{.port = port, .is_ipv6 = address->sa_family == AF_INET6};
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (found.is_ipv6) {
    const in6_addr& ip = reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr;
    ::inet_ntop(AF_INET6, &ip, text.data(), text.size());
    found.is_loopback = IN6_IS_ADDR_LOOPBACK(&ip) != 0;
  } else {
    const in_addr& ip = reinterpret_cast<const sockaddr_in*>(address)->sin_addr;
    ::inet_ntop(AF_INET, &ip, text.data(), text.size());
    found.is_loopback = ntohl(ip.s_addr) >> 24 == 127;
  }
  const std::string host = text.data();
  found.endpoint =
      "tcp://" + (found.is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
  return found;
}

}  // namespace

Result<TcpAddress> ResolveTcp(const std::string& endpoint) {
  const std::optional<HostAndPort> split = Split(endpoint);
  if (!split) {
    return Error{Errc::kInvalid, "not an endpoint: " + endpoint +
                                     " (expected tcp://HOST:PORT, an IPv6 address in brackets)"};
  }
  if (split->host == "*") return TcpAddress{.endpoint = endpoint, .port = split->port};
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int rc = ::getaddrinfo(split->host.c_str(), nullptr, &hints, &list);
  const std::unique_ptr<addrinfo, FreeAddresses> addresses(list);
  if (rc != 0 || !addresses) {
    return Error{Errc::kUnavailable, endpoint + ": " + ::gai_strerror(rc)};
  }
  return AddressOf(addresses->ai_addr, split->port);
}

}  // namespace thresh
