#pragma once

// Hosts: domains, IPv4 and IPv6 addresses, opaque hosts. Inside lib/url only.

#include <string>
#include <string_view>

namespace thresh {

/// Appends the serialisation of `text`, a non-empty host as written in a URL. Returns what is
/// wrong with it, for people; empty means that it was appended.
/// `special`: the URL's scheme is one of http, https, ws, wss, ftp, file.
/// REQUIRES: `text` is UTF-8.
/// Source: https://url.spec.whatwg.org/#concept-host-parser
[[nodiscard]] std::string_view AppendHost(std::string_view text, bool special, std::string* out);

}  // namespace thresh
