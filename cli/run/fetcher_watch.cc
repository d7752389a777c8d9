#include "cli/run/fetcher_watch.h"

#include <utility>

namespace thresh {
namespace {

constexpr std::uint64_t kConnectEveryMs = 1;  // For a while: a crawl waits for it.
constexpr int kQuickTries = 300;
constexpr std::uint64_t kConnectLaterMs = 10;
constexpr std::string_view kStatus = R"({"op":"status"})";
constexpr std::string_view kWatch = R"({"op":"watch"})";

}  // namespace

FetcherWatch::FetcherWatch(uv_loop_t& loop, std::string socket, StatusFn on_status)
    : loop_(loop),
      socket_(std::move(socket)),
      on_status_(std::move(on_status)),
      connect_(loop, [this] { TryConnect(); }) {
  Lose();
}

void FetcherWatch::Ask() {
  if (std::exchange(asking_, true) || !connected_) return;
  answers_->Send(kStatus);
}

// Not from within a client's callback, which would outlive its client.
void FetcherWatch::TryConnect() {
  auto pushes = Connect(false);
  auto answers = pushes != nullptr ? Connect(true) : nullptr;
  if (answers == nullptr) {
    connect_.Set(tries_++ < kQuickTries ? kConnectEveryMs : kConnectLaterMs);
    return;
  }
  pushes_ = std::move(pushes);
  answers_ = std::move(answers);
  connected_ = true;
  pushes_->Send(kWatch);
  if (asking_) answers_->Send(kStatus);
}

// Either connection may tell that there is no fetcher any more.
void FetcherWatch::Lose() {
  connected_ = false;
  tries_ = 0;
  connect_.Set(kConnectEveryMs);
}

// Null if there is no fetcher: it makes its sockets when it is ready for us.
std::unique_ptr<LineClient> FetcherWatch::Connect(bool asked) {
  auto client = LineClient::Connect(
      loop_, socket_, [this, asked](std::string_view line) { Take(line, asked); },
      [this] { Lose(); });
  return client ? std::move(*client) : nullptr;
}

void FetcherWatch::Take(std::string_view line, bool asked) {
  Result<CrawlStatus> status = ParseStatus(line);
  if (!status) return;
  if (asked) asking_ = false;
  on_status_(std::move(*status), asked);
}

}  // namespace thresh
