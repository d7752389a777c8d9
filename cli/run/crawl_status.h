#pragma once

// The fetcher's status line, read back.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace thresh {

struct CrawlStatus {
  std::uint64_t fed = 0, followed = 0, duplicates = 0, refused = 0;
  std::uint64_t done = 0, pending = 0, queued = 0, in_flight = 0;
  std::uint64_t records = 0, pages = 0, body_bytes = 0, parsers = 0;
  std::map<std::string, std::uint64_t> dead, dropped, held_back;

  [[nodiscard]] std::uint64_t dead_count() const;
  [[nodiscard]] std::uint64_t dropped_count() const;
};

/// Errors: kInvalid for what is no status.
[[nodiscard]] Result<CrawlStatus> ParseStatus(std::string_view json);

}  // namespace thresh
