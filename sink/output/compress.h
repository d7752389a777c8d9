#pragma once

// Compression of output files that were put aside. A crash at any moment leaves the plain file,
// or both, or the compressed one: never neither.

#include <atomic>
#include <string>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

/// Paths of files in `folder` that were put aside and lie there plain, oldest name first.
/// Errors: kInvalid if the folder cannot be listed.
[[nodiscard]] Result<std::vector<std::string>> FilesAside(const std::string& folder);

/// Puts `<path>.zst` in the place of the file at `path`.
/// Errors: kBusy when the disk is full, or as soon as `stop` is set; kInternal. The plain file is
/// there still.
[[nodiscard]] Result<> CompressFile(const std::string& path, const std::atomic<bool>& stop);

}  // namespace thresh
