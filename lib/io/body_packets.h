#pragma once

// The packets by which files of bodies go from a fetcher to a parser: 12 bytes that name a task and
// an attempt, and a descriptor (unix(7), SCM_RIGHTS). proto/README.md has them.

#include <cstdint>
#include <optional>

#include "lib/base/handles.h"

namespace thresh {

struct BodyOf {
  std::uint64_t task = 0;
  std::uint32_t attempt = 0;

  friend bool operator==(const BodyOf&, const BodyOf&) = default;
};

/// Names no task: the descriptor is of the memory that is shared with this parser.
inline constexpr BodyOf kSharedMemory{};

/// False if the other end is gone or takes nothing at the moment. Never blocks.
[[nodiscard]] bool SendBody(int socket, const BodyOf& of, int fd);

struct ReceivedBody {
  BodyOf of;
  UniqueFd fd;
};
/// Nullopt if there is none, now or ever. Never blocks.
[[nodiscard]] std::optional<ReceivedBody> ReceiveBody(int socket);

}  // namespace thresh
