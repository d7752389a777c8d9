#pragma once

// Signals of a process, taken on its loop.

#include <csignal>
#include <functional>
#include <initializer_list>
#include <utility>
#include <vector>

#include <uv.h>

#include "lib/base/handles.h"

namespace thresh {

/// Calls `act(signal number)` for each of `signals`, and ignores SIGPIPE for good.
class Signals {
 public:
  Signals(uv_loop_t& loop, std::initializer_list<int> signals, std::function<void(int)> act)
      : act_(std::move(act)) {
    std::signal(SIGPIPE, SIG_IGN);
    for (const int number : signals) {
      handles_.push_back(
          MakeUv<uv_signal_t>(this, [&](uv_signal_t* s) { return uv_signal_init(&loop, s); }));
      uv_signal_start(handles_.back().get(), &OnSignal, number);
    }
  }
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

 private:
  static void OnSignal(uv_signal_t* handle, int number) noexcept {
    static_cast<Signals*>(handle->data)->act_(number);
  }

  std::function<void(int)> act_;
  std::vector<UvOwned<uv_signal_t>> handles_;
};

}  // namespace thresh
