#include "lib/metrics/metric_set.h"

#include <algorithm>

#include <simdjson.h>

#include "lib/text/json.h"
#include "lib/text/utf8.h"

namespace thresh {
namespace {

using simdjson::dom::element;

constexpr int kFirstBound = 6;  // 64 µs: what is quicker is one bucket for Prometheus.

// Whole letters only.
std::string_view Cut(std::string_view label) {
  if (label.size() <= MetricSet::kMostLabelBytes) return label;
  std::size_t end = MetricSet::kMostLabelBytes;
  while (end > 0 && (static_cast<unsigned char>(label[end]) & 0xC0) == 0x80) --end;
  return label.substr(0, end);
}

// Prometheus knows three escapes. Other control characters, and bytes that are no UTF-8, would
// make its parser refuse all.
void AppendLabel(std::string_view text, std::string* out) {
  for (const char c : RepairUtf8(text)) {
    switch (c) {
      case '\\': *out += "\\\\"; break;
      case '"': *out += "\\\""; break;
      case '\n': *out += "\\n"; break;
      default: *out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
  }
}

void AppendSample(std::string_view name, std::string_view label, std::string_view value,
                  double number, std::string* out) {
  *out += name;
  if (!label.empty()) {
    out->append("{").append(label).append("=\"");
    AppendLabel(value, out);
    *out += "\"}";
  }
  *out += ' ';
  AppendJsonNumber(number, out);
  *out += '\n';
}

void AppendTimes(const std::string& name, const MetricSet::HistogramValues& times,
                 std::string* out) {
  std::string bound;
  for (const auto& [seconds, count] : times.buckets) {
    bound.clear();
    AppendJsonNumber(seconds, &bound);
    AppendSample(name + "_bucket", "le", bound, static_cast<double>(count), out);
  }
  AppendSample(name + "_bucket", "le", "+Inf", static_cast<double>(times.count), out);
  AppendSample(name + "_sum", {}, {}, times.sum, out);
  AppendSample(name + "_count", {}, {}, static_cast<double>(times.count), out);
}

void AppendHead(const MetricInfo& info, std::string* out) {
  constexpr std::string_view kKinds[] = {"counter", "gauge", "histogram"};
  out->append("# HELP ").append(info.name).append(" ").append(info.help).append("\n# TYPE ");
  out->append(info.name).append(" ").append(kKinds[static_cast<std::size_t>(info.kind)]) += '\n';
}

void AppendOptional(const std::optional<double>& value, std::string* out) {
  if (value) {
    AppendJsonNumber(*value, out);
  } else {
    *out += "null";
  }
}

std::optional<double> OptionalOf(const element& object, std::string_view key) {
  double value = 0;
  if (object[key].get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

MetricSet::HistogramValues TimesOf(const element& object) {
  MetricSet::HistogramValues times{.sum = OptionalOf(object, "sum").value_or(0),
                                   .p50 = OptionalOf(object, "p50"),
                                   .p99 = OptionalOf(object, "p99")};
  if (object["count"].get(times.count) != simdjson::SUCCESS) times.count = 0;
  simdjson::dom::array buckets;
  if (object["buckets"].get(buckets) != simdjson::SUCCESS) return times;
  for (const element& bucket : buckets) {
    double bound = 0;
    std::uint64_t count = 0;
    if (bucket.at(0).get(bound) == simdjson::SUCCESS &&
        bucket.at(1).get(count) == simdjson::SUCCESS) {
      times.buckets.emplace_back(bound, count);
    }
  }
  return times;
}

void ReadMetric(Metric metric, const element& value, MetricSet* set) {
  double number = 0;
  simdjson::dom::object labels;
  if (InfoOf(metric).kind == MetricKind::kHistogram) {
    set->Set(metric, TimesOf(value));
  } else if (value.get(number) == simdjson::SUCCESS) {
    set->Set(metric, number);
  } else if (value[InfoOf(metric).label].get(labels) == simdjson::SUCCESS) {
    for (const auto& [label, count] : labels) {
      if (count.get(number) == simdjson::SUCCESS) set->Add(metric, label, number);
    }
  }
}

}  // namespace

void MetricSet::Add(Metric metric, std::string_view label, double value) {
  std::map<std::string, double>& values = values_[metric];
  const std::string name(Cut(label));
  const bool fits = values.size() < kMostLabels || values.contains(name);
  values[fits ? name : std::string(kOthers)] += value;
}

void MetricSet::AddAll(Metric metric, const std::map<std::string, std::uint64_t>& counts) {
  std::vector<std::pair<std::uint64_t, std::string_view>> largest;
  for (const auto& [label, count] : counts) largest.emplace_back(count, label);
  std::sort(largest.rbegin(), largest.rend());
  for (const auto& [count, label] : largest) Add(metric, label, static_cast<double>(count));
}

void MetricSet::Set(Metric metric, const Histogram& histogram) {
  HistogramValues& times = histograms_[metric];
  times = {.count = histogram.count(),
           .sum = histogram.sum_seconds(),
           .p50 = histogram.RecentQuantile(0.5),
           .p99 = histogram.RecentQuantile(0.99)};
  for (int doubling = kFirstBound; doubling < Histogram::kDoublings; ++doubling) {
    times.buckets.emplace_back(static_cast<double>(std::uint64_t{1} << doubling) / 1e6,
                               histogram.CountUpTo(doubling));
  }
}

double MetricSet::Value(Metric metric, std::string_view label) const {
  const auto& values = Values(metric);
  const auto found = values.find(std::string(label));
  return found == values.end() ? 0 : found->second;
}

const std::map<std::string, double>& MetricSet::Values(Metric metric) const {
  static const std::map<std::string, double> kNone;
  const auto found = values_.find(metric);
  return found == values_.end() ? kNone : found->second;
}

const MetricSet::HistogramValues* MetricSet::Times(Metric metric) const {
  const auto found = histograms_.find(metric);
  return found == histograms_.end() ? nullptr : &found->second;
}

void MetricSet::Take(const MetricSet& other) {
  for (const auto& [metric, values] : other.values_) {
    values_[metric].insert(values.begin(), values.end());
  }
  histograms_.insert(other.histograms_.begin(), other.histograms_.end());
}

std::string MetricSet::ToJson() const {
  std::string json = "{";
  const auto key = [&json](std::string_view name) {
    if (json.back() != '{') json += ',';
    AppendJsonString(name, &json);
    json += ':';
  };
  for (const auto& [metric, values] : values_) {
    const MetricInfo& info = InfoOf(metric);
    key(info.name);
    if (info.label.empty()) {
      AppendJsonNumber(values.at(""), &json);
      continue;
    }
    json += '{';
    key(info.label);
    json += '{';
    for (const auto& [label, value] : values) {
      key(label);
      AppendJsonNumber(value, &json);
    }
    json += "}}";
  }
  for (const auto& [metric, times] : histograms_) {
    key(InfoOf(metric).name);
    json += "{\"count\":" + std::to_string(times.count) + ",\"sum\":";
    AppendJsonNumber(times.sum, &json);
    json += ",\"p50\":";
    AppendOptional(times.p50, &json);
    json += ",\"p99\":";
    AppendOptional(times.p99, &json);
    json += ",\"buckets\":[";
    for (const auto& [bound, count] : times.buckets) {
      if (json.back() != '[') json += ',';
      json += '[';
      AppendJsonNumber(bound, &json);
      json += ',' + std::to_string(count) + ']';
    }
    json += "]}";
  }
  return json + "}";
}

Result<MetricSet> MetricSet::FromJson(std::string_view json) {
  simdjson::dom::parser parser;
  simdjson::dom::object metrics;
  if (parser.parse(json.data(), json.size()).get(metrics) != simdjson::SUCCESS) {
    return Error{Errc::kInvalid,
                 "metrics: expected an object, found " + std::string(json.substr(0, 100))};
  }
  MetricSet set;
  for (const auto& [name, value] : metrics) {
    if (const auto metric = MetricNamed(name)) ReadMetric(*metric, value, &set);
  }
  return set;
}

std::string MetricSet::ToPrometheus() const {
  std::string text;
  for (std::size_t i = 0; i < kMetrics.size(); ++i) {
    const auto metric = static_cast<Metric>(i);
    const MetricInfo& info = kMetrics[i];
    if (const HistogramValues* times = Times(metric)) {
      AppendHead(info, &text);
      AppendTimes(std::string(info.name), *times, &text);
    }
    const auto& values = Values(metric);
    if (values.empty()) continue;
    AppendHead(info, &text);
    for (const auto& [label, value] : values) {
      AppendSample(info.name, info.label, label, value, &text);
    }
  }
  return text;
}

}  // namespace thresh
