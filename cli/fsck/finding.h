#pragma once

// What `thresh fsck` finds.

#include <functional>
#include <string>

namespace thresh {

struct Finding {
  bool is_damage = true;  ///< False: the next start puts it right, or it is only to be known.
  std::string text;       ///< One line for people: where, what was found, what to do.
};

using FindingFn = std::function<void(const Finding&)>;

}  // namespace thresh
