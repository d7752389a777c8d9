#include "cli/run/crawl.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <set>
#include <thread>
#include <utility>

#include "lib/io/file.h"
#include "lib/io/socket_path.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

// Locked folders, states and outputs that cannot be used keep the status that says so.
int ExitStatusOf(const GivenUp& child) {
  switch (child.status) {
    case kExitBadInput:
    case kExitCannotWrite: return child.status;
    case kExitNoPeer: return kExitCannotWrite;  // Another process is at work in the folder.
    default: return kExitInternal;
  }
}

constexpr std::string_view kNone = "-";  // Of parsers: they come by themselves.
constexpr std::uint64_t kLastLookMs = 500;
constexpr std::uint64_t kSegmentBytes = 16
                                        << 20;  // Of the journal: a folder on a desk is no server.

std::uint64_t CountOf(const std::map<std::string, std::uint64_t>& counts, const char* key) {
  const auto found = counts.find(key);
  return found != counts.end() ? found->second : 0;
}

}  // namespace

Crawl::Crawl(uv_loop_t& loop, const RunOptions& options, const RunFolder& folder, FeedSource source)
    : loop_(loop),
      options_(options),
      folder_(folder),
      source_(std::move(source)),
      start_(std::chrono::steady_clock::now()),
      progress_(start_),
      signals_(loop, {SIGINT, SIGTERM, SIGHUP}, [this](int s) { Interrupt(s); }),
      last_look_(loop, [this] { Stop(); }),
      supervisor_(loop, {.on_given_up = [this](const GivenUp& child) { TakeGivenUp(child); },
                         .on_waiting = [this](const std::string& said) { TellWaiting(said); },
                         .on_stopped = [this] { TakeStopped(); }}),
      watch_(loop, SocketPath(folder.state(), "fetcher.sock"),
             [this](CrawlStatus s, bool asked) { TakeStatus(std::move(s), asked); }),
      sink_watch_(loop, SocketPath(folder.state(), "sink.sock")) {}

int Crawl::Run() {
  if (Result<> kept = KeepAll(); !kept) Fail(kExitInternal, kept.error().detail);
  if (phase_ != Phase::kStopped) uv_run(&loop_, UV_RUN_DEFAULT);
  return Finish();
}

Result<> Crawl::KeepAll() {
  if (Result<> r = supervisor_.Keep(FetcherSpec()); !r) return r;  // It takes longest to come up.
  // What stdout has got nobody can look up: a second sink could not go on where the first ended.
  if (Result<> r = supervisor_.Keep(SinkSpec(), options_.out != "-"); !r) return r;
  const std::size_t parsers =
      options_.parsers.value_or(std::max(1U, std::thread::hardware_concurrency()));
  for (std::size_t i = 1; i <= parsers && options_.parser != kNone; ++i) {
    if (Result<> r = supervisor_.Keep(ParserSpec(i)); !r) return r;
  }
  if (options_.web_port == 0) return Ok{};
  if (Result<> r = supervisor_.Keep(WebSpec()); !r) return r;
  std::fprintf(stderr, "The crawl can be watched at http://127.0.0.1:%d/\n", options_.web_port);
  return Ok{};
}

ChildSpec Crawl::SinkSpec() const {
  const bool to_stdout = options_.out == "-";
  ChildSpec spec{.program = "thresh-sink",
                 .arguments = {"--state", folder_.state(), "--config", options_.config, "--out",
                               to_stdout ? "-" : AbsolutePath(options_.out)},
                 .log = folder_.state() + "/sink.log",
                 .inherit_stdout = to_stdout};
  const auto add = [&spec](std::string flag, std::string value) {
    spec.arguments.insert(spec.arguments.end(), {std::move(flag), std::move(value)});
  };
  add("--segment-bytes", std::to_string(kSegmentBytes));
  if (options_.max_records != 0) add("--max-records", std::to_string(options_.max_records));
  if (!options_.durability.empty()) add("--durability", options_.durability);
  if (!options_.list_roots.empty()) add("--list-roots", options_.list_roots);
  return spec;
}

ChildSpec Crawl::FetcherSpec() const {
  ChildSpec spec{
      .program = "thresh-fetcher",
      .arguments = {"--state", folder_.state(), "--config", options_.config, "--no-refresh"},
      .log = folder_.state() + "/fetcher.log"};
  const auto add = [&spec](std::string flag, std::string value) {
    spec.arguments.insert(spec.arguments.end(), {std::move(flag), std::move(value)});
  };
  for (const std::string& recipe : options_.recipes) add("--recipe", recipe);
  if (!options_.secrets_dir.empty()) add("--secrets-dir", options_.secrets_dir);
  for (const std::string& set : options_.overrides) add("--set", set);
  std::set<std::string> typed_hosts;  // What is typed may be private.
  for (const std::string& url : options_.urls) {
    if (const Result<Url> typed = Url::Parse(url)) typed_hosts.emplace(typed->hostname());
  }
  for (const std::string& host : typed_hosts) add("--allow-private", host);
  if (options_.max_pages != 0) add("--max-pages", std::to_string(options_.max_pages));
  if (!options_.contact.empty()) add("--contact", options_.contact);
  if (!options_.durability.empty()) add("--durability", options_.durability);
  return spec;
}

