// The fetcher's feed: lines in, tasks published, answers out once they are durable.

#include <unistd.h>

#include <chrono>
#include <memory>
#include <utility>

#include "fetcher/daemon.h"
#include "fetcher/feed/feed_line.h"
#include "lib/base/log.h"
#include "lib/base/time.h"
#include "lib/io/socket_path.h"
#include "lib/recipe/secrets.h"
#include "lib/service/listener.h"
#include "lib/text/json.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr const char* kFeedName = "feed";  // FileDescriptorName= of the socket unit.
constexpr std::chrono::seconds kTellFeeders{1};

std::shared_ptr<const Request> RequestOf(const FeedRequest& fed) {
  if (fed.is_plain()) return nullptr;
  Request request{
      .headers = fed.headers, .body = fed.body.value_or(""), .templated = fed.templated};
  if (!fed.method.empty()) request.method = fed.method;
  return std::make_shared<const Request>(std::move(request));
}

std::int64_t ExpiryOf(const FeedRequest& fed) {
  return fed.expires_in_ms != 0 ? WallClockMs() + fed.expires_in_ms : fed.expires_at_ms;
}

// Which line of which feed it is, and what it asks for: another list may have another URL there.
Hash128 MarkOf(const TaskSeed& seed) {
  return HashParts(
      {"feed line", seed.root->label, std::to_string(seed.root->n), Fingerprint(seed).View()});
}

}  // namespace

// The socket of the service manager, if it has one for us: it listened before we began, and will
// after we have ended. Else one of our own.
Result<> FetcherDaemon::OpenFeed() {
  Result<UniqueFd> inherited = InheritedListener(kFeedName);
  if (!inherited) return inherited.error();
  const auto take = [this](const Line& line) { TakeFeedLine(line); };
  auto feed = *inherited
                  ? LineServer::Adopt(loop_, std::move(*inherited), {}, take)
                  : LineServer::Listen(loop_, SocketPath(options_.run_dir, "feed.sock"), {}, take);
  if (!feed) return feed.error();
  feed_ = std::move(*feed);
  feed_->SetPaused(!paused_.empty());
  feed_->OnPeer([this](const Peer& feeder) { NoteFeeder(feeder); });
  return Ok{};
}

// Others than the user who runs us; of those who come quickly one after another, one a second.
void FetcherDaemon::NoteFeeder(const Peer& feeder) {
  if (feeder.uid == ::getuid()) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - feeder_told_at_ < kTellFeeders) {
    ++feeders_untold_;
    return;
  }
  feeder_told_at_ = now;
  log::Info("feeder.connected", {{"uid", feeder.uid},
                                 {"pid", feeder.pid},
                                 {"unlogged_count", std::exchange(feeders_untold_, 0)}});
}

void FetcherDaemon::TakeFeedLine(const Line& line) {
  FedLine fed{.connection = line.connection, .number = line.number};
  if (Result<TaskSeed> seed = SeedOfFed(line)) {
    fed.seed = std::move(*seed);
  } else {
    fed.error = seed.error().detail;
  }
  fed_.push_back(std::move(fed));
  tick_.Request();
}

Result<TaskSeed> FetcherDaemon::SeedOfFed(const Line& line) const {
  if (line.too_long) {
    return Error{Errc::kTooLarge,
                 "line too long: over " + std::to_string(LineLimits{}.max_line_bytes) + " bytes"};
  }
  Result<FeedRequest> request = ParseFeedLine(line.text);
  if (!request) return request.error();
  Result<Url> url = Url::Parse(request->url);
  if (!url) return url.error();
  if (!url->is_http()) {
    return Error{Errc::kInvalid, "expected an http or https URL, found " + url->href()};
  }
  const Url canonical = url->WithoutFragment();
  if (!canonical.username().empty() || !canonical.password().empty()) {
    return Error{Errc::kInvalid,
                 "expected a URL without user name and password: they would stand in "
                 "every record"};
  }
  Result<const Recipe*> recipe = routes_.OfFed(canonical, request->recipe);
  if (!recipe) return recipe.error();
  std::string href = canonical.href();
  if (request->templated) {
    Result<std::string> made = CanonicalTemplate(request->url);
    if (!made) return made.error();
    href = std::move(*made);
  }
  auto root = std::make_shared<const Root>(Root{.url = href,
                                                .n = request->n != 0 ? request->n : line.number,
                                                .meta = std::move(request->meta),
                                                .label = std::move(request->job),
                                                .created_at_ms = WallClockMs()});
  TaskSeed seed{
      .url = std::move(href),
      .host = std::string(canonical.host()),
      .recipe = (*recipe)->name,
      .recipe_hash = (*recipe)->hash,
      .root = std::move(root),
      .priority = request->priority,
      .dont_filter = request->dont_filter,
      .request = RequestOf(*request),
      .expires_at_ms = ExpiryOf(*request),
      .refresh_ms = options_.no_refresh ? 0 : request->refresh_ms.value_or(RefreshOf(**recipe)),
      .max_host_pages =
          static_cast<std::uint64_t>(FetchAt(**recipe, canonical.host()).max_host_pages)};
  if (request->resume) seed.feed_mark = MarkOf(seed);
  if (budget_spent_) seed.drop_reason = "budget";
  return seed;
}

// All lines of this tick are one publication; answers go out in the order of the lines.
void FetcherDaemon::PublishFed() {
  auto lines = std::make_shared<std::vector<FedLine>>(std::exchange(fed_, {}));
  std::vector<TaskSeed> seeds;
  for (FedLine& line : *lines) {
    if (line.error.empty()) seeds.push_back(std::move(line.seed));
  }
  frontier_->Publish(std::move(seeds), [this, lines](const std::vector<Published>& published) {
    std::size_t next = 0;
    for (const FedLine& line : *lines) {
      const Published* answer = line.error.empty() ? &published[next++] : nullptr;
      feed_->Answer(line.connection, AnswerTo(line, answer));
    }
    tick_.Request();
  });
}

// `published` is null if the line is wrong.
std::string FetcherDaemon::AnswerTo(const FedLine& line, const Published* published) {
  if (published == nullptr) {
    ++refused_;
    return "{\"ok\":false,\"error\":" + JsonString(line.error) +
           ",\"line\":" + std::to_string(line.number) + "}";
  }
  if (published->duplicate) {
    ++duplicates_;
    return R"({"ok":true,"duplicate":true})";
  }
  return R"({"ok":true,"id":")" + std::to_string(published->id) + "\"}";
}

}  // namespace thresh
