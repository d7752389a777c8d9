#include "fetcher/frontier/reader.h"

#include <algorithm>
#include <utility>

#include "fetcher/frontier/codec.h"

namespace thresh {
namespace {

using Step = Database::Step;

constexpr Step kStop{.go_on = false};
constexpr std::size_t kMostRequests = 1'000;  // Of a URL, told at once.
constexpr std::size_t kTaskOverhead = 400;    // Its nodes in maps and heap blocks.

std::string EndOf(char kind) {
  return keys::Of(static_cast<char>(kind + 1));
}

std::string EndOfHost(std::uint64_t host) {
  return host == UINT64_MAX ? EndOf(keys::kQueue) : keys::Of(keys::kQueue, host + 1);
}

}  // namespace

std::size_t CostOf(const Task& task) {
  const TaskSeed& seed = task.seed;
  std::size_t rare = task.blame.size();
  if (seed.request != nullptr) {
    rare += sizeof(Request) + seed.request->body.size();
    for (const auto& [name, value] : seed.request->headers) rare += name.size() + value.size() + 64;
  }
  if (seed.validators != nullptr) {
    rare += seed.validators->etag.size() + seed.validators->last_modified.size() + 64;
  }
  // A Root that others share counts once for each: it may be the last one to hold it.
  return kTaskOverhead + rare + seed.url.size() + seed.host.size() + seed.recipe.size() +
         seed.root->url.size() + seed.root->meta.size() + seed.root->label.size();
}

Result<JobRecord> Reader::Job(TaskId root_id) {
  Result<std::string> bytes = database_.Get(keys::Of(keys::kJob, root_id));
  if (!bytes && bytes.error().code == Errc::kNotFound) {
    return Damaged("job " + std::to_string(root_id) + ", it has no record,");
  }
  if (!bytes) return bytes.error();
  auto job = JobRecord::Decode(*bytes);
  if (!job) return Damaged("record of job " + std::to_string(root_id));
  return std::move(*job);
}

Result<std::shared_ptr<const Root>> Reader::RootOf(TaskId root_id) {
  if (auto root = book_.roots.Find(root_id)) return root;
  Result<JobRecord> job = Job(root_id);
  if (!job) return job.error();
  auto root = std::make_shared<const Root>(std::move(job->root));
  book_.roots.Add(root_id, root);
  return root;
}

Result<DelayLoad::Waiting> Reader::ToTask(TaskId id, const Place& place, std::string_view bytes) {
  auto record = TaskRecord::Decode(bytes);
  if (!record) return Damaged("record of task " + std::to_string(id));
  const auto recipe = book_.state.recipes.find(record->recipe);
  if (recipe == book_.state.recipes.end()) {
    return Damaged("recipe of task " + std::to_string(id));
  }
  Task& task = record->task;
  task.id = id;
  task.seed.recipe = recipe->second.name;
  task.seed.recipe_hash = recipe->second.hash;
  task.seed.root_id = record->root_id != 0 ? record->root_id : id;
  if (record->root_id != 0) {
    auto root = RootOf(record->root_id);
    if (!root) return root.error();
    task.seed.root = std::move(*root);
  } else if (auto shared = book_.roots.Find(id)) {
    task.seed.root = std::move(shared);
  }
  Place at = place;
  at.delay_ms = record->delay_ms;
  at.attempts = task.attempts;
  return DelayLoad::Waiting{{std::move(task), at}, record->delay_ms};
}

Result<std::optional<Held>> Reader::Locate(const TaskKey& key) {
  if (!book_.open.Contains(key.id)) return std::optional<Held>();
  auto found = database_.GetMany(
      {keys::Of(keys::kSeen, key.fingerprint.View()), keys::Again(key.fingerprint, key.id)});
  if (!found) return found.error();
  for (const auto& bytes : *found) {
    if (!bytes) continue;
    const auto fate = FateRecord::Decode(*bytes);
    if (!fate) return Damaged("fate of task " + std::to_string(key.id));
    if (fate->id != key.id || !fate->pending()) continue;
    const Place place = fate->place();
    Result<std::string> record = database_.Get(place.Key(fate->priority, key.id));
    if (!record && record.error().code == Errc::kNotFound) {
      return Damaged("queue, it lacks task " + std::to_string(key.id));
    }
    if (!record) return record.error();
    auto task = ToTask(key.id, place, *record);
    if (!task) return task.error();
    return std::optional<Held>(std::move(task->held));
  }
  return std::optional<Held>();
}

Result<> Reader::Load(HostLoad& load) {
  const std::string from = QueueKey{load.host, load.from}.Encode();
  Error error;
  bool failed = false;
  std::size_t bytes = 0;
  Result<> read =
      database_.Read(from, EndOfHost(load.host), [&](std::string_view key, std::string_view value) {
        const auto decoded = QueueKey::Decode(key);
        auto task = decoded ? ToTask(decoded->ready.id, {.host = decoded->host}, value)
                            : Result<DelayLoad::Waiting>(Damaged("key of a queue"));
        if (!task) {
          failed = true;
          error = task.error();
          return kStop;
        }
        if (load.tasks.size() >= load.max_tasks || (bytes >= load.max_bytes && bytes > 0)) {
          load.next = decoded->ready;
          return kStop;
        }
        bytes += CostOf(task->held.task);
        load.tasks.push_back(std::move(task->held));
        return Step{};
      });
  if (!read) return read;
  if (failed) return error;
  return Ok{};
}

Result<> Reader::Load(ScanLoad& load) {
  std::optional<std::uint64_t> at = load.from;
  std::size_t bytes = 0;
  while (at && load.hosts.size() < load.max_hosts && bytes < load.max_bytes) {
    std::optional<std::uint64_t> host;  // The next one with a queue that is not to be skipped.
    Result<> read = database_.Read(
        keys::Of(keys::kQueue, *at), EndOf(keys::kQueue), [&](std::string_view key, auto) {
          const auto decoded = QueueKey::Decode(key);
          if (!decoded) return kStop;
          if (!std::binary_search(load.skip.begin(), load.skip.end(), decoded->host)) {
            host = decoded->host;
            return kStop;
          }
          return Step{.seek = EndOfHost(decoded->host)};
        });
    if (!read) return read;
    at = std::nullopt;
    if (!host) break;
    if (*host != UINT64_MAX) at = *host + 1;
    HostLoad head{.host = *host, .max_tasks = load.max_tasks, .max_bytes = load.max_bytes - bytes};
    if (Result<> loaded = Load(head); !loaded) return loaded;
    for (const Held& held : head.tasks) bytes += CostOf(held.task);
    load.hosts.push_back(std::move(head));
  }
  load.next = at;
  return Ok{};
}

Result<> Reader::Load(DelayLoad& load) {
  Error error;
  bool failed = false;
  std::size_t bytes = 0;
  Result<> read = database_.Read(
      load.from.Encode(), EndOf(keys::kDelay), [&](std::string_view key, std::string_view value) {
        const auto decoded = DelayKey::Decode(key);
        if (decoded && (load.tasks.size() >= load.max_tasks || bytes >= load.max_bytes)) {
          load.next = *decoded;
          return kStop;
        }
        auto task = decoded
                        ? ToTask(decoded->id, {.delayed = true, .due_ms = decoded->due_ms}, value)
                        : Result<DelayLoad::Waiting>(Damaged("key of a delay"));
        if (!task) {
          failed = true;
          error = task.error();
          return kStop;
        }
        bytes += CostOf(task->held.task);
        load.tasks.push_back(std::move(*task));
        return Step{};
      });
  if (!read) return read;
  if (failed) return error;
  return Ok{};
}

Result<> Reader::Load(ReportLoad& load) {
  bool sound = true;
  Result<> read = database_.Read(keys::Of(keys::kReport, load.from), EndOf(keys::kReport),
                                 [&](std::string_view key, std::string_view value) {
                                   const auto id = Decoder(key.substr(1)).Fixed();
                                   if (load.reports.size() >= load.max_reports) {
                                     load.next = id;
                                     return kStop;
                                   }
                                   auto report = DecodeReport(id, value);
                                   sound = sound && report;
                                   if (report) load.reports.push_back(std::move(*report));
                                   return Step{};
                                 });
  if (!read) return read;
  if (!sound) return Damaged("report of a job");
  return Ok{};
}

Result<> Reader::Find(FindOp& op) {
  if (op.task) return Ok{};
  auto held = Locate(op.key);
  if (!held) return held.error();
  if (*held) op.task = std::move((*held)->task);
  return Ok{};
}

Result<> Reader::Find(FindHostStateOp& op) {
  Result<std::string> bytes = database_.Get(keys::Of(keys::kHostState, op.host));
  if (!bytes && bytes.error().code != Errc::kNotFound) return bytes.error();
  if (bytes) op.bytes = std::move(*bytes);
  return Ok{};
}

Result<> Reader::Why(WhyOp& op) {
  return AddFates(op.fingerprint, &op.fates);
}

Result<> Reader::AddFates(const Hash128& fingerprint, std::vector<Fate>* fates) {
  auto newest = database_.GetMany({keys::Of(keys::kSeen, fingerprint.View())});
  if (!newest) return newest.error();
  bool sound = true;
  const auto take = [&](std::string_view bytes) {
    const auto fate = FateRecord::Decode(bytes);
    sound = sound && fate;
    if (fate) fates->push_back(fate->ToFate());
  };
  if ((*newest)[0]) take(*(*newest)[0]);
  Result<> read = database_.Read(keys::Again(fingerprint, 0), keys::Again(fingerprint, UINT64_MAX),
                                 [&](std::string_view, std::string_view value) {
                                   take(value);
                                   return Step{};
                                 });
  if (!read) return read;
  if (!sound) return Damaged("fate of a task");
  std::sort(fates->begin(), fates->end(), [](const Fate& a, const Fate& b) { return a.id > b.id; });
  return Ok{};
}

Result<> Reader::Requests(RequestsOp& op) {
  const std::string all = keys::Of(keys::kRequest, HashBytes(op.url).View());
  std::vector<Hash128> fingerprints;
  bool sound = true;
  Result<> read = database_.Read(all, all + std::string(17, '\xFF'),
                                 [&](std::string_view key, std::string_view value) {
                                   auto request = DecodeRequestNote(value);
                                   const auto fingerprint = HashFromBytes(key.substr(all.size()));
                                   sound = sound && request && fingerprint;
                                   if (!sound || op.requests.size() >= kMostRequests) return kStop;
                                   op.requests.push_back(std::move(*request));
                                   fingerprints.push_back(*fingerprint);
                                   return Step{};
                                 });
  if (!read) return read;
  if (!sound) return Damaged("request for " + op.url);
  for (std::size_t i = 0; i < fingerprints.size(); ++i) {
    Result<> added = AddFates(fingerprints[i], &op.requests[i].fates);
    if (!added) return added;
  }
  return Ok{};
}

Result<> Reader::Retried(RetriedOp& op) {
  return database_.Read(keys::Of(keys::kRetried), EndOf(keys::kRetried),
                        [&](std::string_view key, std::string_view) {
                          op.ids.push_back(Decoder(key.substr(1)).Fixed());
                          return Step{};
                        });
}

}  // namespace thresh
