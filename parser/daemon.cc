#include "parser/daemon.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <thread>

#include "lib/base/log.h"
#include "lib/io/file.h"
#include "lib/io/socket_path.h"
#include "lib/text/numbers.h"
#include "parser/waiting_page.h"
#include "proto/envelope.h"

namespace thresh {

namespace {

constexpr double kWindowUs = 100'000;  // Work to have at hand.
constexpr std::chrono::milliseconds kTellWithin{20};
constexpr std::chrono::microseconds kLongestTurn{500};  // Unless one page takes longer.
constexpr std::chrono::seconds kTellMemoryEvery{1};
constexpr std::chrono::seconds kWaitForSockets{5};
constexpr std::chrono::milliseconds kLookForSocketsEvery{20};

}  // namespace

Result<std::unique_ptr<ParserDaemon>> ParserDaemon::Create(uv_loop_t& loop, ParserOptions options) {
  std::unique_ptr<ParserDaemon> daemon(new ParserDaemon(loop, std::move(options)));
  if (Result<> opened = daemon->Open(); !opened) return opened.error();
  return daemon;
}

ParserDaemon::ParserDaemon(uv_loop_t& loop, ParserOptions options)
    : loop_(loop),
      options_(std::move(options)),
      self_(NewPeerId()),
      routing_id_(RoutingId(self_)),
      answer_(std::make_unique<Answer>()),
      work_(loop, [this] { Work(); }),
      hello_(loop, 500, [this] { Repeat(); }),
      hang_up_(loop, {SIGHUP},
               [](int) {
                 log::Warn("config.needs_restart",
                           {{"why", "a parser reads no files after its start"},
                            {"next", "restart it: its pages go to others"}});
               }),
      service_(loop, [this] { return StatusLine(); }) {}

ParserDaemon::~ParserDaemon() = default;

// Leaves when the run does, however that ends: a pidfd becomes readable then.
Result<> ParserDaemon::JoinRun() {
  options_.state_dir = options_.join_dir + "/.thresh";
  const std::string none = "no run to join in " + options_.join_dir;
  Result<std::string> pid = ReadWholeFile(options_.state_dir + "/run.pid");
  if (!pid) return Error{Errc::kUnavailable, none + " (" + pid.error().detail + ")"};
  const UniqueFd lock(::open((options_.state_dir + "/run.pid").c_str(), O_RDONLY | O_CLOEXEC));
  if (::flock(lock.get(), LOCK_SH | LOCK_NB) == 0) {  // A run holds it as long as it lives.
    return Error{Errc::kUnavailable, none + ": its process " + *pid + " has ended"};
  }
  run_ = UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, std::atoi(pid->c_str()), 0)));
  if (!run_) return Error{Errc::kUnavailable, none + ": its process " + *pid + " is gone"};
  run_ended_ =
      MakeUv<uv_poll_t>(this, [this](uv_poll_t* p) { return uv_poll_init(&loop_, p, run_.get()); });
  uv_poll_start(run_ended_.get(), UV_READABLE, [](uv_poll_t* poll, int, int) {
    uv_stop(&static_cast<ParserDaemon*>(poll->data)->loop_);
  });
  return Ok{};
}

// Fetcher and sink make the folder, and all may have been started at once.
Result<> ParserDaemon::FindSockets() const {
  const auto until = std::chrono::steady_clock::now() + kWaitForSockets;
  while (::access(options_.state_dir.c_str(), X_OK) != 0) {
    if (errno == ENOENT && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(kLookForSocketsEvery);
      continue;
    }
    return Error{Errc::kUnavailable,
                 "nothing to work for: the folder of the sockets, " + options_.state_dir + ": " +
                     std::strerror(errno) +
                     "; --join DIR is for the output folder of a `thresh run`, --run DIR for "
                     "daemons started otherwise"};
  }
  (void)SocketPath(options_.state_dir, "parsers.ipc");  // Opens the folder, if its name is long.
  return Ok{};
}

