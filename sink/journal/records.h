#pragma once

// What the journal's records say, to and from their payloads. docs/formats.md has the bytes.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/base/hash.h"
#include "lib/base/result.h"
#include "sink/journal/closed_ids.h"
#include "sink/journal/pieces.h"

namespace thresh {

/// Where a record begins.
struct Location {
  std::uint64_t segment = 0;
  std::uint64_t offset = 0;

  friend auto operator<=>(const Location&, const Location&) = default;
};

/// Bytes of an output file: they belong at `offset` of it.
struct Part {
  std::uint32_t file = 0;  ///< Its number.
  std::uint64_t offset = 0;
  std::string_view bytes;
};

/// COMMIT: a task's whole effect.
struct Commit {
  Hash128 source;  ///< The fetcher's uuid.
  std::uint64_t id = 0;
  std::uint64_t records = 0;
  bool first_of_batch = false;  ///< All before it was in the outputs when it was written.
  std::string_view ack;
  std::vector<Part> parts;
  /// A file of its own, made with the task's effect: name, bytes.
  std::optional<std::pair<std::string_view, std::string_view>> whole_file;
};

/// FILE: an output file, and how long it is. Its predecessor of the same name is complete and
/// synced.
struct FileState {
  std::uint32_t number = 0;
  std::string name;  ///< In the folder of the outputs.
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t born_ns = 0;  ///< 0 where the file system does not tell.
  std::uint64_t length = 0;

  friend bool operator==(const FileState&, const FileState&) = default;
};

/// CKPT: all that the segments before it have to say, but for what is not closed.
struct Checkpoint {
  struct Source {
    Hash128 uuid;
    ClosedIds closed;
    std::uint64_t highest = 0;  ///< No id above it was seen.
  };
  struct Segment {
    std::uint64_t number = 0;
    std::uint64_t end = 0;  ///< Where its last record ends.
  };

  std::uint64_t records = 0;
  std::uint32_t next_file = 1;
  std::vector<FileState> files;
  std::vector<Source> sources;
  std::vector<Segment> segments;  ///< Those before that hold what is not closed.
};

[[nodiscard]] std::string Encode(const Commit& commit);
/// The same, behind what is there: EncodedBytes() more. The bytes of its parts and of its file are
/// lent.
void AppendTo(const Commit& commit, Pieces* out);
[[nodiscard]] std::size_t EncodedBytes(const Commit& commit);
[[nodiscard]] std::string Encode(const FileState& file);
[[nodiscard]] std::string Encode(const Checkpoint& checkpoint);

// Nullopt for a payload that is none. A Commit's views are into the payload.
[[nodiscard]] std::optional<Commit> DecodeCommit(std::string_view payload);
[[nodiscard]] std::optional<FileState> DecodeFile(std::string_view payload);
[[nodiscard]] std::optional<Checkpoint> DecodeCheckpoint(std::string_view payload);

}  // namespace thresh
