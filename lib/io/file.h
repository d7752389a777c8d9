#pragma once

// Whole files and folders, for start-up and tools: these calls block.

#include <string>
#include <string_view>

#include "lib/base/result.h"

namespace thresh {

/// Errors: kNotFound if there is no such file; kInvalid if it cannot be read.
[[nodiscard]] Result<std::string> ReadWholeFile(const std::string& path);

/// Makes the folder and those above it, as far as they are missing.
/// Errors: kInvalid with the system's reason.
Result<> MakeFolder(const std::string& path);

/// Makes the names in the folder durable: of files made, renamed or removed there.
/// Errors: kInternal with the system's reason.
Result<> SyncFolder(const std::string& path);

/// `path` from the root on, without `.` and `..`. Unchanged if there is no working folder.
[[nodiscard]] std::string AbsolutePath(const std::string& path);

/// The folder of the running program's file.
[[nodiscard]] std::string ProgramFolder();

}  // namespace thresh
