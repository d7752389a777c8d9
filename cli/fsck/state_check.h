#pragma once

// Checks a state folder and the output that belongs to it.

#include <cstdint>
#include <string>
#include <vector>

#include "cli/fsck/finding.h"
#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

/// What was looked at.
struct Checked {
  bool journal = false;
  bool frontier = false;
  std::uint64_t files = 0;
  std::uint64_t lines = 0;
};

/// Keeps every daemon and run out of the folder while it lives; makes no file.
/// Errors: kUnavailable if one is at work there, with its pid.
[[nodiscard]] Result<std::vector<UniqueFd>> LockOut(const std::string& state);

/// `out`: the folder of the output; empty: it is not checked.
/// Errors: kInvalid if there is no state, or if something cannot be read at all.
[[nodiscard]] Result<Checked> CheckState(const std::string& state, const std::string& out,
                                         const FindingFn& found);

}  // namespace thresh
