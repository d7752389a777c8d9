#pragma once

// JournalState: what the journal has said so far, kept up record by record: by the reader at
// start, by the writer afterwards. A checkpoint is its copy on disk.

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "lib/base/hash.h"
#include "sink/journal/closed_ids.h"
#include "sink/journal/records.h"

namespace thresh {

struct JournalState {
  struct Source {
    ClosedIds closed;
    std::uint64_t highest = 0;
    std::map<std::uint64_t, Location> open;  ///< By id: committed, not closed.
  };
  struct Segment {
    std::uint64_t end = 0;         ///< Where its last record ends.
    std::uint64_t open_count = 0;  ///< Of its tasks that are not closed.
  };

  std::uint64_t records = 0;
  std::uint32_t next_file = 1;
  std::map<std::uint32_t, FileState> files;     ///< By number: those that may grow.
  std::unordered_map<Hash128, Source> sources;  ///< By fetcher's uuid.
  std::map<std::uint64_t, Segment> segments;    ///< By number; the last is written to.

  /// Remembers a COMMIT at `at`, of a segment that is in `segments`.
  void Apply(const Commit& commit, Location at);
  /// A file that is new takes the place of the one of its name.
  void Apply(const FileState& file);
  void Apply(const Checkpoint& checkpoint);
  /// Only where to find the ACK of a task that is not closed: for a COMMIT before the checkpoint.
  void ApplyOld(const Commit& commit, Location at);

  void Close(const Hash128& source, std::uint64_t low, const std::vector<std::uint64_t>& ids);
  /// All of the fetcher's tasks are as if they had never been.
  void Forget(const Hash128& source);

  /// What a segment that follows the present ones begins with.
  [[nodiscard]] Checkpoint ToCheckpoint() const;

 private:
  void CloseOpen(Source& source, std::map<std::uint64_t, Location>::iterator open);
};

}  // namespace thresh
