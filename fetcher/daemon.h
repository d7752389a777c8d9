#pragma once

// The fetcher: URLs come in by the feed and by links, pages go out to the parsers, and a
// task ends when the sink acknowledges it.
//
//   feed ──▶ frontier ──▶ transfers ──▶ parser pool ──▶ (parsers, sink) ──▶ sink link
//               ▲                                                              │
//               └──────────────────────── ended, and its links ◀──────────────┘
//
// Where a recipe saves raw answers, a page is saved before it is offered.
//
// This class is the only one that knows all the stages. Its parts: daemon.cc opens and closes,
// and has the loop's turns; daemon_fetches.cc has what is asked for next, daemon_hosts.h whether
// its host may be asked; daemon_settings.cc has what it is told, at the start and at SIGHUP;
// daemon_archive.cc saves; daemon_feed.cc, daemon_pages.cc and
// daemon_control.cc have what comes by the feed, what becomes of a page, and what people ask;
// daemon_observe.cc what they see of it, daemon_orders.cc what they order.

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <uv.h>
#include <zmq.hpp>

#include "fetcher/archive/archive.h"
#include "fetcher/control/observation.h"
#include "fetcher/daemon_hosts.h"
#include "fetcher/dispatch/parser_pool.h"
#include "fetcher/dispatch/sink_link.h"
#include "fetcher/frontier/frontier.h"
#include "fetcher/job/routes.h"
#include "fetcher/job/terms.h"
#include "fetcher/job/trap_guards.h"
#include "fetcher/plan.h"
#include "fetcher/transfer/cookie_jars.h"
#include "fetcher/transfer/recipe_requests.h"
#include "fetcher/transfer/transfers.h"
#include "lib/base/result.h"
#include "lib/config/daemon_main.h"
#include "lib/io/line_server.h"
#include "lib/io/signals.h"
#include "lib/io/state_lock.h"
#include "lib/io/tick.h"
#include "lib/metrics/statistics.h"
#include "lib/recipe/secrets.h"
#include "lib/service/rate.h"
#include "lib/service/service.h"
#include "settings/fetcher_options.h"

namespace thresh {

struct ControlRequest;

/// What it is told, and how it is told again.
struct FetcherParts {
  FetcherOptions options;
  ConfigFile file;
  Rereader<FetcherOptions> reread;
  RecipeCheck check;
};

class FetcherDaemon {
 public:
  /// Reads the recipes, opens the state and the sockets in its folder.
  /// Errors: kInvalid for recipes and options, kUnavailable if another fetcher is at work
  /// there, kInternal.
  [[nodiscard]] static Result<std::unique_ptr<FetcherDaemon>> Create(uv_loop_t& loop,
                                                                     FetcherParts parts);

 private:
  // A feed line read in this tick: what to publish, or why not.
  struct FedLine {
    ConnectionId connection = 0;
    std::uint64_t number = 0;
    TaskSeed seed;
    std::string error;
  };
  // A task on its way through redirects.
  struct Detour {
    FetchJob job;  // What the last redirect asked for.
    std::string host;
    std::string shown_url;  // Of the job, without secrets.
    bool foreign = false;   // Credentials were left behind at another origin.
    std::vector<std::pair<std::uint32_t, std::string>> hops;  // Status, and where it led.
  };
  // Of one host: tasks that wait for its turn, and when it is to be asked.
  struct HopLine {
    std::deque<TaskId> tasks;
    SteadyTime ask_again = SteadyTime::max();  // In hop_turns_, unless max().
  };
  // What is asked about one URL, while the frontier looks it up recipe by recipe.
  struct WhyAnswer;

  FetcherDaemon(uv_loop_t& loop, FetcherParts parts);
  Result<> Open();
  Result<> LockFolders();
  Result<> OpenPool();
  Result<> OpenState();
  Result<> OpenWires();
  Result<> OpenSockets();
  Result<> OpenFeed();
  Result<> OpenArchive();
  // What it is told.
  Result<> ReadSettings(const ConfigFile& file);
  Result<> KeepRecipes();
  void TakePlan(FetcherPlan plan);
  void Reload();
  [[nodiscard]] std::shared_ptr<const FetchTerms> TermsOf(const Task& task) const;
  [[nodiscard]] std::string OurName() const;
  [[nodiscard]] FrontierEvents OnFrontier();
  [[nodiscard]] PoolEvents OnPool();
  [[nodiscard]] SinkEvents OnSink();
  [[nodiscard]] HostDeskEvents OnHosts();

  // The feed.
  void NoteFeeder(const Peer& feeder);
  void TakeFeedLine(const Line& line);
  [[nodiscard]] Result<TaskSeed> SeedOfFed(const Line& line) const;
  void PublishFed();
  [[nodiscard]] std::string AnswerTo(const FedLine& line, const Published* published);

