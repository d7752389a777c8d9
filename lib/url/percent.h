#pragma once

// Percent-encoding: bytes in, ASCII out, and back. Pure functions over bytes; no state.

#include <cstdint>
#include <string>
#include <string_view>

namespace thresh {

/// Which ASCII characters are encoded; bytes above 0x7E always are. The values are the
/// bits of one table.
/// Source: https://url.spec.whatwg.org/#percent-encoded-bytes
enum class PercentSet : std::uint8_t {
  kC0Control = 1,
  kFragment = 2,
  kQuery = 4,
  kSpecialQuery = 8,  ///< The query of http, https, ws, wss, ftp and file: `'` as well.
  kPath = 16,
  kUserinfo = 32,
  kComponent = 64,  ///< What JavaScript's encodeURIComponent() encodes.
};

/// Appends `bytes` to `out`, those of `set` as `%XX`. An existing `%` stays as it is,
/// but for kComponent.
void AppendPercentEncoded(std::string_view bytes, PercentSet set, std::string* out);

/// `value` made fit to stand for itself anywhere in a path segment, a query or a fragment:
/// all is encoded but `A-Z a-z 0-9 - _ . ! ~ * ' ( )`, as encodeURIComponent() does.
/// Bytes that are no UTF-8 are encoded as they are, so PercentDecode() gives back any value.
[[nodiscard]] std::string PercentEncodeComponent(std::string_view value);

/// Each `%XX` as its byte; a `%` without two hex digits stays. `+` stays `+`. The result
/// may be any bytes, UTF-8 or not.
/// Source: https://url.spec.whatwg.org/#string-percent-decode
[[nodiscard]] std::string PercentDecode(std::string_view text);

}  // namespace thresh
