#include "fetcher/frontier/records.h"

#include <utility>

#include "fetcher/frontier/codec.h"

namespace thresh {
namespace {

// Flags of a task record.
constexpr std::uint64_t kOwnRoot = 1;    // It began its job: a Root follows.
constexpr std::uint64_t kHostInUrl = 2;  // The host is a part of the URL: where it begins.
constexpr std::uint64_t kDontFilter = 4;
constexpr std::uint64_t kBegun = 8;      // Attempts, why and delay follow.
constexpr std::uint64_t kPriority = 16;  // Not 0: it follows.
constexpr int kOriginShift = 5;

// Flags of a Root.
constexpr std::uint8_t kOtherUrl = 1;  // Than that of the task it stands in.
constexpr std::uint8_t kMeta = 2;
constexpr std::uint8_t kLabel = 4;

void PutRoot(Encoder& out, const Root& root, std::string_view task_url) {
  const auto flags = static_cast<std::uint8_t>((root.url != task_url ? kOtherUrl : 0) |
                                               (root.meta.empty() ? 0 : kMeta) |
                                               (root.label.empty() ? 0 : kLabel));
  out.Byte(flags).Number(root.n).Signed(root.created_at_ms);
  if ((flags & kOtherUrl) != 0) out.Text(root.url);
  if ((flags & kMeta) != 0) out.Text(root.meta);
  if ((flags & kLabel) != 0) out.Text(root.label);
}

Root GetRoot(Decoder& in, std::string_view task_url) {
  const std::uint8_t flags = in.Byte();
  Root root{.n = in.Number()};
  root.created_at_ms = in.Signed();
  root.url = (flags & kOtherUrl) != 0 ? in.Text() : task_url;
  if ((flags & kMeta) != 0) root.meta = in.Text();
  if ((flags & kLabel) != 0) root.label = in.Text();
  return root;
}

void PutReasons(Encoder& out, const std::map<std::string, std::uint64_t>& reasons) {
  out.Number(reasons.size());
  for (const auto& [reason, count] : reasons) out.Text(reason).Number(count);
}

std::map<std::string, std::uint64_t> GetReasons(Decoder& in) {
  std::map<std::string, std::uint64_t> reasons;
  for (std::uint64_t left = in.Number(); left > 0 && in.ok(); --left) {
    std::string reason(in.Text());
    reasons[std::move(reason)] = in.Number();
  }
  return reasons;
}

// The value, if all of it was there and nothing more.
template <typename T>
std::optional<T> IfFinished(const Decoder& in, T value) {
  if (!in.finished()) return std::nullopt;
  return value;
}

}  // namespace

std::string FateRecord::Encode() const {
  Encoder out;
  out.Byte(static_cast<std::uint8_t>(state)).Number(id);
  if (state != Fate::State::kQueued) out.Number(attempts).Signed(at_ms).Text(reason);
  if (pending()) out.Signed(priority);
  if (state == Fate::State::kQueued) out.Fixed(host);
  return out.Take();
}

std::optional<FateRecord> FateRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  FateRecord fate{.state = static_cast<Fate::State>(in.Byte())};
  if (fate.state > Fate::State::kDropped || fate.state == Fate::State::kLeased) return std::nullopt;
  fate.id = in.Number();
  if (fate.state != Fate::State::kQueued) {
    fate.attempts = static_cast<std::uint32_t>(in.Number());
    fate.at_ms = in.Signed();
    fate.reason = in.Text();
  }
  if (fate.pending()) fate.priority = in.Signed();
  if (fate.state == Fate::State::kQueued) fate.host = in.Fixed();
  return IfFinished(in, std::move(fate));
}

std::string EncodeTask(const Task& task, std::uint64_t recipe, TaskId root_id, std::string_view why,
                       std::int64_t delay_ms) {
  const TaskSeed& seed = task.seed;
  const std::size_t host_at = seed.url.find(seed.host);
  const std::uint64_t flags =
      (root_id == 0 ? kOwnRoot : 0) | (host_at != std::string::npos ? kHostInUrl : 0) |
      (seed.dont_filter ? kDontFilter : 0) | (task.attempts != 0 ? kBegun : 0) |
      (seed.priority != 0 ? kPriority : 0) |
      static_cast<std::uint64_t>(seed.origin) << kOriginShift;
  Encoder out;
  out.Number(flags).Text(seed.url).Number(recipe);
  if ((flags & kHostInUrl) != 0) {
    out.Number(host_at).Number(seed.host.size());
  } else {
    out.Text(seed.host);
  }
  if ((flags & kPriority) != 0) out.Signed(seed.priority);
  if ((flags & kBegun) != 0) out.Number(task.attempts).Signed(delay_ms).Text(why);
  if (root_id == 0) {
    PutRoot(out, *seed.root, seed.url);
  } else {
    out.Number(root_id);
  }
  return out.Take();
}

std::optional<TaskRecord> TaskRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  TaskRecord record;
  TaskSeed& seed = record.task.seed;
  const std::uint64_t flags = in.Number();
  seed.url = in.Text();
  record.recipe = in.Number();
  if ((flags & kHostInUrl) != 0) {
    const std::uint64_t host_at = in.Number(), host_size = in.Number();
    if (host_at > seed.url.size() || host_size > seed.url.size() - host_at) return std::nullopt;
    seed.host = seed.url.substr(host_at, host_size);
  } else {
    seed.host = in.Text();
  }
  seed.dont_filter = (flags & kDontFilter) != 0;
  seed.origin = static_cast<Origin>(flags >> kOriginShift);
  if (seed.origin < Origin::kFed || seed.origin > Origin::kRetried) return std::nullopt;
  if ((flags & kPriority) != 0) seed.priority = in.Signed();
  if ((flags & kBegun) != 0) {
    record.task.attempts = static_cast<std::uint32_t>(in.Number());
    record.delay_ms = in.Signed();
    record.why = in.Text();
  }
  if ((flags & kOwnRoot) != 0) {
    seed.root = std::make_shared<const Root>(GetRoot(in, seed.url));
  } else {
    record.root_id = in.Number();
    if (record.root_id == 0) return std::nullopt;
  }
  return IfFinished(in, std::move(record));
}

