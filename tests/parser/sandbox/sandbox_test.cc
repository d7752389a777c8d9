// What can still be done in the sandbox, and what not. Each attempt is made by a process of its
// own, and by a thread that was there before the system calls were filtered, as ZeroMQ's are.

#include "parser/sandbox/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include <doctest/doctest.h>

#include "lib/base/log.h"
#include "lib/url/url.h"
#include "parser/body/charset.h"
#include "parser/sandbox/landlock.h"
#include "tests/support/temp_folder.h"

using namespace thresh;
using thresh::test::TempFolder;

namespace {

/// What it is that is tried: returns 0 or an errno.
using Attempt = std::function<int()>;

int ErrnoOf(long rc) {
  return rc < 0 ? errno : 0;
}

/// `2 (ENOENT)`, or `killed by 31`.
std::string Words(int status) {
  if (WIFSIGNALED(status)) return "killed by " + std::to_string(WTERMSIG(status));
  const int error = WEXITSTATUS(status);
  return error == 0 ? "done" : ::strerrorname_np(error);
}

class SandboxFixture {
 public:
  SandboxFixture() { log::SetLevel(log::Level::kError); }

  /// How it goes in the sandbox.
  std::string Inside(const Attempt& attempt) {
    return Words(InProcess([&] {
      Sandbox sandbox(options);
      if (!sandbox.Enter()) return 98;
      std::mutex lock;
      std::condition_variable turn;
      bool sealed = false;
      int result = 97;
      std::thread other([&] {
        std::unique_lock held(lock);
        turn.wait(held, [&] { return sealed; });
        result = attempt();
      });
      if (!sandbox.Seal()) return 99;
      {
        const std::lock_guard held(lock);
        sealed = true;
      }
      turn.notify_one();
      other.join();
      return result;
    }));
  }
  std::string Outside(const Attempt& attempt) { return Words(InProcess(attempt)); }

  SandboxOptions options{.mode = SandboxMode::kRequire};
  TempFolder folder;

 private:
  static int InProcess(const Attempt& attempt) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(attempt());
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return status;
  }
};

int ConnectTcp(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return ErrnoOf(::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address));
}

int ConnectUnix(const std::string& name) {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  return ErrnoOf(::connect(fd, reinterpret_cast<const sockaddr*>(&address), size));
}

/// A socket that others connect to.
class Listener {
 public:
  explicit Listener(const std::string& unix_name) : fd_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, unix_name.data(), unix_name.size());
    Listen(&address, offsetof(sockaddr_un, sun_path) + unix_name.size());
  }
  Listener() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Listen(&address, sizeof address);
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port = ntohs(address.sin_port);
  }
  ~Listener() { ::close(fd_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port = 0;

 private:
  void Listen(const void* address, std::size_t size) {
    REQUIRE(::bind(fd_, static_cast<const sockaddr*>(address), static_cast<socklen_t>(size)) == 0);
    REQUIRE(::listen(fd_, 8) == 0);
  }
  const int fd_;
};

const std::string kKilled = "killed by " + std::to_string(SIGSYS);

}  // namespace

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

