#pragma once

// Committer: the sink's one commit point. A batch's effects become durable in the journal, then
// appear in the output files; when Run() has said that it succeeded, the fetchers may be told.
//
//   effects ──▶ journal, synced ──▶ bodies, output files
//
// Threads: one caller at a time, on whatever thread; these calls block.

#include <atomic>
#include <memory>
#include <string>

#include "lib/base/result.h"
#include "sink/batch.h"
#include "sink/journal/journal.h"
#include "sink/output/body_files.h"
#include "sink/output/output_files.h"
#include "sink/output/stdout_lines.h"

namespace thresh {

class Committer {
 public:
  virtual ~Committer() = default;

  /// Commits the batch, all that has not been done of it; until that has succeeded, the effects'
  /// lines must stay where they are. The first call recovers what a crash
  /// has left, before all else.
  /// Errors: kBusy when a disk is full (the detail says where): call it again with the same
  /// batch, and it goes on where it stopped; kUnavailable when the reader of standard output is
  /// gone; all others: the process has to end.
  [[nodiscard]] virtual Result<Committed> Run(const Batch& batch) = 0;

  /// Leaves nothing to recover. For an end in good order, after the last batch.
  virtual void Close() = 0;
};

struct CommitOptions {
  std::string state_dir;
  std::string old_dir;  ///< Where moved files may lie as well; or empty.
  OutputOptions output;
};

class JournalCommitter : public Committer {
 public:
  JournalCommitter(CommitOptions options, std::unique_ptr<Journal> journal);

  [[nodiscard]] Result<Committed> Run(const Batch& batch) override;
  void Close() override;

 private:
  Result<> Recover();
  Result<> AdoptFiles(const Redo& redo);
  Result<> AdoptBodies(const Redo& redo);
  Result<> Begin(const Batch& batch);
  Result<> AddAll(const Batch& batch);
  Result<> AnnounceAll();
  /// False if its record does not fit into the segment.
  Result<bool> Announce(const std::string& file_name);
  Result<bool> AddEffect(const Effect& effect);
  Result<> MakeRoom();
  Result<> Drain();
  Result<> Switch(std::size_t record_bytes);
  Result<> ReadAcks(const Batch& batch);
  void Report();

  const CommitOptions options_;
  std::unique_ptr<Journal> journal_;
  OutputFiles outputs_;
  BodyFiles bodies_;

  std::optional<Redo> redo_;
  bool adopted_ = false;    // The outputs know what they lack.
  bool recovered_ = false;  // They lack nothing.
  bool begun_ = false;      // With the present batch.
  bool flushed_ = true;     // The next COMMIT begins a write of its own.
  std::size_t next_effect_ = 0;
  std::size_t needed_bytes_ = 0;          // Of the record that did not fit.
  std::vector<std::string> to_announce_;  // Files that were closed, to be made anew.
  Committed done_;
};

/// For `--out -`: no journal, nothing to recover.
class StdoutCommitter : public Committer {
 public:
  StdoutCommitter(std::string state_dir, const std::atomic<bool>& stop)
      : lines_(std::move(state_dir)), stop_(stop) {}

  [[nodiscard]] Result<Committed> Run(const Batch& batch) override;
  void Close() override {}

 private:
  StdoutLines lines_;
  const std::atomic<bool>& stop_;
  bool begun_ = false;
};

}  // namespace thresh
