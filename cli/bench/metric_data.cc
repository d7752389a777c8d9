#include "cli/bench/metric_data.h"

#include <array>
#include <cstdio>

#include <simdjson.h>

#include "lib/text/json.h"

namespace thresh {
namespace {

// Microseconds: 17 digits of a double would say no more.
void AppendSeconds(std::string_view key, double seconds, std::string* out) {
  std::array<char, 64> text{};
  const int n = std::snprintf(text.data(), text.size(), "%.6f", seconds);
  AppendJsonString(key, out);
  out->append(": ").append(text.data(), static_cast<std::size_t>(n));
}

}  // namespace

bool MetricData::Add(const std::string& name, RequestSpan span) {
  if (count_ >= kMost) return false;
  ++count_;
  spans_[name].push_back(span);
  return true;
}

std::string MetricData::ToJson() const {
  std::string json = "{";
  for (const auto& [name, spans] : spans_) {
    if (json.size() > 1) json += ", ";
    AppendJsonString(name, &json);
    json += ": [";
    for (const RequestSpan& span : spans) {
      if (json.back() != '[') json += ", ";
      json += '{';
      AppendSeconds("start", span.start, &json);
      json += ", ";
      AppendSeconds("end", span.end, &json);
      json += ", ";
      AppendSeconds("dt", span.end - span.start, &json);
      json += '}';
    }
    json += ']';
  }
  return json + "}\n";
}

Result<RequestSpans> ReadMetricData(const std::string& path, std::string_view name) {
  const auto fault = [&path](const char* found) {
    return Error{Errc::kInvalid,
                 path +
                     ": expected {name: [{start, end, dt}]}, as a delay server writes it; found " +
                     found};
  };
  simdjson::dom::parser parser;
  simdjson::dom::object names;
  if (parser.load(path).get(names) != simdjson::SUCCESS) return fault("no JSON object");
  simdjson::dom::array entries;
  if (const auto found = names[name].get(entries); found != simdjson::SUCCESS) {
    if (found == simdjson::NO_SUCH_FIELD) return RequestSpans();
    return fault("no list of requests");
  }
  RequestSpans spans;
  for (const simdjson::dom::element entry : entries) {
    RequestSpan span;
    if (entry["start"].get(span.start) != simdjson::SUCCESS ||
        entry["end"].get(span.end) != simdjson::SUCCESS) {
      return fault("a request without start or end");
    }
    spans.push_back(span);
  }
  return spans;
}

}  // namespace thresh
