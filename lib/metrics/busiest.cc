#include "lib/metrics/busiest.h"

#include <algorithm>
#include <utility>

namespace thresh {

void Busiest::Count(const std::string& name) {
  const auto found = now_.counts.find(name);
  if (found != now_.counts.end()) {
    ++found->second;
  } else if (now_.counts.size() < kMostNames) {
    now_.counts.emplace(name, 1);
  } else {
    ++now_.others;
  }
}

void Busiest::Second() {
  if (++now_.seconds < kSpanSeconds) return;
  last_ = std::exchange(now_, {});
}

std::vector<Busiest::Entry> Busiest::Top(std::size_t most, double* others) const {
  // Until the first span is over the present one has to do.
  const Span& span = last_.seconds > 0 ? last_ : now_;
  const double seconds = std::max(1, span.seconds);
  std::vector<Entry> top;
  top.reserve(span.counts.size());
  for (const auto& [name, count] : span.counts) {
    top.push_back({name, static_cast<double>(count) / seconds});
  }
  const auto before = [](const Entry& a, const Entry& b) {
    return a.per_second != b.per_second ? a.per_second > b.per_second : a.name < b.name;
  };
  std::sort(top.begin(), top.end(), before);
  double rest = static_cast<double>(span.others) / seconds;
  for (std::size_t i = most; i < top.size(); ++i) rest += top[i].per_second;
  if (top.size() > most) top.resize(most);
  if (others != nullptr) *others = rest;
  return top;
}

double Busiest::PerSecond(const std::string& name) const {
  const Span& span = last_.seconds > 0 ? last_ : now_;
  const auto found = span.counts.find(name);
  if (found == span.counts.end()) return 0;
  return static_cast<double>(found->second) / std::max(1, span.seconds);
}

}  // namespace thresh
