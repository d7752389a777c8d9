#pragma once

// Flight recorder: a file of 64 bytes in which a process notes what it is at work on, so that
// another can read it there when the process has died, of whatever. It is a shared mapping: what
// is written is in the file at once, also after a kill -9, and never waits for a disk.
//
// Format, little-endian; the process holds an exclusive flock(2) on the file as long as it lives:
//   u32 magic "THFR" | u32 version 1 | u64 the process's incarnation | u64 incarnation of the
//   process the work came from | u64 task | u32 attempt | u32 mark | i64 since, CLOCK_BOOTTIME ns
//   | u32 busy: 1 while at work | 12 bytes 0
// Mark: 0 none, 1 to 64 a signal, 256 out of time, 257 out of memory.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "lib/base/handles.h"
#include "lib/base/hash.h"
#include "lib/base/result.h"

namespace thresh {

inline constexpr std::uint32_t kMarkTimeout = 256;
inline constexpr std::uint32_t kMarkOutOfMemory = 257;

class FlightWriter {
 public:
  /// Makes `folder`, if missing, and in it the recorder of the process with this uuid.
  /// Errors: kInvalid with the system's reason.
  [[nodiscard]] static Result<std::unique_ptr<FlightWriter>> Create(const std::string& folder,
                                                                    const Hash128& uuid,
                                                                    std::uint64_t incarnation);
  /// Leaves the file: who reads it then learns that nothing was under way.
  ~FlightWriter();
  FlightWriter(const FlightWriter&) = delete;
  FlightWriter& operator=(const FlightWriter&) = delete;

  /// Work on a task begins. `source`: the incarnation of who handed it out.
  void Begin(std::uint64_t source, std::uint64_t task, std::uint32_t attempt) noexcept;
  void End() noexcept;

  /// Notes why the process is about to die. Async-signal-safe. Of no effect unless at work, or
  /// after another mark.
  void Mark(std::uint32_t mark) noexcept;

 private:
  struct Slot;
  FlightWriter(UniqueFd lock, Slot* slot) noexcept : lock_(std::move(lock)), slot_(slot) {}

  UniqueFd lock_;
  Slot* slot_;
};

struct FlightRecord {
  bool alive = false;  ///< Its process, which holds the lock.
  std::uint64_t incarnation = 0;
  bool busy = false;  ///< What follows is about what it is, or was, at work on.
  std::uint64_t source = 0;
  std::uint64_t task = 0;
  std::uint32_t attempt = 0;
  std::uint32_t mark = 0;
  std::int64_t since_ns = 0;
};

/// The file in `folder` of the process with this uuid.
[[nodiscard]] std::string FlightPath(const std::string& folder, const Hash128& uuid);

/// Nullopt unless there is a recorder of a version that we know.
[[nodiscard]] std::optional<FlightRecord> ReadFlight(const std::string& path);

/// Removes the recorders in `folder` whose processes live no more.
void RemoveDeadFlights(const std::string& folder);

}  // namespace thresh
