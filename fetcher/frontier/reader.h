#pragma once

// Reader: answers questions from the frontier's database, on the worker.

#include <optional>
#include <string_view>

#include "fetcher/frontier/book.h"
#include "fetcher/frontier/database.h"
#include "fetcher/frontier/group.h"
#include "lib/base/result.h"

namespace thresh {

class Reader {
 public:
  Reader(Database& database, Book& book) : database_(database), book_(book) {}

  /// A pending task by its key; nullopt if it is not pending.
  [[nodiscard]] Result<std::optional<Held>> Locate(const TaskKey& key);

  /// The task of a record at `place`.
  [[nodiscard]] Result<DelayLoad::Waiting> ToTask(TaskId id, const Place& place,
                                                  std::string_view bytes);
  /// What the tasks of a job share.
  [[nodiscard]] Result<JobRecord> Job(TaskId root_id);

  Result<> Load(HostLoad& load);
  Result<> Load(ScanLoad& load);
  Result<> Load(DelayLoad& load);
  Result<> Load(ReportLoad& load);
  Result<> Find(FindOp& op);
  Result<> Find(FindHostStateOp& op);
  Result<> Why(WhyOp& op);
  Result<> Requests(RequestsOp& op);
  Result<> Retried(RetriedOp& op);
  Result<> Search(SearchOp& op);
  Result<> Jobs(JobsOp& op);

 private:
  // What one look may find, and how long it may take.
  struct Look;
  [[nodiscard]] std::optional<FoundTask> FoundIn(char kind, std::string_view key,
                                                 std::string_view value, const std::string& text);
  [[nodiscard]] Result<std::optional<OpenJob>> JobIn(char kind, std::string_view key,
                                                     std::string_view value,
                                                     const std::string& label);
  Result<> AddFates(const Hash128& fingerprint, std::vector<Fate>* fates);
  [[nodiscard]] Result<std::shared_ptr<const Root>> RootOf(TaskId root_id);

  Database& database_;
  Book& book_;
};

/// What a task in memory costs, about.
[[nodiscard]] std::size_t CostOf(const Task& task);

}  // namespace thresh
