#pragma once

// A parser: pages come in from the fetcher, results go out to the sink. It keeps nothing:
// what it has when it dies is done again by another.
//
//   TASK ──▶ queue ──▶ extract (one page a turn of the loop) ──▶ RESULT ──▶ CREDIT
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
#include "lib/io/flight_recorder.h"
#include "lib/io/signals.h"
#include "lib/io/tick.h"
#include "parser/large_body.h"
#include "parser/page_guard.h"
#include "parser/recipe/extract.h"
#include "proto/peer_id.h"

namespace thresh {

namespace wire {
class BodyPart;
class Envelope;
class Recipe;
class Result;
class Task;
}  // namespace wire

struct ParserOptions {
  std::string state_dir;  ///< The other processes' sockets lie here.
  std::string join_dir;   ///< Output folder of a `thresh run`, instead of state_dir.
  PageLimits limits;
  int cpu_ms = 0;                    ///< CPU time to burn for each page, for demos and benches.
  std::function<void()> on_hang_up;  ///< At SIGHUP; may be empty.
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
  /// A recipe as far as we have it: its program, or why there is none.
  struct KnownRecipe {
    std::optional<Program> program;
    std::string fault;

    [[nodiscard]] bool known() const { return program || !fault.empty(); }  // Else asked for.
  };

  ParserDaemon(uv_loop_t& loop, ParserOptions options);
  Result<> Open();
  Result<> JoinRun();
  Result<> OpenGuard();

  void ReceiveFromFetcher(Frames& frames);
  void ReceiveFromSink(Frames& frames);
  void MeetFetcher(const PeerId& from);
  void TakeTask(Waiting page);
  void TakeRecipe(const Hash128& hash, std::string_view text, const wire::Recipe& message);
  void AskForRecipe(const Hash128& hash);
  void TakeFile(Waiting* page);
  void TakePart(const wire::BodyPart& part, std::string_view bytes);
  void AskForPart(const Waiting& page);
  void Repeat();

  /// Parses the oldest page, if its recipe is here and the sink takes its result.
  void Work();
  [[nodiscard]] bool CreditIsDue(bool may_begin) const;
  void Parse(const Waiting& page, const KnownRecipe& recipe);
  /// The records, until the next page.
  [[nodiscard]] std::string_view Extract(const Waiting& page, const Program& program,
                                         wire::Result* result, AnswerVerdict* verdict);
  void SendRetry(const Waiting& page, const AnswerVerdict& verdict);
  void SendResult(const wire::Envelope& envelope, std::string_view records);
  void SendCredit();
  void SendHellos();
  void NoteDuration(std::uint64_t duration_us);
  [[nodiscard]] std::uint64_t window() const;
  [[nodiscard]] bool blocked() const { return sent_bytes_ >= byte_credit_; }

  uv_loop_t& loop_;
  ParserOptions options_;
  const PeerId self_;
  Extractor extractor_;
  std::unordered_map<Hash128, KnownRecipe> recipes_;

  // The session with the fetcher,
  std::optional<PeerId> fetcher_;
  std::deque<Waiting> waiting_;
  LargeBodies bodies_;
  std::uint64_t received_total_ = 0;
  std::uint64_t parsed_total_ = 0;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> parsed_;  // Not yet told.
  std::chrono::steady_clock::time_point told_at_;                // The last time.
  bool blocked_told_ = false;
  // and with the sink.
  std::optional<PeerId> sink_;
  std::uint64_t sent_bytes_ = 0;
  std::uint64_t byte_credit_ = 0;
  double page_us_ = 20'000;  // A page's parse time, averaged.

  zmq::context_t context_;
  Tick work_;
  Every hello_;
  Signals hang_up_;
  std::unique_ptr<FlightWriter> recorder_;
  std::unique_ptr<PageGuard> guard_;
  UniqueFd run_;  // Of the run we joined: readable when it has ended.
  UvOwned<uv_poll_t> run_ended_;
  std::unique_ptr<BusSocket> to_fetcher_, to_sink_;
};

}  // namespace thresh
