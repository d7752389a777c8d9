#include "cli/run/crawl.h"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <thread>
#include <utility>

#include "cli/numbers.h"
#include "lib/io/file.h"
#include "lib/io/socket_path.h"

namespace thresh {
namespace {

constexpr std::uint64_t kConnectEveryMs = 5;
constexpr std::chrono::seconds kConnectWithin{20};
constexpr int kMaxParserDeaths = 50;  // Without a page done between them.
constexpr std::size_t kShownDeadLetters = 5;
constexpr std::uint64_t kLastLookMs = 500;
constexpr std::uint64_t kKillAfterMs = 3000;

// The end of a child's log.
std::string LogTail(const std::string& path) {
  Result<std::string> log = ReadWholeFile(path);
  if (!log) return {};
  constexpr std::size_t kTailBytes = 2000;
  return log->size() > kTailBytes ? log->substr(log->size() - kTailBytes) : *log;
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
      connect_(loop, kConnectEveryMs, [this] { TryConnect(); }),
      last_look_(loop, [this] { Stop(); }),
      kill_(loop, [this] {
        for (const auto& child : children_) child->Signal(SIGKILL);
      }) {}

int Crawl::Run() {
  if (Result<> spawned = SpawnAll(); !spawned) Fail(kExitInternal, spawned.error().detail);
  if (phase_ != Phase::kStopped) uv_run(&loop_, UV_RUN_DEFAULT);
  return Finish();
}

Result<> Crawl::SpawnAll() {
  const bool to_stdout = options_.out == "-";
  std::vector<std::string> sink{"--state", folder_.state(), "--out",
                                to_stdout ? "-" : AbsolutePath(options_.out)};
  if (options_.max_records != 0) {
    sink.insert(sink.end(), {"--max-records", std::to_string(options_.max_records)});
  }
  std::vector<std::string> fetcher{"--state", folder_.state()};
  for (const std::string& recipe : options_.recipes) {
    fetcher.insert(fetcher.end(), {"--recipe", recipe});
  }
  for (const std::string& set : options_.overrides) {
    fetcher.insert(fetcher.end(), {"--set", set});
  }
  if (options_.max_pages != 0) {
    fetcher.insert(fetcher.end(), {"--max-pages", std::to_string(options_.max_pages)});
  }
  const std::string logs = folder_.state() + "/";
  if (Result<> r = Spawn({"thresh-sink", sink, logs + "sink.log", to_stdout}); !r) return r;
  if (Result<> r = Spawn({"thresh-fetcher", fetcher, logs + "fetcher.log"}); !r) return r;
  const std::size_t parsers =
      options_.parsers != 0 ? options_.parsers : std::max(1U, std::thread::hardware_concurrency());
  for (std::size_t i = 1; i <= parsers; ++i) {
    if (Result<> r = Spawn(ParserSpec(i)); !r) return r;
  }
  return Ok{};
}

ChildSpec Crawl::ParserSpec(std::size_t number) const {
  return {.program = "thresh-parser",
          .arguments = {"--state", folder_.state(), "--cpu-ms", std::to_string(options_.cpu_ms)},
          .log = folder_.state() + "/parser-" + std::to_string(number) + ".log"};
}

Result<> Crawl::Spawn(ChildSpec spec) {
  auto child =
      Child::Spawn(loop_, std::move(spec), [this](Child& c, int status) { TakeExit(c, status); });
  if (!child) return child.error();
  children_.push_back(std::move(*child));
  return Ok{};
}

void Crawl::TakeExit(Child& child, int status) {
  const auto found = std::find_if(children_.begin(), children_.end(),
                                  [&](const auto& c) { return c.get() == &child; });
  gone_.push_back(std::move(*found));  // Freed later: we are in its callback.
  children_.erase(found);
  if (phase_ == Phase::kStopping) {
    if (children_.empty()) {
      phase_ = Phase::kStopped;
      uv_stop(&loop_);
    }
    return;
  }
  const std::string& program = child.spec().program;
  // A parser holds nothing that is not held elsewhere: another takes its place.
  if (program == "thresh-parser" && ++parser_deaths_ <= kMaxParserDeaths) {
    if (Result<> r = Spawn(child.spec()); !r) Fail(kExitInternal, r.error().detail);
    return;
  }
  const std::string said = LogTail(child.spec().log);
  if (program == "thresh-sink" && status == kExitCannotWrite && options_.out == "-" &&
      said.find("output.failed") == std::string::npos) {
    Fail(kExitCannotWrite, "stdout cannot be written any more: its reader has gone");
    return;
  }
  Fail(status == kExitCannotWrite ? kExitCannotWrite : kExitInternal,
       program + " ended with status " + std::to_string(status) + "; it said:\n" + said);
}

void Crawl::TryConnect() {
  if (phase_ != Phase::kStarting) return;
  auto control = LineClient::Connect(
      loop_, SocketPath(folder_.state(), "fetcher.sock"),
      [this](std::string_view line) { TakeStatus(line); }, [] {});
  if (!control) {
    if (std::chrono::steady_clock::now() - start_ > kConnectWithin) {
      Fail(kExitInternal, control.error().detail);
    }
    return;
  }
  control_ = std::move(*control);
  control_->Send(R"({"op":"watch"})");
  phase_ = Phase::kCrawling;
  StartFeeding();
}

void Crawl::StartFeeding() {
  auto feeder = Feeder::Start(loop_, SocketPath(folder_.state(), "feed.sock"), std::move(*source_),
                              [this](bool complete) {
                                all_fed_ = complete;
                                if (complete) control_->Send(R"({"op":"status"})");
                              });
  if (!feeder) {
    Fail(kExitInternal, feeder.error().detail);
    return;
  }
  feeder_ = std::move(*feeder);
}

void Crawl::TakeStatus(std::string_view line) {
  Result<CrawlStatus> status = ParseStatus(line);
  if (!status || (phase_ != Phase::kCrawling && phase_ != Phase::kLastLook)) return;
  if (status->done > status_.done) parser_deaths_ = 0;
  status_ = std::move(*status);
  if (status_.dropped.contains("budget") && feeder_) feeder_->StopReading();
  if (phase_ == Phase::kLastLook) {
    Stop();
    return;
  }
  progress_.Show(status_, std::chrono::steady_clock::now());
  StopIfDone();
}

// A status from before the last answer may say that nothing is pending; one that counts
// every line we had an answer for does not lie.
void Crawl::StopIfDone() {
  if (!all_fed_ || status_.pending != 0) return;
  const FeedCounts& fed = feeder_->counts();
  if (status_.fed + status_.duplicates + status_.refused < fed.answered()) return;
  Stop();
}

void Crawl::Interrupt(int signal) {
  if (interrupted_ != 0) {  // Asked twice: at once.
    for (const auto& child : children_) child->Signal(SIGKILL);
  }
  interrupted_ = signal;
  if (phase_ != Phase::kCrawling) {
    Stop();
    return;
  }
  phase_ = Phase::kLastLook;  // For a summary that is true: then Stop().
  control_->Send(R"({"op":"status"})");
  last_look_.Set(kLastLookMs);
}

void Crawl::Fail(int status, const std::string& why) {
  if (failed_ == 0) {
    failed_ = status;
    failure_ = why;
  }
  Stop();
}

void Crawl::Stop() {
  if (phase_ == Phase::kStopping) return;
  phase_ = Phase::kStopping;
  for (const auto& child : children_) child->Signal(SIGTERM);
  if (children_.empty()) {
    phase_ = Phase::kStopped;
    uv_stop(&loop_);
  }
  kill_.Set(kKillAfterMs);
}

// With records on stdout the dead letters' file goes with the run: the first of them are shown.
void Crawl::PrintDeadLetters() const {
  Result<std::string> letters = ReadWholeFile(folder_.state() + "/dead.ndjson");
  if (!letters) return;
  std::size_t begin = 0;
  for (std::size_t shown = 0; shown < kShownDeadLetters && begin < letters->size(); ++shown) {
    const std::size_t end = letters->find('\n', begin);
    std::fprintf(stderr, "  dead       %s\n", letters->substr(begin, end - begin).c_str());
    begin = end + 1;
  }
  if (begin < letters->size())
    std::fprintf(stderr, "  dead       and more; -o DIR keeps them all\n");
}

int Crawl::Finish() {
  progress_.Clear();
  const auto elapsed = std::chrono::steady_clock::now() - start_;
  if (feeder_) {
    for (const std::string& refusal : feeder_->counts().first_refusals) {
      std::fprintf(stderr, "thresh run: refused %s\n", refusal.c_str());
    }
  }
  if (failed_ != kExitInternal || status_.fed > 0) {
    std::fputs(
        SummaryOf(status_, std::chrono::duration<double>(elapsed).count(), options_.out).c_str(),
        stderr);
  }
  if (options_.out == "-") PrintDeadLetters();
  if (failed_ != 0) {
    std::fprintf(stderr, "thresh run: %s\n", failure_.c_str());
    return failed_;
  }
  if (interrupted_ != 0) {
    std::fprintf(stderr, "thresh run: interrupted with %s URLs left\n",
                 WithThousands(status_.pending).c_str());
    return 128 + interrupted_;
  }
  if (feeder_ && !feeder_->source_failure().empty()) {
    std::fprintf(stderr, "thresh run: %s\n", feeder_->source_failure().c_str());
    return kExitBadInput;
  }
  if (status_.refused > 0) return kExitBadInput;
  if (!status_.dead.empty()) return kExitSomeDead;
  return status_.records == 0 ? kExitNothing : kExitDone;
}

}  // namespace thresh
