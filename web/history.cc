#include "web/history.h"

#include <algorithm>

#include "lib/text/json_object.h"

namespace thresh {
namespace {

double SumOf(const MetricSet& set, Metric metric) {
  double sum = 0;
  for (const auto& [label, value] : set.Values(metric)) sum += value;
  return sum;
}

void Put(JsonObject* out, const char* key, const std::optional<double>& value) {
  if (value) {
    out->Real(key, *value);
  } else {
    out->Null(key);
  }
}

void PutTimes(JsonObject* out, const MetricSet& set, Metric metric, const std::string& name) {
  const auto* times = set.Times(metric);
  Put(out, (name + "_p50").c_str(), times != nullptr ? times->p50 : std::nullopt);
  Put(out, (name + "_p99").c_str(), times != nullptr ? times->p99 : std::nullopt);
}

}  // namespace

std::optional<double> History::Total::Growth(double now, double seconds) {
  const std::optional<double> before = std::exchange(last, now);
  if (!before || seconds <= 0 || now < *before) return std::nullopt;
  return (now - *before) / seconds;
}

void History::Take(std::int64_t at_ms, const MetricSet& m, bool fetcher_is_up, bool sink_is_up,
                   std::string live) {
  const std::lock_guard lock(mutex_);
  const double seconds =
      samples_.empty() ? 0 : static_cast<double>(at_ms - samples_.back().at_ms) / 1000;
  std::string json;
  {
    JsonObject out(&json);
    out.Number("t", at_ms);
    if (fetcher_is_up) {
      Put(&out, "pages", pages_.Growth(m.Value(Metric::kPagesFetched), seconds));
      Put(&out, "bytes", bytes_.Growth(m.Value(Metric::kFetchedBytes), seconds));
      Put(&out, "failures", failures_.Growth(SumOf(m, Metric::kFetchFailures), seconds));
      Put(&out, "dead", dead_.Growth(SumOf(m, Metric::kTasksDead), seconds));
      out.Real("queued", m.Value(Metric::kTasks, "queued"));
      out.Real("in_flight", m.Value(Metric::kTasks, "in_flight"));
      PutTimes(&out, m, Metric::kFetchSeconds, "fetch");
      PutTimes(&out, m, Metric::kParseSeconds, "parse");
    } else {
      pages_ = bytes_ = failures_ = dead_ = {};
    }
    if (sink_is_up) {
      Put(&out, "records", records_total_.Growth(m.Value(Metric::kRecords), seconds));
      PutTimes(&out, m, Metric::kCommitSeconds, "commit");
    } else {
      records_total_ = {};
    }
  }
  samples_.push_back({at_ms, std::move(json)});
  ++next_sample_;
  if (samples_.size() > kMostSamples) samples_.pop_front();
  live_ = std::move(live);
}

void History::TakeRecord(std::string_view event) {
  if (event.size() > kMostRecordBytes) return;
  const std::lock_guard lock(mutex_);
  records_.emplace_back(event);
  ++next_record_;
  if (records_.size() > kMostRecords) records_.pop_front();
}

std::uint64_t History::samples_count() const {
  const std::lock_guard lock(mutex_);
  return next_sample_ - 1;
}

std::string History::Json(std::uint64_t since, std::uint64_t records_since) const {
  const std::lock_guard lock(mutex_);
  // Of a page that was opened before this process began it is all.
  if (since >= next_sample_) since = 0;
  if (records_since >= next_record_) records_since = 0;
  const auto after = [](const auto& kept, std::uint64_t next, std::uint64_t known) {
    const std::uint64_t fresh = next - 1 - std::min(known, next - 1);
    return kept.size() - std::min<std::size_t>(kept.size(), fresh);
  };
  std::string json = "{\"next\":" + std::to_string(next_sample_ - 1) +
                     ",\"next_record\":" + std::to_string(next_record_ - 1) + ",\"samples\":[";
  for (std::size_t i = after(samples_, next_sample_, since); i < samples_.size(); ++i) {
    if (json.back() != '[') json += ',';
    json += samples_[i].json;
  }
  json += "],\"records\":[";
  for (std::size_t i = after(records_, next_record_, records_since); i < records_.size(); ++i) {
    if (json.back() != '[') json += ',';
    json += records_[i];
  }
  return json + "]," + live_ + "}";
}

}  // namespace thresh
