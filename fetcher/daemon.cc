#include "fetcher/daemon.h"

#include <algorithm>
#include <utility>

#include "fetcher/frontier/rocks_frontier.h"
#include "lib/base/log.h"
#include "lib/config/daemon_main.h"
#include "lib/io/file.h"
#include "lib/io/socket_path.h"
#include "lib/service/patience.h"

namespace thresh {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kExtension{180'000};
constexpr milliseconds kSinkWait{
    2'000};  // At a restart, for what the sink has of our earlier life.
constexpr std::uint64_t kDrainMs = 3'000;
constexpr std::uint64_t kSampleMs = 100;
constexpr std::uint64_t kIdleMs = 1'000;
constexpr double kLongestNapUs = 10000;
constexpr double kWaves = 2;  // Of pages; what waits beyond them waits for parsers.
constexpr std::size_t kMostHeldBack = 200;
constexpr const char* kSinkNote = "sink";

SteadyTime Now() {
  return std::chrono::steady_clock::now();
}

}  // namespace

Result<std::unique_ptr<FetcherDaemon>> FetcherDaemon::Create(uv_loop_t& loop, FetcherParts parts) {
  std::unique_ptr<FetcherDaemon> daemon(new FetcherDaemon(loop, std::move(parts)));
  if (Result<> opened = daemon->Open(); !opened) return opened.error();
  return daemon;
}

FetcherDaemon::FetcherDaemon(uv_loop_t& loop, FetcherParts parts)
    : loop_(loop),
      options_(std::move(parts.options)),
      file_(std::move(parts.file)),
      reread_(std::move(parts.reread)),
      check_(std::move(parts.check)),
      started_at_(Now()),
      secrets_(options_.secrets_dir),
      tick_(loop, [this] { EndOfTick(); }),
      due_(loop, [this] { tick_.Request(); }),
      drained_(loop, [this] { FinishDrain(true); }),
      sample_(loop, kSampleMs, [this] { SampleHeldBack(); }),
      extend_(loop, 10'000, [this] { ExtendLeases(); }),
      watch_(loop, StatisticsFile::kFirstEveryMs,
             [this] {
               PushStatus();
               NoteStatistics();
             }),
      second_(loop, 1000, [this] { Second(); }),
      pacer_(loop, [this] { return Nap(); }),
      signals_(loop, {SIGTERM, SIGINT, SIGHUP},
               [this](int signal) { signal == SIGHUP ? Reload() : Drain(); }),
      service_(loop, [this] { return StatusLine(); }) {}

// ---- Opening ----------------------------------------------------------------------

Result<> FetcherDaemon::Open() {
  if (Result<> read = ReadSettings(file_); !read) return read;
  if (Result<> locked = LockFolders(); !locked) return locked;
  if (Result<> opened = OpenPool(); !opened) return opened;
  {
    const Patience patience(loop_, "opening the frontier");
    if (Result<> opened = OpenState(); !opened) return opened;
    if (Result<> kept = KeepRecipes(); !kept) return kept;
  }
  if (Result<> opened = OpenArchive(); !opened) return opened;
  RestoreOrders();
  if (Result<> opened = OpenWires(); !opened) return opened;
  if (Result<> opened = OpenSockets(); !opened) return opened;
  log::Info("fetcher.started",
            {{"state_dir", options_.state_dir}, {"pending_count", frontier_->pending()}});
  WarnOfRecipes();
  NoteStatistics();
  tick_.Request();
  service_.Ready();
  return Ok{};
}

Result<> FetcherDaemon::LockFolders() {
  for (const std::string& folder : {options_.run_dir + "/flight", options_.state_dir + "/spool"}) {
    if (Result<> made = MakeFolder(folder); !made) return made;
  }
  auto locks = StateLock::TakeAll(
      {options_.state_dir + "/fetcher.lock", options_.run_dir + "/fetcher.run.lock"}, "a fetcher");
  if (!locks) return locks.error();
  locks_ = std::move(*locks);
  return Ok{};
}

// Before the frontier, which takes a while: a parser that finds nobody tries again more and more
// seldom.
Result<> FetcherDaemon::OpenPool() {
  auto pool =
      ParserPool::Create(loop_, context_,
                         {.endpoint = "ipc://" + SocketPath(options_.run_dir, "parsers.ipc"),
                          .flight_dir = options_.run_dir + "/flight",
                          .body_socket = SocketPath(options_.run_dir, "bodies.sock"),
                          .body_bytes = 2 * options_.page_buffer_bytes,
                          .lease = milliseconds(options_.lease_ms)},
                         PeerId{}, OnPool());
  if (!pool) return pool.error();
  pool_ = std::move(*pool);
  return Ok{};
}

Result<> FetcherDaemon::OpenState() {
  auto frontier = RocksFrontier::Open(
      loop_,
      {.path = options_.state_dir + "/frontier",
       .durability = options_.durability == "power" ? Durability::kPower : Durability::kProcess,
       .cache_bytes = options_.frontier_cache_bytes,
       .min_free_bytes = options_.min_free_bytes},
      OnFrontier());
  if (!frontier) return frontier.error();
  frontier_ = std::move(*frontier);
  statistics_ = std::make_unique<StatisticsFile>(
      loop_, options_.state_dir + "/" + std::string(kStatisticsName));
  resumed_ = frontier_->next_id() > 1;
  started_pages_ = frontier_->ledger().asked + frontier_->begun();
  return Ok{};
}

Result<> FetcherDaemon::OpenWires() {
  const HealthOptions health{.breaker_failures = options_.breaker_failures,
                             .first_probe = milliseconds(options_.breaker_probe_ms),
                             .breaker_probes = options_.breaker_probes};
  hosts_ = std::make_unique<HostDesk>(health, options_.max_in_flight, resumed_, OnHosts());
  const PeerId self = NewLife(frontier_->uuid());
  pool_->SetSelf(self);
  if (Result<> opened = pool_->OpenDoor(loop_, context_, options_.tcp); !opened) return opened;
  auto transfers = Transfers::Create(loop_, options_.max_in_flight,
                                     [this](FetchResult r) { TakeFetched(std::move(r)); });
  if (!transfers) return transfers.error();
  transfers_ = std::move(*transfers);
  transfers_->SpoolTo({.folder = options_.state_dir + "/spool",
                       .body_bytes = options_.spool_bytes,
                       .memory_bytes = options_.page_buffer_bytes});
  transfers_->ReceiveInto(
      [this](std::uint64_t id, std::size_t bytes) { return RoomForBody(id, bytes); });
  auto sink = SinkLink::Create(loop_, context_, "ipc://" + SocketPath(options_.run_dir, "sink.ipc"),
                               self, OnSink());
  if (!sink) return sink.error();
  sink_ = std::move(*sink);
  return Ok{};
}

Result<> FetcherDaemon::OpenSockets() {
  const auto path = [this](const char* name) { return SocketPath(options_.run_dir, name); };
  if (Result<> opened = OpenFeed(); !opened) return opened;
  // Last: whoever waits for this socket finds all the others.
  auto control = LineServer::Listen(loop_, path("fetcher.sock"), {},
                                    [this](const Line& line) { TakeControlLine(line); });
  if (!control) return control.error();
  control_ = std::move(*control);
  return Ok{};
}

FrontierEvents FetcherDaemon::OnFrontier() {
  return {.on_ready = [this] { tick_.Request(); },
          .on_closed = [this](const std::vector<TaskId>& ids) { sink_->Closed(ids); },
          .on_job =
              [this](JobReport job) {
                ForgetCookies(*job.root);
                sink_->Report(std::move(job));
              },
          .on_paused = [this](const std::string& why) { Pause(why); },
          .on_reopen =
              [this] {
                log::Info("disk.has_room", {{"next", "the fetcher starts itself anew"}});
                RestartProcess(loop_);
              },
          .on_failed = [this](const Error& e) { Fail("frontier.failed", e.detail); }};
}

PoolEvents FetcherDaemon::OnPool() {
  return {.recipe_text =
              [this](const Hash128& hash) {
                const ParserRecipe* known = terms_.ByParserHash(hash);
                return known != nullptr ? &known->recipe->text : nullptr;
              },
          .recipe_sets =
              [this](const Hash128& hash) {
                const ParserRecipe* known = terms_.ByParserHash(hash);
                return known != nullptr ? known->sets : std::vector<std::string>();
              },
          .on_retry = [this](const RetryAsked& asked) { TakeRetry(asked); },
          .on_given_up = [this](GivenUpPage page) { TakeGivenUp(std::move(page)); },
          .on_blame = [this](TaskId id,
                             std::string blame) { frontier_->KeepBlame(id, std::move(blame)); },
          .on_parsed = [this](const ParsedPage& parsed) { NoteParsed(parsed); },
          .on_change = [this] { tick_.Request(); }};
}

SinkEvents FetcherDaemon::OnSink() {
  return {.on_ack = [this](Acknowledged ack) { TakeAck(std::move(ack)); },
          .on_results_lost =
              [this] {
                pool_->ResultsLost();
                tick_.Request();
              },
          .on_sink = [this](const Hash128& uuid) { return CheckSink(uuid); },
          .on_refused = [this](const std::string& why) { Fail("sink.refused", why); },
          .awaiting_ack = [this] { return pool_->awaiting_ack(); },
          .ids = [this] { return std::pair(frontier_->next_id(), frontier_->low()); }};
}

// ---- The loop's turns -----------------------------------------------------------

void FetcherDaemon::EndOfTick() {
  if (!fed_.empty()) PublishFed();
  if (sink_->synced()) frontier_->ResumeCancels();
  StartFetches();
  Dispatch();
  if (!drains_.empty()) LookAtDrains();
  NoteIdle(frontier_->pending() + frontier_->open_jobs() == 0);
  if (draining_) FinishDrain(false);
}

// Who has nothing to do wakes up seldom.
void FetcherDaemon::NoteIdle(bool idle) {
  if (std::exchange(idle_, idle) == idle) return;
  sample_.SetInterval(idle ? kIdleMs : kSampleMs);
  watch_.SetInterval(idle ? kIdleMs : StatisticsFile::kFirstEveryMs);
  if (idle) PushStatus();
}

// A limit of --max-pages or --max-records is reached: what has not begun never will.
void FetcherDaemon::EnterBudget() {
  if (std::exchange(budget_spent_, true)) return;
  frontier_->DropNew("budget", [this](std::uint64_t) { tick_.Request(); });
}

void FetcherDaemon::ExtendLeases() {
  for (const auto& [id, task] : tasks_) frontier_->Extend(id, Now() + kExtension);
}

// After a restart the sink may know of pages that are done: those need not be fetched again.
bool FetcherDaemon::WaitsForSink() const {
  return resumed_ && !sink_->synced() && Now() < started_at_ + kSinkWait;
}

// Two states that do not belong together would lose pages, or write them twice.
bool FetcherDaemon::CheckSink(const Hash128& uuid) {
  const std::string known = frontier_->Note(kSinkNote);
  if (known == uuid.Hex()) return true;
  if (!known.empty() && !options_.accept_new_sink) {
    Fail("sink.unknown",
         "the sink's journal is not the one this frontier (" + options_.state_dir +
             "/frontier) has worked with: pages that are done could be written again. Bring the "
             "journal folder back, or go on without it by --accept-new-sink");
    return false;
  }
  Result<> noted = frontier_->SetNote(kSinkNote, uuid.Hex());
  // Without room it is noted when we meet it again.
  if (!noted && noted.error().code != Errc::kBusy) {
    Fail("frontier.failed", noted.error().detail);
    return false;
  }
  return true;
}

void FetcherDaemon::Pause(const std::string& why) {
  paused_ = why;
  if (why.empty()) {
    log::Info("disk.has_room");
  } else {
    log::Warn("disk.full", {{"why", why}});
  }
  if (feed_) feed_->SetPaused(!why.empty());
  tick_.Request();
}

void FetcherDaemon::Fail(const std::string& event, const std::string& why) {
  log::Error(event, {{"why", why}});
  StopLoop(loop_, kExitInternal);
}

// What is under way may end; nothing is begun. Asked twice: at once.
void FetcherDaemon::Drain() {
  if (std::exchange(draining_, true)) {
    uv_stop(&loop_);
    return;
  }
  service_.Stopping();
  feed_->SetPaused(true);
  drained_.Set(kDrainMs);
  tick_.Request();
}

// At the latest when its time is over: pages still under way stay queued, and are fetched again.
void FetcherDaemon::FinishDrain(bool late) {
  if (!late && (transfers_->in_flight() > 0 || archive_->waiting() > 0 || pool_->held_bytes() > 0 ||
                sink_->unacknowledged() > 0)) {
    return;
  }
  if (paused_.empty()) frontier_->Finish();
  PushStatus();
  NoteStatistics();
  log::Info("fetcher.stopped", {{"pending_count", frontier_->pending()}});
  uv_stop(&loop_);
}

// Hosts stand in these texts, so there may be any number: once there are many, a new one takes the
// place and the count of the least. What is met often stays (Metwally et al., "space saving").
void FetcherDaemon::NoteHeldBack(const std::string& what) {
  if (held_back_.size() >= kMostHeldBack && !held_back_.contains(what)) {
    const auto least =
        std::min_element(held_back_.begin(), held_back_.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    auto node = held_back_.extract(least);
    node.key() = what;
    held_back_.insert(std::move(node));
  }
  ++held_back_[what];
}

void FetcherDaemon::SampleHeldBack() {
  const Ledger& ledger = frontier_->ledger();
  const std::uint64_t acks = ledger.done + Ledger::Sum(ledger.dead);
  const auto lately = static_cast<double>(acks - std::exchange(acks_at_sample_, acks));
  acks_per_s_ += (lately * 1000 / kSampleMs - acks_per_s_) / 2;
  if (halted_) {
    NoteHeldBack("fetching is paused, until thresh resume");
  } else if (!paused_.empty() || !archive_->paused().empty()) {
    NoteHeldBack("the disk is full");
  } else if (pool_->waiting() > 0 || pool_->held_bytes() >= options_.page_buffer_bytes) {
    NoteHeldBack(pool_->Parsers().empty() ? "no parser has joined" : "parsers: all are busy");
  } else if (frontier_->pending() <= tasks_.size()) {
    if (transfers_->in_flight() > 0) NoteHeldBack("the server: all that is known is being fetched");
  } else if (transfers_->in_flight() >= options_.max_in_flight) {
    NoteHeldBack("concurrency=" + std::to_string(options_.max_in_flight));
  } else if (frontier_->pending() <= tasks_.size() + frontier_->delayed()) {
    NoteHeldBack(frontier_->postponed() > 0 ? "delays that recipes ask for (delay_ms, refresh)"
                                            : "failed pages, until they are asked for again");
  } else if (!refused_by_.empty()) {
    NoteHeldBack(refused_by_);
  }
}

// While more pages wait for the parsers than they have in hand, nothing that we did sooner
// would make the crawl quicker; waking up for each event would only take CPU time from them.
// But pages that come in waves, a request's time apart, wait for a moment only: a nap would delay
// the next wave. A nap is a quarter of what they have in hand at most.
std::chrono::microseconds FetcherDaemon::Nap() const {
  const std::size_t in_hand = pool_ ? pool_->leased() : 0;
  if (in_hand == 0 || pool_->waiting() < in_hand || acks_per_s_ < 1) return {};
  const double waiting_us = static_cast<double>(pool_->waiting()) * 1e6 / acks_per_s_;
  if (waiting_us < kWaves * latency_us_) return {};
  const double work_us = static_cast<double>(in_hand) * 1e6 / acks_per_s_;
  return std::chrono::microseconds(static_cast<std::int64_t>(std::min(work_us / 4, kLongestNapUs)));
}

}  // namespace thresh
