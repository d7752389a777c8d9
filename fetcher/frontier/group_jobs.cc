// GroupWriter, the rarer half: jobs, dead letters, and the steps of what goes through a whole
// queue.

#include <algorithm>
#include <utility>

#include "fetcher/frontier/codec.h"
#include "fetcher/frontier/group_writer.h"

namespace thresh {
namespace {

using Step = Database::Step;

constexpr Step kStop{.go_on = false};
constexpr std::size_t kTasksAStep = 2000;
constexpr std::size_t kRowsAStep = 20'000;  // Looked at, most of them passed over.

bool Matches(const DeadRecord& dead, const DeadFilter& filter) {
  return (filter.reason.empty() || filter.reason == dead.reason) &&
         (filter.urls.empty() ||
          std::find(filter.urls.begin(), filter.urls.end(), dead.url) != filter.urls.end());
}

}  // namespace

Result<GroupWriter::Job*> GroupWriter::StoredJob(TaskId root_id) {
  if (const auto found = jobs_.find(root_id); found != jobs_.end()) return &found->second;
  if (!jobs_looked_up_.insert(root_id).second) return nullptr;
  Result<std::string> bytes = database_.Get(keys::Of(keys::kCount, root_id));
  if (!bytes && bytes.error().code == Errc::kNotFound) return nullptr;
  if (!bytes) return bytes.error();
  const auto count = CountRecord::Decode(*bytes);
  if (!count) return Damaged("counts of job " + std::to_string(root_id));
  return &(jobs_[root_id] = {.count = *count, .stored = true});
}

Result<GroupWriter::Job*> GroupWriter::JobOf(const TaskSeed& seed) {
  if (seed.root_id == 0) return nullptr;
  Result<Job*> job = StoredJob(seed.root_id);
  if (!job || *job != nullptr || !book_.open.Contains(seed.root_id)) return job;
  return &(jobs_[seed.root_id] = {.root = seed.root, .recipe = seed.recipe});
}

Result<GroupWriter::Job*> GroupWriter::JobOf(const Task& task) {
  const TaskId root_id = task.seed.root_id;
  Result<Job*> job = StoredJob(root_id);
  if (!job || *job != nullptr) return job;
  if (root_id != task.id) return Damaged("job of task " + std::to_string(task.id));
  return &(jobs_[root_id] = {.root = task.seed.root, .recipe = task.seed.recipe});
}

Result<> GroupWriter::FinishJobs() {
  for (auto& [root_id, job] : jobs_) {
    if (job.count.pending != 0) {
      StoreJob(root_id, job);
    } else if (Result<> reported = Report(root_id, job); !reported) {
      return reported;
    }
  }
  return Ok{};
}

void GroupWriter::StoreJob(TaskId root_id, const Job& job) {
  changes_->Put(keys::Of(keys::kCount, root_id), job.count.Encode());
  if (job.stored) return;
  changes_->Put(keys::Of(keys::kJob, root_id),
                JobRecord{.root = *job.root, .recipe = job.recipe}.Encode());
  book_.roots.Add(root_id, job.root);
}

Result<> GroupWriter::Report(TaskId root_id, Job& job) {
  if (job.stored) {
    Result<JobRecord> record = reader_.Job(root_id);
    if (!record) return record.error();
    job.root = std::make_shared<const Root>(std::move(record->root));
    job.recipe = std::move(record->recipe);
    changes_->Erase(keys::Of(keys::kJob, root_id));
    changes_->Erase(keys::Of(keys::kCount, root_id));
  }
  const JobReport report{.id = book_.state.next_id++,
                         .root = job.root,
                         .recipe = job.recipe,
                         .ended_at_ms = group_.now_ms,
                         .done = job.count.done,
                         .dead = job.count.dead,
                         .dropped = job.count.dropped,
                         .records = job.count.records};
  book_.open.Add(report.id);
  ++book_.state.reports;
  changes_->Put(keys::Of(keys::kReport, report.id), EncodeReport(report));
  group_.reports.push_back(report);
  return Ok{};
}

// Of those that wait for their time, most were asked for before, and are passed over.
Result<> GroupWriter::Apply(DropOp& op) {
  Sweep& sweep = op.sweep;
  if (sweep.below == 0) sweep.below = book_.state.next_id;
  std::vector<Held> condemned;
  if (sweep.queues_done) {
    const auto postponed = [](const Held& held) { return held.place.postponed(); };
    if (Result<> swept = SweepDelays(sweep, postponed, condemned); !swept) return swept;
  } else {
    Result<bool> at_end = SweepQueue(
        sweep, keys::Of(keys::kQueue + 1), [](const Held&) { return true; }, condemned);
    if (!at_end) return at_end.error();
    sweep.queues_done = *at_end;
  }
  for (const Held& held : condemned) {
    Result<> ended = End(held, {.end = TaskEnd::kDropped, .reason = op.reason});
    if (!ended) return ended;
  }
  op.count += condemned.size();
  return Ok{};
}

void GroupWriter::PutDead(const Task& task, const Ending& ending) {
  const TaskSeed& seed = task.seed;
  changes_->Put(keys::Of(keys::kDead, task.id), DeadRecord{.reason = ending.reason,
                                                           .url = seed.url,
                                                           .host = seed.host,
                                                           .recipe = seed.recipe,
                                                           .recipe_hash = seed.recipe_hash,
                                                           .priority = seed.priority,
                                                           .dont_filter = seed.dont_filter,
                                                           .depth = seed.depth,
                                                           .refresh_ms = seed.refresh_ms,
                                                           .request = seed.request,
                                                           .root = *seed.root}
                                                    .Encode());
}

Result<> GroupWriter::Apply(RetryOp& op) {
  if (op.below == 0) op.below = book_.state.next_id;
  std::vector<std::pair<TaskId, DeadRecord>> chosen;
  std::size_t rows = 0;
  bool sound = true;
  op.finished = true;
  Result<> read = database_.Read(keys::Of(keys::kDead, op.from), keys::Of(keys::kDead, op.below),
                                 [&](std::string_view key, std::string_view value) {
                                   const TaskId id = Decoder(key.substr(1)).Fixed();
                                   if (chosen.size() >= kTasksAStep || ++rows > kRowsAStep) {
                                     op.from = id;
                                     op.finished = false;
                                     return kStop;
                                   }
                                   auto dead = DeadRecord::Decode(value);
                                   sound = sound && dead;
                                   if (dead && Matches(*dead, op.filter))
                                     chosen.emplace_back(id, std::move(*dead));
                                   return Step{};
                                 });
  if (!read) return read;
  if (!sound) return Damaged("dead letter");
  for (const auto& [id, dead] : chosen) {
    if (Result<> revived = Revive(id, dead, op); !revived) return revived;
  }
  op.count += chosen.size();
  return Ok{};
}

Result<> GroupWriter::Revive(TaskId id, const DeadRecord& dead, RetryOp& op) {
  TaskSeed seed{.url = dead.url,
                .host = dead.host,
                .recipe = dead.recipe,
                .recipe_hash = dead.recipe_hash,
                .root = std::make_shared<const Root>(dead.root),
                .priority = dead.priority,
                .dont_filter = dead.dont_filter,
                .origin = Origin::kRetried,
                .request = dead.request,
                .depth = dead.depth,
                .refresh_ms = dead.refresh_ms};
  UseNewestRecipe(seed);
  const Hash128 fingerprint = Fingerprint(seed);
  if (!seed.dont_filter) {  // Its fate makes room for that of the new task.
    Result<std::string> fate = database_.Get(keys::Of(keys::kSeen, fingerprint.View()));
    if (!fate) return fate.error();
    changes_->Put(keys::Again(fingerprint, id), *fate);
  }
  changes_->EraseOnce(keys::Of(keys::kDead, id));
  changes_->Put(keys::Of(keys::kRetried, id), {});
  Add(std::move(seed), fingerprint, nullptr, op.fresh);
  return Ok{};
}

}  // namespace thresh
