#include "fetcher/politeness/hosts.h"

#include <algorithm>
#include <utility>

#include "fetcher/politeness/registrable_domain.h"

namespace thresh {

using std::chrono::milliseconds;

namespace {

constexpr milliseconds kLately{5'000};
constexpr milliseconds kUntilAsked{300};  // By then a Crawl-delay, just read, is in the limits.

}  // namespace

void Hosts::AskedBefore(Time until) {
  asked_before_ = until;
  groups_.AskedBefore(until);
}

bool Hosts::NeedsAddress(const std::string& name) const {
  if (IsAddress(NameOfHost(name))) return false;
  const auto found = hosts_.find(name);
  return found == hosts_.end() || !found->second.address_asked;
}

void Hosts::SetAddress(const std::string& name, std::string address) {
  Host& host = hosts_[name];
  host.address = std::move(address);
  host.address_asked = true;
}

// `host` is null for one that nothing is known of.
std::optional<Hosts::Time> Hosts::WaitsForDelay(const Host* host, milliseconds delay,
                                                Time now) const {
  const std::optional<Time> last =
      host != nullptr && host->last_start ? host->last_start : asked_before_;
  if (delay.count() == 0 || !last || *last + delay <= now) return std::nullopt;
  return *last + delay;
}

// Empty: the host alone.
std::string Hosts::GroupOf(const std::string& name, Host& host, CountBy by) const {
  if (by == CountBy::kHost) return {};
  const std::string_view hostname = NameOfHost(name);
  if (by == CountBy::kDomain) {
    if (host.domain.empty()) {
      host.domain = RegistrableDomain(hostname);
      if (host.domain.empty()) host.domain = hostname;
    }
    return "domain " + host.domain;
  }
  if (IsAddress(hostname)) {
    const bool brackets = hostname.starts_with('[');
    return "ip " + std::string(brackets ? hostname.substr(1, hostname.size() - 2) : hostname);
  }
  return host.address.empty() ? std::string() : "ip " + host.address;
}

Hosts::Verdict Hosts::MayStart(const std::string& name, const HostLimits& limits, Time now) {
  using Kind = Verdict::Kind;
  using Why = Verdict::Why;
  const auto found = hosts_.find(name);
  if (found == hosts_.end() && limits.count_by == CountBy::kHost) {
    const auto until = WaitsForDelay(nullptr, limits.delay, now);
    if (until) return {.kind = Kind::kWait, .why = Why::kDelay, .ask_again = *until};
    return {};
  }
  Host& host = found != hosts_.end() ? found->second : hosts_[name];
  if (host.health.IsGivenUp(now)) return {.kind = Kind::kGivenUp, .why = Why::kBroken};
  if (const auto until = host.health.WaitsUntil(now)) {
    const Why why = host.health.is_broken() ? Why::kBroken : Why::kBackoff;
    return {.kind = Kind::kWait, .why = why, .ask_again = *until};
  }
  const std::int64_t healthy =
      limits.adaptive ? host.health.AtOnce(limits.at_once) : limits.at_once;
  const milliseconds delay =
      limits.adaptive ? std::max(limits.delay, host.health.delay()) : limits.delay;
  if (host.in_flight >= (host.health.is_broken() ? 1 : healthy)) {
    return {.kind = Kind::kWait, .why = healthy < limits.at_once ? Why::kSlower : Why::kAtOnce};
  }
  if (const auto until = WaitsForDelay(&host, delay, now)) {
    host.keep_until = std::max(host.keep_until, *until);
    return {.kind = Kind::kWait, .why = Why::kDelay, .ask_again = *until};
  }
  const std::string group = GroupOf(name, host, limits.count_by);
  if (group.empty()) return {};
  const auto waits = groups_.MustWait(group, name, limits.at_once, limits.delay, now);
  if (waits) return {.kind = Kind::kWait, .why = *waits ? Why::kDelay : Why::kAtOnce};
  return {};
}

Hosts::Slot Hosts::Started(const std::string& name, const HostLimits& limits, Time now) {
  if (hosts_.size() >= forget_at_) Forget(now);
  Host& host = hosts_[name];
  ++host.in_flight;
  host.last_start = now;
  host.keep_until = now + limits.delay;
  host.at_once = limits.at_once;
  host.delay = limits.delay;
  host.adaptive = limits.adaptive;
  const bool is_probe = host.health.is_broken();
  if (is_probe) host.health.ProbeStarted();
  Slot slot{.host = name,
            .group = GroupOf(name, host, limits.count_by),
            .started = now,
            .at_once = limits.at_once,
            .adaptive = limits.adaptive,
            .is_probe = is_probe};
  if (!slot.group.empty()) groups_.Started(slot.group, name, now);
  return slot;
}

bool Hosts::Ended(const Slot& slot, const HostAnswer& answer, Time now) {
  if (!slot.group.empty()) groups_.Ended(slot.group, now);
  Host& host = hosts_.at(slot.host);
  --host.in_flight;
  host.keep_until = std::max(host.keep_until, now + kUntilAsked);
  if (!answer.no_answer && !answer.cut_short) host.last_answer = now;
  if (!answer.address.empty()) {
    host.address = answer.address;
  } else if (answer.no_answer) {
    host.address_asked = false;  // It may have another one by now.
  }
  return host.health.Ended(answer, options_, slot.started, now, slot.at_once, slot.adaptive,
                           slot.is_probe, random_);
}

void Hosts::HoldUntil(const std::string& name, Time until, Time now) {
  hosts_[name].health.HoldUntil(until, now);
}

std::optional<Hosts::Time> Hosts::HeldUntil(const std::string& name, Time now) const {
  const auto found = hosts_.find(name);
  return found == hosts_.end() ? std::nullopt : found->second.health.WaitsUntil(now);
}

std::int64_t Hosts::in_flight(const std::string& name) const {
  const auto found = hosts_.find(name);
  return found == hosts_.end() ? 0 : found->second.in_flight;
}

std::optional<Hosts::View> Hosts::ViewOf(const std::string& name, Time now) const {
  const auto found = hosts_.find(name);
  if (found == hosts_.end()) return std::nullopt;
  const Host& host = found->second;
  const HostHealth& health = host.health;
  return View{.in_flight = host.in_flight,
              .at_once = host.adaptive ? health.AtOnce(host.at_once) : host.at_once,
              .delay = host.adaptive ? std::max(host.delay, health.delay()) : host.delay,
              .waits_until = health.WaitsUntil(now),
              .broken = health.is_broken(),
              .given_up = health.IsGivenUp(now)};
}

bool Hosts::IsQuick(const std::string& name, Time now) const {
  const auto found = hosts_.find(name);
  if (found == hosts_.end() || !found->second.last_answer) return false;
  return now - *found->second.last_answer < kLately;
}

std::string Hosts::Save(const std::string& name, Time now, std::int64_t wall_ms) const {
  const auto found = hosts_.find(name);
  return found == hosts_.end() ? std::string() : found->second.health.Save(now, wall_ms);
}

void Hosts::Restore(const std::string& name, std::string_view bytes, Time now,
                    std::int64_t wall_ms) {
  if (!bytes.empty()) hosts_[name].health.Restore(bytes, now, wall_ms);
}

// All at once, and rarely: what it costs is spread over the hosts that came since.
void Hosts::Forget(Time now) {
  std::erase_if(hosts_, [now](const auto& entry) {
    const Host& host = entry.second;
    return host.in_flight == 0 && host.keep_until <= now && host.health.IsPlain(now);
  });
  groups_.Forget(now);
  forget_at_ = std::max<std::size_t>(1024, 2 * hosts_.size());
}

}  // namespace thresh
