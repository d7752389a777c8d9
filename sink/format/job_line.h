#pragma once

// Ended jobs to lines of `jobs.ndjson`. docs/formats.md has the keys.

#include <cstdint>
#include <string>

namespace thresh {

/// A fed URL, and how the pages that followed from it ended.
struct JobLine {
  std::string label;  ///< The feed line's `job`, or empty.
  std::string url;
  std::uint64_t id = 0;
  std::string recipe;
  std::uint64_t n = 0;  ///< Its line in its feed.
  std::int64_t created_at_ms = 0;
  std::int64_t ended_at_ms = 0;
  std::uint64_t done = 0;
  std::uint64_t dead = 0;
  std::uint64_t dropped = 0;
  std::uint64_t records = 0;
};

/// Appends the job's line, newline included.
void AppendJobLine(const JobLine& job, std::string* out);

}  // namespace thresh