  // The stations of a page, in order.
  void StartFetches();
  [[nodiscard]] bool MayFetchMore() const;
  [[nodiscard]] HostVerdict MayStart(const Task& head, SteadyTime now);
  [[nodiscard]] HostDesk::Answer Ask(const std::string& url, const std::string& host,
                                     const Recipe& recipe, SteadyTime now);
  [[nodiscard]] std::size_t Room() const;
  [[nodiscard]] std::optional<Task> LeaseNext(SteadyTime now);
  void StartFetch(Task leased);
  void EndUnasked(Task task, const HostDesk::Answer& answer);
  void SetDue(SteadyTime now, SteadyTime next);
  void Submit(TaskId id, FetchJob job);
  [[nodiscard]] std::shared_ptr<char> RoomForBody(TaskId id, std::size_t bytes);
  void TakeFetched(FetchResult result);
  void NoteLatency(double first_byte_us);
  void SavePage(const Task& task, FetchResult result);
  void TakeSaved(std::uint32_t attempt, FetchResult result);
  void TakeStatus(const Task& task, FetchResult result);
  [[nodiscard]] Result<FetchJob> JobOf(const Task& task);
  [[nodiscard]] Result<FetchJob> RobotsJob(const Recipe& recipe, const std::string& url);
  void AddCookies(const Task& task, const TermsBook::Terms& terms, FetchJob* job);
  void TakeCookies(const Task& task, const FetchResult& result);
  void ForgetCookies(const Root& root);
  [[nodiscard]] Result<const RecipeRequests*> RequestsOf(const TermsBook::Terms& terms);
  // Redirects: true if the task goes on, or has ended, by one.
  [[nodiscard]] bool TakeRedirect(const Task& task, FetchResult* result);
  [[nodiscard]] SteadyTime StartDetours(SteadyTime now);
  void AskHopsAt(const std::string& host, SteadyTime when);
  [[nodiscard]] SteadyTime StartHopsOf(const std::string& host, HopLine& line, SteadyTime now);
  void StartDetour(const Task& task, const Detour& detour);
  Result<> Adopt(const Task& task, const std::string& host_before, Detour* detour);
  [[nodiscard]] bool HopsMayGrow() const;
  void DropTask(const Task& task, const std::string& reason);
  void WarnOfRecipes() const;
  void OfferPage(const Task& task, FetchResult result);
  void PassOn(const Task& task, FetchResult result);
  void Dispatch();
  [[nodiscard]] bool DiskHasRoom() const;
  void RetryOrBury(const Task& task, FetchResult result, const std::string& reason);
  void RetryByRule(const Task& task, const AnswerRule& rule, FetchResult result);
  [[nodiscard]] std::uint32_t MostAttempts(const Task& task, std::int64_t of_rule) const;
  void Bury(const Task& task, FetchResult result, const std::string& reason);
  void TakeRetry(const RetryAsked& asked);
  void TakeGivenUp(GivenUpPage given_up);
  void TakeAck(Acknowledged ack);
  [[nodiscard]] bool IsOfOurState(const Acknowledged& ack) const;
  void End(const Task& task, Acknowledged ack);
  void EndSaved(const Task& task, Acknowledged ack);
  void Complete(const Task& task, const Acknowledged& ack);
  void EndHere(const Task& task, Ending ending);
  [[nodiscard]] std::vector<Hop> TakeHops(TaskId id);
  void AskAgain(const Task& task, Ending* ending) const;
  void KeepValidators(const Task& task, const FetchResult& result);
  static void AddConditions(const Task& task, FetchJob* job);
  [[nodiscard]] static bool IsUnchanged(const Task& task, const FetchResult& result);
  void EndUnchanged(const Task& task, const FetchResult& result);
  [[nodiscard]] bool IsRepeat(TaskId id);
  [[nodiscard]] std::vector<TaskSeed> SeedsOfLinks(const Task& parent,
                                                   const Acknowledged& ack) const;
  [[nodiscard]] std::optional<TaskSeed> SeedOfLink(const Task& parent, const AckLink& link) const;
  [[nodiscard]] std::string_view DropReasonOf(const TaskSeed& seed, const Url& url,
                                              const Recipe* recipe) const;
  [[nodiscard]] std::int64_t RefreshOf(const Recipe& recipe) const;
  [[nodiscard]] const FetchSpec& FetchAt(const Recipe& recipe, std::string_view host) const;
  [[nodiscard]] const Recipe& RecipeOf(const Task& task) const;

  // The loop's turns.
  void EndOfTick();
  void EnterBudget();
  void PushStatus();
  void NoteStatistics();
  void NoteIdle(bool idle);
  void NoteHeldBack(const std::string& what);
  void SampleHeldBack();
  void ExtendLeases();
  [[nodiscard]] std::chrono::microseconds Nap() const;
  [[nodiscard]] bool WaitsForSink() const;
  [[nodiscard]] bool CheckSink(const Hash128& uuid);
  void Pause(const std::string& why);
  void Drain();
  void FinishDrain(bool late);
  void Fail(const std::string& event, const std::string& why);

