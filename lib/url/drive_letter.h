#pragma once

// Windows drive letters, which file URLs treat apart. Inside lib/url only.
// Source: https://url.spec.whatwg.org/#windows-drive-letter

#include <string_view>

#include "lib/url/ascii.h"

namespace thresh {

/// `C:`, or `C|` as old pages write it.
[[nodiscard]] constexpr bool IsDriveLetter(std::string_view text) noexcept {
  return text.size() == 2 && IsAsciiAlpha(text[0]) && (text[1] == ':' || text[1] == '|');
}

/// `C:` or `C|` as a whole segment at the front.
[[nodiscard]] constexpr bool StartsWithDriveLetter(std::string_view text) noexcept {
  return IsDriveLetter(text.substr(0, 2)) &&
         (text.size() == 2 || std::string_view("/\\?#").find(text[2]) != std::string_view::npos);
}

/// True if the path's first segment is `C:`.
[[nodiscard]] constexpr bool PathHasDriveLetter(std::string_view path) noexcept {
  return path.size() >= 3 && path[0] == '/' && IsAsciiAlpha(path[1]) && path[2] == ':' &&
         (path.size() == 3 || path[3] == '/');
}

}  // namespace thresh
