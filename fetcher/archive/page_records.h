#pragma once

// A page as three WARC records, written in this order: `metadata` with what thresh knows of it,
// `request`, and `response`, which ends the page. docs/formats.md has them.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fetcher/archive/raw_body.h"
#include "fetcher/archive/warc_writer.h"
#include "fetcher/job/task.h"
#include "lib/base/hash.h"

namespace thresh {

/// An answer to be kept.
struct RawPage {
  Task task;
  std::string agent;      ///< What the request said it is.
  std::string final_url;  ///< After redirects.
  long status = 0;
  HeaderList headers;
  std::int64_t fetched_at_ms = 0;  ///< Wall clock.
  RawBody body;
};

[[nodiscard]] std::vector<WarcRecord> RecordsOf(const RawPage& page);

/// Says which answer to the task's request is the one that its records come from: another than the
/// last that was saved.
[[nodiscard]] WarcRecord CountingNote(const Task& task, std::int64_t fetched_at_ms);

/// What the metadata record of a page says.
struct PageFacts {
  Hash128 fingerprint;
  std::uint64_t id = 0;  ///< The task's,
  std::uint32_t attempts = 0;
  bool dont_filter = false;
  std::string url;        ///< Canonical, before redirects.
  std::string final_url;  ///< After them, if no WARC-Target-URI can be it; or empty.
  std::string recipe;
  std::string root;
  std::uint64_t n = 0;
  std::int64_t fetched_at_ms = 0;
  std::string meta;  ///< JSON text, or empty.
  /// It belongs to no page, but says which of those of this task counts: that of `fetched_at_ms`.
  bool counts = false;
};

/// Nullopt for metadata that is not ours.
[[nodiscard]] std::optional<PageFacts> ParseFacts(std::string_view block);

}  // namespace thresh
