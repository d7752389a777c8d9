#pragma once

// StateLock: one process of a kind works on a state folder, or has the sockets in a folder. The
// lock goes with the process, so one that was killed leaves none behind.

#include <string>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class StateLock {
 public:
  /// Locks the file at `path`, made if missing, and writes our pid into it. `who` names the
  /// holder in the error: "a run".
  /// Errors: kUnavailable with the holder's pid; kInvalid if the file cannot be written.
  [[nodiscard]] static Result<StateLock> Take(const std::string& path, const std::string& who);

  /// All of them, or none.
  [[nodiscard]] static Result<std::vector<StateLock>> TakeAll(const std::vector<std::string>& paths,
                                                              const std::string& who);

 private:
  explicit StateLock(UniqueFd fd) : fd_(std::move(fd)) {}

  UniqueFd fd_;
};

}  // namespace thresh
