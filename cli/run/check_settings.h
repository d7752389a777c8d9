#pragma once

// What `thresh run --config FILE` looks at before anything starts.

#include "cli/commands.h"

namespace thresh {

/// Has the fetcher look at the file, the recipes and the secrets that both name. It says on stderr
/// what is wrong. The exit status: 0, or what the command is to end with.
/// REQUIRES: options.config is not empty.
[[nodiscard]] int CheckSettings(const RunOptions& options);

}  // namespace thresh