// What needs files comes first: the sandbox lets none be opened. ZeroMQ starts its threads with the
// first socket, and those are to be covered as well.
Result<> ParserDaemon::Open() {
  if (Result<> loaded = LoadWhatNeedsFiles(); !loaded) return loaded;
  if (!options_.join_dir.empty()) {
    if (Result<> joined = JoinRun(); !joined) return joined;
  }
  if (is_remote()) {
    if (Result<> resolved = ResolveRemote(); !resolved) return resolved;
  } else {
    if (Result<> found = FindSockets(); !found) return found;
  }
  if (Result<> opened = OpenGuard(); !opened) return opened;
  Sandbox sandbox(options_.sandbox);
  if (Result<> entered = sandbox.Enter(); !entered) return entered;
  if (Result<> opened = OpenWires(); !opened) return opened;
  if (Result<> is_sealed = sandbox.Seal(); !is_sealed) return is_sealed;
  SendHellos();
  service_.Ready();
  return Ok{};
}

// Without a recorder, on a file system that has none to offer, the fetcher goes by what it sees.
Result<> ParserDaemon::OpenGuard() {
  if (!is_remote()) {
    auto recorder =
        FlightWriter::Create(options_.state_dir + "/flight", self_.uuid, self_.incarnation);
    if (recorder) {
      recorder_ = std::move(*recorder);
    } else {
      log::Warn("recorder.missing", {{"why", recorder.error().detail}});
    }
  }
  auto guard = PageGuard::Create(loop_, options_.limits, recorder_.get(), [this] { Leave(); });
  if (!guard) return guard.error();
  guard_ = std::move(*guard);
  if (run_) guard_->StopWhenReadable(run_.get());
  return Ok{};
}

// ---- What arrives ---------------------------------------------------------------

void ParserDaemon::ReceiveFromFetcher(Frames& frames) {
  if (frames.empty()) return;
  Result<Received> received = DecodeEnvelope(frames[0]);
  if (!received) {
    log::Warn("fetcher.message_refused", {{"why", received.error().detail}});
    return;
  }
  wire::Envelope& envelope = received->envelope;
  if (FromWire(envelope.to()) != self_) return;
  MeetFetcher(received->from);
  if (envelope.has_task() && frames.size() > 1) {
    if (const auto hash = HashFromBytes(envelope.task().recipe_hash())) {
      TakeTask({std::move(*envelope.mutable_task()), *hash, std::move(frames[1]), {}, {}, {}});
    }
  } else if (envelope.has_taken()) {
    TakeTaken(envelope.taken());
  } else if (envelope.has_body_part() && frames.size() > 1) {
    TakePart(envelope.body_part(), View(frames[1]));
  } else if (envelope.has_recipe() && frames.size() > 1) {
    if (const auto hash = HashFromBytes(envelope.recipe().hash())) {
      TakeRecipe(*hash, View(frames[1]), envelope.recipe());
    }
  }
  work_.Request();
}

// Pages of a fetcher's earlier life are not ours any more: it hands them out again.
void ParserDaemon::MeetFetcher(const PeerId& from) {
  if (fetcher_ == from) return;
  fetcher_ = from;
  waiting_.clear();
  parsed_.clear();
  parsed_total_ = received_total_ = 0;
  std::erase_if(recipes_, [](const auto& r) {
    return !r.second.known();  // Asked for, but of whom?
  });
  if (!is_remote()) bodies_.Connect(SocketPath(options_.state_dir, "bodies.sock"), routing_id_);
  log::Info("fetcher.found");
  SendHellos();
}

void ParserDaemon::TakeTask(Waiting page) {
  ++received_total_;
  if (recipes_.emplace(page.recipe_hash, KnownRecipe{}).second) AskForRecipe(page.recipe_hash);
  FindBody(&page);
  waiting_.push_back(std::move(page));
  if (waiting_.size() == 1 && !waiting_.front().HasBody()) AskForPart(waiting_.front());
}

// Others have these pages, too. What we have begun we end: its result may be the first.
void ParserDaemon::TakeTaken(const wire::Taken& taken) {
  for (const wire::Attempt& page : taken.pages()) DropPage(page.id(), page.attempt());
}

