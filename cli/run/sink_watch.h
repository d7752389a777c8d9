#pragma once

// SinkWatch: what the sink of a run has counted so far, asked again and again, since a sink that
// is killed takes with it what nobody has asked for.
//
// Threads: none. Lifetime: borrows the loop.

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <uv.h>

#include "cli/run/fill_rates.h"
#include "lib/io/line_client.h"
#include "lib/io/tick.h"

namespace thresh {

class SinkWatch {
 public:
  SinkWatch(uv_loop_t& loop, std::string socket);
  SinkWatch(const SinkWatch&) = delete;
  SinkWatch& operator=(const SinkWatch&) = delete;

  /// `on_last` is called when the sink has answered a question put to it after this call, or as
  /// soon as there is none to ask; after that no more is asked.
  void AskLast(std::function<void()> on_last);

  [[nodiscard]] std::vector<ItemFill> fills() const { return totals_.Now(); }

 private:
  void Look();
  void Ask();
  void Take(std::string_view line);
  void End();

  uv_loop_t& loop_;
  const std::string socket_;
  FillTotals totals_;
  bool connected_ = false;
  bool asking_ = false;      // A question is under way.
  bool last_asked_ = false;  // It is the last one.
  bool ended_ = false;
  std::function<void()> on_last_;
  Every look_;
  Tick end_;  // Not from within a client's callback.
  std::unique_ptr<LineClient> sink_;
};

}  // namespace thresh
