#pragma once

// Landlock (landlock(7)) by system calls: the C library has no functions for it. What it forbids
// holds for the calling thread and those that it starts from then on, and for ever.

#include <cstdint>
#include <vector>

#include "lib/base/result.h"

namespace thresh::landlock {

/// What a process may still do; all else that this kernel's Landlock knows is forbidden: files in
/// every way, TCP, Unix sockets with abstract names, signals to processes outside.
struct Rules {
  std::vector<std::uint16_t> tcp_ports;  ///< May be connected to.
  bool abstract_sockets = false;         ///< May be connected to.
};

/// The version of the kernel's Landlock, from 1.
/// Errors: kUnavailable if it has none, with the reason.
[[nodiscard]] Result<int> Version();

/// REQUIRES: no new privileges (prctl(2), PR_SET_NO_NEW_PRIVS); no other thread that is to be
/// covered.
/// Errors: kUnavailable, with what the kernel refused.
[[nodiscard]] Result<> Restrict(int version, const Rules& rules);

}  // namespace thresh::landlock
