#pragma once

// Checks the output: every line of an NDJSON file is a whole line of JSON.

#include <cstdint>
#include <optional>
#include <string>

#include "cli/fsck/finding.h"
#include "lib/base/result.h"

namespace thresh {

/// Reads the file and returns how many lines it has. `journal_bytes`: how long it is by the
/// journal, if that knows it: with more to come, a last line without its end is no damage. Errors:
/// kInvalid if it cannot be read.
[[nodiscard]] Result<std::uint64_t> CheckOutput(const std::string& path,
                                                std::optional<std::uint64_t> journal_bytes,
                                                const FindingFn& found);

}  // namespace thresh
