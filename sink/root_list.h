#pragma once

// RootList: instead of a page's records, the links in it that would begin a job of their own, each
// once: for `thresh urls`, which asks for none of them.

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>

#include "lib/base/hash.h"
#include "sink/format/line_buffer.h"

namespace thresh {

namespace wire {
class Link;
class Result;
}  // namespace wire

class RootList {
 public:
  enum class Form : std::uint8_t {
    kLines,  ///< As feed lines: a URL, or JSON for a request that is more than that.
    kCsv     ///< Their URLs, quoted where a comma or a quote asks for it (RFC 4180).
  };

  explicit RootList(Form form) : form_(form) {}

  /// Appends the links that are new, a line each, and at most `room` of them; returns how many.
  std::uint64_t Add(const wire::Result& result, std::optional<std::uint64_t> room, LineBuffer* out);

 private:
  [[nodiscard]] std::string LineOf(const wire::Link& link) const;

  const Form form_;
  std::unordered_set<Hash128> listed_;
};

}  // namespace thresh