void ParserDaemon::DropPage(std::uint64_t id, std::uint32_t attempt) {
  const auto page = std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& w) {
    return w.task.id() == id && w.task.attempt() == attempt;
  });
  if (page == waiting_.end()) return;
  const bool was_next = page == waiting_.begin();
  waiting_.erase(page);
  ++parsed_total_;
  parsed_.push_back({.id = id, .attempt = attempt, .dropped = true});
  if (was_next && !waiting_.empty() && !waiting_.front().HasBody()) AskForPart(waiting_.front());
}

void ParserDaemon::AskForRecipe(const Hash128& hash) {
  wire::Envelope need = MakeEnvelope(self_, fetcher_);
  need.mutable_need()->set_recipe_hash(std::string(hash.View()));
  Frames out;
  out.push_back(EncodeEnvelope(need));
  (void)to_fetcher_->Send(out).ok();  // Asked again in half a second.
}

void ParserDaemon::TakeRecipe(const Hash128& hash, std::string_view text,
                              const wire::Recipe& message) {
  KnownRecipe known;
  std::vector<Override> sets;
  for (const std::string& set : message.set()) {
    if (Result<Override> parsed = ParseOverride(set)) sets.push_back(std::move(*parsed));
  }
  Result<Recipe> recipe = ParseRecipe(text, "recipe", sets);
  if (!recipe) {
    known.fault = recipe.error().detail;
  } else if (Result<Program> program = CompileRecipe(*recipe, extractor_.names()); !program) {
    known.fault = program.error().detail;
  } else {
    known.program = std::move(*program);
  }
  recipes_.insert_or_assign(hash, std::move(known));
}

void ParserDaemon::ReceiveFromSink(Frames& frames) {
  if (frames.empty()) return;
  Result<Received> received = DecodeEnvelope(frames[0]);
  if (!received) {
    log::Warn("sink.message_refused", {{"why", received.error().detail}});
    return;
  }
  if (FromWire(received->envelope.to()) != self_) return;
  if (sink_ != received->from) {
    sink_ = received->from;
    sent_bytes_ = byte_credit_ = 0;
    log::Info("sink.found");
  }
  if (received->envelope.has_byte_credit()) {
    byte_credit_ = std::max(byte_credit_, received->envelope.byte_credit().bytes_total());
  }
  work_.Request();
}

// ---- Work -----------------------------------------------------------------------

// Quick pages one after another, for a while; what has arrived meanwhile goes before the next.
void ParserDaemon::Work() {
  const auto begin = std::chrono::steady_clock::now();
  while (WorkOnPage()) {
    if (std::chrono::steady_clock::now() - begin < kLongestTurn) continue;
    work_.Request();
    return;
  }
}

bool ParserDaemon::WorkOnPage() {
  const KnownRecipe* recipe =
      waiting_.empty() || blocked() ? nullptr : &recipes_.at(waiting_.front().recipe_hash);
  const bool may_begin = recipe != nullptr && recipe->known() && waiting_.front().HasBody();
  if (CreditIsDue(may_begin)) SendCredit();
  if (may_begin && blocked_told_) SendCredit();  // One of dropped pages alone did not say it.
  if (!may_begin) return false;
  const Waiting page = std::move(waiting_.front());
  waiting_.pop_front();
  if (!waiting_.empty() && !waiting_.front().HasBody()) AskForPart(waiting_.front());
  service_.Beat();  // The loop stands still until the page is done.
  Parse(page, *recipe);
  ++pages_count_;
  return true;
}

// Telling costs something, so it is not done for each of many quick pages; but a page that took
// long is told before another is begun, lest the fetcher take it for the one at work. And who was
// blocked says that it is so no more: the page's lease runs again.
bool ParserDaemon::CreditIsDue(bool may_begin) const {
  if (may_begin && blocked_told_) return true;
  if (parsed_.empty()) return false;
  return !may_begin || parsed_.size() >= window() / 2 ||
         std::chrono::steady_clock::now() - told_at_ >= kTellWithin;
}

