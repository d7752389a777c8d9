#pragma once

// Files with secrets that the service manager hands over (systemd's LoadCredential=).

#include <string>

namespace thresh {

struct CredentialFile {
  std::string path;
  bool by_service_manager = false;  ///< Its rights are that one's care.
};

/// A name without a slash is looked for in $CREDENTIALS_DIRECTORY first.
[[nodiscard]] CredentialFile FindCredential(const std::string& file);

/// Whether somebody has one of these rights (S_IROTH ...) to it, where that is not the service
/// manager's care. False for what is not there.
[[nodiscard]] bool GrantsAny(const CredentialFile& file, unsigned rights);

}  // namespace thresh
