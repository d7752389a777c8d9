#pragma once

// Journal: the writer. Records are added to memory, and Flush() makes them durable together.
// When a record does not fit, the caller brings the outputs up to date, syncs them and calls
// Switch(): a new segment begins with a checkpoint, and those of which all tasks are closed are
// used again.
//
// After each start a new segment is begun: nothing is ever added behind a torn tail.
//
// Threads: none; one caller at a time.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "sink/journal/journal_reader.h"
#include "sink/journal/journal_state.h"
#include "sink/journal/pieces.h"
#include "sink/journal/records.h"
#include "sink/journal/segment.h"

namespace thresh {

struct JournalOptions {
  std::string folder;
  std::uint64_t segment_bytes = 64 << 20;
  bool sync = true;  ///< False: what is written survives the process, not the machine.
};

class Journal {
 public:
  /// Reads what is there; writes nothing.
  /// Errors: kInvalid as ReadJournal().
  [[nodiscard]] static Result<std::unique_ptr<Journal>> Open(JournalOptions options);

  /// The uuid of this sink: drawn anew for an empty folder, and kept from the first Switch() on.
  [[nodiscard]] const Hash128& owner() const noexcept { return owner_; }
  /// What it says with all that was added.
  [[nodiscard]] const JournalState& state() const noexcept { return state_; }

  /// What the outputs may lack; to be called once, before the first Switch(). What is read back
  /// is made durable first: it may be in the machine's memory only.
  /// Errors: kInternal.
  [[nodiscard]] Result<Redo> TakeRedo();

  // What is closed, forgotten or given up by its file goes into the next checkpoint.
  void Close(const Hash128& source, std::uint64_t low, const std::vector<std::uint64_t>& ids) {
    state_.Close(source, low, ids);
  }
  void Forget(const Hash128& source) { state_.Forget(source); }
  void RetireFile(std::uint32_t number) { state_.files.erase(number); }
  void CorrectFile(const FileState& file) { state_.Apply(file); }

  // Add a record to what the next Flush() writes; until that has succeeded, the bytes of a Commit's
  // parts and of its file must stay where they are. Nullopt, or false: it does not fit; Flush(),
  // then Switch() with its RecordBytes().
  [[nodiscard]] std::optional<Location> Add(const Commit& commit);
  [[nodiscard]] bool Add(const FileState& file);

  [[nodiscard]] bool has_unwritten() const noexcept { return !pending_.empty(); }

  /// Makes what was added durable; does nothing if that is nothing.
  /// Errors: kBusy when the disk is full: call it again; kInternal: the process has to end.
  [[nodiscard]] Result<> Flush();

  /// Begins a new segment with room for a record of `record_bytes`.
  /// REQUIRES: !has_unwritten(), the outputs are as long as state() says, and synced.
  /// Errors: as Flush().
  [[nodiscard]] Result<> Switch(std::size_t record_bytes);

  /// The bytes of the ACK in the COMMIT at `at`, whose task is not closed; nothing if it is.
  /// Errors: kInvalid if it cannot be read.
  [[nodiscard]] Result<std::string> ReadAck(Location at) const;

  /// Whether a Switch() would free segments that are in the way: more than the one written to and
  /// the one before.
  [[nodiscard]] bool has_closed_segments() const;

  /// Gives up the file that is kept for the next segment: for an end in good order.
  void RemoveSpare();

  [[nodiscard]] std::uint64_t segment_count() const noexcept { return state_.segments.size(); }
  /// Of all segments, as they lie on the disk.
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  explicit Journal(JournalOptions options) : options_(std::move(options)) {}

  [[nodiscard]] bool HasRoom(std::size_t payload_bytes) const;
  Result<> MakeSegment(const SegmentHeader& header, std::size_t record_bytes,
                       std::string_view checkpoint);
  Result<UniqueFd> OpenNext(std::uint64_t bytes);
  Result<> PutNext(const UniqueFd& fd, std::string_view bytes, std::uint64_t number);
  Result<> FreeClosedSegments(const Checkpoint& checkpoint);
  Result<> FreeFile(const std::string& name);
  [[nodiscard]] std::string Path(const std::string& name) const {
    return options_.folder + "/" + name;
  }

  const JournalOptions options_;
  Hash128 owner_;
  JournalState state_;
  std::optional<Redo> redo_;
  std::vector<std::string> unused_;  // Files of an earlier life that are no longer needed.

  UniqueFd fd_;
  SegmentHeader segment_;
  std::uint64_t next_number_ = 1;
  std::uint64_t next_seq_ = 1;
  std::uint64_t capacity_bytes_ = 0;
  std::uint64_t end_ = 0;          // Of what Flush() has written.
  Pieces pending_;                 // What it will write there.
  std::size_t written_bytes_ = 0;  // Of `pending_`, before the disk was full.
};

}  // namespace thresh
