#include "cli/control/ask.h"

#include <csignal>
#include <filesystem>
#include <utility>

#include <simdjson.h>

#include "cli/run/child.h"
#include "lib/base/exit_codes.h"
#include "lib/io/line_client.h"
#include "lib/io/socket_path.h"
#include "lib/io/state_lock.h"
#include "lib/io/tick.h"

namespace thresh {
namespace {

namespace fs = std::filesystem;

// The error that an answer tells, if it does.
Result<> Checked(std::string_view line) {
  simdjson::dom::parser parser;
  simdjson::dom::element answer;
  bool ok = true;
  if (parser.parse(line.data(), line.size()).get(answer) != simdjson::SUCCESS) {
    return Error{Errc::kInternal, "expected a line of JSON, found " + std::string(line)};
  }
  if (answer["ok"].get(ok) != simdjson::SUCCESS || ok) return Ok{};
  std::string_view why = line;
  if (answer["error"].get(why) != simdjson::SUCCESS) why = line;
  return Error{Errc::kInvalid, std::string(why)};
}

Error Named(const Error& error, const Daemon& daemon) {
  if (error.code == Errc::kInvalid || error.code == Errc::kInternal) return error;
  const std::string how = error.code == Errc::kUnavailable
                              ? "; " + HowToStart(daemon.place, daemon.program)
                              : "; ask again";
  return {error.code, daemon.program + ": " + error.detail + how};
}

// As of a run, none of the system's settings, and of recipes one that is always there: others would
// change what the run left, and a fault of theirs would be no answer.
ChildSpec ToAnswer(const Daemon& daemon) {
  const DaemonPlace& place = daemon.place;
  if (daemon.program == "thresh-sink") {
    return {.program = daemon.program,
            .arguments = {"--state", place.state, "--config", "", "--out",
                          fs::absolute(place.out).string()},
            .log = place.state + "/sink.log"};
  }
  return {.program = daemon.program,
          .arguments = {"--state", place.state, "--config", "", "--recipe", "page", "--no-refresh",
                        "--concurrency", "0"},
          .log = place.state + "/fetcher.log"};
}

// Of a run that had this daemon; an empty folder is not to be filled.
bool HasState(const Daemon& daemon) {
  std::error_code ignored;
  const char* const folder = daemon.program == "thresh-sink" ? "/journal" : "/frontier";
  return daemon.place.run && fs::is_directory(daemon.place.state + folder, ignored);
}

void Wait(uv_loop_t& loop, std::uint64_t ms) {
  bool over = false;
  Alarm alarm(loop, [&] { over = true; });
  alarm.Set(ms);
  while (!over) uv_run(&loop, UV_RUN_ONCE);
}

// Of a run that has ended, the state answers all the same: its daemon is started for as long as the
// question takes, and fetches nothing.
Result<> AskEnded(uv_loop_t& loop, const Daemon& daemon, std::string_view request,
                  const AnswerFn& take) {
  constexpr std::uint64_t kLookEveryMs = 10;
  Result<StateLock> lock = StateLock::Take(daemon.place.state + "/run.pid", "a run");
  if (!lock) return lock.error();
  bool gone = false;
  auto child = Child::Spawn(loop, ToAnswer(daemon), [&](Child&, int) { gone = true; });
  if (!child) return child.error();
  Result<> asked = Ok{};
  do {
    Wait(loop, kLookEveryMs);
    asked = AskLines(loop, daemon.socket(), request, take);
  } while (!gone && !asked && asked.error().code == Errc::kUnavailable);
  if (!asked && gone) asked = Error{Errc::kInternal, (*child)->Said()};
  if (!gone) (*child)->Signal(SIGTERM);
  while (!gone) uv_run(&loop, UV_RUN_ONCE);
  return asked;
}

}  // namespace

Result<> AskLines(uv_loop_t& loop, const std::string& socket, std::string_view request,
                  const AnswerFn& take, std::chrono::milliseconds patience) {
  bool complete = false, hung_up = false, silent = false;
  const auto patience_ms = static_cast<std::uint64_t>(patience.count());
  Alarm alarm(loop, [&] { silent = true; });
  const auto on_line = [&](std::string_view line) {
    alarm.Set(patience_ms);
    complete = complete || take(line);
  };
  auto client = LineClient::Connect(loop, socket, on_line, [&] { hung_up = true; });
  if (!client) {
    if (client.error().code != Errc::kUnavailable) return client.error();
    return Error{Errc::kUnavailable, "not at work: nobody listens at " + socket};
  }
  (*client)->Send(request);
  alarm.Set(patience_ms);
  while (!complete && !hung_up && !silent) uv_run(&loop, UV_RUN_ONCE);
  if (complete) return Ok{};
  if (hung_up) return Error{Errc::kTransient, "hung up before its answer was whole"};
  return Error{Errc::kTimeout,
               "no answer on " + socket + " for " + std::to_string(patience_ms / 1000) + " s"};
}

std::string Daemon::socket() const {
  return SocketPath(place.sockets, program == "thresh-sink" ? "sink.sock" : "fetcher.sock");
}

Result<> AskDaemon(const Daemon& daemon, std::string_view request, const AnswerFn& take,
                   std::chrono::milliseconds patience) {
  uv_loop_t loop;
  uv_loop_init(&loop);
  Result<> asked = AskLines(loop, daemon.socket(), request, take, patience);
  const bool missing = !asked && asked.error().code == Errc::kUnavailable;
  if (missing && !daemon.only_at_work && HasState(daemon)) {
    asked = AskEnded(loop, daemon, request, take);
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // Lets handles close.
  uv_loop_close(&loop);
  if (!asked) return Named(asked.error(), daemon);
  return asked;
}

Result<std::string> AskLine(const Daemon& daemon, std::string_view request) {
  std::string answer;
  Result<> asked = AskDaemon(daemon, request, [&](std::string_view line) {
    answer = line;
    return true;
  });
  if (!asked) return asked.error();
  if (Result<> checked = Checked(answer); !checked) return checked.error();
  return answer;
}

Result<> AskList(const Daemon& daemon, std::string_view request,
                 const std::function<void(std::string_view)>& take, std::string* last) {
  Result<> checked = Ok{};
  Result<> asked = AskDaemon(daemon, request, [&](std::string_view line) {
    if (!line.starts_with("{\"ok\":")) {
      take(line);
      return false;
    }
    checked = Checked(line);
    if (last != nullptr) *last = line;
    return true;
  });
  return asked ? checked : asked;
}

int AskStatus(const Error& error) {
  switch (error.code) {
    case Errc::kUnavailable:
    case Errc::kTransient:
    case Errc::kTimeout: return kExitNoPeer;
    case Errc::kInvalid: return kExitBadInput;
    default: return kExitInternal;
  }
}

}  // namespace thresh
