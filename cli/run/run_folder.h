#pragma once

// RunFolder: where a run keeps its state, sockets and logs; and that it is alone there.

#include <optional>
#include <string>
#include <vector>

#include "cli/run/run_record.h"
#include "lib/base/result.h"
#include "lib/io/state_lock.h"

namespace thresh {

class RunFolder {
 public:
  /// Takes `out` for this run: `out/.thresh` is made and locked. What an earlier run left there
  /// is gone on with, or with `fresh` deleted: its state, and the files it may have written.
  /// `-` takes a temporary folder instead, deleted when the run ends. `recipes`: their names;
  /// `items`: what this run may write.
  /// Errors: kUnavailable if a run is at work there, if the earlier one had other recipes, if a
  /// file that no run made is in the way, or if the state is not a run's; kInvalid if the folder
  /// cannot be made, or is a newer thresh's.
  [[nodiscard]] static Result<RunFolder> Take(const std::string& out, bool fresh,
                                              std::vector<std::string> recipes,
                                              const std::vector<std::string>& items);
  RunFolder(RunFolder&&) = default;
  ~RunFolder();

  [[nodiscard]] const std::string& state() const noexcept { return state_; }
  /// An earlier run is gone on with.
  [[nodiscard]] bool resumed() const noexcept { return resumed_; }

 private:
  RunFolder() = default;

  Result<> Lock();
  Result<> Claim(const std::string& out, bool fresh, RunRecord wanted);
  [[nodiscard]] Result<std::optional<RunRecord>> EarlierRun(bool fresh) const;
  [[nodiscard]] Result<> Clear(const std::string& out, RunRecord earlier) const;

  std::string state_;
  std::string temporary_;  // To be deleted; empty if it is to stay.
  bool resumed_ = false;
  std::optional<StateLock> lock_;
};

}  // namespace thresh
