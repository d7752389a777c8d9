#pragma once

// MetricSet: the values of metrics at one moment: what a process says of itself on its control
// socket, and what is made of it for Prometheus.
//
//   {"thresh_tasks_pending":12,"thresh_tasks_dead_total":{"reason":{"http_404":3}},
//    "thresh_fetch_seconds":{"count":9,"sum":1.5,"p50":0.1,"p99":0.4,"buckets":[[0.131072,5],…]}}
//
// A metric has at most kMostLabels values of its label: what pages and servers say does not make
// it grow. The others are added up under kOthers.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/result.h"
#include "lib/metrics/histogram.h"
#include "lib/metrics/metric.h"

namespace thresh {

class MetricSet {
 public:
  static constexpr std::size_t kMostLabels = 64;
  static constexpr std::size_t kMostLabelBytes = 120;
  /// No host, reason, file or pid reads like this.
  static constexpr std::string_view kOthers = "all others";

  struct HistogramValues {
    std::uint64_t count = 0;
    double sum = 0;                                         ///< Seconds.
    std::optional<double> p50, p99;                         ///< Seconds, of the last 5 to 10 s.
    std::vector<std::pair<double, std::uint64_t>> buckets;  ///< Up to so many seconds: so many.
  };

  void Set(Metric metric, double value) { values_[metric][""] = value; }
  /// Adds to a value of the metric's label.
  void Add(Metric metric, std::string_view label, double value);
  void Set(Metric metric, const Histogram& histogram);
  /// All of them, so that the largest keep their names.
  void AddAll(Metric metric, const std::map<std::string, std::uint64_t>& counts);
  void Set(Metric metric, HistogramValues values) { histograms_[metric] = std::move(values); }

  [[nodiscard]] double Value(Metric metric, std::string_view label = {}) const;
  /// By label, or the one value under "".
  [[nodiscard]] const std::map<std::string, double>& Values(Metric metric) const;
  [[nodiscard]] const HistogramValues* Times(Metric metric) const;

  [[nodiscard]] std::string ToJson() const;
  /// Errors: kInvalid for what is no such object. Metrics of unknown names are passed over.
  [[nodiscard]] static Result<MetricSet> FromJson(std::string_view json);

  /// Values of `other` that this one lacks are taken over.
  void Take(const MetricSet& other);

  /// Prometheus's text format, version 0.0.4.
  [[nodiscard]] std::string ToPrometheus() const;

 private:
  std::map<Metric, std::map<std::string, double>> values_;
  std::map<Metric, HistogramValues> histograms_;
};

}  // namespace thresh