  // What people ask.
  void TakeControlLine(const Line& line);
  void AnswerWhy(ConnectionId connection, const ControlRequest& request);
  void AddFates(const AskedRequest& request, WhyAnswer* answer) const;
  void AnswerDeadRetry(ConnectionId connection, DeadFilter filter);
  void AnswerRetried(ConnectionId connection);
  void AnswerSearch(ConnectionId connection, const ControlRequest& request);
  void AnswerJobs(ConnectionId connection, const ControlRequest& request);
  void AnswerHosts(ConnectionId connection, const ControlRequest& request);
  void AnswerTap(ConnectionId connection, const ControlRequest& request);
  [[nodiscard]] std::string HostsJson(const std::string& host, std::size_t most) const;
  void AppendHost(const HostDesk::HostReport& report, double per_s, SteadyTime now,
                  std::string* out) const;
  [[nodiscard]] std::string MetricsJson() const;
  [[nodiscard]] std::string ParsersJson() const;

  // What is noticed of pages as they pass.
  void NoteFetched(const FetchResult& result);
  void NoteParsed(const ParsedPage& parsed);
  void NoteEnded(const Task& task, const Ending& ending);
  void Second();

  // What they order.
  void RestoreOrders();
  void AnswerPause(ConnectionId connection, const std::string& host, bool pause);
  void AnswerDrain(ConnectionId connection);
  void LookAtDrains();
  void TellDrains();
  [[nodiscard]] bool IsQuiet() const;
  void AnswerCancel(ConnectionId connection, const ControlRequest& request);
  [[nodiscard]] std::string_view Fetching() const;

  [[nodiscard]] std::string StateOf(const Fate& fate) const;
  [[nodiscard]] std::string Status() const;
  [[nodiscard]] std::string StatusLine();

  uv_loop_t& loop_;
  FetcherOptions options_;
  const ConfigFile file_;  // Of the start.
  const Rereader<FetcherOptions> reread_;
  const RecipeCheck check_;
  const SteadyTime started_at_;
  std::vector<StateLock> locks_;  // Of the state, and of the sockets.
  std::vector<Override> overrides_;
  Routes routes_;
  TermsBook terms_;
  std::unordered_map<TaskId, Task> tasks_;  // Leased from the frontier, not ended.
  Secrets secrets_;
  // By their terms, which live as long.
  std::unordered_map<const FetchTerms*, std::pair<TermsBook::Terms, RecipeRequests>> requests_;
  CookieJars cookies_;
  std::unordered_map<TaskId, Detour> detours_;              // Of leased tasks.
  std::unordered_map<std::string, HopLine> waiting_hops_;   // By host: those that have not begun.
  std::set<std::pair<SteadyTime, std::string>> hop_turns_;  // Hosts of these, by when to ask.
  std::size_t waiting_hops_count_ = 0;
  std::unordered_map<TaskId, std::int64_t>
      saved_at_ms_;  // When the last that was saved was fetched.
  SeenBodies seen_bodies_;
  std::vector<FedLine> fed_;
  std::uint64_t duplicates_ = 0;  // Fed again.
  std::uint64_t refused_ = 0;     // Feed lines answered with an error.
  std::uint64_t pages_ = 0;       // Fetched, with whatever status.
  std::uint64_t body_bytes_ = 0;  // Decoded, of those.
  std::uint64_t dispatched_at_ns_ = 0;
  std::uint64_t started_pages_ = 0;  // Tasks asked for at least once, in all lives.
  bool budget_spent_ = false;        // Nothing new is fetched any more.
  bool resumed_ = false;             // There was something in the frontier at the start.
  bool draining_ = false;            // Nothing is begun any more.
  std::string paused_;               // Why nothing can be written; empty: it can.
  std::string refused_by_;           // Why the last host was passed over.
  HostDesk::Answer answer_;          // To the head that was asked about last.
  std::map<std::string, std::uint64_t> held_back_;
  std::uint64_t acks_at_sample_ = 0;
  double acks_per_s_ = 0;
  Observation seen_;
  bool halted_ = false;                 // By an operator: nothing new is fetched.
  std::set<std::string> halted_hosts_;  // The same for these.
  std::vector<ConnectionId> drains_;    // Who waits until nothing is under way.
  // An answer that is dear is given again for a while, so that asking often costs little.
  struct KeptAnswer {
    std::string key, text;
    SteadyTime until;
  };
  KeptAnswer kept_hosts_;
  double latency_us_ = 0;  // To an answer's first byte, at best, lately.
  std::vector<ConnectionId> watchers_;
  bool idle_ = false;
  SteadyTime feeder_told_at_;         // The last time that one was logged,
  std::uint64_t feeders_untold_ = 0;  // and how many were not since.
  Rate pages_rate_;

  zmq::context_t context_;
  Tick tick_;
  Alarm due_;
  Alarm drained_;
  Every sample_;
  Every extend_;
  Every watch_;
  Every second_;
  Pacer pacer_;
  Signals signals_;
  Service service_;
  std::unique_ptr<HostDesk> hosts_;
  std::unique_ptr<Transfers> transfers_;
  std::unique_ptr<ParserPool> pool_;
  std::unique_ptr<SinkLink> sink_;
  std::unique_ptr<LineServer> feed_, control_;
  std::unique_ptr<Archive> archive_;
  std::unique_ptr<StatisticsFile> statistics_;
  // Goes first: it waits for the batch that is being written.
  std::unique_ptr<Frontier> frontier_;
};

}  // namespace thresh
