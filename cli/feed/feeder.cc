#include "cli/feed/feeder.h"

#include <utility>

#include <simdjson.h>

#include "lib/text/json.h"

namespace thresh {
namespace {

constexpr std::size_t kMaxUnsentBytes = 256 << 10;
constexpr std::size_t kMaxTogetherBytes = 64 << 10;
constexpr std::size_t kMaxUnansweredBytes = 8 << 20;
constexpr std::uint64_t kMaxUnanswered = 4000;
constexpr std::uint64_t kPumpEveryMs = 20;

}  // namespace

std::string WithMarks(std::string_view line, const LineMarks& marks) {
  const bool bare = !line.starts_with('{');
  simdjson::dom::parser parser;
  simdjson::dom::element root, own;
  if (!bare && (parser.parse(line.data(), line.size()).get(root) != simdjson::SUCCESS ||
                !root.is_object() || root.get_object().value().size() == 0)) {
    return std::string(line);  // The fetcher says what is wrong with it.
  }
  const auto says = [&](std::string_view key) {
    return !bare && root[key].get(own) == simdjson::SUCCESS;
  };
  std::string text = "{";
  const auto add = [&text](const std::string& member) {
    text += (text.size() > 1 ? "," : "") + member;
  };
  if (marks.resume) add("\"resume\":true");
  if (marks.n != 0 && !says("n")) add("\"n\":" + std::to_string(marks.n));
  if (!marks.job.empty() && !says("job")) add("\"job\":" + JsonString(marks.job));
  if (bare) {
    add("\"url\":" + JsonString(line));
    return text + "}";
  }
  return text + (text.size() > 1 ? "," : "") + std::string(line.substr(1));
}

std::string WithPosition(std::string_view line, std::uint64_t n, bool resume) {
  return WithMarks(line, {.n = n, .job = {}, .resume = resume});
}

Result<std::unique_ptr<Feeder>> Feeder::Start(uv_loop_t& loop, const std::string& socket,
                                              FeedSource source, std::function<void(bool)> on_end,
                                              OnHangUp on_hang_up) {
  return Start(loop, socket, std::move(source),
               {.on_end = std::move(on_end), .on_hang_up = on_hang_up, .job = {}});
}

Result<std::unique_ptr<Feeder>> Feeder::Start(uv_loop_t& loop, const std::string& socket,
                                              FeedSource source, FeedTerms terms) {
  std::unique_ptr<Feeder> feeder(new Feeder(loop, socket, std::move(source), std::move(terms)));
  const Result<> connected = feeder->Connect();
  const bool may_come = !connected && feeder->terms_.on_hang_up == OnHangUp::kReconnect &&
                        connected.error().code == Errc::kUnavailable;
  if (!connected && !may_come) return connected.error();
  feeder->Pump();
  return feeder;
}

Feeder::Feeder(uv_loop_t& loop, std::string socket, FeedSource source, FeedTerms terms)
    : loop_(loop),
      socket_(std::move(socket)),
      terms_(std::move(terms)),
      source_(std::move(source)),
      pump_(loop, kPumpEveryMs, [this] { Pump(); }) {}

Result<> Feeder::Connect() {
  auto client = LineClient::Connect(
      loop_, socket_, [this](std::string_view line) { TakeAnswer(line); },
      [this] { TakeHangUp(); });
  if (!client) return client.error();
  client_ = std::move(*client);
  connected_ = true;
  return Ok{};
}

// The client is replaced later: we are in its callback.
void Feeder::TakeHangUp() {
  connected_ = false;
  first_connection_ = false;
  if (terms_.on_hang_up == OnHangUp::kEnd && !std::exchange(ended_, true)) terms_.on_end(false);
}

void Feeder::ConnectAgain() {
  if (ended_ || terms_.on_hang_up == OnHangUp::kEnd || !Connect()) return;
  if (first_connection_) return;  // The first one has come only now.
  for (Unanswered& line : unanswered_) {
    client_->Send(TextOf(line.text, line.n));
    line.again = true;
  }
}

void Feeder::StopReading() {
  if (std::exchange(source_ended_, true)) return;
  EndIfComplete();
}

// Many lines at once: what comes together is published together, and the first one does not go
// ahead alone while the others wait for the disk.
void Feeder::Pump() {
  if (!connected_) ConnectAgain();
  std::string line;
  FeedSource::Status status = FeedSource::Status::kLine;
  while (status == FeedSource::Status::kLine && connected_ && !source_ended_ &&
         client_->unsent_bytes() < kMaxUnsentBytes && unanswered_.size() < kMaxUnanswered &&
         unanswered_bytes_ < kMaxUnansweredBytes) {
    status = source_.Next(&line);
    if (status == FeedSource::Status::kLine) AddNew(std::move(line));
    if (together_.size() >= kMaxTogetherBytes) SendTogether();
  }
  SendTogether();
  if (status != FeedSource::Status::kEnd) return;
  source_ended_ = true;
  EndIfComplete();
}

void Feeder::SendTogether() {
  if (together_.empty()) return;
  together_.pop_back();  // The client adds the last line's end.
  client_->Send(together_);
  together_.clear();
}

// A run that is started again feeds its lists from the beginning, and what has no answer is sent
// again: then a line with dont_filter must be known as the one it was.
std::string Feeder::TextOf(const std::string& line, std::uint64_t n) const {
  if (!terms_.job.empty()) {
    const bool position = terms_.resume || !first_connection_;
    return WithMarks(line, {position ? n : 0, terms_.job, terms_.resume});
  }
  const bool resumes = terms_.on_hang_up == OnHangUp::kReconnect && line.starts_with('{') &&
                       line.find("\"dont_filter\"") != std::string::npos;
  if (resumes) return WithPosition(line, n, true);
  return first_connection_ ? line : WithPosition(line, n);
}

void Feeder::AddNew(std::string line) {
  const std::uint64_t n = ++counts_.sent;
  together_ += TextOf(line, n) + '\n';
  unanswered_bytes_ += line.size();
  unanswered_.push_back({n, std::move(line)});
}

void Feeder::TakeAnswer(std::string_view line) {
  if (unanswered_.empty()) return;  // An answer to nothing we asked.
  const Unanswered asked = std::move(unanswered_.front());
  unanswered_.pop_front();
  unanswered_bytes_ -= asked.text.size();
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
    ++(duplicate && !asked.again ? counts_.duplicates : counts_.accepted);
  } else {
    ++counts_.refused;
    NoteRefusal(asked.n, why);
  }
  if (terms_.on_answer) {
    const FedAs known = duplicate ? FedAs::kDuplicate : FedAs::kNew;
    terms_.on_answer(asked.n, asked.text, ok ? known : FedAs::kRefused, ok ? "" : why);
  }
  if (unanswered_.size() <= kMaxUnanswered / 2) Pump();  // Else a line would go for each answer.
  EndIfComplete();
}

void Feeder::NoteRefusal(std::uint64_t n, std::string_view why) {
  if (counts_.first_refusals.size() >= 5) return;
  counts_.first_refusals.push_back("line " + std::to_string(n) + ": " + std::string(why));
}

void Feeder::EndIfComplete() {
  if (!source_ended_ || !unanswered_.empty()) return;
  if (!std::exchange(ended_, true)) terms_.on_end(true);
}

}  // namespace thresh
