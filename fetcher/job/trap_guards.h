#pragma once

// Guards against sites that never end: links whose URLs only a machine could have made, and pages
// that are the same under ever new URLs. They are for links; what is fed is meant.

#include <cstddef>
#include <cstdint>
#include <list>
#include <string_view>
#include <unordered_map>

#include "lib/base/hash.h"
#include "lib/url/url.h"

namespace thresh {

struct TrapLimits {
  std::size_t max_url_bytes = 2083;
  std::size_t max_path_segments = 20;
  std::size_t max_segment_repeats = 3;  ///< Of one segment, in a path.
  std::size_t max_query_parameters = 50;
};

/// The reason (docs/outcomes.md) for which a link is dropped: `url_too_long`, `path_too_deep`,
/// `path_repeats` or `too_many_parameters`; empty: none.
[[nodiscard]] std::string_view TrapReason(const Url& url, const TrapLimits& limits = {});

/// SeenBodies: how often each body came lately. Bounded: what was not seen for long is forgotten.
class SeenBodies {
 public:
  explicit SeenBodies(std::size_t max_bodies = 16'384) : max_bodies_(max_bodies) {}

  /// How often it came, this time included. `host` and `recipe` say where.
  std::uint32_t Add(std::string_view host, std::string_view recipe, std::string_view body);

  [[nodiscard]] std::size_t size() const noexcept { return counts_.size(); }

 private:
  struct Count {
    std::uint32_t count = 0;
    std::list<Hash128>::iterator at;
  };

  const std::size_t max_bodies_;
  std::list<Hash128> order_;  // The one seen last in front.
  std::unordered_map<Hash128, Count> counts_;
};

}  // namespace thresh
