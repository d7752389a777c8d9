#pragma once

// A parser: pages come in from the fetcher, results go out to the sink. It keeps nothing:
// what it has when it dies is done again by another.
//
//   TASK ──▶ queue ──▶ extract (a page, or quick ones for 0.5 ms, a turn) ──▶ RESULT ──▶ CREDIT
//
// This file is the only one that knows all the stages.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <uv.h>
#include <zmq.hpp>

#include "lib/base/handles.h"
#include "lib/base/result.h"
#include "lib/bus/bus_socket.h"
#include "lib/bus/link_watch.h"
#include "lib/io/flight_recorder.h"
#include "lib/io/signals.h"
#include "lib/io/tick.h"
#include "lib/metrics/process_usage.h"
#include "lib/service/rate.h"
#include "lib/service/service.h"
#include "parser/large_body.h"
#include "parser/page_guard.h"
#include "parser/recipe/extract.h"
#include "parser/sandbox/sandbox.h"
#include "proto/peer_id.h"
#include "settings/parser_options.h"

namespace thresh {

namespace wire {
class BodyPart;
class Envelope;
class Recipe;
class Result;
class Taken;
class Task;
}  // namespace wire

struct ParserOptions {
  std::string state_dir;  ///< The other processes' sockets lie here.
  std::string join_dir;   ///< Output folder of a `thresh run`, instead of state_dir.
  RemoteOptions remote;   ///< Or instead of both.
  PageLimits limits;
  SandboxOptions sandbox;
  int cpu_ms = 0;  ///< CPU time to burn for each page, for demos and benches.
  /// For tests: called with each page before it is parsed, as if it were part of that.
  std::function<void(std::string_view body)> before_page;
};

class ParserDaemon {
 public:
  /// Errors: kUnavailable if there is no run to join; kInvalid, kInternal.
  [[nodiscard]] static Result<std::unique_ptr<ParserDaemon>> Create(uv_loop_t& loop,
                                                                    ParserOptions options);
  ~ParserDaemon();
  ParserDaemon(const ParserDaemon&) = delete;
  ParserDaemon& operator=(const ParserDaemon&) = delete;

 private:
  /// A page that has not been parsed.
  struct Waiting;
  struct Answer;
  /// A recipe as far as we have it: its program, or why there is none.
  struct KnownRecipe {
    std::optional<Program> program;
    std::string fault;

    [[nodiscard]] bool known() const { return program || !fault.empty(); }  // Else asked for.
  };

  ParserDaemon(uv_loop_t& loop, ParserOptions options);
  Result<> Open();
  Result<> JoinRun();
  [[nodiscard]] Result<> FindSockets() const;
  Result<> OpenGuard();
  Result<> ResolveRemote();
  Result<> OpenWires();
  Result<std::unique_ptr<BusSocket>> OpenWire(const std::string& endpoint,
                                              BusSocket::MessageFn receive);

  // Connections, in daemon_links.cc.
  void TakeLinkEvent(LinkEvent event, const char* peer, bool* is_up);
  void BeginNewLife();
  void Leave();

  void ReceiveFromFetcher(Frames& frames);
  void ReceiveFromSink(Frames& frames);
  void MeetFetcher(const PeerId& from);
  void TakeTask(Waiting page);
  void TakeTaken(const wire::Taken& taken);
  /// Forgets a page that is not begun; what it cost of our credit is had back.
  void DropPage(std::uint64_t id, std::uint32_t attempt);
  void TakeRecipe(const Hash128& hash, std::string_view text, const wire::Recipe& message);
  void AskForRecipe(const Hash128& hash);
  void FindBody(Waiting* page);
  void TakePart(const wire::BodyPart& part, std::string_view bytes);
  void AskForPart(const Waiting& page);
  void Repeat();

  void Work();
  /// Parses the oldest page, if its recipe is here and the sink takes its result.
  bool WorkOnPage();
  [[nodiscard]] bool CreditIsDue(bool may_begin) const;
  void Parse(const Waiting& page, const KnownRecipe& recipe);
  /// The records, until the next page.
  [[nodiscard]] std::string_view Extract(const Waiting& page, const Program& program,
                                         wire::Result* result, AnswerVerdict* verdict);
  void SendRetry(const Waiting& page, const AnswerVerdict& verdict, const std::string& body_start);
  void SendResult(const wire::Envelope& envelope, std::string_view records);
  void SendCredit();
  void SendHellos();
  [[nodiscard]] std::uint64_t MemoryToTell();
  [[nodiscard]] std::string StatusLine();
  void NoteDuration(std::uint64_t duration_us);
  [[nodiscard]] std::uint64_t window() const;
  [[nodiscard]] bool is_remote() const { return !options_.remote.fetcher.empty(); }
  [[nodiscard]] bool blocked() const { return sent_bytes_ >= byte_credit_; }

  uv_loop_t& loop_;
  ParserOptions options_;
  PeerId self_;
  const std::string routing_id_;
  Extractor extractor_;
  std::unordered_map<Hash128, KnownRecipe> recipes_;
  std::unique_ptr<Answer> answer_;

  // The session with the fetcher,
  std::optional<PeerId> fetcher_;
  std::deque<Waiting> waiting_;
  PassedBodies bodies_;
  std::uint64_t received_total_ = 0;
  std::uint64_t parsed_total_ = 0;
  // A page that is parsed, and not yet told to be.
  struct Parsed {
    std::uint64_t id = 0;
    std::uint32_t attempt = 0;
    std::uint64_t took_us = 0;
    bool dropped = false;  // It was not begun.
  };
  std::vector<Parsed> parsed_;
  std::chrono::steady_clock::time_point told_at_;         // The last time.
  std::chrono::steady_clock::time_point memory_told_at_;  // The same for the memory.
  bool blocked_told_ = false;
  // and with the sink.
  std::optional<PeerId> sink_;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t byte_credit_ = 0;
  const MemoryGauge memory_;
  double page_us_ = 20'000;        // A page's parse time, averaged;
  double page_weight_ = 1;         // over how many, with what is supposed at first.
  std::uint64_t pages_count_ = 0;  // Parsed in this life.
  Rate pages_rate_;

  zmq::context_t context_;
  Tick work_;
  Every hello_;
  Signals hang_up_;
  Service service_;
  std::unique_ptr<FlightWriter> recorder_;
  std::unique_ptr<PageGuard> guard_;
  UniqueFd run_;  // Of the run we joined: readable when it has ended.
  UvOwned<uv_poll_t> run_ended_;
  CurveKeys keys_;          // Of a remote parser: its own,
  std::string server_key_;  // and the others'.
  std::unique_ptr<BusSocket> to_fetcher_, to_sink_;
  bool fetcher_up_ = false;
  bool sink_up_ = false;
  std::chrono::steady_clock::time_point hung_up_logged_at_;
  std::unique_ptr<LinkWatch> fetcher_watch_, sink_watch_;
};

}  // namespace thresh
