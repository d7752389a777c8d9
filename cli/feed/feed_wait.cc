#include "cli/feed/feed_wait.h"

#include <poll.h>

#include <algorithm>
#include <utility>

#include <simdjson.h>

#include "cli/control/ask.h"
#include "cli/numbers.h"
#include "lib/text/json_object.h"

namespace thresh {
namespace {

using simdjson::dom::element;

constexpr std::chrono::seconds kPatience(60);
constexpr std::chrono::seconds kStartPatience(10);
constexpr std::chrono::seconds kReportPatience(5);  // Others' jobs end all the time.
constexpr int kMostAsked = 200;                     // At a time: signals are heard in between.
constexpr std::uint64_t kMostJobs = 100;            // In an answer.
constexpr std::size_t kMostPlaces = 10;             // Of lines, in a summary.

std::uint64_t Number(const element& object, std::string_view key) {
  std::uint64_t value = 0;
  return object[key].get(value) == simdjson::SUCCESS ? value : 0;
}

std::string Text(const element& object, std::string_view key) {
  std::string_view text;
  return object[key].get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

DaemonPlace PlaceBeside(const std::string& socket) {
  const std::size_t slash = socket.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : socket.substr(0, slash);
  if (socket == "/run/thresh-feed.sock") return *PlaceOf({});  // systemd holds it.
  return {.state = folder, .sockets = folder, .out = {}};
}

// The status of a daemon, which may be on its way up.
Result<std::string> AskPatiently(const DaemonPlace& place, const std::string& program) {
  const auto end = std::chrono::steady_clock::now() + kStartPatience;
  for (;;) {
    Result<std::string> answer = AskLine({place, program, true}, R"({"op":"status"})");
    if (answer || std::chrono::steady_clock::now() > end) return answer;
    ::poll(nullptr, 0, 50);
  }
}

Result<std::string> OutputFolder(const DaemonPlace& place) {
  const Result<std::string> answer = AskPatiently(place, "thresh-sink");
  if (!answer) return answer.error();
  simdjson::dom::parser parser;
  std::string_view out;
  if (parser.parse(*answer)["out"].get(out) != simdjson::SUCCESS || out == "-") {
    return Error{Errc::kInvalid,
                 "--wait: the sink writes to its standard output; a run with -o DIR tells when "
                 "jobs end"};
  }
  return std::string(out);
}

// Where one has ended, the one that is to come refreshes it.
bool AllHaveEnded(const simdjson::dom::array& tasks) {
  bool any_ended = false, any_delayed = false;
  for (const element task : tasks) {
    const std::string state = Text(task, "state");
    const bool ended = state == "done" || state == "dead" || state == "dropped";
    any_ended = any_ended || ended;
    any_delayed = any_delayed || state == "delayed";
    if (!ended && state != "delayed") return false;
  }
  return any_ended || !any_delayed;
}

// `2, 7, 9 and 12 more`.
std::string Places(const std::vector<std::uint64_t>& lines) {
  std::string text = lines.size() == 1 ? "line " : "lines ";
  for (std::size_t i = 0; i < std::min(lines.size(), kMostPlaces); ++i) {
    text += (i > 0 ? ", " : "") + std::to_string(lines[i]);
  }
  if (lines.size() <= kMostPlaces) return text;
  return text + " and " + WithThousands(lines.size() - kMostPlaces) + " more";
}

}  // namespace

Result<FeedWait> FeedWait::Begin(const std::string& socket, std::string label) {
  const DaemonPlace place = PlaceBeside(socket);
  Result<std::string> folder = OutputFolder(place);
  if (!folder) return folder.error();
  FeedWait wait(place, std::move(label), *folder + "/jobs.ndjson");
  if (Result<> read = wait.ReadJobs(); !read) return read.error();
  // One that answers here takes lines as well.
  if (const auto answer = AskPatiently(place, "thresh-fetcher"); !answer) return answer.error();
  return wait;
}

FeedWait::FeedWait(DaemonPlace place, std::string label, const std::string& jobs_file)
    : place_(std::move(place)),
      label_(std::move(label)),
      jobs_(jobs_file, FollowFile::Begin::kLastLines, 0) {}

void FeedWait::Take(std::uint64_t n, std::string_view line, FedAs how, std::string_view why) {
  Fed fed{.n = n, .url = std::string(line), .how = how, .why = std::string(why)};
  Key key{label_, n};
  simdjson::dom::parser parser;
  element root;
  if (line.starts_with('{') &&
      parser.parse(line.data(), line.size()).get(root) == simdjson::SUCCESS) {
    if (std::string url = Text(root, "url"); !url.empty()) fed.url = std::move(url);
    if (std::string job = Text(root, "job"); !job.empty()) key.first = std::move(job);
    if (const std::uint64_t own = Number(root, "n"); own != 0) key.second = own;
  }
  const std::size_t index = fed_.size();
  if (how == FedAs::kRefused) {
    ++ended_;
  } else if (how == FedAs::kDuplicate) {
    known_.push_back(index);
  } else {
    labels_.insert(key.first);
    if (by_key_.emplace(std::move(key), index).second) {
      ++jobs_left_;
    } else {
      known_.push_back(index);  // Its job cannot be told from the other one's.
    }
  }
  fed_.push_back(std::move(fed));
}

Result<bool> FeedWait::Look() {
  gone_ = false;
  if (Result<> read = ReadJobs(); !read) return read.error();
  Result<bool> ended = KnownHaveEnded();
  if (!ended) return ended;
  // A run that has ended has nothing left, and nobody to ask.
  if (jobs_left_ == 0 && gone_) known_.clear();
  if (jobs_left_ > 0 || !known_.empty()) {
    const auto answer = Ask(R"({"op":"status"})");  // Whether there is somebody to wait for.
    if (!answer) return answer.error();
    return false;
  }
  const std::uint64_t seen = jobs_seen_;
  for (const std::string& label : labels_) {
    Result<bool> none = NoJobIsOpen(label);
    if (!none || !*none) return none;
  }
  Result<bool> reported = AllAreReported();
  if (!reported || !*reported) return reported;
  if (Result<> read = ReadJobs(); !read) return read.error();
  return jobs_seen_ == seen || gone_;  // What ended meanwhile may have begun others.
}

Result<> FeedWait::ReadJobs() {
  Result<bool> read = jobs_.Read([this](std::string_view line) {
    TakeJob(line);
    return true;
  });
  if (!read) return read.error();
  return Ok{};
}

void FeedWait::TakeJob(std::string_view line) {
  simdjson::dom::parser parser;
  element job;
  if (parser.parse(line.data(), line.size()).get(job) != simdjson::SUCCESS) return;
  const auto found = by_key_.find({Text(job, "job"), Number(job, "n")});
  if (found == by_key_.end()) return;
  ++jobs_seen_;
  Fed& fed = fed_[found->second];
  fed.done += Number(job, "done");
  fed.dead += Number(job, "dead");
  fed.dropped += Number(job, "dropped");
  fed.records += Number(job, "records");
  double seconds = 0;
  if (job["seconds"].get(seconds) == simdjson::SUCCESS)
    fed.seconds = std::max(fed.seconds, seconds);
  if (std::exchange(fed.ended, true)) return;
  --jobs_left_;
  ++ended_;
}

Result<std::optional<std::string>> FeedWait::Ask(const std::string& request) {
  Result<std::string> answer = AskLine({place_, "thresh-fetcher", true}, request);
  if (answer) {
    gone_since_.reset();
    return std::optional(std::move(*answer));
  }
  if (answer.error().code == Errc::kInvalid) return answer.error();
  gone_ = true;
  const Time now = std::chrono::steady_clock::now();
  if (!gone_since_) gone_since_ = now;
  if (now - *gone_since_ > kPatience) return answer.error();
  return std::optional<std::string>();
}

Result<bool> FeedWait::KnownHaveEnded() {
  for (int asked = 0; !known_.empty() && asked < kMostAsked; ++asked) {
    std::string request;
    {
      JsonObject why(&request);
      why.Text("op", "why");
      why.Text("url", fed_[known_.front()].url);
    }
    auto answer = Ask(request);
    if (!answer) return answer.error();
    if (!*answer) return false;
    simdjson::dom::parser parser;
    element root;
    simdjson::dom::array tasks;
    if (parser.parse(**answer).get(root) != simdjson::SUCCESS ||
        root["tasks"].get(tasks) != simdjson::SUCCESS) {
      return Error{Errc::kInternal, "expected \"tasks\", found " + **answer};
    }
    if (!AllHaveEnded(tasks)) return false;
    fed_[known_.front()].ended = true;
    ++ended_;
    known_.pop_front();
  }
  return true;
}

Result<bool> FeedWait::NoJobIsOpen(const std::string& label) {
  std::string from;
  do {
    std::string request;
    {
      JsonObject asked(&request);
      asked.Text("op", "jobs");
      asked.Text("job", label);
      asked.Number("limit", kMostJobs);
      if (!from.empty()) asked.Text("from", from);
    }
    auto answer = Ask(request);
    if (!answer) return answer.error();
    if (!*answer) return gone_;  // All our lines have ended: so has the run.
    simdjson::dom::parser parser;
    element root;
    simdjson::dom::array jobs;
    if (parser.parse(**answer).get(root) != simdjson::SUCCESS ||
        root["jobs"].get(jobs) != simdjson::SUCCESS) {
      return Error{Errc::kInternal, "expected \"jobs\", found " + **answer};
    }
    for (const element job : jobs) {
      bool refresh = false;  // For ever: it ends none of what was fed.
      if (job["refresh"].get(refresh) != simdjson::SUCCESS || !refresh) return false;
    }
    from = Text(root, "next");
  } while (!from.empty());
  return true;
}

// Jobs that have ended are in the file a moment later. Where others' end all the time there is
// always one that is not: then that moment is waited for.
Result<bool> FeedWait::AllAreReported() {
  auto answer = Ask(R"({"op":"status"})");
  if (!answer) return answer.error();
  if (!*answer) return gone_;
  simdjson::dom::parser parser;
  element root;
  if (parser.parse(**answer).get(root) != simdjson::SUCCESS) {
    return Error{Errc::kInternal, "expected a status, found " + **answer};
  }
  const Time now = std::chrono::steady_clock::now();
  if (!quiet_since_) quiet_since_ = now;
  return Number(root, "jobs_pending") == 0 || now - *quiet_since_ > kReportPatience;
}

std::string_view FeedWait::OutcomeOf(const Fed& fed) {
  if (fed.how == FedAs::kRefused) return "refused";
  if (!fed.ended) return "open";
  if (fed.dead > 0) return "dead";
  if (fed.done > 0) return "done";
  return fed.dropped > 0 ? "dropped" : "duplicate";
}

std::string FeedWait::Lines() const {
  std::string text;
  for (const Fed& fed : fed_) {
    {
      JsonObject line(&text);
      line.Number("n", fed.n);
      line.Text("url", fed.url);
      line.Text("outcome", OutcomeOf(fed));
      line.Number("pages", fed.done + fed.dead);
      line.Number("dead", fed.dead);
      line.Number("dropped", fed.dropped);
      line.Number("records", fed.records);
      line.Real("seconds", fed.seconds);
      line.TextOrNull("error", fed.why);
    }
    text += '\n';
  }
  return text;
}

std::string FeedWait::Summary() const {
  constexpr std::pair<std::string_view, std::string_view> kOutcomes[] = {
      {"done", "done"},       {"dead", "with dead pages"},   {"dropped", "dropped"},
      {"refused", "refused"}, {"duplicate", "known before"}, {"open", "not ended"}};
  std::string text;
  std::uint64_t pages = 0, records = 0;
  for (const Fed& fed : fed_) {
    pages += fed.done + fed.dead;
    records += fed.records;
  }
  for (const auto& [outcome, words] : kOutcomes) {
    std::vector<std::uint64_t> lines;
    for (const Fed& fed : fed_) {
      if (OutcomeOf(fed) == outcome) lines.push_back(fed.n);
    }
    if (lines.empty()) continue;
    text += (text.empty() ? "" : ", ") + WithThousands(lines.size()) + " " + std::string(words);
    if (outcome != "done" && outcome != "duplicate") text += " (" + Places(lines) + ")";
  }
  return (text.empty() ? "nothing was fed" : text) + "; " + Amount(pages, "page") + ", " +
         Amount(records, "record");
}

bool FeedWait::any_dead() const {
  return std::any_of(fed_.begin(), fed_.end(), [](const Fed& fed) { return fed.dead > 0; });
}

}  // namespace thresh
