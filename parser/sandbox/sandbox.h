#pragma once

// Sandbox: what a parser takes from itself before it looks at the first page, so that a page that
// got hold of the process could do little: open no file, start no program, reach no network.
// docs/security.md has what it does and what it does not.
//
//   files opened ──▶ Enter() ──▶ sockets, and ZeroMQ's threads ──▶ Seal() ──▶ pages
//
// Threads: Enter() before there is a second one, Seal() covers all there are. What is taken is
// never had back.

#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/base/result.h"

namespace thresh {

enum class SandboxMode {
  kOff,
  kOn,       ///< As much as the kernel has; what is missing is logged.
  kRequire,  ///< All of it, or an error.
};

/// Errors: kInvalid for what is not `on`, `off` or `require`.
[[nodiscard]] Result<SandboxMode> ParseSandboxMode(std::string_view word);

struct SandboxOptions {
  SandboxMode mode = SandboxMode::kOff;
  /// Of the address space, with all that is only reserved, shared or mapped. 0: no limit.
  /// Two threads' stacks and pools reserve 0.3 GB, and 16 bodies of 64 MiB may be mapped at once.
  std::uint64_t max_address_space_bytes = std::uint64_t{4} << 30;
  std::vector<std::uint16_t> tcp_ports;  ///< May be connected to; none: no TCP at all.
};

/// Has libraries load now what they would open files for later: tables of encodings, of host names,
/// the time zone. After it, parsing opens none.
/// Errors: kInternal if a table is missing.
[[nodiscard]] Result<> LoadWhatNeedsFiles();

class Sandbox {
 public:
  explicit Sandbox(SandboxOptions options);

  /// No new privileges, no core dumps, a limit to the address space; no files, by Landlock.
  /// REQUIRES: one thread; all files are open.
  /// Errors: kUnavailable with kRequire if something is missing.
  Result<> Enter();

  /// System calls are filtered, in all threads; logs what is on.
  /// REQUIRES: Enter(); all threads have been started.
  /// Errors: as Enter().
  Result<> Seal();

 private:
  Result<> Missing(std::string_view what, std::string_view why);

  SandboxOptions options_;
  int landlock_ = 0;  // Its version; 0: none.
};

}  // namespace thresh
