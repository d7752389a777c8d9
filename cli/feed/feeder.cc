#include "cli/feed/feeder.h"

#include <utility>

#include <simdjson.h>

namespace thresh {
namespace {

constexpr std::size_t kMaxUnsentBytes = 256 << 10;
constexpr std::uint64_t kMaxUnanswered = 4000;

}  // namespace

Result<std::unique_ptr<Feeder>> Feeder::Start(uv_loop_t& loop, const std::string& socket,
                                              FeedSource source, std::function<void(bool)> on_end) {
  std::unique_ptr<Feeder> feeder(new Feeder(loop, std::move(source), std::move(on_end)));
  auto client = LineClient::Connect(
      loop, socket, [f = feeder.get()](std::string_view line) { f->TakeAnswer(line); },
      [f = feeder.get()] {
        if (!std::exchange(f->ended_, true)) f->on_end_(false);
      });
  if (!client) return client.error();
  feeder->client_ = std::move(*client);
  feeder->Pump();
  return feeder;
}

Feeder::Feeder(uv_loop_t& loop, FeedSource source, std::function<void(bool)> on_end)
    : source_(std::move(source)), on_end_(std::move(on_end)), pump_(loop, 20, [this] { Pump(); }) {}

void Feeder::StopReading() {
  if (std::exchange(source_ended_, true)) return;
  EndIfComplete();
}

void Feeder::Pump() {
  std::string line;
  while (!source_ended_ && client_->unsent_bytes() < kMaxUnsentBytes &&
         counts_.sent - counts_.answered() < kMaxUnanswered) {
    const FeedSource::Status status = source_.Next(&line);
    if (status == FeedSource::Status::kWait) return;
    if (status == FeedSource::Status::kEnd) {
      source_ended_ = true;
      EndIfComplete();
      return;
    }
    client_->Send(line);
    ++counts_.sent;
  }
}

void Feeder::TakeAnswer(std::string_view line) {
  simdjson::dom::parser parser;
  simdjson::dom::element answer;
  bool ok = false;
  std::string_view why = line;  // Unless the answer says it better.
  bool duplicate = false;
  if (parser.parse(line.data(), line.size()).get(answer) == simdjson::SUCCESS) {
    if (answer["ok"].get(ok) != simdjson::SUCCESS) ok = false;
    if (answer["error"].get(why) != simdjson::SUCCESS) why = line;
    if (answer["duplicate"].get(duplicate) != simdjson::SUCCESS) duplicate = false;
  }
  if (ok) {
    ++(duplicate ? counts_.duplicates : counts_.accepted);
  } else {
    ++counts_.refused;
    NoteRefusal(why);
  }
  Pump();
  EndIfComplete();
}

void Feeder::NoteRefusal(std::string_view why) {
  if (counts_.first_refusals.size() >= 5) return;
  counts_.first_refusals.push_back("line " + std::to_string(counts_.answered()) + ": " +
                                   std::string(why));
}

void Feeder::EndIfComplete() {
  if (!source_ended_ || counts_.answered() != counts_.sent) return;
  if (!std::exchange(ended_, true)) on_end_(true);
}

}  // namespace thresh
