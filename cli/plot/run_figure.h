#pragma once

// The picture of a run, out of its statistics.

#include <string>
#include <vector>

#include "cli/plot/figure.h"
#include "lib/metrics/statistics.h"

namespace thresh {

/// Pages, records, requests under way, what waits, times of requests and errors.
/// REQUIRES: at least one line.
[[nodiscard]] Figure RunFigure(const std::string& name, const std::vector<StatisticsLine>& lines);

}  // namespace thresh
