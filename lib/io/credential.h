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

/// Whether others than its owner may read or change it, where that is not the service manager's
/// care. False for what is not there.
[[nodiscard]] bool IsOpenToOthers(const CredentialFile& file);

}  // namespace thresh
