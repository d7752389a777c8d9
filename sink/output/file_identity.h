#pragma once

// Which file it is, whatever its name: so that a file that was moved is known again.

#include <cstdint>
#include <optional>
#include <string>

#include "lib/base/result.h"

namespace thresh {

struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t born_ns = 0;  ///< Wall clock; 0 where the file system does not tell.

  /// A device has another number after the machine's next start, maybe; so the inode and its
  /// time of birth decide where there is one.
  [[nodiscard]] bool IsSameAs(const FileIdentity& other) const noexcept {
    if (inode != other.inode || born_ns != other.born_ns) return false;
    return born_ns != 0 || device == other.device;
  }
};

struct FileStatus {
  FileIdentity identity;
  std::uint64_t length = 0;
  std::uint64_t links = 0;  ///< Names it has.
};

/// Of an open file. Errors: kInternal with `path` and the system's reason.
[[nodiscard]] Result<FileStatus> StatusOf(int fd, const std::string& path);
/// Nullopt if there is no file at `path`, or it is no plain file.
[[nodiscard]] std::optional<FileStatus> StatusAt(const std::string& path);

/// Whether the file at `path`, if it is this one, has a last byte that is no line end.
[[nodiscard]] Result<bool> EndsWithinLine(const std::string& path, const FileIdentity& identity);

/// Where in `folder` the file is; nullopt if it is not there.
[[nodiscard]] std::optional<std::string> FindFile(const std::string& folder,
                                                  const FileIdentity& identity);

}  // namespace thresh
