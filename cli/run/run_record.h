#pragma once

// RunRecord: what a run writes down of itself in its state folder, as `run.json`, so that the
// same command can go on and `--fresh` deletes nothing else than what a run has made.

#include <optional>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

struct RunRecord {
  std::vector<std::string> recipes;  ///< Their names, sorted.
  std::vector<std::string> files;    ///< In the output folder: what a run may have written.
  bool clearing = false;             ///< `--fresh` is deleting; if cut short, it is to be finished.
};

/// Nullopt: there is none in this state folder.
/// Errors: kInvalid if it cannot be read, or is of a newer version.
[[nodiscard]] Result<std::optional<RunRecord>> ReadRunRecord(const std::string& state);

/// Replaces the record; durable and whole whatever happens meanwhile.
/// Errors: kInvalid with the system's reason.
[[nodiscard]] Result<> WriteRunRecord(const std::string& state, const RunRecord& record);

}  // namespace thresh
