#pragma once

// The system calls that a parser may make once it is at work. Files cannot be opened (EACCES);
// what only an intruder would try ends the process at once (SIGSYS); of the rest, what is not on
// the list fails with EPERM.

#include "lib/base/result.h"

namespace thresh {

/// Holds for all threads of the process, and for ever. `tcp`: sockets of IPv4 and IPv6 are allowed
/// beside those of Unix.
/// REQUIRES: no new privileges (prctl(2), PR_SET_NO_NEW_PRIVS).
/// Errors: kUnavailable, with what is missing: a kernel without seccomp, or a thread that has a
/// filter of its own.
[[nodiscard]] Result<> RestrictSystemCalls(bool tcp);

}  // namespace thresh
