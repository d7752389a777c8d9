#pragma once

// Archive: raw answers go in, and are said to be saved once they are: written, and synced. Nothing
// waits for the disk but what has to; all that has come meanwhile is synced together.
//
// Threads: the disk's work runs on libuv's pool, one batch at a time; calls and callbacks are on
// the loop's. Lifetime: borrows the loop, which must turn once more after it is gone.

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <uv.h>

#include "fetcher/archive/file_saver.h"
#include "fetcher/archive/page_records.h"
#include "fetcher/archive/save_path.h"
#include "fetcher/archive/warc_writer.h"
#include "lib/base/result.h"
#include "lib/io/tick.h"
#include "lib/io/worker.h"

namespace thresh {

struct ArchiveOptions {
  std::string folder;    ///< Of pages.
  std::string software;  ///< What `warcinfo` says wrote it.
  bool durable = true;   ///< Against power cuts, too.
  std::uint64_t max_warc_bytes = 1U << 30;
};

struct ArchiveEvents {
  /// The disk is full; what waits is tried again every second. Empty: it goes on.
  std::function<void(const std::string& why)> on_paused;
  /// Nothing can be saved any more.
  std::function<void(const Error&)> on_failed;
};

class Archive {
 public:
  using SavedFn = std::function<void()>;

  Archive(uv_loop_t& loop, ArchiveOptions options, ArchiveEvents events);

  /// Cuts what a crash has torn in the folder, so that all of it can be read. Without it the first
  /// Save() does so. Errors: kInvalid, kInternal.
  Result<> Open();

  /// Saves an answer to a file of these names, or else in a WARC file; then calls `saved`.
  void Save(RawPage page, std::optional<PathNames> names, SavedFn saved);

  /// Appends a record that is no page to the WARC file; then calls `saved`.
  void Note(WarcRecord record, SavedFn saved);

  /// Not saved yet.
  [[nodiscard]] std::size_t waiting() const noexcept { return queue_.size() + in_work_.size(); }
  /// Why nothing can be saved at the moment; empty: it can.
  [[nodiscard]] const std::string& paused() const noexcept { return paused_; }
  /// Of their bodies, in memory.
  [[nodiscard]] std::size_t waiting_bytes() const noexcept { return waiting_bytes_; }

 private:
  struct Job {
    RawPage page;
    std::optional<PathNames> names;
    SavedFn saved;
    std::optional<WarcRecord> note;  // Instead of a page.
  };

  void StartBatch();
  void WriteBatch();
  Result<> WriteOne(const Job& job);
  Result<> SyncBatch();
  void EndBatch();

  uv_loop_t& loop_;
  const ArchiveOptions options_;
  const ArchiveEvents events_;
  std::deque<Job> queue_;
  std::deque<Job> in_work_;
  std::size_t waiting_bytes_ = 0;
  std::string paused_;
  bool failed_ = false;
  Alarm again_;
  // Of the batch under way: the pool's until its end.
  std::unique_ptr<WarcWriter> warc_;
  std::unique_ptr<FileSaver> files_;
  std::size_t written_ = 0;
  std::optional<Error> error_;
  Worker worker_;  // Goes first: it waits for the batch.
};

}  // namespace thresh
