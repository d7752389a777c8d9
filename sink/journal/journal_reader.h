#pragma once

// Reads a whole journal: what it says, and what of it may not be in the outputs yet.
//
// Only the last segment may end in a torn record: what was being written when the process or
// the machine stopped. Anywhere else a bad record is corruption, and nobody guesses.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/hash.h"
#include "lib/base/result.h"
#include "sink/journal/journal_state.h"

namespace thresh {

/// Bytes that lie in the last segment, `size_bytes` from `at` of its file on.
struct RedoBytes {
  std::uint64_t at = 0;
  std::size_t size_bytes = 0;
};

/// What the last segment has for outputs: all before it is in them, and synced.
struct Redo {
  struct OutputPart {
    std::uint32_t file = 0;
    std::uint64_t offset = 0;  ///< In the output file.
    RedoBytes bytes;
    bool last_batch = false;  ///< What came before was written to the output in its time.
  };
  struct WholeFile {
    std::string name;
    RedoBytes bytes;
  };

  std::string segment_path;
  std::vector<OutputPart> parts;  ///< Of files in the state, in their order.
  std::vector<WholeFile> whole_files;

  /// Errors: kInvalid if the segment cannot be read.
  [[nodiscard]] Result<std::string> Read(const RedoBytes& bytes) const;
};

struct JournalImage {
  Hash128 owner;
  JournalState state;
  Redo redo;
  std::uint64_t last_segment = 0;
  std::uint64_t next_seq = 1;
  std::uint64_t torn_bytes = 0;         ///< Of the last segment, behind its last record.
  std::vector<std::string> file_names;  ///< All files of the folder.
};

/// Nullopt if `folder` has no journal, or is not there.
/// Errors: kInvalid for a damaged journal or one of a later version, with file and offset.
[[nodiscard]] Result<std::optional<JournalImage>> ReadJournal(const std::string& folder);

/// The bytes of the ACK in the COMMIT at `at`.
/// Errors: kInvalid if it cannot be read.
[[nodiscard]] Result<std::string> ReadAck(const std::string& folder, Location at);

}  // namespace thresh
