#include "fetcher/frontier/group_writer.h"

#include <algorithm>
#include <utility>

namespace thresh {
Result<std::unique_ptr<WriteSet>> GroupWriter::Build() {
  const TaskId next_before = book_.state.next_id;
  if (Result<> read = LocateEnding(); !read) return read.error();
  if (Result<> read = LookUpSeen(); !read) return read.error();
  if (Result<> read = LookUpJobs(); !read) return read.error();
  for (Op& op : group_.ops) {
    Result<> applied = std::visit([this](auto& each) { return Apply(each); }, op);
    if (!applied) return applied.error();
  }
  if (Result<> finished = FinishJobs(); !finished) return finished.error();
  if (changes_->empty() && next_before == book_.state.next_id) {
    return std::unique_ptr<WriteSet>();
  }
  ++book_.state.batch;
  book_.Write(*changes_, std::move(closed_));
  return std::move(changes_);
}

// Tasks that the loop does not have: after a restart the sink tells of many.
Result<> GroupWriter::LocateEnding() {
  for (Op& op : group_.ops) {
    auto* complete = std::get_if<CompleteOp>(&op);
    if (complete == nullptr || complete->held) continue;
    auto held = reader_.Locate(complete->key);
    if (!held) return held.error();
    complete->held = std::move(*held);
    complete->was_begun = complete->held && complete->held->task.attempts != 0;
  }
  return Ok{};
}

Result<> GroupWriter::LookUpJobs() {
  std::vector<TaskId> roots;
  for (Op& op : group_.ops) {
    if (const auto* complete = std::get_if<CompleteOp>(&op); complete && complete->held) {
      roots.push_back(complete->held->task.seed.root_id);
    }
    if (const auto* publish = std::get_if<PublishOp>(&op)) {
      for (const TaskSeed& seed : publish->seeds) {
        if (seed.root_id != 0) roots.push_back(seed.root_id);
      }
    }
  }
  std::sort(roots.begin(), roots.end());
  roots.erase(std::unique(roots.begin(), roots.end()), roots.end());
  std::vector<std::string> wanted;
  wanted.reserve(roots.size());
  for (const TaskId root : roots) wanted.push_back(keys::Of(keys::kCount, root));
  auto found = database_.GetMany(wanted);
  if (!found) return found.error();
  for (std::size_t i = 0; i < roots.size(); ++i) {
    jobs_looked_up_.insert(roots[i]);
    if (!(*found)[i]) continue;
    const auto count = CountRecord::Decode(*(*found)[i]);
    if (!count) return Damaged("counts of job " + std::to_string(roots[i]));
    jobs_[roots[i]] = {.count = *count, .stored = true};
  }
  return Ok{};
}

Result<> GroupWriter::Apply(PublishOp& op) {
  return AddAll(op.seeds, op.answers, op.fresh);
}

Result<> GroupWriter::Apply(CompleteOp& op) {
  const std::size_t seeds = op.children.size();
  if (!book_.open.Contains(op.key.id) || !op.held) {
    if (book_.IsClosed(op.key.id)) group_.closed.push_back(op.key.id);
    next_seed_ += seeds;  // They are passed over.
    return Ok{};
  }
  op.ended = true;
  if (Result<> ended = End(*op.held, op.ending); !ended) return ended;
  const TaskSeed& parent = op.held->task.seed;
  for (TaskSeed& child : op.children) {
    if (child.root_id != 0) child.root_id = parent.root_id;
  }
  if (Result<> added = AddAll(op.children, op.answers, op.fresh); !added) return added;
  if (IsAgain(op.ending)) AddAgain(op.held->task, op.ending, op.fresh);
  return Ok{};
}

Result<> GroupWriter::Apply(BlameOp& op) {
  const Task& task = op.held.task;
  if (!book_.open.Contains(task.id)) return Ok{};
  changes_->EraseOnce(op.held.place.Key(task.seed.priority, task.id));
  PutTask(op.held, {});
  return Ok{};
}

Result<> GroupWriter::Apply(ReleaseOp& op) {
  const Task& task = op.held.task;
  if (!book_.open.Contains(task.id)) return Ok{};
  changes_->EraseOnce(op.from.Key(task.seed.priority, task.id));
  if (!op.from.delayed) ++book_.state.retrying;
  if (op.from.postponed()) --book_.state.postponed;
  PutTask(op.held, op.why);
  PutFate(task, Fingerprint(task.seed),
          {.id = task.id,
           .state = Fate::State::kRetry,
           .attempts = task.attempts,
           .reason = op.why,
           .at_ms = op.held.place.due_ms,
           .priority = task.seed.priority});
  return Ok{};
}

Result<> GroupWriter::Apply(CloseJobOp& op) {
  if (!book_.open.Contains(op.id)) {
    if (book_.IsClosed(op.id)) group_.closed.push_back(op.id);
    return Ok{};
  }
  changes_->EraseOnce(keys::Of(keys::kReport, op.id));
  --book_.state.reports;
  Close(op.id);
  return Ok{};
}

Result<> GroupWriter::Apply(KeepOp& op) {
  book_.newest_recipe[op.recipe.name] = op.recipe.hash;
  book_.RecipeNumber(op.recipe.hash, op.recipe.name);
  if (!book_.stored_recipes.insert(op.recipe.hash).second) return Ok{};
  changes_->Put(keys::Of(keys::kRecipe, op.recipe.hash.View()), EncodeRecipe(op.recipe));
  return Ok{};
}

Result<> GroupWriter::Apply(HoldOp& op) {
  const std::string key = keys::Of(keys::kHold, op.host);
  if (op.hold) {
    changes_->Put(key, op.hold->Encode());
  } else {
    changes_->Erase(key);
  }
  return Ok{};
}

Result<> GroupWriter::Apply(HostStateOp& op) {
  const std::string key = keys::Of(keys::kHostState, op.host);
  if (op.bytes.empty()) {
    changes_->Erase(key);
  } else {
    changes_->Put(key, op.bytes);
  }
  return Ok{};
}

Result<> GroupWriter::Apply(FindOp& op) {
  if (!op.task && book_.IsClosed(op.key.id)) group_.closed.push_back(op.key.id);
  return Ok{};
}

Result<> GroupWriter::End(const Held& held, const Ending& ending) {
  const Task& task = held.task;
  Result<Job*> job = JobOf(task);
  if (!job) return job.error();
  changes_->EraseOnce(held.place.Key(task.seed.priority, task.id));
  PutEnd(task, ending);
  CountEnd(held, ending, **job);
  if (ending.end == TaskEnd::kDead) PutDead(task, ending);
  Close(task.id);
  return Ok{};
}

void GroupWriter::PutEnd(const Task& task, const Ending& ending) {
  constexpr Fate::State kStates[] = {Fate::State::kDone, Fate::State::kDead, Fate::State::kDropped};
  const Hash128 fingerprint = Fingerprint(task.seed);
  const FateRecord fate{.id = task.id,
                        .state = kStates[static_cast<std::size_t>(ending.end) - 1],
                        .attempts = ending.attempts,
                        .reason = ending.reason,
                        .at_ms = group_.now_ms,
                        .hops = ending.hops};
  if (IsAgain(ending)) {  // The task after it takes its place.
    changes_->Put(keys::Again(fingerprint, task.id), fate.Encode());
  } else {
    PutFate(task, fingerprint, fate);
  }
  // Of a task that is asked for again and again only the last end is kept.
  if (task.seed.again_of == 0) return;
  changes_->Erase(keys::Again(fingerprint, task.seed.again_of));
  ++book_.state.forgotten;
}

void GroupWriter::CountEnd(const Held& held, const Ending& ending, Job& job) {
  Ledger& ledger = book_.state.ledger;
  --job.count.pending;
  job.count.records += ending.records;
  ledger.records += ending.records;
  if (ending.attempts != 0) ++ledger.asked;
  ledger.redirects += ending.hops.size();
  if (held.place.delayed) --book_.state.retrying;
  if (held.place.postponed()) --book_.state.postponed;
  switch (ending.end) {
    case TaskEnd::kDone:
      ++ledger.done;
      if (ending.unchanged) ++ledger.unchanged;
      ++job.count.done;
      break;
    case TaskEnd::kDead:
      Ledger::Count(ending.reason, &ledger.dead);
      ++job.count.dead;
      break;
    case TaskEnd::kDropped:
      Ledger::Count(ending.reason, &ledger.dropped);
      ++job.count.dropped;
      break;
  }
  const TaskSeed& seed = held.task.seed;
  --book_.state.recipes[book_.RecipeNumber(seed.recipe_hash, seed.recipe)].pending;
}

void GroupWriter::PutTask(const Held& held, const std::string& why) {
  const TaskSeed& seed = held.task.seed;
  const TaskId id = held.task.id;
  changes_->Put(held.place.Key(seed.priority, id),
                EncodeTask(held.task, held.place, book_.RecipeNumber(seed.recipe_hash, seed.recipe),
                           seed.root_id == id ? 0 : seed.root_id, why));
}

void GroupWriter::PutFate(const Task& task, const Hash128& fingerprint, const FateRecord& fate) {
  changes_->Put(task.seed.dont_filter ? keys::Again(fingerprint, task.id)
                                      : keys::Of(keys::kSeen, fingerprint.View()),
                fate.Encode());
}

void GroupWriter::Close(TaskId id) {
  book_.open.Remove(id);
  closed_.push_back(id);
  group_.closed.push_back(id);
}

}  // namespace thresh
