#pragma once

// IPv4 and IPv6 addresses as URLs write them. Inside lib/url only.

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thresh {

using Ipv6Pieces = std::array<std::uint16_t, 8>;

/// True if the last label is a number, so that the whole must be an IPv4 address.
/// Source: https://url.spec.whatwg.org/#ends-in-a-number-checker
[[nodiscard]] bool EndsInNumber(std::string_view domain);

/// The address, most significant byte first, of 1 to 4 parts, each decimal, octal (`0…`)
/// or hexadecimal (`0x…`); nullopt if it is none.
/// Source: https://url.spec.whatwg.org/#concept-ipv4-parser
[[nodiscard]] std::optional<std::uint32_t> ParseIpv4(std::string_view text);

/// Nullopt if `text`, without brackets, is no IPv6 address. Zone ids are none.
/// Source: https://url.spec.whatwg.org/#concept-ipv6-parser
[[nodiscard]] std::optional<Ipv6Pieces> ParseIpv6(std::string_view text);

/// Appends `1.2.3.4`.
void AppendIpv4(std::uint32_t address, std::string* out);

/// Appends `2001:db8::1`: lower case, no brackets, the first longest run of zeros as `::`.
/// Source: https://url.spec.whatwg.org/#concept-ipv6-serializer
void AppendIpv6(const Ipv6Pieces& pieces, std::string* out);

}  // namespace thresh
