#include "fetcher/politeness/robots_book.h"

#include <algorithm>
#include <cstdio>

namespace thresh {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

namespace {

constexpr std::size_t kMaxAgents = 8;
constexpr std::size_t kPageBytes = 400;  // Without text and rules, about.
constexpr milliseconds kLongestGivenUp{3'600'000};

milliseconds Doubled(milliseconds first, std::int64_t times, milliseconds most) {
  return std::min(first * (std::int64_t{1} << std::clamp<std::int64_t>(times, 0, 20)), most);
}

}  // namespace

RobotsBook::Verdict RobotsBook::Ask(const std::string& origin, std::string_view agent,
                                    std::string_view path_and_query, Time now) {
  using Kind = Verdict::Kind;
  const auto found = pages_.find(origin);
  if (found == pages_.end()) return {.kind = Kind::kUnknown};
  Page& page = found->second;
  page.last_asked = now;
  if (page.busy) return {.kind = Kind::kBusy};
  if (page.known && now < page.expires) {
    const Robots& robots = ReadFor(page, agent);
    const bool allowed = path_and_query == "/robots.txt" || robots.Match(path_and_query).allowed;
    return {.kind = allowed ? Kind::kAllowed : Kind::kDenied,
            .crawl_delay = robots.crawl_delay().value_or(milliseconds(0))};
  }
  if (page.ask_again <= now) return {.kind = Kind::kUnknown};
  if (page.given_up) {
    return {.kind = Kind::kUnreachable, .reason = page.reason, .detail = page.detail};
  }
  return {.kind = Kind::kWait, .ask_again = page.ask_again};
}

std::string_view RobotsBook::StateOf(const std::string& origin, Time now) const {
  const auto found = pages_.find(origin);
  if (found == pages_.end()) return "unknown";
  const Page& page = found->second;
  if (page.busy) return "asked";
  if (page.known && now < page.expires) return "known";
  if (page.ask_again <= now) return "unknown";
  return page.given_up ? "unreachable" : "waits";
}

const Robots& RobotsBook::ReadFor(Page& page, std::string_view agent) {
  for (const auto& [name, robots] : page.read) {
    if (name == agent) return robots;
  }
  if (page.read.size() >= kMaxAgents) page.read.clear();
  page.read.emplace_back(agent, Robots::Parse(page.text, agent));
  const std::size_t more = page.read.back().second.bytes();
  page.cost += more;
  bytes_ += more;
  return page.read.back().second;
}

bool RobotsBook::TakeAnswer(const std::string& origin, const RobotsAnswer& answer, Time now) {
  Page& page = pages_[origin];
  page.busy = false;
  const bool failed = !answer.failure.empty() || answer.status == 429 ||
                      (answer.status >= 500 && answer.status < 600);
  if (failed && page.known) {
    page.expires = now + options_.stale_life;
    return true;
  }
  if (failed) {
    Fail(page, answer, now);
    Weigh(page, origin);
    page.last_asked = now;
    MakeRoom();
    return false;
  }
  const milliseconds asked_for = answer.lifetime.value_or(options_.longest_life);
  const milliseconds life =
      asked_for.count() == 0 ? options_.uncached_life
                             : std::clamp(asked_for, options_.shortest_life, options_.longest_life);
  const bool is_there = answer.status >= 200 && answer.status < 300;
  Know(page, origin, is_there ? answer.body.substr(0, Robots::kMaxBytes + 1) : "", now + life);
  page.last_asked = now;
  MakeRoom();
  return true;
}

void RobotsBook::Know(Page& page, const std::string& origin, std::string_view text, Time expires) {
  if (!page.known || page.text != text) {
    page.text = text;
    page.read.clear();
  }
  page.known = true;
  page.expires = expires;
  page.failures = 0;
  page.given_up = false;
  Weigh(page, origin);
}

void RobotsBook::Fail(Page& page, const RobotsAnswer& answer, Time now) {
  const bool answered = answer.failure.empty();
  const std::int64_t tries = answered ? options_.error_tries : options_.no_answer_tries;
  ++page.failures;
  page.reason = answered ? "robots_unreachable" : answer.failure;
  page.detail = answered ? "robots.txt: the server answered " + std::to_string(answer.status)
                         : "robots.txt: " + answer.detail;
  page.given_up = page.failures >= tries || (!answered && !answer.may_retry);
  milliseconds wait = Doubled(options_.first_wait, page.failures - 1, kLongestGivenUp);
  if (page.given_up) {
    wait = Doubled(options_.given_up_for, page.failures - tries, kLongestGivenUp);
  }
  page.ask_again =
      now + std::max(wait, std::min(answer.retry_after.value_or(wait), options_.longest_life));
}

// ---- Bounds -----------------------------------------------------------------------

void RobotsBook::Weigh(Page& page, const std::string& origin) {
  std::size_t cost = kPageBytes + 2 * origin.size() + page.text.capacity();
  for (const auto& [name, robots] : page.read) cost += robots.bytes();
  bytes_ += cost - page.cost;
  page.cost = cost;
}

// Half of them at once, so that it is rare.
void RobotsBook::MakeRoom() {
  if (bytes_ <= options_.max_bytes) return;
  std::vector<std::pair<Time, std::string>> pages;
  for (const auto& [origin, page] : pages_) {
    if (!page.busy) pages.emplace_back(page.last_asked, origin);
  }
  std::sort(pages.begin(), pages.end());
  for (const auto& [asked, origin] : pages) {
    if (bytes_ <= options_.max_bytes / 2) return;
    const auto found = pages_.find(origin);
    bytes_ -= found->second.cost;
    pages_.erase(found);
    forgotten_.push_back(origin);
  }
}

// ---- Over a restart --------------------------------------------------------------------

// `1 EXPIRES_MS` and a line's end, then the text.
std::string RobotsBook::Save(const std::string& origin, Time now, std::int64_t wall_ms) const {
  const auto found = pages_.find(origin);
  if (found == pages_.end() || !found->second.known || found->second.expires <= now) return {};
  const Page& page = found->second;
  const std::int64_t expires = wall_ms + duration_cast<milliseconds>(page.expires - now).count();
  return "1 " + std::to_string(expires) + "\n" + page.text;
}

// A clock that was set back makes nothing count longer than a day.
void RobotsBook::Restore(const std::string& origin, std::string_view bytes, Time now,
                         std::int64_t wall_ms) {
  const std::size_t end = bytes.find('\n');
  if (end == std::string_view::npos || end > 40) return;
  const std::string head(bytes.substr(0, end));
  long long expires = 0;
  if (std::sscanf(head.c_str(), "1 %lld", &expires) != 1 || expires <= wall_ms) return;
  const milliseconds left = std::min(milliseconds(expires - wall_ms), options_.longest_life);
  Page& page = pages_[origin];
  Know(page, origin, bytes.substr(end + 1), now + left);
  page.last_asked = now;
  MakeRoom();
}

}  // namespace thresh
