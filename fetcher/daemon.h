#pragma once

// The fetcher: URLs come in by the feed and by links, pages go out to the parsers, and a
// task ends when the sink acknowledges it.
//
//   feed ──▶ frontier ──▶ transfers ──▶ parser pool ──▶ (parsers, sink) ──▶ sink link
//               ▲                                                              │
//               └──────────────────────── ended, and its links ◀──────────────┘
//
// This file is the only one that knows all the stages.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <uv.h>
#include <zmq.hpp>

#include "fetcher/dispatch/parser_pool.h"
#include "fetcher/dispatch/sink_link.h"
#include "fetcher/feed/feed_line.h"
#include "fetcher/frontier/frontier.h"
#include "fetcher/job/routes.h"
#include "fetcher/ledger/ledger.h"
#include "fetcher/options.h"
#include "fetcher/politeness/hosts.h"
#include "fetcher/transfer/transfers.h"
#include "lib/base/result.h"
#include "lib/io/line_server.h"
#include "lib/io/signals.h"
#include "lib/io/tick.h"

namespace thresh {

class FetcherDaemon {
 public:
  /// Reads the recipes, opens the sockets in the state folder.
  /// Errors: kInvalid for recipes and options, kUnavailable if another fetcher is at work
  /// there, kInternal.
  [[nodiscard]] static Result<std::unique_ptr<FetcherDaemon>> Create(uv_loop_t& loop,
                                                                     FetcherOptions options);

 private:
  // A feed line read in this tick: what to publish, or why not.
  struct FedLine {
    ConnectionId connection = 0;
    std::uint64_t number = 0;
    TaskSeed seed;
    std::string error;
  };

  FetcherDaemon(uv_loop_t& loop, FetcherOptions options);
  Result<> Open();
  Result<> ReadRecipes();

  // The stations of a URL, in order.
  void TakeFeedLine(const Line& line);
  [[nodiscard]] Result<TaskSeed> SeedOfFed(const Line& line) const;
  void PublishFed();
  [[nodiscard]] std::string CountFed(const FedLine& line, const Published* published);
  void StartFetches();
  [[nodiscard]] HostVerdict MayStart(const Task& head, SteadyTime now);
  void StartFetch(const Task& task);
  void TakeFetched(FetchResult result);
  void OfferPage(const Task& task, FetchResult result);
  void RetryOrBury(const Task& task, FetchResult result, const std::string& reason);
  void Bury(const Task& task, FetchResult result, const std::string& reason);
  void TakeRetry(TaskId id, const std::string& why, std::uint32_t after_ms);
  void TakeGivenUp(TaskId id);
  /// False if it was known already.
  bool TakeAck(Acknowledged ack);
  [[nodiscard]] std::vector<TaskSeed> SeedsOfLinks(const Task& parent,
                                                   const std::vector<std::string>& links) const;
  void CountChildren(const std::vector<TaskSeed>& seeds, const std::vector<Published>& children);

  void EndOfTick();
  void EnterBudget();
  void TakeControlLine(const Line& line);
  void PushStatus();
  void SampleHeldBack();
  [[nodiscard]] std::chrono::microseconds Nap() const;
  [[nodiscard]] std::string Status() const;
  void ExtendLeases();

  uv_loop_t& loop_;
  const FetcherOptions options_;
  const PeerId self_;
  Routes routes_;
  Ledger ledger_;
  Hosts hosts_;
  std::unique_ptr<Frontier> frontier_;
  std::unordered_map<TaskId, Task> tasks_;  // Leased from the frontier, not ended.
  std::vector<FedLine> fed_;
  std::uint64_t started_pages_ = 0;  // Tasks asked for at least once.
  bool budget_spent_ = false;        // Nothing new is fetched any more.
  std::string refused_by_;           // Why the last host was passed over.
  std::map<std::string, std::uint64_t> held_back_;
  std::uint64_t acks_at_sample_ = 0;
  double acks_per_s_ = 0;
  std::vector<ConnectionId> watchers_;
  bool idle_told_ = false;

  zmq::context_t context_;
  Tick tick_;
  Alarm due_;
  Every sample_;
  Every extend_;
  Every watch_;
  Pacer pacer_;
  Signals signals_;
  std::unique_ptr<Transfers> transfers_;
  std::unique_ptr<ParserPool> pool_;
  std::unique_ptr<SinkLink> sink_;
  std::unique_ptr<LineServer> feed_, control_;
};

}  // namespace thresh
