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

}  // namespace thresh
