#pragma once

// RestartPolicy: whether a child that has ended is worth starting again, and after which pause.
// A crash always is. What a process says itself when it cannot start is not, as it would say the
// same again; but for kExitTryAgain, a lack that passes.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace thresh {

struct Death {
  int status = 0;  ///< As a shell would see it, 128 + signal if a signal ended it.
  std::string program;
  std::string said;  ///< Since it was started.
  std::chrono::milliseconds age{0};
  /// Processes of its kind have been seen at work in this run.
  bool kind_has_worked = true;
};

class RestartPolicy {
 public:
  /// After how long to start it again; nullopt: the run is to end with what it said.
  [[nodiscard]] std::optional<std::chrono::milliseconds> PauseAfter(const Death& death);

 private:
  int quick_deaths_ = 0;  // In a row, in whatever way.
  int quick_errors_ = 0;  // The same, with the exit status of an internal error.
  int locked_out_ = 0;    // Starts in a row that found the folder locked.
};

}  // namespace thresh
