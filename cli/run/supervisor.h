#pragma once

// Supervisor: keeps the processes of a run at work, and ends them in the order in which each
// can still finish what it has begun: the fetcher first, then parsers and sink; all at once where
// nothing is left.
//
// Threads: none. Lifetime: borrows the loop, which must turn once more after it is gone.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <uv.h>

#include "cli/run/child.h"
#include "cli/run/restart_policy.h"
#include "lib/base/result.h"
#include "lib/io/tick.h"

namespace thresh {

/// A child that will not be started again.
struct GivenUp {
  std::string program;  ///< Or the command.
  int status = 0;
  std::string said;
};

class Supervisor {
 public:
  struct Events {
    std::function<void(const GivenUp&)> on_given_up;
    /// A child cannot start yet, and is tried again: why, as it said.
    std::function<void(const std::string&)> on_waiting;
    std::function<void()> on_stopped;  ///< No child is left.
  };

  Supervisor(uv_loop_t& loop, Events events);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  /// Starts a process, and again each time it has ended; with `restart` false only once, and
  /// any end is told as given up.
  /// Errors: kInternal if it cannot be started.
  [[nodiscard]] Result<> Keep(ChildSpec spec, bool restart = true);

  /// This program's processes have been seen at work.
  void NoteWorking(const std::string& program) { working_[program] = true; }

  /// What those that are asked to end may leave undone.
  enum class Left { kSomething, kNothing };

  /// Asks all to end; on_stopped follows, in this call if there are none. Those that do not
  /// listen are killed: a parser soon if nothing is left, for the page it is at is done.
  void Stop(Left left = Left::kSomething);
  /// Ends all at once; what they have not finished is gone on with by the next run.
  void Kill();

  /// 0 while there is none.
  [[nodiscard]] int PidOf(const std::string& program) const;
  /// How often processes of this program were started again.
  [[nodiscard]] const std::map<std::string, std::uint64_t>& restarts() const noexcept {
    return restarts_;
  }

 private:
  enum class Phase { kWorking, kFetcherEnds, kOthersEnd, kStopped };
  enum class Who { kFetcher, kParsers, kOthers };  // Others: all but the fetcher.

  struct Place {
    ChildSpec spec;
    bool restart = true;
    RestartPolicy policy;
    std::unique_ptr<Child> child;  // Null between its end and the next start.
    std::unique_ptr<Alarm> pause;
  };

  [[nodiscard]] Result<> Start(Place& place);
  void Restart(Place& place);
  void TakeExit(Place& place, int status);
  void GoOnStopping();
  /// Sends a signal to some; false if there is none.
  bool SignalThose(Who who, int number) const;

  uv_loop_t& loop_;
  const Events events_;
  Phase phase_ = Phase::kWorking;
  std::vector<std::unique_ptr<Place>> places_;
  std::vector<std::unique_ptr<Child>> gone_;  // Their handles are freed with us.
  std::map<std::string, bool> working_;
  std::map<std::string, std::uint64_t> restarts_;
  Left left_ = Left::kSomething;
  Alarm kill_, kill_parsers_;
};

}  // namespace thresh
