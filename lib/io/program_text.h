#pragma once

// What of programs and libraries is in memory.

namespace thresh {

/// Gives back all that this process has in memory of the code and constants of its program and
/// libraries. What is needed after all comes back from their files, or rather from the kernel's
/// cache of them. Much of what a start reads is not: symbols, and the code that makes a database.
void GiveBackText();

}  // namespace thresh
