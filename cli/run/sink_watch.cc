#include "cli/run/sink_watch.h"

#include <utility>

namespace thresh {
namespace {

constexpr std::uint64_t kAskEveryMs = 250;
constexpr std::string_view kStatus = R"({"op":"status"})";

}  // namespace

SinkWatch::SinkWatch(uv_loop_t& loop, std::string socket)
    : loop_(loop),
      socket_(std::move(socket)),
      look_(loop, kAskEveryMs, [this] { Look(); }),
      end_(loop, [this] { End(); }) {}

void SinkWatch::AskLast(std::function<void()> on_last) {
  on_last_ = std::move(on_last);
  if (!asking_) Look();
}

// Connects if there is a sink; asks unless an answer is still to come.
void SinkWatch::Look() {
  if (ended_ || asking_) return;
  if (!connected_) {
    auto made = LineClient::Connect(
        loop_, socket_, [this](std::string_view line) { Take(line); },
        [this] {
          connected_ = asking_ = false;
          if (on_last_) end_.Request();
        });
    if (!made) {
      if (on_last_) end_.Request();
      return;
    }
    sink_ = std::move(*made);
    connected_ = true;
  }
  Ask();
}

void SinkWatch::Ask() {
  asking_ = true;
  last_asked_ = on_last_ != nullptr;
  sink_->Send(kStatus);
}

void SinkWatch::Take(std::string_view line) {
  asking_ = false;
  if (Result<SinkFills> fills = ParseSinkFills(line)) totals_.Take(std::move(*fills));
  if (last_asked_) {
    end_.Request();
  } else if (on_last_) {
    Ask();  // The answer may be older than the wish for a last one.
  }
}

void SinkWatch::End() {
  if (std::exchange(ended_, true)) return;
  std::exchange(on_last_, nullptr)();
}

}  // namespace thresh
