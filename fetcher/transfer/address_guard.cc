#include "fetcher/transfer/address_guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace thresh {
namespace {

constexpr unsigned kMappedBits = 96;

bool SharesBits(const AddressBytes& a, const AddressBytes& b, unsigned bits) {
  const unsigned whole = bits / 8;
  if (std::memcmp(a.data(), b.data(), whole) != 0) return false;
  const unsigned rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

AddressBytes Mapped(const std::uint8_t* v4) {
  AddressBytes address{};
  address[10] = address[11] = 0xff;
  std::memcpy(&address[12], v4, 4);
  return address;
}

bool IsV4(const AddressBytes& address) {
  static constexpr std::uint8_t kZeros[4]{};
  return SharesBits(address, Mapped(kZeros), kMappedBits);
}

struct Range {
  const char* network;
  unsigned bits;
};

constexpr Range kPrivateV4[] = {
    {"0.0.0.0", 8},      {"10.0.0.0", 8},     {"100.64.0.0", 10}, {"127.0.0.0", 8},
    {"169.254.0.0", 16}, {"172.16.0.0", 12},  {"192.0.0.0", 24},  {"192.0.2.0", 24},
    {"192.88.99.0", 24}, {"192.168.0.0", 16}, {"198.18.0.0", 15}, {"198.51.100.0", 24},
    {"203.0.113.0", 24}, {"224.0.0.0", 4},    {"240.0.0.0", 4},
};

// What is not in 2000::/3, from which all global addresses are, is refused without a list, NAT64's
// well-known prefix excepted. 2001::/23 has Teredo, benchmarks and ORCHIDs.
constexpr Range kPrivateInGlobal[] = {{"2001::", 23}, {"2001:db8::", 32}, {"3fff::", 20}};

bool IsIn(const AddressBytes& address, const Range& range, unsigned family_bits) {
  return SharesBits(address, *AddressOf(std::string_view(range.network)), family_bits + range.bits);
}

bool IsPrivateV4(const AddressBytes& address) {
  // Parsed once: the guard is asked for each connection.
  static const std::vector<std::pair<AddressBytes, unsigned>> kRanges = [] {
    std::vector<std::pair<AddressBytes, unsigned>> ranges;
    for (const Range& r : kPrivateV4)
      ranges.emplace_back(*AddressOf(std::string_view(r.network)), r.bits);
    return ranges;
  }();
  return std::any_of(kRanges.begin(), kRanges.end(), [&](const auto& range) {
    return SharesBits(address, range.first, kMappedBits + range.second);
  });
}

bool HasIsatapId(const AddressBytes& address) {  // RFC 5214, 6.1.
  return (address[8] & ~0x03) == 0 && address[9] == 0 && address[10] == 0x5e && address[11] == 0xfe;
}

bool IsPrivateV6(const AddressBytes& address) {
  if (IsIn(address, {"64:ff9b::", 96}, 0)) return IsPrivateV4(Mapped(&address[12]));
  if (!IsIn(address, {"2000::", 3}, 0)) return true;
  if (IsIn(address, {"2002::", 16}, 0)) return IsPrivateV4(Mapped(&address[2]));
  if (HasIsatapId(address)) return IsPrivateV4(Mapped(&address[12]));
  return std::any_of(std::begin(kPrivateInGlobal), std::end(kPrivateInGlobal),
                     [&](const Range& range) { return IsIn(address, range, 0); });
}

std::string_view WithoutDot(std::string_view hostname) {
  if (hostname.ends_with('.')) hostname.remove_suffix(1);
  return hostname;
}

}  // namespace

std::optional<AddressBytes> AddressOf(const sockaddr& address) {
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::uint8_t bytes[4];
    std::memcpy(bytes, &v4.sin_addr, sizeof bytes);
    return Mapped(bytes);
  }
  if (address.sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  AddressBytes bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return bytes;
}

std::optional<AddressBytes> AddressOf(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  const std::string copy(text.substr(0, text.find('%')));  // Without an interface's name.
  std::uint8_t v4[4];
  if (inet_pton(AF_INET, copy.c_str(), v4) == 1) return Mapped(v4);
  AddressBytes v6;
  if (inet_pton(AF_INET6, copy.c_str(), v6.data()) == 1) return v6;
  return std::nullopt;
}

std::string TextOf(const AddressBytes& address) {
  char text[INET6_ADDRSTRLEN] = "";
  if (IsV4(address)) {
    inet_ntop(AF_INET, &address[12], text, sizeof text);
  } else {
    inet_ntop(AF_INET6, address.data(), text, sizeof text);
  }
  return text;
}

bool IsPrivate(const AddressBytes& address) {
  return IsV4(address) ? IsPrivateV4(address) : IsPrivateV6(address);
}

Result<> AddressGuard::Allow(std::string_view network_or_host) {
  const std::size_t slash = network_or_host.find('/');
  if (slash == std::string_view::npos) {
    hosts_.emplace_back(network_or_host);
    return Ok{};
  }
  const auto address = AddressOf(network_or_host.substr(0, slash));
  const std::string_view digits = network_or_host.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  const bool v4 = address && network_or_host.find(':') == std::string_view::npos;
  if (!address || error != std::errc() || end != digits.data() + digits.size() ||
      bits > (v4 ? 32U : 128U)) {
    return Error{Errc::kInvalid, "expected a network such as 127.0.0.0/8 or fd00::/8, found \"" +
                                     std::string(network_or_host) + "\""};
  }
  networks_.push_back({*address, v4 ? kMappedBits + bits : bits});
  return Ok{};
}

bool AddressGuard::AllowsHost(std::string_view hostname) const {
  return std::any_of(hosts_.begin(), hosts_.end(), [&](const std::string& known) {
    return WithoutDot(known) == WithoutDot(hostname);
  });
}

bool AddressGuard::MayConnect(std::string_view hostname, const AddressBytes& address) const {
  if (!IsPrivate(address) || AllowsHost(hostname)) return true;
  return std::any_of(networks_.begin(), networks_.end(), [&](const Network& network) {
    return SharesBits(address, network.address, network.bits);
  });
}

bool AddressGuard::MayAskProxyFor(std::string_view hostname) const {
  const std::string_view name = WithoutDot(hostname);
  if (const auto address = AddressOf(name)) return MayConnect(hostname, *address);
  const bool local = name == "localhost" || name.ends_with(".localhost");
  static constexpr std::uint8_t kLoopback[4]{127, 0, 0, 1};
  return !local || MayConnect(hostname, Mapped(kLoopback));
}

}  // namespace thresh
