#include "cli/run/supervisor.h"

#include <csignal>
#include <utility>

#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

constexpr const char* kFetcher = "thresh-fetcher";
constexpr const char* kParser = "thresh-parser";
constexpr std::uint64_t kFetcherMs = 5000;  // It drains for 4 s.
constexpr std::uint64_t kOthersMs = 3000;
constexpr std::uint64_t kParsersWithoutWorkMs = 500;  // Who has no page ends at once.
constexpr std::size_t kMaxGone = 64;

}  // namespace

Supervisor::Supervisor(uv_loop_t& loop, Events events)
    : loop_(loop),
      events_(std::move(events)),
      kill_(loop,
            [this] {
              SignalThose(phase_ == Phase::kFetcherEnds ? Who::kFetcher : Who::kOthers, SIGKILL);
            }),
      kill_parsers_(loop, [this] { SignalThose(Who::kParsers, SIGKILL); }) {}

Result<> Supervisor::Keep(ChildSpec spec, bool restart) {
  places_.push_back(std::make_unique<Place>());
  Place& place = *places_.back();
  place.spec = std::move(spec);
  place.restart = restart;
  place.pause = std::make_unique<Alarm>(loop_, [this, &place] { Restart(place); });
  return Start(place);
}

Result<> Supervisor::Start(Place& place) {
  auto child = Child::Spawn(loop_, place.spec,
                            [this, &place](Child&, int status) { TakeExit(place, status); });
  if (!child) return child.error();
  place.child = std::move(*child);
  return Ok{};
}

void Supervisor::Restart(Place& place) {
  if (phase_ != Phase::kWorking) return;
  ++restarts_[place.spec.program];
  if (Result<> started = Start(place); !started) {
    events_.on_given_up({place.spec.program, 0, started.error().detail});
  }
}

void Supervisor::TakeExit(Place& place, int status) {
  const Child& child = *place.child;
  const std::string& program = place.spec.program;
  const Death death{status, program, child.Said(), child.age(), working_.contains(program)};
  const std::string name = child.name();
  if (gone_.size() >= kMaxGone) gone_.erase(gone_.begin());
  gone_.push_back(std::move(place.child));  // Not freed yet: we are in its callback.
  if (phase_ != Phase::kWorking) {
    GoOnStopping();
    return;
  }
  const auto pause = place.restart ? place.policy.PauseAfter(death) : std::nullopt;
  if (!pause) {
    events_.on_given_up({name, status, death.said});
  } else if (status == kExitTryAgain) {
    if (events_.on_waiting) events_.on_waiting(death.said);
    place.pause->Set(static_cast<std::uint64_t>(pause->count()));
  } else if (pause->count() == 0) {
    Restart(place);
  } else {
    place.pause->Set(static_cast<std::uint64_t>(pause->count()));
  }
}

void Supervisor::Stop(Left left) {
  if (phase_ != Phase::kWorking) return;
  left_ = left;
  phase_ = Phase::kFetcherEnds;
  kill_.Set(kFetcherMs);
  SignalThose(Who::kFetcher, SIGTERM);
  if (left_ == Left::kNothing) {
    SignalThose(Who::kOthers, SIGTERM);
    kill_parsers_.Set(kParsersWithoutWorkMs);
  }
  GoOnStopping();
}

// While something is left parsers and sink are asked once the fetcher has gone: until then it may
// wait for them.
void Supervisor::GoOnStopping() {
  if (phase_ == Phase::kFetcherEnds && !SignalThose(Who::kFetcher, 0)) {
    phase_ = Phase::kOthersEnd;
    kill_.Set(kOthersMs);
    if (left_ == Left::kSomething) SignalThose(Who::kOthers, SIGTERM);
  }
  if (phase_ == Phase::kOthersEnd && !SignalThose(Who::kOthers, 0)) {
    phase_ = Phase::kStopped;
    kill_.Clear();
    kill_parsers_.Clear();
    events_.on_stopped();
  }
}

void Supervisor::Kill() {
  SignalThose(Who::kFetcher, SIGKILL);
  SignalThose(Who::kOthers, SIGKILL);
}

bool Supervisor::SignalThose(Who who, int number) const {
  const auto is_meant = [who](const std::string& program) {
    if (who == Who::kOthers) return program != kFetcher;
    return program == (who == Who::kFetcher ? kFetcher : kParser);
  };
  bool any = false;
  for (const auto& place : places_) {
    if (place->child == nullptr || !is_meant(place->spec.program)) continue;
    any = true;
    if (number != 0) place->child->Signal(number);
  }
  return any;
}

int Supervisor::PidOf(const std::string& program) const {
  for (const auto& place : places_) {
    if (place->child != nullptr && place->spec.program == program) return place->child->pid();
  }
  return 0;
}

}  // namespace thresh
