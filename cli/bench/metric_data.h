#pragma once

// What a delay server has seen: for each name, when each of its requests began and was answered.
// As JSON: {"name": [{"start": 1700000000.1, "end": 1700000000.2, "dt": 0.1}, …]}, in seconds since
// 1970.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

/// One request: from its arrival to its answer, in seconds.
struct RequestSpan {
  double start = 0;
  double end = 0;
};
using RequestSpans = std::vector<RequestSpan>;

class MetricData {
 public:
  static constexpr std::size_t kMost = 1'000'000;  ///< Requests that are kept, of all names.

  /// False if it is one too many, and not kept.
  bool Add(const std::string& name, RequestSpan span);

  [[nodiscard]] std::string ToJson() const;
  [[nodiscard]] std::size_t count() const noexcept { return count_; }

 private:
  std::size_t count_ = 0;
  std::map<std::string, RequestSpans> spans_;
};

/// The requests of one name; none if the file has no such name.
/// Errors: kInvalid for what is no such file.
[[nodiscard]] Result<RequestSpans> ReadMetricData(const std::string& path, std::string_view name);

}  // namespace thresh
