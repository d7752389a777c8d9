#pragma once

// DaemonSocket: a connection to a daemon's control socket, for threads that wait: one line out, one
// line back. It is made when it is needed, and made anew when the daemon was.
//
// Threads: one at a time.

#include <chrono>
#include <string>
#include <string_view>

#include "lib/base/handles.h"
#include "lib/base/result.h"

namespace thresh {

class DaemonSocket {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `who`: what the daemon is called in errors.
  DaemonSocket(std::string path, std::string who) : path_(std::move(path)), who_(std::move(who)) {}

  /// The answer's line. Lines of progress before it are passed over.
  /// Errors: kUnavailable if nobody listens; kTimeout; kTransient if the daemon hung up.
  [[nodiscard]] Result<std::string> Ask(std::string_view request,
                                        std::chrono::milliseconds patience);

  /// Sends lines as they are; the answers are to be taken with ReadLine().
  [[nodiscard]] Result<> Send(std::string_view lines, Time until);
  /// The next line. Errors: as Ask().
  [[nodiscard]] Result<std::string> ReadLine(Time until);
  /// To be polled for what has come; -1: not connected.
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] bool has_line() const { return unread_.find('\n') != std::string::npos; }
  void Close();

 private:
  Result<> Connect();
  Result<> Wait(short events, Time until) const;

  const std::string path_, who_;
  UniqueFd fd_;
  std::string unread_;
};

}  // namespace thresh