ChildSpec Crawl::ParserSpec(std::size_t number) const {
  ChildSpec spec{.program = "thresh-parser",
                 .command = options_.parser,
                 .arguments = {"--state", folder_.state()},
                 .log = folder_.state() + "/parser-" + std::to_string(number) + ".log"};
  if (options_.parser.empty()) {  // Settings are those of our own.
    spec.arguments.insert(spec.arguments.end(), {"--config", options_.config});
  }
  if (options_.cpu_ms != 0) {
    spec.arguments.insert(spec.arguments.end(), {"--cpu-ms", std::to_string(options_.cpu_ms)});
  }
  return spec;
}

ChildSpec Crawl::WebSpec() const {
  return {.program = "thresh-web",
          .arguments = {"--state", folder_.state(), "--config", options_.config, "--listen",
                        "127.0.0.1:" + std::to_string(options_.web_port)},
          .log = folder_.state() + "/web.log"};
}

void Crawl::TakeStatus(CrawlStatus status, bool asked) {
  // A killed run's fetcher may be on its way out while ours comes up.
  const int pid = supervisor_.PidOf("thresh-fetcher");
  if (status.pid != 0 && pid != 0 && status.pid != static_cast<std::uint64_t>(pid)) {
    if (asked) watch_.Ask();
    return;
  }
  waiting_.clear();
  if (status.parsers > 0) supervisor_.NoteWorking("thresh-parser");
  supervisor_.NoteWorking("thresh-fetcher");
  if (status.sink) supervisor_.NoteWorking("thresh-sink");
  totals_.Take(std::move(status));
  if (phase_ == Phase::kStarting) {
    phase_ = Phase::kCrawling;
    if (folder_.resumed()) progress_.BeginWith(totals_.before());
    StartFeeding();
  }
  if (phase_ == Phase::kLastLook && asked) AskSinkAndStop();
  if (phase_ != Phase::kCrawling) return;
  const CrawlStatus now = totals_.Now();
  if (feeder_ && CountOf(now.dropped, "budget") > CountOf(totals_.before().dropped, "budget")) {
    feeder_->StopReading();
  }
  progress_.Show(now, std::chrono::steady_clock::now());
  StopIfDone(asked);
}

void Crawl::StartFeeding() {
  auto feeder = Feeder::Start(
      loop_, SocketPath(folder_.state(), "feed.sock"), std::move(*source_),
      [this](bool) {
        all_fed_ = true;
        watch_.Ask();
      },
      OnHangUp::kReconnect);
  if (!feeder) {
    Fail(kExitInternal, feeder.error().detail);
    return;
  }
  feeder_ = std::move(*feeder);
}

void Crawl::TakeStopped() {
  phase_ = Phase::kStopped;
  uv_stop(&loop_);
}

// A status from before the last answer may say that nothing is pending, so the last word has one
// that was asked for when all was answered.
void Crawl::StopIfDone(bool asked) {
  const CrawlStatus now = totals_.Now();
  if (!all_fed_ || now.pending != 0 || now.jobs_pending != 0) return;
  if (asked) {
    AskSinkAndStop();
  } else {
    watch_.Ask();
  }
}

// Its last line, each time it is another one.
void Crawl::TellWaiting(const std::string& said) {
  const std::size_t end = said.find_last_not_of('\n') + 1;
  const std::size_t begin = said.substr(0, end).rfind('\n') + 1;
  std::string line = said.substr(begin, end - begin);
  if (std::exchange(waiting_, line) == line) return;
  std::fprintf(stderr, "thresh %s: waiting: %s\n", options_.command(), waiting_.c_str());
}

void Crawl::TakeGivenUp(const GivenUp& child) {
  if (child.program == "thresh-sink" && options_.out == "-") {
    const bool reader_gone =
        child.status == kExitCannotWrite && child.said.find("output.failed") == std::string::npos;
    Fail(reader_gone ? kExitCannotWrite : ExitStatusOf(child),
         reader_gone ? "stdout cannot be written any more: its reader has gone"
                     : "thresh-sink ended with status " + std::to_string(child.status) +
                           ", and what has been written to stdout cannot be looked up: -o DIR "
                           "can be gone on with; it said:\n" +
                           child.said);
    return;
  }
  Fail(ExitStatusOf(child), child.program + " ended with status " + std::to_string(child.status) +
                                "; it said:\n" + child.said);
}

void Crawl::Interrupt(int signal) {
  if (std::exchange(interrupted_, signal) != 0) supervisor_.Kill();  // Asked twice: at once.
  if (phase_ != Phase::kCrawling) {
    Stop();
    return;
  }
  phase_ = Phase::kLastLook;  // For a summary that is true: then Stop().
  watch_.Ask();
  last_look_.Set(kLastLookMs);
}

void Crawl::Fail(int status, const std::string& why) {
  if (failed_ == 0) {
    failed_ = status;
    failure_ = why;
  }
  Stop();
}

// For fill rates of all records: whatever the fetcher knows to be written the sink has counted.
void Crawl::AskSinkAndStop() {
  phase_ = Phase::kLastCount;
  last_look_.Set(kLastLookMs);
  sink_watch_.AskLast([this] { Stop(); });
}

void Crawl::Stop() {
  if (phase_ == Phase::kStopping || phase_ == Phase::kStopped) return;
  phase_ = Phase::kStopping;
  const bool all_done = failed_ == 0 && interrupted_ == 0;
  supervisor_.Stop(all_done ? Supervisor::Left::kNothing : Supervisor::Left::kSomething);
}

}  // namespace thresh
