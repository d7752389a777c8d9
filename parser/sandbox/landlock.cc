#include "parser/sandbox/landlock.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "lib/base/handles.h"

namespace thresh::landlock {
namespace {

// <linux/landlock.h> of the kernel that this is built on may know less than the one that it runs
// on.
constexpr long kCreateRuleset = 444;
constexpr long kAddRule = 445;
constexpr long kRestrictSelf = 446;
constexpr std::uint32_t kAskVersion = 1;
constexpr int kRuleNetPort = 2;

struct RulesetAttr {
  std::uint64_t files = 0;
  std::uint64_t net = 0;
  std::uint64_t scoped = 0;
};
struct NetPortAttr {
  std::uint64_t allowed = 0;
  std::uint64_t port = 0;
};

constexpr std::uint64_t kBindTcp = 1;
constexpr std::uint64_t kConnectTcp = 2;
constexpr std::uint64_t kScopeAbstractSockets = 1;
constexpr std::uint64_t kScopeSignals = 2;

// Each version brought some ways to touch a file.
std::uint64_t FileRights(int version) {
  constexpr std::uint64_t kFirst = (std::uint64_t{1} << 13) - 1;
  constexpr std::uint64_t kRefer = std::uint64_t{1} << 13;
  constexpr std::uint64_t kTruncate = std::uint64_t{1} << 14;
  constexpr std::uint64_t kDeviceIoctl = std::uint64_t{1} << 15;
  std::uint64_t rights = kFirst;
  if (version >= 2) rights |= kRefer;
  if (version >= 3) rights |= kTruncate;
  if (version >= 5) rights |= kDeviceIoctl;
  return rights;
}

RulesetAttr Forbidden(int version, const Rules& rules) {
  RulesetAttr attr{.files = FileRights(version)};
  if (version >= 4) attr.net = kBindTcp | kConnectTcp;
  if (version >= 6) {
    attr.scoped = kScopeSignals | (rules.abstract_sockets ? 0 : kScopeAbstractSockets);
  }
  return attr;
}

Error Refused(const char* call) {
  return {Errc::kUnavailable, std::string(call) + ": " + std::strerror(errno)};
}

}  // namespace

Result<int> Version() {
  const long version = ::syscall(kCreateRuleset, nullptr, std::size_t{0}, kAskVersion);
  if (version < 1) return Refused("landlock_create_ruleset");
  return static_cast<int>(version);
}

Result<> Restrict(int version, const Rules& rules) {
  const RulesetAttr attr = Forbidden(version, rules);
  const UniqueFd ruleset(
      static_cast<int>(::syscall(kCreateRuleset, &attr, sizeof attr, std::uint32_t{0})));
  if (!ruleset) return Refused("landlock_create_ruleset");
  for (const std::uint16_t port : rules.tcp_ports) {
    if (attr.net == 0) break;
    const NetPortAttr allowed{.allowed = kConnectTcp, .port = port};
    if (::syscall(kAddRule, ruleset.get(), kRuleNetPort, &allowed, std::uint32_t{0}) != 0) {
      return Refused("landlock_add_rule");
    }
  }
  if (::syscall(kRestrictSelf, ruleset.get(), std::uint32_t{0}) != 0) {
    return Refused("landlock_restrict_self");
  }
  return Ok{};
}

}  // namespace thresh::landlock
