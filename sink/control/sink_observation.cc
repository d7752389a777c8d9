#include "sink/control/sink_observation.h"

#include <string>

#include "lib/text/json.h"

namespace thresh {
namespace {

constexpr std::size_t kMostShownBytes = 8 << 10;  // Of a record.
constexpr std::string_view kKinds[] = {"page", "dead", "job"};

std::string_view HostOf(std::string_view url) {
  const std::size_t begin = url.find("://");
  if (begin == std::string_view::npos) return {};
  const std::string_view rest = url.substr(begin + 3);
  return rest.substr(0, rest.find_first_of("/?#"));
}

}  // namespace

void SinkObservation::CommitBegun() {
  if (std::exchange(committing_, true)) return;  // It goes on after a pause.
  commit_began_ = Clock::now();
  in_commit_ = std::exchange(building_, {});
}

void SinkObservation::Committed(const std::vector<Effect>& effects) {
  committing_ = false;
  if (!effects.empty()) commit_.Observe(Clock::now() - commit_began_);
  for (std::size_t i = 0; i < committed_.size(); ++i) committed_[i] += in_commit_[i];
  if (!tap_.watched()) return;
  for (const Effect& effect : effects) {
    if (effect.origin) TellOf(effect);
  }
}

// The first line stands for the page: a watcher wants to see what is found, not all of it.
void SinkObservation::TellOf(const Effect& effect) {
  const EffectOrigin& origin = *effect.origin;
  const std::string_view host = HostOf(origin.url);
  tap_.Tell({.recipe = origin.recipe, .host = host}, [&](std::string* out) {
    out->append(R"("id":")" + std::to_string(effect.id) + R"(","recipe":)");
    AppendJsonString(origin.recipe, out);
    out->append(R"(,"host":)");
    AppendJsonString(host, out);
    out->append(R"(,"url":)");
    AppendJsonString(origin.url, out);
    out->append(R"(,"outcome":)");
    AppendJsonString(origin.outcome, out);
    out->append(R"(,"records":)" + std::to_string(effect.records) + R"(,"file":)");
    AppendJsonString(effect.lines.empty() ? "" : effect.lines.front().first, out);
    out->append(R"(,"record":)");
    const std::string_view lines =
        effect.lines.empty() ? std::string_view() : effect.lines.front().second;
    const std::string_view first = lines.substr(0, lines.find('\n'));
    out->append(first.empty() || first.size() > kMostShownBytes ? "null" : first);
  });
}

void SinkObservation::AddTo(MetricSet* set) const {
  set->Set(Metric::kCommitSeconds, commit_);
  for (std::size_t i = 0; i < committed_.size(); ++i) {
    set->Add(Metric::kResultsCommitted, kKinds[i], static_cast<double>(committed_[i]));
  }
  AddProcess("sink", memory_, started_at_s_, set);
}

}  // namespace thresh
