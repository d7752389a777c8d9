#include "parser/daemon.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>

#include "lib/base/log.h"
#include "lib/io/file.h"
#include "lib/io/socket_path.h"
#include "proto/envelope.h"

namespace thresh {

struct ParserDaemon::Waiting {
  wire::Task task;
  Hash128 recipe_hash;
  zmq::message_t body;
};

namespace {

constexpr std::size_t kMaxResultBytes = 32 << 20;
constexpr double kWindowUs = 100'000;  // Work to have at hand.

std::uint64_t CpuTimeUs() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(t.tv_nsec) / 1000;
}

// What was found goes: the page is a dead letter.
void ReplaceByDead(wire::Result* result, std::string_view reason, const std::string& detail) {
  result->clear_rows();
  result->clear_rejected();
  result->clear_links();
  result->set_outcome(wire::OUTCOME_DEAD);
  result->set_reason(std::string(reason));
  result->set_detail(detail);
}

void BurnCpu(int ms) {
  const std::uint64_t end = CpuTimeUs() + static_cast<std::uint64_t>(ms) * 1000;
  while (CpuTimeUs() < end) {
  }
}

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
      work_(loop, [this] { Work(); }),
      hello_(loop, 500,
             [this] {
               if (waiting_.empty() || blocked()) SendHellos();
             }),
      signals_(loop, {SIGTERM, SIGINT}, [this](int) { uv_stop(&loop_); }) {}

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

Result<> ParserDaemon::Open() {
  if (options_.join_dir.empty() == options_.state_dir.empty()) {
    return Error{Errc::kInvalid, "expected either --join DIR or --state DIR"};
  }
  if (!options_.join_dir.empty()) {
    if (Result<> joined = JoinRun(); !joined) return joined.error();
  }
  const auto connect = [this](const char* name,
                              BusSocket::MessageFn receive) -> Result<std::unique_ptr<BusSocket>> {
    auto socket = BusSocket::Create(loop_, context_, BusSocket::Kind::kDealer, RoutingId(self_),
                                    std::move(receive));
    if (!socket) return socket.error();
    Result<> connected = (*socket)->Connect("ipc://" + SocketPath(options_.state_dir, name));
    if (!connected) return connected.error();
    return socket;
  };
  auto fetcher = connect("parsers.ipc", [this](Frames& f) { ReceiveFromFetcher(f); });
  if (!fetcher) return fetcher.error();
  to_fetcher_ = std::move(*fetcher);
  auto sink = connect("sink.ipc", [this](Frames& f) { ReceiveFromSink(f); });
  if (!sink) return sink.error();
  to_sink_ = std::move(*sink);
  SendHellos();
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
    const auto hash = HashFromBytes(envelope.task().recipe_hash());
    if (!hash) return;
    ++received_total_;
    waiting_.push_back({std::move(*envelope.mutable_task()), *hash, std::move(frames[1])});
    if (!recipes_.contains(*hash)) {
      recipes_.emplace(*hash, KnownRecipe{});  // Asked for once.
      wire::Envelope need = MakeEnvelope(self_, fetcher_);
      need.mutable_need()->set_recipe_hash(std::string(hash->View()));
      Frames out;
      out.push_back(EncodeEnvelope(need));
      (void)to_fetcher_->Send(out).ok();
    }
  } else if (envelope.has_recipe() && frames.size() > 1) {
    if (const auto hash = HashFromBytes(envelope.recipe().hash())) {
      TakeRecipe(*hash, View(frames[1]));
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
    return !r.second.program && r.second.fault.empty();  // Asked for, but of whom?
  });
  log::Info("fetcher.found");
  SendHellos();
}

