#pragma once

// International domain names, by ICU. Inside lib/url only.

#include <cstddef>
#include <string>
#include <string_view>

namespace thresh {

/// Longer names are refused: Punycode takes time in the square of a label's length, the
/// DNS allows 253 bytes, and names come from pages that may be hostile.
inline constexpr std::size_t kMaxUnicodeDomainBytes = 4096;

/// Appends `domain` in ASCII (`faß.de` → `xn--fa-hia.de`); false, and nothing appended, if it
/// has no such form. UTS #46 as the URL standard asks when beStrict is false: nontransitional,
/// CheckBidi and CheckJoiners on, CheckHyphens, VerifyDnsLength and STD3 rules off.
/// REQUIRES: `domain` is UTF-8. (Of ASCII alone, lower case is its ASCII form; no call needed.)
/// Source: https://url.spec.whatwg.org/#concept-domain-to-ascii
[[nodiscard]] bool AppendDomainToAscii(std::string_view domain, std::string* out);

}  // namespace thresh
