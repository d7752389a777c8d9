#pragma once

// Api: the answers behind the page, made of what the daemons say. It knows no HTTP.
//
// Threads: any; each question has a connection of its own.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "lib/base/result.h"
#include "web/poller.h"

namespace thresh {

/// What is asked for in a URL: parameters by name; empty: not there.
using ParameterFn = std::function<std::string(const char* name)>;

struct Reply {
  int status = 200;
  std::string text;
  const char* type = "application/json";
};

class Api {
 public:
  /// `run_dir`: where the sockets are. `feed_socket`: that of the feed; empty: it is there, or the
  /// service manager's.
  Api(const std::string& run_dir, std::string feed_socket);

  [[nodiscard]] Reply Live(const ParameterFn& get);
  [[nodiscard]] Reply Ledger() const;
  [[nodiscard]] Reply Search(const ParameterFn& get) const;
  [[nodiscard]] Reply Why(const ParameterFn& get) const;
  [[nodiscard]] Reply Jobs(const ParameterFn& get) const;
  [[nodiscard]] Reply Letters(const ParameterFn& get) const;
  [[nodiscard]] Reply LetterBody(const ParameterFn& get) const;
  [[nodiscard]] Reply Prometheus() const;
  [[nodiscard]] Reply Health() const;
  /// Feeds these lines; an answer for each.
  [[nodiscard]] Reply Feed(std::string_view lines) const;

 private:
  [[nodiscard]] Reply AskFetcher(const std::string& request) const;
  [[nodiscard]] Reply AskSink(const std::string& request) const;
  [[nodiscard]] const char* FeedSocket() const;

  const std::string fetcher_socket_, sink_socket_, feed_socket_, own_feed_socket_;
  Poller poller_;
};

[[nodiscard]] Reply Fault(int status, std::string_view why);

}  // namespace thresh
