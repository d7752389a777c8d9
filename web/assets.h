#pragma once

// The page's files, as they were when this was built.

#include <span>
#include <string_view>

namespace thresh {

struct Asset {
  std::string_view path;  ///< As in a URL: `/app.js`.
  std::string_view type;  ///< `Content-Type`.
  std::string_view bytes;
  std::string_view tag;  ///< `ETag`, with its quotes.
};

[[nodiscard]] std::span<const Asset> Assets();

}  // namespace thresh