void ParserDaemon::TakeRecipe(const Hash128& hash, std::string_view text) {
  KnownRecipe known;
  Result<Recipe> recipe = ParseRecipe(text, "recipe");
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

void ParserDaemon::Work() {
  if (!waiting_.empty() && !blocked()) {
    const KnownRecipe& recipe = recipes_.at(waiting_.front().recipe_hash);
    if (recipe.program || !recipe.fault.empty()) {  // Else it is on its way.
      const Waiting page = std::move(waiting_.front());
      waiting_.pop_front();
      Parse(page, recipe);
      work_.Request();  // The next page on the next turn: what has arrived goes first.
    }
  }
  if (!parsed_.empty() && (waiting_.empty() || parsed_.size() >= window() / 2)) SendCredit();
}

void ParserDaemon::Parse(const Waiting& page, const KnownRecipe& recipe) {
  const auto begin = std::chrono::steady_clock::now();
  wire::Envelope envelope = MakeEnvelope(self_, sink_);
  wire::Result& result = *envelope.mutable_result();
  ToWire(*fetcher_, result.mutable_source());
  result.set_id(page.task.id());
  result.set_attempt(page.task.attempt());
  result.set_page(page.task.page());
  std::string records;
  if (recipe.program) {
    records = Extract(page, *recipe.program, &result);
    if (result.ByteSizeLong() + records.size() > kMaxResultBytes) {
      records.clear();
      ReplaceByDead(&result, "result_too_large",
                    "its records and links are over " + std::to_string(kMaxResultBytes) + " bytes");
    }
  } else {
    ReplaceByDead(&result, "bad_recipe", recipe.fault);
  }
  if (options_.cpu_ms > 0) BurnCpu(options_.cpu_ms);
  SendResult(envelope, records);
  ++parsed_total_;
  parsed_.emplace_back(page.task.id(), page.task.attempt());
  const auto took = std::chrono::steady_clock::now() - begin;
  NoteDuration(static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
}

std::string ParserDaemon::Extract(const Waiting& page, const Program& program,
                                  wire::Result* result) {
  wire::Page identity;
  identity.ParseFromString(page.task.page());
  PageInput input{.url = identity.url(),
                  .final_url = page.task.url(),
                  .status = page.task.status(),
                  .meta = page.task.meta(),
                  .body = View(page.body)};
  for (const wire::Header& h : page.task.headers()) input.headers.emplace_back(h.name(), h.value());
  Result<Extraction> extracted = extractor_.Extract(program, input);
  if (!extracted) {
    ReplaceByDead(result, extracted.error().code == Errc::kTooLarge ? "parse_limit" : "parse",
                  extracted.error().detail);
    return {};
  }
  result->set_outcome(wire::OUTCOME_DONE);
  for (const ItemRows& item : extracted->rows) {
    wire::Rows& rows = *result->add_rows();
    rows.set_item(item.item);
    rows.mutable_row()->Add(item.rows.begin(), item.rows.end());
  }
  for (const RejectedRow& row : extracted->rejected) {
    wire::Rejected& rejected = *result->add_rejected();
    rejected.set_item(row.item);
    rejected.set_row(row.row);
    rejected.set_field(row.field);
  }
  for (std::string& link : extracted->links) result->add_links()->set_url(std::move(link));
  return std::move(extracted->records);
}

void ParserDaemon::SendResult(const wire::Envelope& envelope, std::string_view records) {
  Frames frames;
  frames.push_back(EncodeEnvelope(envelope));
  frames.push_back(CopyFrame(records));
  sent_bytes_ += frames[0].size() + frames[1].size();
  if (Result<> sent = to_sink_->Send(frames); !sent) {
    // The page stays leased to us at the fetcher, which hands it out again when we are gone.
    log::Error("result.not_sent", {{"why", sent.error().detail}});
    std::abort();
  }
}

void ParserDaemon::SendCredit() {
  wire::Envelope envelope = MakeEnvelope(self_, fetcher_);
  wire::Credit& credit = *envelope.mutable_credit();
  credit.set_credit_total(parsed_total_ + window());
  for (const auto& [id, attempt] : parsed_) {
    wire::Attempt& parsed = *credit.add_parsed();
    parsed.set_id(id);
    parsed.set_attempt(attempt);
  }
  parsed_.clear();
  Frames frames;
  frames.push_back(EncodeEnvelope(envelope));
  (void)to_fetcher_->Send(frames).ok();  // A fetcher that is gone needs no credit.
}

void ParserDaemon::SendHellos() {
  const auto hello = [this](BusSocket& socket, const std::optional<PeerId>& to,
                            std::uint64_t credit) {
    wire::Envelope envelope = MakeEnvelope(self_, to);
    wire::Hello& message = *envelope.mutable_hello();
    message.set_pid(static_cast<std::uint32_t>(::getpid()));
    message.add_recipes("*");
    message.set_credit_total(credit);
    message.set_blocked(blocked());
    message.set_received_total(received_total_);
    Frames frames;
    frames.push_back(EncodeEnvelope(envelope));
    (void)socket.Send(frames).ok();  // Said again in half a second.
  };
  hello(*to_fetcher_, fetcher_, parsed_total_ + window());
  hello(*to_sink_, sink_, 0);
}

void ParserDaemon::NoteDuration(std::uint64_t duration_us) {
  page_us_ += (static_cast<double>(duration_us) - page_us_) / 8;
}

// 2 to 16 pages, about 100 ms of work.
std::uint64_t ParserDaemon::window() const {
  return static_cast<std::uint64_t>(std::clamp(kWindowUs / std::max(page_us_, 1.0), 2.0, 16.0));
}

}  // namespace thresh
