#include "fetcher/job/trap_guards.h"

#include <algorithm>
#include <vector>

namespace thresh {
namespace {

// Without the empty one that the `/` in front would make.
std::vector<std::string_view> SegmentsOf(std::string_view path, std::size_t at_most) {
  std::vector<std::string_view> segments;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (!path.empty() && segments.size() < at_most) {
    const std::size_t end = std::min(path.find('/'), path.size());
    segments.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return segments;
}

bool Repeats(std::vector<std::string_view> segments, std::size_t most) {
  std::sort(segments.begin(), segments.end());
  for (std::size_t i = most; i < segments.size(); ++i) {
    if (segments[i] == segments[i - most]) return true;
  }
  return false;
}

}  // namespace

std::string_view TrapReason(const Url& url, const TrapLimits& limits) {
  if (url.href().size() > limits.max_url_bytes) return "url_too_long";
  std::vector<std::string_view> segments = SegmentsOf(url.path(), limits.max_path_segments + 1);
  if (segments.size() > limits.max_path_segments) return "path_too_deep";
  if (Repeats(std::move(segments), limits.max_segment_repeats)) return "path_repeats";
  const std::string_view query = url.query();
  const auto separators = static_cast<std::size_t>(std::count(query.begin(), query.end(), '&'));
  const std::size_t parameters = query.empty() ? 0 : separators + 1;
  if (parameters > limits.max_query_parameters) return "too_many_parameters";
  return {};
}

std::uint32_t SeenBodies::Add(std::string_view host, std::string_view recipe,
                              std::string_view body) {
  const Hash128 key = HashParts({host, recipe, HashBytes(body).View()});
  const auto known = counts_.find(key);
  if (known != counts_.end()) {
    order_.splice(order_.begin(), order_, known->second.at);
    return ++known->second.count;
  }
  order_.push_front(key);
  counts_.emplace(key, Count{1, order_.begin()});
  if (counts_.size() > max_bodies_) {
    counts_.erase(order_.back());
    order_.pop_back();
  }
  return 1;
}

}  // namespace thresh
