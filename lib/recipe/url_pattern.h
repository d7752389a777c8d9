#pragma once

// The patterns of `allow`, `deny` and `match`, and the ranges of `start_urls`.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thresh {

/// True if `url` is `pattern` with each `*` standing for any run of characters; all
/// else is literal. Linear in practice, at worst O(length × pattern).
[[nodiscard]] bool MatchesPattern(std::string_view pattern, std::string_view url);

[[nodiscard]] bool MatchesAny(const std::vector<std::string>& patterns, std::string_view url);

/// How many characters stand before the first `*`.
[[nodiscard]] std::size_t LiteralPrefix(std::string_view pattern);

/// A URL with at most one range `[FIRST-LAST]` of whole numbers in it, such as
/// `https://x/?p=[1-200]`: the list of URLs it stands for, made one at a time.
/// Leading zeros keep the width: `[01-10]`.
class UrlRange {
 public:
  explicit UrlRange(std::string text);

  /// The next URL, or nullopt after the last.
  [[nodiscard]] std::optional<std::string> Next();

  /// How many URLs there are in all.
  [[nodiscard]] std::uint64_t size() const noexcept { return last_ - first_ + 1; }

 private:
  std::string before_, after_;
  bool has_range_ = false;
  bool ended_ = false;
  std::size_t width_ = 0;
  std::uint64_t first_ = 0, last_ = 0, next_ = 0;
};

}  // namespace thresh
