#pragma once

// What no log may show: secrets that stand in URLs, headers and forms.

#include <string>
#include <string_view>

namespace thresh {

inline constexpr std::string_view kRedacted = "[redacted]";

/// `text` with `[redacted]` in the place of
///  - user name and password of a URL: `https://[redacted]@host/`;
///  - what stands behind `Authorization:`, `Proxy-Authorization:`, `Cookie:` and `Set-Cookie:`, up
///    to the end of the line, or of the quotes it stands in;
///  - the values of parameters whose name ends with key, token, secret, password, passwd,
///    signature or credential: `?api_key=[redacted]&page=2`, also where the query is itself
///    percent-encoded in another one's value.
/// Names are compared without regard to case and percent-encoding.
[[nodiscard]] std::string Redact(std::string_view text);

/// Whether a log field of this name is never shown: `authorization`, `cookie`, `token`, ….
[[nodiscard]] bool IsSecretField(std::string_view name);

}  // namespace thresh
