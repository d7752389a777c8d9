#include "fetcher/politeness/robots.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <unordered_set>
#include <utility>

#include "fetcher/politeness/robots_lines.h"

namespace thresh {

using std::chrono::milliseconds;

namespace {

constexpr double kMaxDelayMs = 86'400'000;
constexpr std::size_t kMaxSitemaps = 10'000;

bool IsTokenChar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

std::string_view ProductToken(std::string_view agent) {
  const auto end = std::find_if_not(agent.begin(), agent.end(), IsTokenChar);
  return agent.substr(0, static_cast<std::size_t>(end - agent.begin()));
}

bool IsSameToken(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

// Seconds, with or without a fraction, up to anything that is none; nullopt for what is no
// number, or below zero.
std::optional<milliseconds> ReadDelay(std::string_view value) {
  const auto end = std::find_if_not(value.begin(), value.end(),
                                    [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  const std::string number(value.begin(), end);
  if (number.find_first_of("0123456789") == std::string::npos) return std::nullopt;
  const double ms = std::strtod(number.c_str(), nullptr) * 1000;
  return milliseconds(static_cast<std::int64_t>(std::ceil(std::min(ms, kMaxDelayMs))));
}

// Like what Google's engine counts: the pattern as it is written, other letters than ASCII encoded.
std::uint32_t LengthOf(std::string_view text) {
  const auto wide = std::count_if(text.begin(), text.end(),
                                  [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
  return static_cast<std::uint32_t>(text.size() + 2 * static_cast<std::size_t>(wide));
}

bool Finds(std::string_view* text, std::string_view piece) {
  if (piece.empty()) return true;
  const void* at = memmem(text->data(), text->size(), piece.data(), piece.size());
  if (at == nullptr) return false;
  const auto offset = static_cast<std::size_t>(static_cast<const char*>(at) - text->data());
  text->remove_prefix(offset + piece.size());
  return true;
}

// Each piece between two asterisks is taken where it first fits; nothing is tried twice.
bool Matches(const Robots::Rule& rule, std::string_view path) {
  std::string_view pattern = rule.pattern;
  std::size_t star = pattern.find('*');
  if (!path.starts_with(pattern.substr(0, star))) return false;
  if (star == std::string_view::npos) return !rule.to_end || path.size() == pattern.size();
  path.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  while ((star = pattern.find('*')) != std::string_view::npos) {
    if (!Finds(&path, pattern.substr(0, star))) return false;
    pattern.remove_prefix(star + 1);
  }
  return rule.to_end ? path.ends_with(pattern) : Finds(&path, pattern);
}

}  // namespace

// ---- Reading ----------------------------------------------------------------------

// Reads the lines in order. A group is some User-agent lines and the rules below them; other
// lines do not end it (RFC 9309, 2.2.1 and 2.2.4).
class RobotsReader {
 public:
  explicit RobotsReader(std::string_view agent) : agent_(ProductToken(agent)) {}

  [[nodiscard]] Robots Read(std::string_view text) {
    RobotsLines lines(text);
    while (const std::optional<RobotsLine> line = lines.Next()) Take(*line);
    Set& chosen = named_ ? own_ : everybody_;
    robots_.rules_ = std::move(chosen.rules);
    robots_.crawl_delay_ = chosen.delay;
    SortRules();
    return std::move(robots_);
  }

 private:
  struct Set {
    std::vector<Robots::Rule> rules;
    std::optional<milliseconds> delay;
  };
  // Whom the lines that come now are for.
  struct Audience {
    bool own = false, everybody = false;
    bool closed = false;  // The next User-agent line begins a new one.
  };

  void Take(const RobotsLine& line) {
    switch (line.key) {
      case RobotsKey::kUserAgent: TakeAgent(line.value); break;
      case RobotsKey::kAllow:
      case RobotsKey::kDisallow: TakeRule(line); break;
      case RobotsKey::kCrawlDelay: TakeDelay(line.value); break;
      case RobotsKey::kSitemap: TakeSitemap(line.value); break;
    }
  }

  void TakeAgent(std::string_view value) {
    const bool everybody =
        value.starts_with('*') && (value.size() == 1 || value[1] == ' ' || value[1] == '\t');
    const bool own = !everybody && !agent_.empty() && IsSameToken(ProductToken(value), agent_);
    named_ |= own;
    for (Audience* audience : {&for_rules_, &for_delay_}) {
      if (audience->closed) *audience = {};
      audience->own |= own;
      audience->everybody |= everybody;
    }
  }

  void TakeRule(const RobotsLine& line) {
    for_delay_.closed = true;
    for_rules_.closed = true;
    if (line.value.empty()) return;  // Rules nothing.
    // One that is for us by name and for everybody is for us by name.
    if (for_rules_.own)
      Add(line.key == RobotsKey::kAllow, line.value, line.number, &own_);
    else if (for_rules_.everybody)
      Add(line.key == RobotsKey::kAllow, line.value, line.number, &everybody_);
  }

  static void Add(bool allow, std::string_view value, std::uint32_t line, Set* set) {
    Robots::Rule rule{.allow = allow,
                      .line = line,
                      .length = LengthOf(value),
                      .to_end = value.ends_with('$'),
                      .text = std::string(value)};
    if (rule.to_end) value.remove_suffix(1);
    rule.pattern = NormaliseRobotsPath(value, true);
    set->rules.push_back(std::move(rule));
    if (!allow) return;
    // Who allows a folder's index page allows the folder.
    const std::size_t slash = value.rfind('/');
    if (slash == std::string_view::npos || !value.substr(slash).starts_with("/index.htm")) return;
    const std::string_view folder = value.substr(0, slash + 1);
    set->rules.push_back({.allow = true,
                          .line = line,
                          .length = LengthOf(folder) + 1,
                          .to_end = true,
                          .text = set->rules.back().text,
                          .pattern = NormaliseRobotsPath(folder, true)});
  }

  // Unlike a rule, a delay is only for those named right above it: many files have a group for
  // each crawler that holds nothing else.
  void TakeDelay(std::string_view value) {
    const std::optional<milliseconds> delay = ReadDelay(value);
    for (auto& [set, is_for] :
         {std::pair{&own_, for_delay_.own}, std::pair{&everybody_, for_delay_.everybody}}) {
      if (is_for && delay) set->delay = std::max(set->delay.value_or(milliseconds(0)), *delay);
    }
    for_delay_.closed = true;
  }

  void TakeSitemap(std::string_view value) {
    if (value.empty() || robots_.sitemaps_.size() >= kMaxSitemaps) return;
    if (known_sitemaps_.emplace(value).second) robots_.sitemaps_.emplace_back(value);
  }

  void SortRules() {
    std::stable_sort(robots_.rules_.begin(), robots_.rules_.end(),
                     [](const Robots::Rule& a, const Robots::Rule& b) {
                       return a.length != b.length ? a.length > b.length : a.allow > b.allow;
                     });
    robots_.rules_.shrink_to_fit();
    for (const Robots::Rule& rule : robots_.rules_) {
      robots_.bytes_ += sizeof(rule) + rule.text.capacity() + rule.pattern.capacity();
    }
    for (const std::string& url : robots_.sitemaps_) robots_.bytes_ += sizeof(url) + url.capacity();
  }

  const std::string_view agent_;
  Robots robots_;
  Set own_, everybody_;
  Audience for_rules_, for_delay_;
  bool named_ = false;  // Some group is for us by name.
  std::unordered_set<std::string_view> known_sitemaps_;
};

Robots Robots::Parse(std::string_view body, std::string_view agent) {
  if (body.size() > kMaxBytes) {
    body = body.substr(0, kMaxBytes);
    body = body.substr(0, body.find_last_of("\r\n") + 1);  // None: nothing is left.
  }
  const std::string text = RobotsText(body);
  return RobotsReader(agent).Read(text);
}

// ---- Asking -----------------------------------------------------------------------

Robots::Verdict Robots::Match(std::string_view path_and_query) const {
  if (rules_.empty()) return {};
  const std::string path = NormaliseRobotsPath(path_and_query, false);
  for (const Rule& rule : rules_) {
    if (Matches(rule, path)) return {rule.allow, &rule};
  }
  return {};
}

std::string_view RobotsPathOf(std::string_view url) {
  url = url.substr(0, url.find('#'));
  if (!url.starts_with('/')) {
    const std::size_t host = url.find("//");
    const std::size_t begin = url.find('/', host == std::string_view::npos ? 0 : host + 2);
    url = begin == std::string_view::npos ? std::string_view() : url.substr(begin);
  }
  return url.empty() ? "/" : url;
}

}  // namespace thresh
