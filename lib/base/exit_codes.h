#pragma once

// What every thresh program's exit status means. 64 and above are those of
// sysexits.h.

namespace thresh {

enum ExitCode : int {
  kExitDone = 0,
  kExitNothing = 1,        ///< Nothing matched, or a test failed.
  kExitSomeDead = 3,       ///< Some URLs ended as dead letters.
  kExitUsage = 64,         ///< The command line is wrong.
  kExitBadInput = 65,      ///< A recipe, list or page cannot be used as it is.
  kExitNoPeer = 69,        ///< The process to talk to is not there.
  kExitInternal = 70,      ///< A call we believed legal was refused, or a write failed.
  kExitCannotWrite = 73,   ///< An output cannot be created or written.
  kExitTryAgain = 75,      ///< Of a daemon: no room on the disk to start with.
  kExitInterrupted = 130,  ///< SIGINT, with work left.
  kExitTerminated = 143,   ///< SIGTERM, with work left.
};

}  // namespace thresh
