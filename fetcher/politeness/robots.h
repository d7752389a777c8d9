#pragma once

// Robots: a robots.txt, as one crawler is to read it.
//
// The file's bytes go in with the crawler's name; what comes out answers for any path whether it
// may be asked for. Where RFC 9309 leaves room, or files in the wild break it, this reads them as
// Google's engine does: misspelt keys, a missing colon, `index.html` that stands for its folder.
//
// Pure: no state but its own, no clock, no network. Hostile files cost time linear in their size
// to read, and Match() time linear in the rules and the path.
//
// Source: RFC 9309; Crawl-delay and Sitemap are common additions to it.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace thresh {

class Robots {
 public:
  /// What stands behind this is not read, nor is the line that it cuts (RFC 9309, 2.5).
  static constexpr std::size_t kMaxBytes = std::size_t{500} << 10;

  struct Rule {
    bool allow = false;
    std::uint32_t line = 0;    ///< In the file, from 1.
    std::uint32_t length = 0;  ///< The longest that matches decides.
    bool to_end = false;       ///< It ended in `$`.
    std::string text;          ///< As it was written, without the key.
    std::string pattern;       ///< Normalised; `*` is any run of characters.
  };

  struct Verdict {
    bool allowed = true;
    const Rule* rule = nullptr;  ///< Of this Robots; null: no rule matches.
  };

  /// Allows everything.
  Robots() = default;

  /// The rules of `body` for the crawler `agent`: of all groups that name it, else of those for
  /// `*`. Of `agent` only the product token counts: letters, `-` and `_` up to anything else.
  /// UTF-8, or UTF-16 if it begins with that byte order mark. Any bytes will do.
  [[nodiscard]] static Robots Parse(std::string_view body, std::string_view agent);

  /// Whether the path, with its query, may be asked for. The longest matching rule decides; of
  /// two as long, the one that allows (RFC 9309, 2.2.2).
  [[nodiscard]] Verdict Match(std::string_view path_and_query) const;

  /// The longest that its groups ask for, up to a day.
  [[nodiscard]] std::optional<std::chrono::milliseconds> crawl_delay() const {
    return crawl_delay_;
  }
  /// As they are written, for all crawlers; each once.
  [[nodiscard]] const std::vector<std::string>& sitemaps() const noexcept { return sitemaps_; }

  /// Those that may decide first come first.
  [[nodiscard]] const std::vector<Rule>& rules() const noexcept { return rules_; }
  /// What it takes in memory, about.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

 private:
  friend class RobotsReader;

  std::vector<Rule> rules_;
  std::optional<std::chrono::milliseconds> crawl_delay_;
  std::vector<std::string> sitemaps_;
  std::size_t bytes_ = sizeof(Robots);
};

/// The path and query that robots.txt rules are about, of a URL or of what begins with a slash.
/// An empty path is `/`; a fragment is cut off.
[[nodiscard]] std::string_view RobotsPathOf(std::string_view url);

}  // namespace thresh
