#include "lib/service/listener.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <vector>

#include <doctest/doctest.h>

using namespace thresh;

namespace {

// A process that was started with these sockets, from descriptor 3 on. What `look` gives is its
// exit status.
template <typename Look>
int InService(const std::vector<int>& sockets, const char* names, Look look) {
  const pid_t child = ::fork();
  if (child == 0) {
    std::vector<int> high;
    for (const int fd : sockets) high.push_back(::fcntl(fd, F_DUPFD, 100));
    for (std::size_t i = 0; i < high.size(); ++i) ::dup2(high[i], static_cast<int>(3 + i));
    ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
    ::setenv("LISTEN_FDS", std::to_string(sockets.size()).c_str(), 1);
    ::setenv("LISTEN_FDNAMES", names, 1);
    ::_exit(look());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

// A socket that has no name in the file system: the kernel chooses one.
UniqueFd Socket(int type, bool listening = true) {
  UniqueFd fd(::socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
  sockaddr_un any{};
  any.sun_family = AF_UNIX;
  REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&any), sizeof any.sun_family) == 0);
  if (listening) REQUIRE(::listen(fd.get(), 8) == 0);
  return fd;
}

}  // namespace

TEST_CASE("a socket is found by its name, as often as one asks") {
  const UniqueFd other = Socket(SOCK_STREAM), feed = Socket(SOCK_STREAM);
  CHECK(InService({other.get(), feed.get()}, "other:feed", [] {
          for (int i = 0; i < 2; ++i) {
            Result<UniqueFd> found = InheritedListener("feed");
            sockaddr_un ours{}, theirs{};
            socklen_t a = sizeof ours, b = sizeof theirs;
            if (!found || !*found) return 1;
            ::getsockname(found->get(), reinterpret_cast<sockaddr*>(&ours), &a);
            ::getsockname(4, reinterpret_cast<sockaddr*>(&theirs), &b);
            if (a != b || std::string(ours.sun_path + 1) != theirs.sun_path + 1) return 2;
          }
          return 0;
        }) == 0);
}

TEST_CASE("it is still there for the program that this one runs in its place") {
  const UniqueFd feed = Socket(SOCK_STREAM);
  CHECK(InService({feed.get()}, "feed", [] {
          (void)InheritedListener("feed").ok();
          return (::fcntl(3, F_GETFD) & FD_CLOEXEC) == 0 ? 0 : 1;
        }) == 0);
}

TEST_CASE("without such a name, or without a manager, there is none") {
  const UniqueFd other = Socket(SOCK_STREAM);
  const auto none = [] {
    Result<UniqueFd> found = InheritedListener("feed");
    return found && !*found ? 0 : 1;
  };
  CHECK(InService({other.get()}, "other", none) == 0);
  CHECK(InService({}, "", none) == 0);
  CHECK(none() == 0);
}

TEST_CASE("several of the name, or one that cannot be listened on, is refused") {
  const auto refused = [] { return InheritedListener("feed").ok() ? 1 : 0; };
  const UniqueFd one = Socket(SOCK_STREAM), two = Socket(SOCK_STREAM);
  CHECK(InService({one.get(), two.get()}, "feed:feed", refused) == 0);
  const UniqueFd deaf = Socket(SOCK_STREAM, false), datagrams = Socket(SOCK_DGRAM, false);
  CHECK(InService({deaf.get()}, "feed", refused) == 0);
  CHECK(InService({datagrams.get()}, "feed", refused) == 0);
  const UniqueFd network(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::listen(network.get(), 1) == 0);
  CHECK(InService({network.get()}, "feed", refused) == 0);
}
