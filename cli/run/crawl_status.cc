#include "cli/run/crawl_status.h"

#include <simdjson.h>

namespace thresh {
namespace {

using simdjson::dom::element;

std::uint64_t Sum(const std::map<std::string, std::uint64_t>& counts) {
  std::uint64_t sum = 0;
  for (const auto& [reason, count] : counts) sum += count;
  return sum;
}

std::map<std::string, std::uint64_t> Counts(const element& status, std::string_view key) {
  std::map<std::string, std::uint64_t> counts;
  simdjson::dom::object object;
  if (status[key].get(object) != simdjson::SUCCESS) return counts;
  for (const auto& [name, value] : object) {
    std::uint64_t count = 0;
    if (value.get(count) == simdjson::SUCCESS) counts[std::string(name)] = count;
  }
  return counts;
}

}  // namespace

std::uint64_t CrawlStatus::dead_count() const {
  return Sum(dead);
}
std::uint64_t CrawlStatus::dropped_count() const {
  return Sum(dropped);
}

Result<CrawlStatus> ParseStatus(std::string_view json) {
  simdjson::dom::parser parser;
  element status;
  if (parser.parse(json.data(), json.size()).get(status) != simdjson::SUCCESS ||
      !status.is_object()) {
    return Error{Errc::kInvalid, "not a status: " + std::string(json.substr(0, 100))};
  }
  CrawlStatus out;
  const auto number = [&](const char* key, std::uint64_t* value) {
    if (status[key].get(*value) != simdjson::SUCCESS) *value = 0;
  };
  number("fed", &out.fed);
  number("followed", &out.followed);
  number("recrawled", &out.recrawled);
  number("retried", &out.retried);
  number("unchanged", &out.unchanged);
  number("redirects", &out.redirects);
  number("duplicates", &out.duplicates);
  number("refused", &out.refused);
  number("done", &out.done);
  number("pending", &out.pending);
  number("jobs_pending", &out.jobs_pending);
  number("queued", &out.queued);
  number("in_flight", &out.in_flight);
  number("waiting", &out.waiting);
  number("leased", &out.leased);
  number("awaiting_ack", &out.awaiting_ack);
  number("pid", &out.pid);
  number("records", &out.records);
  number("pages", &out.pages);
  number("body_bytes", &out.body_bytes);
  number("hosts_paused", &out.hosts_paused);
  number("uptime_ms", &out.uptime_ms);
  if (status["pages_per_s"].get(out.pages_per_s) != simdjson::SUCCESS) out.pages_per_s = 0;
  std::string_view fetching;
  if (status["fetching"].get(fetching) == simdjson::SUCCESS) out.fetching = fetching;
  out.dead = Counts(status, "dead");
  out.dropped = Counts(status, "dropped");
  out.held_back = Counts(status, "held_back");
  if (status["sink"].get(out.sink) != simdjson::SUCCESS) out.sink = false;
  std::string_view paused;
  if (status["paused"].get(paused) == simdjson::SUCCESS) out.paused = paused;
  simdjson::dom::array parsers;
  if (status["parsers"].get(parsers) == simdjson::SUCCESS) out.parsers = parsers.size();
  return out;
}

}  // namespace thresh
