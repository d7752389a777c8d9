#include "parser/sandbox/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "lib/base/log.h"
#include "parser/sandbox/landlock.h"
#include "parser/sandbox/system_calls.h"

namespace thresh {
namespace {

// Sanitizers map terabytes, read files of /proc for a report, and start a process for it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

void Limit(decltype(RLIMIT_AS) what, rlim_t most) {
  rlimit limit{};
  if (::getrlimit(what, &limit) != 0) return;
  limit.rlim_max = std::min(limit.rlim_max, most);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(what, &limit);
}

// A service manager in a container may be spoken to by a socket with an abstract name.
bool NotifiesByAbstractSocket() {
  const char* const socket = std::getenv("NOTIFY_SOCKET");
  return socket != nullptr && socket[0] == '@';
}

}  // namespace

Result<SandboxMode> ParseSandboxMode(std::string_view word) {
  if (word == "on") return SandboxMode::kOn;
  if (word == "off") return SandboxMode::kOff;
  if (word == "require") return SandboxMode::kRequire;
  return Error{Errc::kInvalid,
               "--sandbox: expected on, off or require, found " + std::string(word)};
}

Sandbox::Sandbox(SandboxOptions options) : options_(std::move(options)) {}

Result<> Sandbox::Missing(std::string_view what, std::string_view why) {
  if (options_.mode == SandboxMode::kRequire) {
    return Error{Errc::kUnavailable, "--sandbox=require: this system has no " + std::string(what) +
                                         " (" + std::string(why) + ")"};
  }
  log::Warn("sandbox.lacks", {{"what", what}, {"why", why}});
  return Ok{};
}

Result<> Sandbox::Enter() {
  if (options_.mode == SandboxMode::kOff) return Ok{};
  if (kSanitized) return Missing("sandbox at all", "it is built with a sanitizer");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return Missing("no_new_privs", std::strerror(errno));
  }
  Limit(RLIMIT_CORE, 0);
  if (options_.max_address_space_bytes != 0) Limit(RLIMIT_AS, options_.max_address_space_bytes);
  const Result<int> version = landlock::Version();
  if (!version) return Missing("Landlock", version.error().detail);
  const Result<> restricted = landlock::Restrict(
      *version, {.tcp_ports = options_.tcp_ports, .abstract_sockets = NotifiesByAbstractSocket()});
  if (!restricted) return Missing("Landlock", restricted.error().detail);
  landlock_ = *version;
  return Ok{};
}

Result<> Sandbox::Seal() {
  if (options_.mode == SandboxMode::kOff) {
    log::Info("sandbox.off", {{"why", "--sandbox=off"}});
    return Ok{};
  }
  if (kSanitized) return Ok{};
  const Result<> restricted = RestrictSystemCalls(!options_.tcp_ports.empty());
  if (!restricted) {
    if (Result<> missing = Missing("seccomp", restricted.error().detail); !missing) return missing;
  }
  log::Info("sandbox.on", {{"landlock", landlock_},
                           {"seccomp", restricted.ok() ? "yes" : "no"},
                           {"max_address_space_bytes", options_.max_address_space_bytes}});
  return Ok{};
}

}  // namespace thresh
