#pragma once

// RunFolder: where a run keeps its sockets, logs and pid, and that it is alone there.

#include <string>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class RunFolder {
 public:
  /// Takes `out` for this run: `out/.thresh` is made and locked. `-` takes a temporary
  /// folder instead, deleted when the run ends. `fresh` deletes what an earlier run left:
  /// `out/.thresh`, and `<item>.ndjson` for each of `items` and for `dead`.
  /// Errors: kUnavailable if a run is at work there, or one was and not `fresh`; kInvalid if
  /// the folder cannot be made.
  [[nodiscard]] static Result<RunFolder> Take(const std::string& out, bool fresh,
                                              const std::vector<std::string>& items);
  RunFolder(RunFolder&&) = default;
  ~RunFolder();

  [[nodiscard]] const std::string& state() const noexcept { return state_; }
  /// The last lines of a child's log.
  [[nodiscard]] std::string LogTail(const std::string& child) const;

 private:
  RunFolder() = default;

  Result<> Lock();

  std::string state_;
  std::string temporary_;  // To be deleted; empty if it is to stay.
  UniqueFd lock_;
};

}  // namespace thresh
