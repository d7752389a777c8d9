#pragma once

#include <string>

namespace thresh {

/// A path by which the socket `name` in `folder` can be bound and reached although Unix
/// allows only 107 bytes: a longer one goes by `/proc/self/fd/N/name`, where N is kept
/// open as long as the process lives.
[[nodiscard]] std::string SocketPath(const std::string& folder, const std::string& name);

/// Who may write in the folder of the socket at `path` may connect to it: if that is a group, the
/// socket's mode becomes 0660, whatever the umask. Else it stays as it is.
void ShareSocket(const std::string& path);

}  // namespace thresh
