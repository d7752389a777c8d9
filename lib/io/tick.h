#pragma once

// Tick: collects the reasons of one turn of the loop and acts once. Request() as often as
// you like; the function is called on the loop's next turn, before it can sleep.
//
// An idle watcher and not a prepare watcher: prepare watchers run one after another, so what
// a later one causes would wait in the first until something else wakes the loop.

#include <chrono>
#include <cstdint>
#include <functional>
#include <thread>
#include <utility>

#include <uv.h>

#include "lib/base/handles.h"

namespace thresh {

class Tick {
 public:
  Tick(uv_loop_t& loop, std::function<void()> act)
      : act_(std::move(act)),
        idle_(MakeUv<uv_idle_t>(this, [&](uv_idle_t* i) { return uv_idle_init(&loop, i); })) {}
  Tick(const Tick&) = delete;
  Tick& operator=(const Tick&) = delete;

  void Request() { uv_idle_start(idle_.get(), &OnIdle); }

 private:
  static void OnIdle(uv_idle_t* idle) noexcept {
    uv_idle_stop(idle);
    static_cast<Tick*>(idle->data)->act_();
  }

  std::function<void()> act_;
  UvOwned<uv_idle_t> idle_;
};

/// Naps before each turn of the loop for as long as `nap` says, so that what happens meanwhile
/// is handled in one turn: as a network card collects packets for one interrupt. For a process
/// that is ahead of those it works for; waking it at each event would only cost CPU time.
class Pacer {
 public:
  Pacer(uv_loop_t& loop, std::function<std::chrono::microseconds()> nap)
      : nap_(std::move(nap)), prepare_(MakeUv<uv_prepare_t>(this, [&](uv_prepare_t* p) {
          return uv_prepare_init(&loop, p);
        })) {
    uv_prepare_start(prepare_.get(), &OnPrepare);
  }
  Pacer(const Pacer&) = delete;
  Pacer& operator=(const Pacer&) = delete;

 private:
  static void OnPrepare(uv_prepare_t* prepare) noexcept {
    const auto nap = static_cast<Pacer*>(prepare->data)->nap_();
    if (nap.count() > 0) std::this_thread::sleep_for(nap);
  }

  std::function<std::chrono::microseconds()> nap_;
  UvOwned<uv_prepare_t> prepare_;
};

/// A repeating timer that calls `act` every `interval_ms`.
class Every {
 public:
  Every(uv_loop_t& loop, std::uint64_t interval_ms, std::function<void()> act)
      : act_(std::move(act)),
        timer_(MakeUv<uv_timer_t>(this, [&](uv_timer_t* t) { return uv_timer_init(&loop, t); })) {
    uv_timer_start(timer_.get(), &OnTimer, interval_ms, interval_ms);
  }
  Every(const Every&) = delete;
  Every& operator=(const Every&) = delete;

  /// From now on; the first time after one of these.
  void SetInterval(std::uint64_t interval_ms) {
    uv_timer_start(timer_.get(), &OnTimer, interval_ms, interval_ms);
  }

 private:
  static void OnTimer(uv_timer_t* timer) noexcept { static_cast<Every*>(timer->data)->act_(); }

  std::function<void()> act_;
  UvOwned<uv_timer_t> timer_;
};

/// One timer for the next thing to do: each Set() replaces the time set before.
class Alarm {
 public:
  Alarm(uv_loop_t& loop, std::function<void()> act)
      : act_(std::move(act)),
        timer_(MakeUv<uv_timer_t>(this, [&](uv_timer_t* t) { return uv_timer_init(&loop, t); })) {}
  Alarm(const Alarm&) = delete;
  Alarm& operator=(const Alarm&) = delete;

  void Set(std::uint64_t after_ms) { uv_timer_start(timer_.get(), &OnTimer, after_ms, 0); }
  void Clear() { uv_timer_stop(timer_.get()); }

 private:
  static void OnTimer(uv_timer_t* timer) noexcept { static_cast<Alarm*>(timer->data)->act_(); }

  std::function<void()> act_;
  UvOwned<uv_timer_t> timer_;
};

/// Tick for an act that is dear, however little there is to do: Request() acts on the loop's next
/// turn, but not sooner than `interval_ms` after the last Acted(). So what is rare is done at once,
/// and what is frequent is done together.
class PacedTick {
 public:
  PacedTick(uv_loop_t& loop, std::uint64_t interval_ms, std::function<void()> act)
      : loop_(loop),
        interval_ms_(interval_ms),
        act_(std::move(act)),
        tick_(loop, [this] { ActUnlessEarly(); }),
        alarm_(loop, [this] { ActUnlessEarly(); }) {}

  void Request() { tick_.Request(); }
  /// The act was done, not only looked at.
  void Acted() { acted_ms_ = uv_now(&loop_); }
  /// How long a request would have to wait; 0: it is acted upon at once.
  [[nodiscard]] std::uint64_t due_in_ms() const noexcept {
    const std::uint64_t due_ms = acted_ms_ + interval_ms_;
    if (acted_ms_ == 0 || uv_now(&loop_) >= due_ms) return 0;
    return due_ms - uv_now(&loop_);
  }

 private:
  void ActUnlessEarly() {
    if (const std::uint64_t wait_ms = due_in_ms(); wait_ms > 0) {
      alarm_.Set(wait_ms);
    } else {
      act_();
    }
  }

  uv_loop_t& loop_;
  const std::uint64_t interval_ms_;
  std::uint64_t acted_ms_ = 0;
  std::function<void()> act_;
  Tick tick_;
  Alarm alarm_;
};

}  // namespace thresh
