#pragma once

// Ask: one question to a daemon's control socket, and its answer. Waits for it.

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include <uv.h>

#include "cli/control/place.h"
#include "lib/base/result.h"

namespace thresh {

/// Gets each line of the answer; true: it was the last.
using AnswerFn = std::function<bool(std::string_view)>;

/// Turns the loop until the last line has come.
/// Errors: kUnavailable if nobody listens there; kTransient if the daemon goes away meanwhile;
/// kTimeout if it is silent for `patience`.
[[nodiscard]] Result<> AskLines(uv_loop_t& loop, const std::string& socket,
                                std::string_view request, const AnswerFn& take,
                                std::chrono::milliseconds patience = std::chrono::seconds(30));

/// A daemon of a place, by name: `thresh-fetcher` or `thresh-sink`.
struct Daemon {
  const DaemonPlace& place;
  std::string program;
  bool only_at_work = false;  ///< It is not started to answer.

  [[nodiscard]] std::string socket() const;
};

/// Asks on a loop of its own for an answer of one line. An answer `{"ok":false,"error":…}` is an
/// error as well. The daemon of a run that has ended is started for as long as the question takes.
/// Errors: as AskLines(), with how to start the daemon; kInvalid for what it refuses.
[[nodiscard]] Result<std::string> AskLine(const Daemon& daemon, std::string_view request);

/// The same for an answer of many lines, of which the last begins with `{"ok":`; `last` gets it.
[[nodiscard]] Result<> AskList(const Daemon& daemon, std::string_view request,
                               const std::function<void(std::string_view)>& take,
                               std::string* last = nullptr);

/// As AskLines(), on a loop of its own, with how to start the daemon in errors.
[[nodiscard]] Result<> AskDaemon(const Daemon& daemon, std::string_view request,
                                 const AnswerFn& take,
                                 std::chrono::milliseconds patience = std::chrono::seconds(30));

/// The exit status for an error of the above.
[[nodiscard]] int AskStatus(const Error& error);

}  // namespace thresh
