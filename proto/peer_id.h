#pragma once

// Who speaks on a wire: a process's state, and its life.

#include <cstdint>

#include "lib/base/hash.h"

namespace thresh {

struct PeerId {
  Hash128 uuid;                   ///< Of the state the process works on.
  std::uint64_t incarnation = 0;  ///< Drawn anew at each start.

  friend bool operator==(const PeerId&, const PeerId&) = default;
};

/// A new life of the process that works on the state `uuid`.
[[nodiscard]] PeerId NewLife(const Hash128& uuid);

/// An id that no other process has: of one that keeps no state.
[[nodiscard]] PeerId NewPeerId();

/// What a DEALER calls itself to a ROUTER: uuid and incarnation, 24 bytes behind a `t`
/// (ZeroMQ keeps ids that begin with a zero byte for itself).
[[nodiscard]] std::string RoutingId(const PeerId& peer);

}  // namespace thresh
