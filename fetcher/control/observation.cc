#include "fetcher/control/observation.h"

#include <utility>

namespace thresh {

void LastEnded::Add(EndedTask task) {
  if (task.url.size() > kMostUrlBytes) task.url.resize(kMostUrlBytes);
  if (ring_.size() < kMost) {
    ring_.push_back(std::move(task));
  } else {
    ring_[next_] = std::move(task);
  }
  next_ = (next_ + 1) % kMost;
}

std::vector<EndedTask> LastEnded::Find(std::string_view text, std::size_t most) const {
  std::vector<EndedTask> found;
  for (std::size_t i = 0; i < ring_.size() && found.size() < most; ++i) {
    const EndedTask& task = ring_[(next_ + 2 * kMost - 1 - i) % kMost];
    if (task.url.find(text) != std::string::npos) found.push_back(task);
  }
  return found;
}

void Observation::NoteRequest(const std::string& host, Clock::duration took, long status,
                              const std::string& failure) {
  fetch.Observe(took);
  hosts.Count(host);
  if (status > 0 && static_cast<std::size_t>(status) < responses.size()) {
    ++responses[static_cast<std::size_t>(status)];
  }
  if (!failure.empty()) {
    ++failures[failure];
  } else if (status >= 400) {
    ++failures["http_" + std::to_string(status)];
  }
}

void Observation::Second(std::uint64_t pages, Clock::time_point now) {
  fetch.Second();
  parse.Second();
  hosts.Second();
  pages_rate.Second(pages, now);
}

void Observation::AddTo(MetricSet* set) const {
  set->Set(Metric::kFetchSeconds, fetch);
  set->Set(Metric::kParseSeconds, parse);
  std::map<std::string, std::uint64_t> statuses;
  for (std::size_t status = 0; status < responses.size(); ++status) {
    if (responses[status] > 0) statuses[std::to_string(status)] = responses[status];
  }
  set->AddAll(Metric::kResponses, statuses);
  set->AddAll(Metric::kFetchFailures, failures);
  AddProcess("fetcher", memory, started_at_s, set);
}

}  // namespace thresh
