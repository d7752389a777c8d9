// How tasks end in the fetcher: acknowledged by the sink, and what follows from them; or without
// it.

#include <algorithm>
#include <utility>

#include "fetcher/daemon.h"
#include "lib/base/time.h"
#include "lib/recipe/secrets.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr std::uint32_t kFirstHashedDepth = 4;  // Traps are deep; most pages are not.

Ending EndingOf(const Task& task, const Acknowledged& ack) {
  const TaskEnd end = ack.outcome == AckOutcome::kDone   ? TaskEnd::kDone
                      : ack.outcome == AckOutcome::kDead ? TaskEnd::kDead
                                                         : TaskEnd::kDropped;
  return {.end = end, .reason = ack.reason, .attempts = task.attempts, .records = ack.records};
}

const std::string* HeaderOf(const FetchResult& result, std::string_view name) {
  const auto found = std::find_if(result.headers.begin(), result.headers.end(),
                                  [&](const auto& header) { return header.first == name; });
  return found != result.headers.end() ? &found->second : nullptr;
}

// Of the answer; what it lacks, of the answer before.
std::shared_ptr<const Validators> ValidatorsOf(const FetchResult& result,
                                               const Validators* before) {
  Validators validators = before != nullptr ? *before : Validators{};
  if (const std::string* etag = HeaderOf(result, "etag")) validators.etag = *etag;
  if (const std::string* date = HeaderOf(result, "last-modified")) {
    validators.last_modified = *date;
  }
  if (validators.etag.empty() && validators.last_modified.empty()) return nullptr;
  return std::make_shared<const Validators>(std::move(validators));
}

TrapLimits TrapLimitsOf(const FetchSpec& fetch) {
  return {.max_url_bytes = static_cast<std::size_t>(fetch.max_url_bytes),
          .max_path_segments = static_cast<std::size_t>(fetch.max_path_segments),
          .max_segment_repeats = static_cast<std::size_t>(fetch.max_segment_repeats),
          .max_query_parameters = static_cast<std::size_t>(fetch.max_query_parameters)};
}

// Of a link that begins a job of its own.
std::shared_ptr<const Root> OwnRoot(const Root& parent, const std::string& url) {
  Root root = parent;
  root.url = url;
  root.created_at_ms = WallClockMs();
  return std::make_shared<const Root>(std::move(root));
}

}  // namespace

// ---- Acknowledged -------------------------------------------------------------------

// An id that was given out twice would end a page that never was in the output. A task that is
// open here and closed there would never end.
bool FetcherDaemon::IsOfOurState(const Acknowledged& ack) const {
  if (ack.key.id >= frontier_->next_id()) return false;
  const auto task = tasks_.find(ack.key.id);
  if (ack.outcome == AckOutcome::kClosed) return !ack.is_due && task == tasks_.end();
  if (task == tasks_.end()) return true;
  return !ack.is_job && Fingerprint(task->second.seed) == ack.key.fingerprint;
}

void FetcherDaemon::TakeAck(Acknowledged ack) {
  tick_.Request();
  const TaskId id = ack.key.id;
  if (!IsOfOurState(ack)) {
    Fail("frontier.older", "the sink knows another task " + std::to_string(id) +
                               " than this frontier (" + options_.state_dir +
                               "/frontier): it is an older copy. Bring back the newest one, or "
                               "begin anew with an empty state folder and another output folder");
    return;
  }
  if (!ack.links.empty()) ack.repeats = IsRepeat(id);
  pool_->Forget(id);
  if (ack.outcome == AckOutcome::kClosed) return;
  if (ack.is_job) {
    frontier_->CompleteJob(id);
    return;
  }
  if (auto node = tasks_.extract(id)) {
    End(node.mapped(), std::move(ack));
    return;
  }
  // Of an earlier life of ours, or told again.
  const TaskKey key = ack.key;
  frontier_->Find(key, [this, ack = std::move(ack)](const std::optional<Task>& task) {
    if (!task) return;
    tasks_.erase(ack.key.id);  // It may have been leased anew meanwhile.
    pool_->Forget(ack.key.id);
    // What the server said of the answer that is done now is not known any more.
    Task ended = *task;
    ended.seed.validators = nullptr;
    End(ended, ack);
  });
}

void FetcherDaemon::End(const Task& task, Acknowledged ack) {
  if (ack.outcome == AckOutcome::kDropped) EnterBudget();
  EndSaved(task, std::move(ack));
}

void FetcherDaemon::Complete(const Task& task, const Acknowledged& ack) {
  tasks_.erase(task.id);  // It may have been leased anew while a note of it was written.
  pool_->Forget(task.id);
  Ending ending = EndingOf(task, ack);
  ending.hops = TakeHops(task.id);
  AskAgain(task, &ending);
  NoteEnded(task, ending);
  frontier_->Complete(KeyOf(task), std::move(ending), SeedsOfLinks(task, ack),
                      [this](const std::vector<Published>&) { tick_.Request(); });
}

// Without the sink: nothing of it is to be committed. `task` is gone afterwards.
void FetcherDaemon::EndHere(const Task& task, Ending ending) {
  ending.attempts = task.attempts;
  ending.hops = TakeHops(task.id);
  NoteEnded(task, ending);
  frontier_->Complete(KeyOf(task), std::move(ending), {},
                      [this](const std::vector<Published>&) { tick_.Request(); });
  tasks_.erase(task.id);
}

std::vector<Hop> FetcherDaemon::TakeHops(TaskId id) {
  std::vector<Hop> hops;
  const auto detour = detours_.extract(id);
  if (!detour) return hops;
  for (auto& [status, url] : detour.mapped().hops) hops.push_back({status, std::move(url)});
  return hops;
}