void ParserDaemon::SendCredit() {
  wire::Envelope envelope = MakeEnvelope(self_, fetcher_);
  wire::Credit& credit = *envelope.mutable_credit();
  credit.set_credit_total(parsed_total_ + window());
  credit.set_memory_bytes(MemoryToTell());
  const bool only_drops =
      !parsed_.empty() &&
      std::all_of(parsed_.begin(), parsed_.end(), [](const Parsed& p) { return p.dropped; });
  for (const Parsed& page : parsed_) {
    wire::Attempt& parsed = *credit.add_parsed();
    parsed.set_id(page.id);
    parsed.set_attempt(page.attempt);
    parsed.set_parse_us(page.took_us);
    parsed.set_dropped(page.dropped);
  }
  // That alone does not tell the fetcher that we go on.
  if (!only_drops) blocked_told_ = false;
  parsed_.clear();
  told_at_ = std::chrono::steady_clock::now();
  Frames frames;
  frames.push_back(EncodeEnvelope(envelope));
  (void)to_fetcher_->Send(frames).ok();  // A fetcher that is gone needs no credit.
}

// Who cannot go on says HELLO: the fetcher it waits for may be a new one that does not know it.
void ParserDaemon::Repeat() {
  to_fetcher_->Drain();  // What has come is not to be told as lost.
  const bool lacks_recipe = !waiting_.empty() && !recipes_.at(waiting_.front().recipe_hash).known();
  // HELLO says that these are parsed, but not how long they took.
  if (fetcher_ && !parsed_.empty()) SendCredit();
  if (waiting_.empty() || blocked() || lacks_recipe) SendHellos();
  if (!waiting_.empty() && !waiting_.front().HasBody()) AskForPart(waiting_.front());
  if (lacks_recipe) AskForRecipe(waiting_.front().recipe_hash);  // The answer died on its way.
}

void ParserDaemon::SendHellos() {
  blocked_told_ = blocked();
  const std::uint64_t memory_bytes = MemoryToTell();
  const auto hello = [&, this](BusSocket& socket, const std::optional<PeerId>& to,
                               std::uint64_t credit) {
    wire::Envelope envelope = MakeEnvelope(self_, to);
    wire::Hello& message = *envelope.mutable_hello();
    message.set_pid(static_cast<std::uint32_t>(::getpid()));
    message.add_recipes(std::string(1, '*'));
    message.set_credit_total(credit);
    message.set_blocked(blocked());
    message.set_waiting_count(static_cast<std::uint32_t>(waiting_.size()));
    message.set_maps_bodies(!is_remote());
    message.set_received_total(received_total_);
    message.set_memory_bytes(memory_bytes);
    Frames frames;
    frames.push_back(EncodeEnvelope(envelope));
    (void)socket.Send(frames).ok();  // Said again in half a second.
  };
  hello(*to_fetcher_, fetcher_, parsed_total_ + window());
  hello(*to_sink_, sink_, 0);
}

// Once a second; 0: not this time.
std::uint64_t ParserDaemon::MemoryToTell() {
  const auto now = std::chrono::steady_clock::now();
  if (now - memory_told_at_ < kTellMemoryEvery) return 0;
  memory_told_at_ = now;
  return memory_.resident_bytes();
}

// For people who look at the service: `41 pages/s, 1,204 pages, 3 waiting`.
std::string ParserDaemon::StatusLine() {
  const double pages_per_s = pages_rate_.Look(pages_count_, std::chrono::steady_clock::now());
  const std::string line = RateText(pages_per_s) + " pages/s, " + WithThousands(pages_count_) +
                           " pages, " + WithThousands(waiting_.size()) + " waiting";
  if (!fetcher_) return line + "; waiting for the fetcher";
  if (!sink_) return line + "; waiting for the sink";
  return blocked() ? line + "; waiting for the sink to write" : line;
}

// 2 to 128 pages, at most about 100 ms of work: the fetcher may be busy with as many answers.
std::uint64_t ParserDaemon::window() const {
  return static_cast<std::uint64_t>(std::clamp(kWindowUs / std::max(page_us_, 1.0), 2.0, 128.0));
}

}  // namespace thresh
