#pragma once

// A line of the feed: a bare URL, or a JSON object. docs/feed.md is the reference.

#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace thresh {

struct FeedRequest {
  std::string url;
  std::string recipe;         ///< Empty: by the recipes' allow.
  std::int64_t priority = 0;  ///< Higher goes first.
  std::string meta;           ///< A JSON object's text, minified; or empty.
  std::string job;            ///< A label; may be empty.
  std::uint64_t n = 0;        ///< Its position in its list; 0: that of the line.
  bool dont_filter = false;
};

/// Errors: kInvalid, saying what was expected and what was found.
[[nodiscard]] Result<FeedRequest> ParseFeedLine(std::string_view line);

}  // namespace thresh
