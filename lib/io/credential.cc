#include "lib/io/credential.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace thresh {

CredentialFile FindCredential(const std::string& file) {
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder != nullptr && file.find('/') == std::string::npos) {
    const std::string path = std::string(folder) + "/" + file;
    if (::access(path.c_str(), F_OK) == 0) return {path, true};
  }
  return {file};
}

bool GrantsAny(const CredentialFile& file, unsigned rights) {
  struct stat about {};
  return !file.by_service_manager && ::stat(file.path.c_str(), &about) == 0 &&
         (about.st_mode & rights) != 0;
}

}  // namespace thresh
