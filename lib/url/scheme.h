#pragma once

// The special schemes and their ports. Inside lib/url only.
// Source: https://url.spec.whatwg.org/#special-scheme

#include <cstdint>
#include <string_view>

namespace thresh {

enum class SchemeKind : std::uint8_t { kNotSpecial, kHttp, kHttps, kWs, kWss, kFtp, kFile };

/// REQUIRES: `scheme` is in lower case.
[[nodiscard]] constexpr SchemeKind KindOfScheme(std::string_view scheme) noexcept {
  if (scheme == "https") return SchemeKind::kHttps;
  if (scheme == "http") return SchemeKind::kHttp;
  if (scheme == "file") return SchemeKind::kFile;
  if (scheme == "ws") return SchemeKind::kWs;
  if (scheme == "wss") return SchemeKind::kWss;
  if (scheme == "ftp") return SchemeKind::kFtp;
  return SchemeKind::kNotSpecial;
}

/// 0 for a scheme that has none.
[[nodiscard]] constexpr std::uint16_t DefaultPort(SchemeKind kind) noexcept {
  switch (kind) {
    case SchemeKind::kHttp:
    case SchemeKind::kWs: return 80;
    case SchemeKind::kHttps:
    case SchemeKind::kWss: return 443;
    case SchemeKind::kFtp: return 21;
    case SchemeKind::kFile:
    case SchemeKind::kNotSpecial: return 0;
  }
  return 0;
}

}  // namespace thresh
