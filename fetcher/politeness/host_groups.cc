#include "fetcher/politeness/host_groups.h"

#include <algorithm>

namespace thresh {

HostGroups::Group& HostGroups::Of(const std::string& name) {
  const auto [found, is_new] = groups_.try_emplace(name);
  if (is_new) found->second.last_start = asked_before_;
  return found->second;
}

std::optional<bool> HostGroups::MustWait(const std::string& name, const std::string& host,
                                         std::int64_t at_once, std::chrono::milliseconds delay,
                                         Time now) {
  Group& group = Of(name);
  group.at_once = at_once;
  group.delay = delay;
  const bool is_full = group.in_flight >= at_once;
  const bool is_early = group.last_start && *group.last_start + delay > now;
  const bool is_behind = !group.line.empty() && group.called != host;
  if (!is_full && !is_early && !is_behind) return std::nullopt;
  if (group.in_line.insert(host).second) {
    // Who was called and is still too early keeps its place.
    if (group.called == host) {
      group.line.push_front(host);
    } else {
      group.line.push_back(host);
    }
  }
  if (group.called == host) group.called.clear();
  Settle(name, group, now);
  return !is_full;
}

void HostGroups::Started(const std::string& name, const std::string& host, Time now) {
  Group& group = Of(name);
  ++group.in_flight;
  group.last_start = now;
  if (group.called == host) group.called.clear();
  Settle(name, group, now);
}

void HostGroups::Ended(const std::string& name, Time now) {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return;
  --found->second.in_flight;
  Settle(name, found->second, now);
}

std::optional<std::string> HostGroups::TakeReady(Time now) {
  if (ready_.empty() || ready_.begin()->first > now) return std::nullopt;
  const std::string name = ready_.begin()->second;
  Group& group = groups_.at(name);
  group.called = std::move(group.line.front());
  group.line.pop_front();
  group.in_line.erase(group.called);
  Settle(name, group, now);
  return group.called;
}

void HostGroups::Settle(const std::string& name, Group& group, Time now) {
  if (group.ready_at != Time::max()) ready_.erase({group.ready_at, name});
  group.ready_at = Time::max();
  if (group.line.empty() || group.in_flight >= group.at_once) return;
  group.ready_at = group.last_start ? *group.last_start + group.delay : now;
  ready_.emplace(group.ready_at, name);
}

void HostGroups::Forget(Time now) {
  std::erase_if(groups_, [now](const auto& entry) {
    const Group& group = entry.second;
    return group.in_flight == 0 && group.line.empty() &&
           (!group.last_start || *group.last_start + group.delay <= now);
  });
}

}  // namespace thresh
