#pragma once

// The part of a host name that somebody registered: `example.co.uk` of `www.example.co.uk`.
// Source: https://publicsuffix.org/list/, as the system has it.

#include <string>
#include <string_view>

namespace thresh {

/// `hostname` is canonical (lower case, `xn--`). Empty if it is a public suffix itself, an
/// address, or no name.
[[nodiscard]] std::string RegistrableDomain(std::string_view hostname);

/// The name or address in `host`, which may have a port.
[[nodiscard]] std::string_view NameOfHost(std::string_view host);

/// True for an IPv4 address, or an IPv6 address in brackets.
[[nodiscard]] bool IsAddress(std::string_view hostname);

}  // namespace thresh
