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
  /// `out/.thresh`, and the files it may have written. `items`: what this run may write.
  /// Errors: kUnavailable if a run is at work there, if an earlier one has left records and not
  /// `fresh`, or if a file that no run made is in the way; kInvalid if the folder cannot be made.
  [[nodiscard]] static Result<RunFolder> Take(const std::string& out, bool fresh,
                                              const std::vector<std::string>& items);
  RunFolder(RunFolder&&) = default;
  ~RunFolder();

  [[nodiscard]] const std::string& state() const noexcept { return state_; }

 private:
  RunFolder() = default;

  Result<> Claim(const std::string& out, bool fresh, const std::vector<std::string>& items);
  Result<> Lock();

  std::string state_;
  std::string temporary_;  // To be deleted; empty if it is to stay.
  UniqueFd lock_;
};

}  // namespace thresh
