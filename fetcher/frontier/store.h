#pragma once

// Store: the frontier on disk, with one group of operations after the other. Without room it
// closes the database, keeps the batch, and goes on from there when it is asked again.
//
// Threads: Run() and GoOn() on the worker, one at a time; SetNote() on any.

#include <memory>
#include <mutex>
#include <string>

#include "fetcher/frontier/book.h"
#include "fetcher/frontier/database.h"
#include "fetcher/frontier/group.h"
#include "fetcher/frontier/options.h"
#include "lib/base/result.h"

namespace thresh {

class Store {
 public:
  /// Errors: see Database::Open() and Book::Restore().
  [[nodiscard]] static Result<std::unique_ptr<Store>> Open(FrontierOptions options);

  /// Errors: kBusy if there is no room: GoOn() later, with the same group; kUnavailable if there
  /// is room again, but only for another process; any other: the store is of no use any more.
  Result<> Run(Group& group);
  Result<> GoOn(Group& group);

  /// Errors: kBusy without room.
  Result<> SetNote(const std::string& name, const std::string& value);

  /// REQUIRES: neither Run() nor GoOn() is at work, here and below.
  [[nodiscard]] const Book& book() const noexcept { return book_; }

 private:
  explicit Store(FrontierOptions options) : options_(std::move(options)) {}
  Result<> Commit();
  Result<> Write(WriteSet& changes);
  Result<> CheckRoom(std::size_t batch_bytes) const;
  Result<> FindRoom() const;
  Result<> WaitForRoom() const;
  Result<> OpenAgain();
  Result<> Answer(Group& group);

  FrontierOptions options_;
  std::mutex mutex_;  // Guards database_.
  std::unique_ptr<Database> database_;
  Book book_;
  bool built_ = false;  // The group's changes are in unwritten_, or there were none.
  std::unique_ptr<WriteSet> unwritten_;
};

}  // namespace thresh