// Once a budget is spent nothing new is asked for.
void FetcherDaemon::AskAgain(const Task& task, Ending* ending) const {
  if (ending->end != TaskEnd::kDone || options_.no_refresh || budget_spent_) return;
  if (frontier_->IsCancelled(task)) return;
  ending->again_after_ms = task.seed.refresh_ms;
  ending->validators = task.seed.validators;
}

// ---- Conditional requests (RFC 9110, 13) ----------------------------------------------

// From now on the validators of a task in hand are those of the answer that came.
void FetcherDaemon::KeepValidators(const Task& task, const FetchResult& result) {
  if (task.seed.refresh_ms == 0) return;
  tasks_.at(task.id).seed.validators = ValidatorsOf(result, nullptr);
}

void FetcherDaemon::AddConditions(const Task& task, FetchJob* job) {
  const Validators* validators = task.seed.validators.get();
  if (validators == nullptr || (job->method != "GET" && job->method != "HEAD")) return;
  if (!validators->etag.empty()) job->headers.emplace_back("if-none-match", validators->etag);
  if (!validators->last_modified.empty()) {
    job->headers.emplace_back("if-modified-since", validators->last_modified);
  }
}

bool FetcherDaemon::IsUnchanged(const Task& task, const FetchResult& result) {
  return result.status == 304 && task.seed.validators != nullptr;
}

// The records of the page are in the output, from the time before: there is nothing to commit.
void FetcherDaemon::EndUnchanged(const Task& task, const FetchResult& result) {
  Ending ending{.unchanged = true};
  AskAgain(task, &ending);
  ending.validators = ValidatorsOf(result, task.seed.validators.get());
  EndHere(task, std::move(ending));
}

// ---- Links --------------------------------------------------------------------------

// Counts the page's body: whether it came too often for its links to be new ones.
bool FetcherDaemon::IsRepeat(TaskId id) {
  const auto task = tasks_.find(id);
  if (task == tasks_.end() || task->second.seed.depth < kFirstHashedDepth) return false;
  const std::string_view body = pool_->BodyOf(id);
  if (body.empty()) return false;
  const TaskSeed& seed = task->second.seed;
  const TermsBook::Terms terms = TermsOf(task->second);
  return seen_bodies_.Add(seed.host, seed.recipe, body) >
         static_cast<std::uint64_t>(terms->fetch.max_body_repeats);
}

std::vector<TaskSeed> FetcherDaemon::SeedsOfLinks(const Task& parent,
                                                  const Acknowledged& ack) const {
  std::vector<TaskSeed> seeds;
  const bool cancelled = !ack.links.empty() && frontier_->IsCancelled(parent);
  for (const AckLink& link : ack.links) {
    auto seed = SeedOfLink(parent, link);
    if (!seed) continue;
    if (seed->drop_reason.empty() && cancelled) seed->drop_reason = kCancelled;
    if (seed->drop_reason.empty() && ack.repeats) seed->drop_reason = "body_repeats";
    seeds.push_back(std::move(*seed));
  }
  return seeds;
}

// Nullopt for what cannot be asked for. The parser sends what it resolved; be sure.
std::optional<TaskSeed> FetcherDaemon::SeedOfLink(const Task& parent, const AckLink& link) const {
  Result<Url> url = Url::Parse(link.url);
  // Credentials must not get into records.
  if (!url || !url->is_http() || !url->username().empty() || !url->password().empty()) {
    return std::nullopt;
  }
  if (link.request != nullptr && !IsSendable(*link.request)) return std::nullopt;
  const Url canonical = url->WithoutFragment();
  std::string href = canonical.href();
  if (link.request != nullptr && link.request->templated) {
    Result<std::string> made = CanonicalTemplate(link.url);
    if (!made) return std::nullopt;
    href = std::move(*made);
  }
  const Recipe& current = RecipeOf(parent);
  const Recipe* recipe = routes_.OfLink(canonical, current, parent.seed.root->url, link.recipe);
  const Recipe& kept = recipe != nullptr ? *recipe : current;
  TaskSeed seed{
      .url = href,
      .host = std::string(canonical.host()),
      .recipe = kept.name,
      .recipe_hash = kept.hash,
      .root = link.root ? OwnRoot(*parent.seed.root, href) : parent.seed.root,
      .root_id = link.root ? 0 : parent.seed.root_id,
      .priority = parent.seed.priority,
      .origin = Origin::kFollowed,
      .request = link.request,
      .depth = link.root ? 0 : parent.seed.depth + 1,
      .delay_ms = link.delay_ms,
      .refresh_ms = RefreshOf(kept),
      .max_host_pages = static_cast<std::uint64_t>(FetchAt(kept, canonical.host()).max_host_pages)};
  seed.drop_reason = DropReasonOf(seed, canonical, recipe);
  return seed;
}

std::string_view FetcherDaemon::DropReasonOf(const TaskSeed& seed, const Url& url,
                                             const Recipe* recipe) const {
  if (recipe == nullptr) return "offsite";
  if (budget_spent_) return "budget";
  const FetchSpec& fetch = FetchAt(*recipe, url.host());
  if (seed.depth > static_cast<std::uint64_t>(fetch.max_depth)) return "depth";
  return TrapReason(url, TrapLimitsOf(fetch));
}

std::int64_t FetcherDaemon::RefreshOf(const Recipe& recipe) const {
  return options_.no_refresh ? 0 : recipe.refresh.count();
}

}  // namespace thresh
