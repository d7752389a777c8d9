#pragma once

// A line of the feed: a bare URL, or a JSON object. docs/feed.md is the reference.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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
  /// It may have been fed before: with the same job, position and request it is a duplicate, also
  /// with dont_filter.
  bool resume = false;

  std::string method;                                        ///< In upper case; empty: see below.
  std::vector<std::pair<std::string, std::string>> headers;  ///< Names in lower case.
  std::optional<std::string> body;                           ///< With it, POST without a method.
  bool json_body = false;                                    ///< `body` was an object or an array.
  bool templated = false;  ///< Its URL, headers and body may name secrets.

  std::int64_t expires_in_ms = 0;          ///< From when it is fed on; 0: never.
  std::int64_t expires_at_ms = 0;          ///< Wall clock; 0: never.
  std::optional<std::int64_t> refresh_ms;  ///< 0: never. Nullopt: as the recipe says.

  /// Nothing but a URL to get.
  [[nodiscard]] bool is_plain() const {
    return method.empty() && headers.empty() && !body && !templated;
  }
};

/// Errors: kInvalid, saying what was expected and what was found.
[[nodiscard]] Result<FeedRequest> ParseFeedLine(std::string_view line);

}  // namespace thresh
