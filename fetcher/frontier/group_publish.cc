// GroupWriter, what it publishes: new tasks, from seeds and from tasks that are asked for again.

#include <utility>

#include "fetcher/frontier/codec.h"
#include "fetcher/frontier/group_writer.h"

namespace thresh {
namespace {

// The seeds of an operation, if it has any.
std::vector<TaskSeed>* SeedsOf(Op& op) {
  if (auto* publish = std::get_if<PublishOp>(&op)) return &publish->seeds;
  if (auto* complete = std::get_if<CompleteOp>(&op)) return &complete->children;
  return nullptr;
}

// Its line of the feed is what makes it another one.
bool IsMarked(const TaskSeed& seed) {
  return seed.dont_filter && seed.feed_mark != Hash128{};
}

}  // namespace

Result<> GroupWriter::LookUpSeen() {
  std::vector<std::string> wanted;
  for (Op& op : group_.ops) {
    const std::vector<TaskSeed>* seeds = SeedsOf(op);
    if (seeds == nullptr) continue;
    for (const TaskSeed& seed : *seeds) {
      fingerprints_.push_back(Fingerprint(seed));
      wanted.push_back(IsMarked(seed) ? keys::Of(keys::kFed, seed.feed_mark.View())
                                      : keys::Of(keys::kSeen, fingerprints_.back().View()));
    }
  }
  auto found = database_.GetMany(wanted);
  if (!found) return found.error();
  for (const auto& fate : *found) was_seen_.push_back(fate.has_value());
  return Ok{};
}

Result<> GroupWriter::AddAll(std::vector<TaskSeed>& seeds, std::vector<Published>& answers,
                             std::vector<Held>& fresh) {
  answers.reserve(seeds.size());
  for (TaskSeed& seed : seeds) {
    const std::size_t at = next_seed_++;
    const Hash128& fingerprint = fingerprints_[at];
    const bool marked = IsMarked(seed);
    const Hash128 mark = marked ? seed.feed_mark : fingerprint;
    if ((marked || !seed.dont_filter) && (was_seen_[at] || !seen_here_.insert(mark).second)) {
      answers.push_back({.duplicate = true});
      continue;
    }
    if (Result<> limited = LimitHost(seed); !limited) return limited;
    Result<Job*> job = JobOf(seed);
    if (!job) return job.error();
    answers.push_back(Add(std::move(seed), fingerprint, *job, fresh));
    if (!marked) continue;
    changes_->Put(keys::Of(keys::kFed, mark.View()), Encoder().Number(answers.back().id).Take());
  }
  return Ok{};
}

Published GroupWriter::Add(TaskSeed seed, const Hash128& fingerprint, Job* job,
                           std::vector<Held>& fresh) {
  const TaskId id = book_.state.next_id++;
  if (job == nullptr) seed.root_id = id;
  Count(seed);
  if (!IsPlainGet(seed)) {  // Its fingerprint cannot be told from its URL.
    changes_->Put(keys::Request(HashBytes(seed.url), fingerprint),
                  EncodeRequestNote(*seed.request, seed.recipe));
  }
  const std::int64_t delay_ms = std::exchange(seed.delay_ms, 0);  // Its place has it.
  Held held{{.id = id, .seed = std::move(seed)}, {}};
  const TaskSeed& kept = held.task.seed;
  if (!kept.drop_reason.empty()) {
    Ledger::Count(kept.drop_reason, &book_.state.ledger.dropped);
    PutFate(held.task, fingerprint,
            {.id = id,
             .state = Fate::State::kDropped,
             .reason = kept.drop_reason,
             .at_ms = group_.now_ms});
    closed_.push_back(id);
    group_.closed.push_back(id);
    if (job == nullptr) {
      job = &(jobs_[id] = {.count = {}, .root = kept.root, .recipe = kept.recipe});
    }
    ++job->count.dropped;
    return {.id = id};
  }
  book_.open.Add(id);
  if (job != nullptr) ++job->count.pending;
  const bool waits = delay_ms > 0;
  held.place = {.delayed = waits, .host = HostHash(kept.host)};
  if (waits) {
    held.place.due_ms = group_.now_ms + delay_ms;
    held.place.delay_ms = delay_ms;
    ++book_.state.retrying;
    ++book_.state.postponed;
  }
  ++book_.state.recipes[book_.RecipeNumber(kept.recipe_hash, kept.recipe)].pending;
  PutTask(held, {});
  PutFate(held.task, fingerprint,
          {.id = id,
           .state = waits ? Fate::State::kRetry : Fate::State::kQueued,
           .at_ms = held.place.due_ms,
           .host = held.place.host,
           .priority = kept.priority});
  fresh.push_back(std::move(held));
  return {.id = id};
}

void GroupWriter::Count(const TaskSeed& seed) {
  Ledger& ledger = book_.state.ledger;
  switch (seed.origin) {
    case Origin::kFed: ++ledger.fed; break;
    case Origin::kFollowed: ++ledger.followed; break;
    case Origin::kRecrawled: ++ledger.recrawled; break;
    case Origin::kRetried: ++ledger.retried; break;
  }
}

void GroupWriter::AddAgain(const Task& before, const Ending& ending, std::vector<Held>& fresh) {
  TaskSeed seed = before.seed;
  seed.root_id = 0;
  seed.origin = Origin::kRecrawled;
  seed.delay_ms = ending.again_after_ms;
  seed.expires_at_ms = 0;
  seed.validators = ending.validators;
  seed.again_of = before.id;
  UseNewestRecipe(seed);
  const Hash128 fingerprint = Fingerprint(seed);
  Add(std::move(seed), fingerprint, nullptr, fresh);
}

// As it is now: that it was mended may be why a URL is asked for again.
void GroupWriter::UseNewestRecipe(TaskSeed& seed) const {
  const auto newest = book_.newest_recipe.find(seed.recipe);
  if (newest != book_.newest_recipe.end()) seed.recipe_hash = newest->second;
}

// Counts the seed as a page of its host, or has it dropped.
Result<> GroupWriter::LimitHost(TaskSeed& seed) {
  if (seed.max_host_pages == 0 || !seed.drop_reason.empty()) return Ok{};
  const std::string key = keys::Of(keys::kHostPages, seed.host);
  auto [found, is_new] = host_pages_.try_emplace(seed.host, 0);
  std::uint64_t& pages = found->second;
  if (is_new) {
    Result<std::string> bytes = database_.Get(key);
    if (!bytes && bytes.error().code != Errc::kNotFound) return bytes.error();
    if (bytes) pages = Decoder(*bytes).Number();
  }
  if (pages >= seed.max_host_pages) {
    seed.drop_reason = "host_budget";
  } else {
    changes_->Put(key, Encoder().Number(++pages).Take());
  }
  return Ok{};
}

}  // namespace thresh