std::string JobRecord::Encode() const {
  Encoder out;
  PutRoot(out, root, {});
  return out.Text(recipe).Take();
}

std::optional<JobRecord> JobRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  JobRecord job{.root = GetRoot(in, {})};
  job.recipe = in.Text();
  return IfFinished(in, std::move(job));
}

std::string CountRecord::Encode() const {
  return Encoder().Number(pending).Number(done).Number(dead).Number(dropped).Number(records).Take();
}

std::optional<CountRecord> CountRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  CountRecord count;
  for (std::uint64_t* number :
       {&count.pending, &count.done, &count.dead, &count.dropped, &count.records}) {
    *number = in.Number();
  }
  return IfFinished(in, count);
}

std::string EncodeReport(const JobReport& report) {
  Encoder out;
  PutRoot(out, *report.root, {});
  out.Text(report.recipe).Signed(report.ended_at_ms).Number(report.done).Number(report.dead);
  return out.Number(report.dropped).Number(report.records).Take();
}

std::optional<JobReport> DecodeReport(TaskId id, std::string_view bytes) {
  Decoder in(bytes);
  JobReport report{.id = id, .root = std::make_shared<const Root>(GetRoot(in, {}))};
  report.recipe = in.Text();
  report.ended_at_ms = in.Signed();
  for (std::uint64_t* number : {&report.done, &report.dead, &report.dropped, &report.records}) {
    *number = in.Number();
  }
  return IfFinished(in, std::move(report));
}

std::string DeadRecord::Encode() const {
  Encoder out;
  out.Text(reason).Text(url).Text(host).Text(recipe).Raw(recipe_hash.View());
  out.Signed(priority).Byte(dont_filter ? 1 : 0);
  PutRoot(out, root, url);
  return out.Take();
}

std::optional<DeadRecord> DeadRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  DeadRecord dead;
  for (std::string* text : {&dead.reason, &dead.url, &dead.host, &dead.recipe}) *text = in.Text();
  dead.recipe_hash = in.Hash();
  dead.priority = in.Signed();
  dead.dont_filter = in.Byte() != 0;
  dead.root = GetRoot(in, dead.url);
  return IfFinished(in, std::move(dead));
}

std::string HoldRecord::Encode() const {
  return Encoder().Signed(due_ms).Signed(delay_ms).Take();
}

std::optional<HoldRecord> HoldRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  HoldRecord hold{.due_ms = in.Signed()};
  hold.delay_ms = in.Signed();
  return IfFinished(in, hold);
}

std::string EncodeRecipe(const KeptRecipe& recipe) {
  return Encoder().Text(recipe.name).Text(recipe.text).Take();
}

std::optional<KeptRecipe> DecodeRecipe(const Hash128& hash, std::string_view bytes) {
  Decoder in(bytes);
  KeptRecipe recipe{.hash = hash, .name = std::string(in.Text())};
  recipe.text = in.Text();
  return IfFinished(in, std::move(recipe));
}

std::string BatchRecord::Encode() const {
  Encoder out;
  out.Number(next_id).Number(closed.size());
  TaskId before = 0;
  for (const TaskId id : closed) out.Number(id - std::exchange(before, id));
  return out.Take();
}

std::optional<BatchRecord> BatchRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  BatchRecord batch{.next_id = in.Number()};
  TaskId id = 0;
  for (std::uint64_t left = in.Number(); left > 0 && in.ok(); --left) {
    id += in.Number();
    batch.closed.push_back(id);
  }
  return IfFinished(in, std::move(batch));
}

std::string StateRecord::Encode() const {
  Encoder out;
  out.Number(batch).Number(next_id);
  out.Number(ledger.fed).Number(ledger.followed).Number(ledger.recrawled).Number(ledger.retried);
  out.Number(ledger.done).Number(ledger.records).Number(ledger.asked);
  PutReasons(out, ledger.dead);
  PutReasons(out, ledger.dropped);
  out.Number(retrying).Number(reports).Number(next_recipe).Number(recipes.size());
  for (const auto& [number, use] : recipes) {
    out.Number(number).Raw(use.hash.View()).Text(use.name).Number(use.pending);
  }
  return out.Take();
}

std::optional<StateRecord> StateRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  StateRecord state;
  Ledger& l = state.ledger;
  for (std::uint64_t* number : {&state.batch, &state.next_id, &l.fed, &l.followed, &l.recrawled,
                                &l.retried, &l.done, &l.records, &l.asked}) {
    *number = in.Number();
  }
  l.dead = GetReasons(in);
  l.dropped = GetReasons(in);
  for (std::uint64_t* number : {&state.retrying, &state.reports, &state.next_recipe}) {
    *number = in.Number();
  }
  for (std::uint64_t left = in.Number(); left > 0 && in.ok(); --left) {
    RecipeUse& use = state.recipes[in.Number()];
    use.hash = in.Hash();
    use.name = in.Text();
    use.pending = in.Number();
  }
  return IfFinished(in, std::move(state));
}

}  // namespace thresh
