#pragma once

// What `thresh fsck` says of a sink's state: reads, and changes nothing.
// REQUIRES: no sink is at work there, else what it is just writing is found to be missing.

#include <string>
#include <vector>

namespace thresh {

struct JournalFinding {
  bool is_damage = false;  ///< False: the next start puts it right, or it is only to be known.
  std::string text;        ///< One line for people: where, what was found, what to do.
};

/// Checks the journal in `state_dir`, every record of it, and whether the outputs in `out_dir`
/// hold what it says. Empty: all is well.
[[nodiscard]] std::vector<JournalFinding> CheckJournal(const std::string& state_dir,
                                                       const std::string& out_dir);

}  // namespace thresh
