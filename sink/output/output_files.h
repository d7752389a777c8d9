#pragma once

// OutputFiles: the files that people read. Bytes are only ever added at their ends, and a file is
// never made shorter: the journal has said before what comes, and where.
//
//   Prepare(name) ──▶ what the journal has to be told ──▶ Add(name, lines) ──▶ Append()
//
// Threads: none; one caller at a time. These calls block.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/io/gather.h"
#include "sink/output/file_identity.h"

namespace thresh {

struct OutputOptions {
  std::string folder;
  bool sync = true;                  ///< False: files are never synced.
  std::uint64_t rotate_bytes = 0;    ///< A file of this size is put aside; 0: never.
  std::uint64_t rotate_seconds = 0;  ///< One of this age; 0: never.
};

/// An output file as the journal is to know it.
struct OutputState {
  std::uint32_t number = 0;
  std::string name;  ///< In the folder.
  FileIdentity identity;
  std::uint64_t length = 0;
};

class OutputFiles {
 public:
  explicit OutputFiles(OutputOptions options) : options_(std::move(options)) {}

  [[nodiscard]] const OutputOptions& options() const noexcept { return options_; }
  /// From now on; 0: never.
  void RotateAt(std::uint64_t bytes, std::uint64_t seconds) noexcept {
    options_.rotate_bytes = bytes;
    options_.rotate_seconds = seconds;
  }

  /// Opens the file if need be, and looks whether it is as long as we left it: once for each
  /// Append(). Returns what the journal has to be told before lines go there, until Announced().
  /// A file that somebody else wrote to, or removed, is warned of and gone on with.
  /// `next_number`: for a file that is opened.
  /// Errors: kBusy if the disk is full; kInternal with path and reason.
  [[nodiscard]] Result<std::optional<OutputState>> Prepare(const std::string& name,
                                                           std::uint32_t next_number);
  void Announced(const std::string& name);

  /// Number of the file, and where in it the next lines will lie.
  /// REQUIRES: Prepare(name) has nothing to tell.
  [[nodiscard]] std::pair<std::uint32_t, std::uint64_t> NextPlace(std::string_view name) const;

  /// Adds lines for the next Append(); until that has succeeded they must stay where they are.
  void Add(std::string_view name, std::string_view lines);

  /// Writes what was added and forgets it; a new file and its name are synced first.
  /// Errors: kBusy when a disk is full: call it again, it goes on where it stopped; kInternal.
  [[nodiscard]] Result<> Append();

  /// Makes all that was written durable. Errors: kInternal.
  [[nodiscard]] Result<> Sync();

  /// Closes, synced, each file whose path leads elsewhere or nowhere now, and returns their
  /// names; the next Prepare() opens what is there. Errors: kInternal.
  [[nodiscard]] Result<std::vector<std::string>> CloseMoved();

  /// Puts aside, synced, the files that are too large or too old: `<item>-<UTC time>.ndjson`.
  /// Errors: kBusy, kInternal.
  [[nodiscard]] Result<std::vector<std::string>> RotateDue(std::int64_t now_ms);

  /// At start: a file that is open already, and the bytes it lacks. `leaving`: it has another
  /// name now; its bytes are written, and then it is ours no more.
  void Adopt(OutputState state, UniqueFd fd, std::string_view missing, bool leaving);
  /// Lets go of those that leave. REQUIRES: Append() and Sync().
  void DropLeaving();

  [[nodiscard]] std::vector<OutputState> States() const;

 private:
  struct Slot {
    OutputState state;
    UniqueFd fd;
    std::string path;
    Gather lines;         // Not written yet.
    std::string missing;  // Lines of ours among them: what Adopt() was given.
    bool announced = false;
    bool checked = false;      // Since the last Append().
    bool is_new = false;       // Its name is not synced.
    bool dirty = false;        // It has bytes that are not synced.
    bool may_be_torn = false;  // Others may have left it without a line end.
    bool leaving = false;
  };

  Result<> Open(Slot& slot, std::uint32_t number);
  Result<> Check(Slot& slot);
  Result<> EndTornLine(Slot& slot);
  Result<> SyncNew(Slot& slot);
  Result<> Write(Slot& slot);
  Result<> SyncSlot(Slot& slot);
  [[nodiscard]] bool IsDue(const Slot& slot, std::int64_t now_ms) const;
  [[nodiscard]] std::string AsidePath(const std::string& name, std::int64_t now_ms) const;

  OutputOptions options_;
  std::map<std::string, Slot, std::less<>> slots_;  // By name; by path if leaving.
};

}  // namespace thresh
