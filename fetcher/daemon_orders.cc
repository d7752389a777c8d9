// What people order: to pause and to go on, to end what is under way, to cancel.
//
// Pauses stand in the frontier as notes: who has paused a site does not want it asked again because
// a process was started anew.

#include <algorithm>
#include <memory>
#include <utility>

#include "fetcher/control/control_request.h"
#include "fetcher/daemon.h"
#include "fetcher/status.h"
#include "lib/base/log.h"
#include "lib/text/json_object.h"
#include "lib/url/url.h"

namespace thresh {
namespace {

constexpr const char* kHaltedNote = "paused";
constexpr const char* kHaltedHostsNote = "paused hosts";

// `example.org`, `example.org:8080` or any URL there, as TaskSeed has hosts.
Result<std::string> HostOf(const std::string& text) {
  const bool is_url = text.find("://") != std::string::npos;
  Result<Url> url = Url::Parse(is_url ? text : "http://" + text);
  if (!url || !url->is_http() || url->host().empty()) {
    return Error{
        Errc::kInvalid,
        "host: expected a host, as example.org or example.org:8080, found " + text.substr(0, 100)};
  }
  return std::string(url->host());
}

Result<TaskFilter> FilterOf(const ControlRequest& request) {
  TaskFilter filter{.recipe = request.recipe, .label = request.job, .root_id = request.job_id};
  if (!request.host.empty()) {
    Result<std::string> host = HostOf(request.host);
    if (!host) return host.error();
    filter.host = std::move(*host);
  }
  for (const std::string& text : request.urls) {
    Result<Url> url = Url::Parse(text);
    if (!url) return url.error();
    filter.urls.insert(url->WithoutFragment().href());
  }
  const bool narrowed = !filter.recipe.empty() || !filter.host.empty() || !filter.label.empty() ||
                        filter.root_id != 0 || !filter.urls.empty();
  if (narrowed == request.all) {
    return Error{Errc::kInvalid,
                 "cancel: expected some of job, job_id, recipe, host and urls, or else all"};
  }
  return filter;
}

}  // namespace

void FetcherDaemon::RestoreOrders() {
  halted_ = !frontier_->Note(kHaltedNote).empty();
  const std::string hosts = frontier_->Note(kHaltedHostsNote);
  for (std::size_t begin = 0; begin < hosts.size();) {
    const std::size_t end = hosts.find('\n', begin);
    halted_hosts_.insert(hosts.substr(begin, end - begin));
    begin = end == std::string::npos ? hosts.size() : end + 1;
  }
  if (!halted_ && halted_hosts_.empty()) return;
  log::Info("fetching.paused", {{"all", halted_ ? "yes" : "no"},
                                {"hosts_count", halted_hosts_.size()},
                                {"why", "an operator paused it in an earlier life"}});
}

std::string_view FetcherDaemon::Fetching() const {
  if (draining_) return "ending";
  if (!drains_.empty()) return "draining";
  return halted_ ? "paused" : "on";
}

// ---- Pause and resume -----------------------------------------------------------------

void FetcherDaemon::AnswerPause(ConnectionId connection, const std::string& host, bool pause) {
  const auto answer = [this, connection] {
    std::string json;
    {
      JsonObject said(&json);
      said.Bool("ok", true);
      said.Text("fetching", Fetching());
      said.List("hosts", halted_hosts_,
                [](const std::string& name, std::string* out) { AppendJsonString(name, out); });
    }
    control_->Answer(connection, json);
  };
  if (host.empty()) {
    halted_ = pause;
    log::Info(pause ? "fetching.paused" : "fetching.resumed");
    frontier_->KeepNote(kHaltedNote, pause ? "yes" : "", answer);
    tick_.Request();
    return;
  }
  Result<std::string> name = HostOf(host);
  if (!name) return control_->Answer(connection, ErrorJson(name.error().detail));
  if (pause) {
    halted_hosts_.insert(*name);
  } else {
    halted_hosts_.erase(*name);
    frontier_->Wake(*name);
  }
  log::Info(pause ? "host.paused" : "host.resumed", {{"host", *name}});
  std::string note;
  for (const std::string& each : halted_hosts_) note += each + "\n";
  frontier_->KeepNote(kHaltedHostsNote, std::move(note), answer);
  tick_.Request();
}

// ---- Drain ----------------------------------------------------------------------------

// A pause that is answered when nothing is under way any more.
void FetcherDaemon::AnswerDrain(ConnectionId connection) {
  halted_ = true;
  log::Info("fetching.draining");
  frontier_->KeepNote(kHaltedNote, "yes", {});
  drains_.push_back(connection);
  tick_.Request();
}

bool FetcherDaemon::IsQuiet() const {
  return transfers_->in_flight() == 0 && archive_->waiting() == 0 && pool_->waiting() == 0 &&
         pool_->leased() == 0 && pool_->awaiting_ack() == 0 && sink_->unacknowledged() == 0;
}

// Once a second: who waits hears that it goes on.
void FetcherDaemon::TellDrains() {
  const std::size_t under_way = transfers_->in_flight() + archive_->waiting() + pool_->waiting() +
                                pool_->leased() + pool_->awaiting_ack() + sink_->unacknowledged();
  for (const ConnectionId connection : drains_) {
    if (!control_->HasRoom(connection)) continue;
    control_->Push(connection, R"({"progress":{"under_way":)" + std::to_string(under_way) + "}}");
  }
  tick_.Request();
}

// Answered behind all that has ended: it is durable then.
void FetcherDaemon::LookAtDrains() {
  std::erase_if(drains_, [this](ConnectionId c) { return !control_->IsOpen(c); });
  if (!halted_) {
    for (const ConnectionId waits : std::exchange(drains_, {})) {
      control_->Answer(waits, ErrorJson("fetching was resumed meanwhile"));
    }
  }
  if (drains_.empty() || !IsQuiet()) return;
  frontier_->KeepNote(kHaltedNote, "yes", [this, waiting = std::exchange(drains_, {})] {
    const std::string json =
        R"({"ok":true,"pending":)" + std::to_string(frontier_->pending()) + "}";
    for (const ConnectionId connection : waiting) control_->Answer(connection, json);
  });
}

// ---- Cancel ---------------------------------------------------------------------------

void FetcherDaemon::AnswerCancel(ConnectionId connection, const ControlRequest& request) {
  Result<TaskFilter> filter = FilterOf(request);
  if (!filter) return control_->Answer(connection, ErrorJson(filter.error().detail));
  log::Info("tasks.cancelling", {{"job", request.job},
                                 {"recipe", request.recipe},
                                 {"host", filter->host},
                                 {"urls_count", filter->urls.size()}});
  frontier_->Cancel(
      std::move(*filter),
      {.progress =
           [this, connection](std::uint64_t so_far) {
             if (!control_->HasRoom(connection)) return;
             control_->Push(connection,
                            R"({"progress":{"cancelled":)" + std::to_string(so_far) + "}}");
           },
       .done =
           [this, connection](const Cancelled& cancelled) {
             log::Info("tasks.cancelled",
                       {{"count", cancelled.count}, {"under_way_count", cancelled.leased}});
             control_->Answer(connection, R"({"ok":true,"cancelled":)" +
                                              std::to_string(cancelled.count) + R"(,"under_way":)" +
                                              std::to_string(cancelled.leased) + "}");
             tick_.Request();
           }});
}

}  // namespace thresh
