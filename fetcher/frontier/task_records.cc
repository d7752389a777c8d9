// Records of tasks: those that wait, and dead letters.

#include <algorithm>
#include <utility>

#include "fetcher/frontier/codec.h"
#include "fetcher/frontier/record_parts.h"
#include "fetcher/frontier/records.h"

namespace thresh {
namespace {

// Flags of a task record.
constexpr std::uint64_t kOwnRoot = 1;    // It began its job: a Root follows.
constexpr std::uint64_t kHostInUrl = 2;  // The host is a part of the URL: where it begins.
constexpr std::uint64_t kDontFilter = 4;
constexpr std::uint64_t kWaited = 8;     // Attempts, delay and why follow.
constexpr std::uint64_t kPriority = 16;  // Not 0: it follows.
constexpr int kOriginShift = 5;
constexpr std::uint64_t kOriginMask = 7;
// All of these follow, if not 0 or empty.
constexpr std::uint64_t kDepth = 1 << 8;
constexpr std::uint64_t kExpires = 1 << 9;
constexpr std::uint64_t kRefresh = 1 << 10;
constexpr std::uint64_t kRequest = 1 << 11;
constexpr std::uint64_t kAgainOf = 1 << 12;
constexpr std::uint64_t kValidators = 1 << 13;
constexpr std::uint64_t kBlame = 1 << 14;
constexpr std::uint64_t kAllFlags = (1 << 15) - 1;

// Flags of a dead letter.
constexpr std::uint8_t kDeadDontFilter = 1;
constexpr std::uint8_t kDeadDepth = 2;
constexpr std::uint8_t kDeadRefresh = 4;
constexpr std::uint8_t kDeadRequest = 8;

// Flags of a Root.
constexpr std::uint8_t kOtherUrl = 1;  // Than that of the task it stands in.
constexpr std::uint8_t kMeta = 2;
constexpr std::uint8_t kLabel = 4;

std::uint64_t FlagsOf(const Task& task, const Place& place, TaskId root_id, bool host_in_url) {
  const TaskSeed& seed = task.seed;
  const auto flag = [](bool set, std::uint64_t bit) { return set ? bit : 0; };
  return flag(root_id == 0, kOwnRoot) | flag(host_in_url, kHostInUrl) |
         flag(seed.dont_filter, kDontFilter) |
         flag(place.attempts != 0 || place.delay_ms != 0, kWaited) |
         flag(seed.priority != 0, kPriority) | flag(seed.depth != 0, kDepth) |
         flag(seed.expires_at_ms != 0, kExpires) | flag(seed.refresh_ms != 0, kRefresh) |
         flag(seed.request != nullptr, kRequest) | flag(seed.again_of != 0, kAgainOf) |
         flag(seed.validators != nullptr, kValidators) | flag(!task.blame.empty(), kBlame) |
         static_cast<std::uint64_t>(seed.origin) << kOriginShift;
}

void PutRare(Encoder& out, const Task& task, std::uint64_t flags) {
  const TaskSeed& seed = task.seed;
  if ((flags & kDepth) != 0) out.Number(seed.depth);
  if ((flags & kExpires) != 0) out.Signed(seed.expires_at_ms);
  if ((flags & kRefresh) != 0) out.Signed(seed.refresh_ms);
  if ((flags & kRequest) != 0) PutRequest(out, *seed.request);
  if ((flags & kAgainOf) != 0) out.Number(seed.again_of);
  if ((flags & kValidators) != 0) {
    out.Text(seed.validators->etag).Text(seed.validators->last_modified);
  }
  if ((flags & kBlame) != 0) out.Text(task.blame);
}

void GetRare(Decoder& in, Task& task, std::uint64_t flags) {
  TaskSeed& seed = task.seed;
  if ((flags & kDepth) != 0) seed.depth = static_cast<std::uint32_t>(in.Number());
  if ((flags & kExpires) != 0) seed.expires_at_ms = in.Signed();
  if ((flags & kRefresh) != 0) seed.refresh_ms = in.Signed();
  if ((flags & kRequest) != 0) seed.request = GetRequest(in);
  if ((flags & kAgainOf) != 0) seed.again_of = in.Number();
  if ((flags & kValidators) != 0) {
    Validators validators{.etag = std::string(in.Text())};
    validators.last_modified = in.Text();
    seed.validators = std::make_shared<const Validators>(std::move(validators));
  }
  if ((flags & kBlame) != 0) task.blame = in.Text();
}

}  // namespace

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

void PutRequest(Encoder& out, const Request& request) {
  out.Text(request.method).Number(request.headers.size());
  for (const auto& [name, value] : request.headers) out.Text(name).Text(value);
  out.Text(request.body).Byte(request.templated ? 1 : 0);
}

std::shared_ptr<const Request> GetRequest(Decoder& in) {
  Request request{.method = std::string(in.Text())};
  for (std::uint64_t left = in.Number(); left > 0 && in.ok(); --left) {
    std::string name(in.Text());
    request.headers.emplace_back(std::move(name), in.Text());
  }
  request.body = in.Text();
  request.templated = in.Byte() != 0;
  return std::make_shared<const Request>(std::move(request));
}

std::string EncodeTask(const Task& task, const Place& place, std::uint64_t recipe, TaskId root_id,
                       std::string_view why) {
  const TaskSeed& seed = task.seed;
  const std::size_t host_at = seed.url.find(seed.host);
  const std::uint64_t flags = FlagsOf(task, place, root_id, host_at != std::string::npos);
  Encoder out;
  out.Number(flags).Text(seed.url).Number(recipe);
  if ((flags & kHostInUrl) != 0) {
    out.Number(host_at).Number(seed.host.size());
  } else {
    out.Text(seed.host);
  }
  if ((flags & kPriority) != 0) out.Signed(seed.priority);
  if ((flags & kWaited) != 0) out.Number(place.attempts).Signed(place.delay_ms).Text(why);
  if (flags >= kDepth) PutRare(out, task, flags);
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
  if (flags > kAllFlags) return std::nullopt;
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
  seed.origin = static_cast<Origin>(flags >> kOriginShift & kOriginMask);
  if (seed.origin < Origin::kFed || seed.origin > Origin::kRetried) return std::nullopt;
  if ((flags & kPriority) != 0) seed.priority = in.Signed();
  if ((flags & kWaited) != 0) {
    record.task.attempts = static_cast<std::uint32_t>(in.Number());
    record.delay_ms = in.Signed();
    record.why = in.Text();
  }
  GetRare(in, record.task, flags);
  if ((flags & kOwnRoot) != 0) {
    seed.root = std::make_shared<const Root>(GetRoot(in, seed.url));
  } else {
    record.root_id = in.Number();
    if (record.root_id == 0) return std::nullopt;
  }
  return IfFinished(in, std::move(record));
}

std::string DeadRecord::Encode() const {
  Encoder out;
  const auto flags = static_cast<std::uint8_t>(
      (dont_filter ? kDeadDontFilter : 0) | (depth != 0 ? kDeadDepth : 0) |
      (refresh_ms != 0 ? kDeadRefresh : 0) | (request != nullptr ? kDeadRequest : 0));
  out.Text(reason).Text(url).Text(host).Text(recipe).Raw(recipe_hash.View());
  out.Signed(priority).Byte(flags);
  if (depth != 0) out.Number(depth);
  if (refresh_ms != 0) out.Signed(refresh_ms);
  if (request != nullptr) PutRequest(out, *request);
  PutRoot(out, root, url);
  return out.Take();
}

std::optional<DeadRecord> DeadRecord::Decode(std::string_view bytes) {
  Decoder in(bytes);
  DeadRecord dead;
  for (std::string* text : {&dead.reason, &dead.url, &dead.host, &dead.recipe}) *text = in.Text();
  dead.recipe_hash = in.Hash();
  dead.priority = in.Signed();
  const std::uint8_t flags = in.Byte();
  dead.dont_filter = (flags & kDeadDontFilter) != 0;
  if ((flags & kDeadDepth) != 0) dead.depth = static_cast<std::uint32_t>(in.Number());
  if ((flags & kDeadRefresh) != 0) dead.refresh_ms = in.Signed();
  if ((flags & kDeadRequest) != 0) dead.request = GetRequest(in);
  dead.root = GetRoot(in, dead.url);
  return IfFinished(in, std::move(dead));
}

}  // namespace thresh
