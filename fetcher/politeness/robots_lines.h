#pragma once

// The lines of a robots.txt: what each says, and for what key. Inside fetcher/politeness only.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace thresh {

enum class RobotsKey : std::uint8_t { kUserAgent, kAllow, kDisallow, kCrawlDelay, kSitemap };

struct RobotsLine {
  RobotsKey key;
  std::string_view value;
  std::uint32_t number = 0;  ///< From 1.
};

/// Gives the lines with a known key, one after another; all others are passed over.
class RobotsLines {
 public:
  /// REQUIRES: `text` outlives it.
  explicit RobotsLines(std::string_view text);

  [[nodiscard]] std::optional<RobotsLine> Next();

 private:
  [[nodiscard]] std::string_view TakeLine();

  std::string_view rest_;
  std::uint32_t number_ = 0;
};

/// `body` as UTF-8: UTF-16 with a byte order mark is turned into it; all else stays as it is.
[[nodiscard]] std::string RobotsText(std::string_view body);

/// A path, or a rule's pattern, in the one form in which two spellings of the same are equal
/// (RFC 9309, 2.2.2 and 2.2.3): unreserved characters as they are, all that a URI cannot hold
/// percent-encoded, upper-case digits. A path's `*` and `$` are encoded, as they are in a pattern
/// that means them; a `$` in a pattern, too: the last one is the caller's.
[[nodiscard]] std::string NormaliseRobotsPath(std::string_view path, bool is_pattern);

}  // namespace thresh
