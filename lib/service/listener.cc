#include "lib/service/listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace thresh {
namespace {

struct NamedFds {
  std::vector<int> fds;
  std::vector<std::string> names;
};

NamedFds Inherited() {
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(0, &names);
  NamedFds found;
  for (int i = 0; i < count; ++i) {
    found.fds.push_back(SD_LISTEN_FDS_START + i);
    found.names.emplace_back(names[i]);
    std::free(names[i]);
    // The call has set it to be closed on exec; but this process may run its program anew.
    ::fcntl(found.fds.back(), F_SETFD, 0);
  }
  std::free(names);
  return found;
}

}  // namespace

Result<UniqueFd> InheritedListener(const std::string& name) {
  const NamedFds inherited = Inherited();
  int fd = -1;
  for (std::size_t i = 0; i < inherited.fds.size(); ++i) {
    if (inherited.names[i] != name) continue;
    if (fd >= 0) {
      return Error{Errc::kInvalid, "expected one socket named \"" + name +
                                       "\" from the service manager, found several: leave one "
                                       "ListenStream= in its socket unit"};
    }
    fd = inherited.fds[i];
  }
  if (fd < 0) return UniqueFd();
  if (::sd_is_socket_unix(fd, SOCK_STREAM, 1, nullptr, 0) <= 0) {
    return Error{Errc::kInvalid, "the socket named \"" + name +
                                     "\" from the service manager: expected a Unix stream socket "
                                     "that listens (ListenStream=/path, Accept=no)"};
  }
  UniqueFd own(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
  if (!own)
    return Error{Errc::kInternal, std::string("cannot take a socket: ") + std::strerror(errno)};
  return own;
}

}  // namespace thresh
