#include "sink/format/job_line.h"

#include <algorithm>
#include <string_view>

#include "lib/base/time.h"
#include "lib/text/json.h"

namespace thresh {

void AppendJobLine(const JobLine& job, std::string* out) {
  const auto key = [out](std::string_view name) {
    *out += ",\"";
    *out += name;
    *out += "\":";
  };
  const auto number = [&](std::string_view name, std::uint64_t value) {
    key(name);
    *out += std::to_string(value);
  };
  const auto text = [&](std::string_view name, std::string_view value) {
    key(name);
    AppendJsonString(value, out);
  };
  *out += "{\"job\":" + (job.label.empty() ? "null" : JsonString(job.label));
  text("url", job.url);
  text("id", std::to_string(job.id));
  text("recipe", job.recipe);
  number("n", job.n);
  text("created_at", FormatUtc(job.created_at_ms));
  text("ended_at", FormatUtc(job.ended_at_ms));
  number("done", job.done);
  number("dead", job.dead);
  number("dropped", job.dropped);
  number("records", job.records);
  number("pages", job.done + job.dead);
  // The wall clock may have been set back meanwhile.
  const std::int64_t took_ms = std::max<std::int64_t>(job.ended_at_ms - job.created_at_ms, 0);
  key("seconds");
  AppendJsonNumber(static_cast<double>(took_ms) / 1000, out);
  *out += "}\n";
}

}  // namespace thresh
