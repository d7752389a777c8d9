#include "cli/run/restart_policy.h"

#include <algorithm>

#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kQuick{2000};
constexpr milliseconds kFirstPause{50};
constexpr milliseconds kLongestPause{2000};
constexpr milliseconds kLockPause{100};
constexpr int kMaxLockedOut = 50;     // Of a killed run's children, which are ending: 5 s.
constexpr int kMaxQuickErrors = 5;    // A disk that is broken is so for the next process too.
constexpr int kSignals = 128;         // Above: what ended it.
constexpr int kShellCannotRun = 126;  // What a shell says of a command that
constexpr int kShellNotFound = 127;   // is no program, or is not there.
constexpr int kMaxNeverWorked = 20;   // Of a program that dies before it does anything.

// Daemons that cannot start say one line, `NAME: why`; what they log begins with a priority. An
// assertion that fails says a line like it, and ends by a signal.
bool IsStartError(const Death& death) {
  if (death.status > kSignals) return false;
  const std::string& said = death.said;
  std::size_t end = said.size();
  while (end > 0 && said[end - 1] == '\n') --end;
  if (end == 0) return false;
  const std::size_t newline = said.rfind('\n', end - 1);
  const std::size_t begin = newline == std::string::npos ? 0 : newline + 1;
  return said.compare(begin, death.program.size() + 2, death.program + ": ") == 0;
}

}  // namespace

std::optional<milliseconds> RestartPolicy::PauseAfter(const Death& death) {
  switch (death.status) {
    case kExitUsage:
    case kExitBadInput:
    case kExitCannotWrite:
    case kShellCannotRun:
    case kShellNotFound: return std::nullopt;
    default: break;
  }
  const bool start_error = IsStartError(death);
  if (start_error && death.status == kExitTryAgain) return kLongestPause;
  if (start_error && death.status == kExitNoPeer && ++locked_out_ <= kMaxLockedOut) {
    return kLockPause;
  }
  if (start_error) return std::nullopt;
  locked_out_ = 0;
  const bool quick = death.age < kQuick;
  quick_deaths_ = quick ? quick_deaths_ + 1 : 0;
  quick_errors_ = quick && death.status == kExitInternal ? quick_errors_ + 1 : 0;
  if (quick_errors_ >= kMaxQuickErrors) return std::nullopt;
  if (!death.kind_has_worked && quick_deaths_ >= kMaxNeverWorked) return std::nullopt;
  if (quick_deaths_ <= 1) return milliseconds(0);
  return std::min(kLongestPause, kFirstPause * (1 << std::min(quick_deaths_ - 2, 6)));
}

}  // namespace thresh