TEST_SUITE("Sandbox") {
  TEST_CASE_FIXTURE(SandboxFixture, "no file can be opened, looked at or made") {
    const std::string mine = folder.File("mine");
    const std::string made = folder.File("made");
    REQUIRE(::close(::open(mine.c_str(), O_WRONLY | O_CREAT, 0600)) == 0);
    struct stat info {};
    const Attempt attempts[] = {
        [] { return ErrnoOf(::open("/etc/passwd", O_RDONLY)); },
        [] { return ErrnoOf(::openat(AT_FDCWD, "/etc/passwd", O_RDONLY)); },
        [] { return ErrnoOf(::syscall(SYS_open, "/etc/passwd", O_RDONLY)); },
        [] { return ErrnoOf(::open("/proc/self/maps", O_RDONLY)); },
        [] { return ErrnoOf(::open("/", O_PATH)); },
        [&] { return ErrnoOf(::open(mine.c_str(), O_WRONLY)); },
        [&] { return ErrnoOf(::open(made.c_str(), O_WRONLY | O_CREAT, 0600)); },
        [&] { return ErrnoOf(::mkdir(made.c_str(), 0700)); },
        [&] { return ErrnoOf(::unlink(mine.c_str())); },
        [&] { return ErrnoOf(::rename(mine.c_str(), made.c_str())); },
        [&] { return ErrnoOf(::truncate(mine.c_str(), 0)); },
        [&] { return ErrnoOf(::chmod(mine.c_str(), 0777)); },
        [&] { return ErrnoOf(::stat(mine.c_str(), &info)); },
        [] { return ErrnoOf(::memfd_create("x", 0)); },
    };
    for (std::size_t i = 0; i < std::size(attempts); ++i) {
      CAPTURE(i);
      CHECK(Inside(attempts[i]) == "EACCES");
    }
    CHECK(::access(mine.c_str(), F_OK) == 0);
    CHECK(::access(made.c_str(), F_OK) != 0);
  }

  TEST_CASE_FIXTURE(SandboxFixture,
                    "Landlock alone lets no file be opened, before calls are filtered") {
    CHECK(Outside([this] {
            Sandbox sandbox(options);
            if (!sandbox.Enter()) return 98;
            return ErrnoOf(::open("/etc/passwd", O_RDONLY));
          }) == "EACCES");
  }

  TEST_CASE_FIXTURE(SandboxFixture,
                    "a program, a process, another's memory, another network: the end") {
    const Attempt attempts[] = {
        [] {
          char* const argv[] = {nullptr};
          return ErrnoOf(::execve("/bin/true", argv, argv));
        },
        [] { return ErrnoOf(::fork()); },
        [] { return ErrnoOf(::syscall(SYS_vfork)); },
        [] { return ErrnoOf(::syscall(SYS_clone3, nullptr, 0)); },
        [] { return ErrnoOf(::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr)); },
        [] { return ErrnoOf(::ptrace(PTRACE_ATTACH, ::getppid(), nullptr, nullptr)); },
        [] { return ErrnoOf(::socket(AF_INET, SOCK_STREAM, 0)); },
        [] { return ErrnoOf(::socket(AF_INET6, SOCK_DGRAM, 0)); },
        [] { return ErrnoOf(::socket(AF_NETLINK, SOCK_RAW, 0)); },
        [] { return ErrnoOf(::socket(AF_PACKET, SOCK_RAW, 0)); },
        [] {
          return ErrnoOf(::syscall(SYS_socket, (std::uint64_t{1} << 32) | AF_INET, SOCK_STREAM, 0));
        },
        [] { return ConnectTcp(80); },
        [] { return ErrnoOf(::syscall(SYS_io_uring_setup, 1, nullptr)); },
        [] { return ErrnoOf(::syscall(SYS_setuid, 0)); },
    };
    for (std::size_t i = 0; i < std::size(attempts); ++i) {
      CAPTURE(i);
      CHECK(Inside(attempts[i]) == kKilled);
    }
  }

  TEST_CASE_FIXTURE(SandboxFixture, "no other process is signalled, no memory becomes a program") {
    CHECK(Inside([] { return ErrnoOf(::kill(::getppid(), 0)); }) == "EPERM");
    CHECK(Inside([] { return ErrnoOf(::kill(-1, 0)); }) == "EPERM");
    CHECK(Inside([] { return ErrnoOf(::kill(::getpid(), 0)); }) == "done");
    const auto map = [](int rights) {
      void* const at = ::mmap(nullptr, 4096, rights, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
      return at == MAP_FAILED ? errno : 0;
    };
    CHECK(Inside([&] { return map(PROT_READ | PROT_WRITE); }) == "done");
    CHECK(Inside([&] { return map(PROT_READ | PROT_EXEC); }) == "EPERM");
    const rlimit limit{.rlim_cur = 1, .rlim_max = 1};
    CHECK(Inside([&] { return ErrnoOf(::setrlimit(RLIMIT_NOFILE, &limit)); }) == "EPERM");
  }

  TEST_CASE_FIXTURE(SandboxFixture,
                    "Unix sockets are connected to, those without a file's name are not") {
    const std::string path = folder.File("socket");
    const std::string abstract = std::string(1, '\0') + path;
    const Listener by_path(path);
    const Listener by_name(abstract);
    CHECK(Inside([&] { return ConnectUnix(path); }) == "done");
    CHECK(Outside([&] { return ConnectUnix(abstract); }) == "done");
    // Older kernels cannot tell: docs/security.md.
    const bool scoped = *landlock::Version() >= 6;
    CHECK(Inside([&] { return ConnectUnix(abstract); }) == (scoped ? "EPERM" : "done"));
    CHECK(Inside([&] {
            const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
            const sockaddr_un address{.sun_family = AF_UNIX, .sun_path = "here"};
            return ErrnoOf(::bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address));
          }) == "EPERM");
  }

  TEST_CASE_FIXTURE(SandboxFixture, "with a TCP endpoint, its port and no other is connected to") {
    const Listener allowed;
    const Listener other;
    options.tcp_ports = {allowed.port};
    CHECK(Inside([&] { return ConnectTcp(allowed.port); }) == "done");
    CHECK(Outside([&] { return ConnectTcp(other.port); }) == "done");
    const bool by_port = *landlock::Version() >= 4;
    CHECK(Inside([&] { return ConnectTcp(other.port); }) == (by_port ? "EACCES" : "done"));
    CHECK(Inside([] { return ErrnoOf(::socket(AF_NETLINK, SOCK_RAW, 0)); }) == kKilled);
  }

  TEST_CASE_FIXTURE(SandboxFixture, "nothing is dumped, nothing gained") {
    CHECK(Outside([this] {
            Sandbox sandbox(options);
            if (!sandbox.Enter()) return 98;
            rlimit core{};
            rlimit space{};
            ::getrlimit(RLIMIT_CORE, &core);
            ::getrlimit(RLIMIT_AS, &space);
            const bool limited =
                core.rlim_max == 0 && space.rlim_max == options.max_address_space_bytes;
            return limited && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
          }) == "done");
  }

  TEST_CASE_FIXTURE(SandboxFixture, "what was loaded before needs no file") {
    REQUIRE(LoadWhatNeedsFiles().ok());
    CHECK(Inside([] {
            for (const std::string_view label :
                 {"gbk", "big5", "euc-kr", "shift_jis", "iso-2022-jp", "koi8-u", "x-mac-cyrillic",
                  "utf-16be"}) {
              std::string buffer;
              if (!DecodeText("\x81\x40\xB0\xA1", label, &buffer)) return 1;
            }
            return Url::Parse("http://\xD0\xBF\xD1\x80\xD0\xB8.example/").ok() ? 0 : 2;
          }) == "done");
  }

  TEST_CASE("a mode is on, off or require") {
    CHECK(*ParseSandboxMode("on") == SandboxMode::kOn);
    CHECK(*ParseSandboxMode("off") == SandboxMode::kOff);
    CHECK(*ParseSandboxMode("require") == SandboxMode::kRequire);
    REQUIRE(!ParseSandboxMode("yes").ok());
    CHECK(ParseSandboxMode("yes").error().detail ==
          "--sandbox: expected on, off or require, found yes");
  }
}

#endif
