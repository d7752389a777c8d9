#include "parser/page_guard.h"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <ctime>
#include <new>
#include <string_view>
#include <utility>

#include "lib/base/exit_codes.h"

namespace thresh {
namespace {

constexpr std::size_t kSignalStackBytes = 64 << 10;
constexpr std::uint64_t kTickMs = 250;
constexpr std::uint32_t kGraceTicks = 8;
constexpr std::uint64_t kWaitFactor = 2;     // Of the time limit, for a page that only waits.
constexpr std::int64_t kIdleNs = 1'000'000;  // Who gets less CPU time in a tick is not at work.

// What signal handlers see; they cannot be given an object. Lock-free, all of it.
struct Watch {
  std::atomic<FlightWriter*> recorder{nullptr};
  std::atomic<uv_async_t*> stop{nullptr};
  std::atomic<bool> at_work{false};
  std::atomic<bool> stopping{false};
  std::atomic<int> end_fd{-1};
  std::atomic<std::uint64_t> idle_ticks_allowed{0};  // 0: any number.
  // Of the page at work.
  std::atomic<std::uint32_t> grace_ticks{0};
  std::atomic<std::uint32_t> idle_ticks{0};
  std::atomic<std::int64_t> cpu_ns{0};
};
Watch g_watch;

std::int64_t CpuNs() noexcept {
  timespec t{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<std::int64_t>(t.tv_sec) * 1'000'000'000 + t.tv_nsec;
}

void Mark(std::uint32_t mark) noexcept {
  if (FlightWriter* recorder = g_watch.recorder.load()) recorder->Mark(mark);
}

// Only what a signal handler may call.
[[noreturn]] void Leave(std::uint32_t mark, std::string_view why) noexcept {
  Mark(mark);
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, why.data(), why.size());
  ::_exit(kExitInternal);
}

// A page that is ended because we have to go is not to blame.
[[noreturn]] void LeaveAsAsked() noexcept {
  if (FlightWriter* recorder = g_watch.recorder.load()) recorder->End();
  ::_exit(kExitDone);
}

void OnCrash(int signal) noexcept {
  if (g_watch.at_work.load()) Mark(static_cast<std::uint32_t>(signal));
  ::raise(signal);  // With the default action: SA_RESETHAND.
}

void OnCpuTimer(int) noexcept {
  if (g_watch.at_work.load()) Leave(kMarkTimeout, "parser: a page is over its CPU time\n");
}

void OnTick(int) noexcept {
  if (!g_watch.at_work.load()) return;
  const int error = errno;
  pollfd end{.fd = g_watch.end_fd.load(), .events = POLLIN, .revents = 0};
  if (end.fd >= 0 && ::poll(&end, 1, 0) > 0) g_watch.stopping.store(true);
  if (g_watch.stopping.load() && ++g_watch.grace_ticks >= kGraceTicks) LeaveAsAsked();
  const std::int64_t cpu = CpuNs();
  const bool idle = cpu - g_watch.cpu_ns.exchange(cpu) < kIdleNs;
  const std::uint64_t allowed = g_watch.idle_ticks_allowed.load();
  if (idle && allowed != 0 && ++g_watch.idle_ticks > allowed) {
    Leave(kMarkTimeout, "parser: a page waits for something\n");
  }
  errno = error;
}

void OnStopSignal(int) noexcept {
  g_watch.stopping.store(true);
  if (uv_async_t* stop = g_watch.stop.load()) uv_async_send(stop);
}

void OnOutOfMemory() {
  const bool at_work = g_watch.at_work.load();
  Leave(at_work ? kMarkOutOfMemory : 0, "parser: out of memory\n");
}

void Handle(int signal, void (*handler)(int), int flags) noexcept {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = flags;
  ::sigaction(signal, &action, nullptr);
}

timespec Milliseconds(std::uint64_t ms) noexcept {
  return {.tv_sec = static_cast<time_t>(ms / 1000),
          .tv_nsec = static_cast<long>(ms % 1000) * 1'000'000};
}

// Private writable memory, and not the address space, which mostly is promises.
void LimitMemory([[maybe_unused]] std::uint64_t bytes) noexcept {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // They map terabytes.
  const rlimit limit{.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};
  if (bytes != 0) ::setrlimit(RLIMIT_DATA, &limit);
#endif
}

}  // namespace

Result<std::unique_ptr<PageGuard>> PageGuard::Create(uv_loop_t& loop, const PageLimits& limits,
                                                     FlightWriter* recorder,
                                                     std::function<void()> on_stop) {
  std::unique_ptr<PageGuard> guard(new PageGuard(limits, std::move(on_stop)));
  guard->stop_ = MakeUv<uv_async_t>(
      guard.get(), [&](uv_async_t* a) { return uv_async_init(&loop, a, &OnAsync); });
  if (!guard->stop_ || !guard->MakeTimers()) {
    return Error{Errc::kInternal, "the system has no timer or handle left"};
  }
  g_watch.recorder.store(recorder);
  g_watch.stop.store(guard->stop_.get());
  g_watch.idle_ticks_allowed.store(limits.timeout_ms * kWaitFactor / kTickMs);
  guard->TakeSignals();
  LimitMemory(limits.max_memory_bytes);
  return guard;
}

PageGuard::PageGuard(const PageLimits& limits, std::function<void()> on_stop)
    : limits_(limits), on_stop_(std::move(on_stop)), signal_stack_(kSignalStackBytes) {}

PageGuard::~PageGuard() {
  g_watch.stop.store(nullptr);
  g_watch.recorder.store(nullptr);
  if (timers_ > 0) ::timer_delete(cpu_timer_);
  if (timers_ > 1) ::timer_delete(tick_timer_);
  std::set_new_handler(nullptr);
  for (const int crash : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) Handle(crash, SIG_DFL, 0);
  const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
  ::sigaltstack(&none, nullptr);
}

bool PageGuard::MakeTimers() noexcept {
  const auto make = [this](clockid_t clock, int signal, timer_t* timer) {
    sigevent event{};
    event.sigev_notify = SIGEV_SIGNAL;
    event.sigev_signo = signal;
    const bool made = ::timer_create(clock, &event, timer) == 0;
    timers_ += made ? 1 : 0;
    return made;
  };
  return make(CLOCK_THREAD_CPUTIME_ID, SIGXCPU, &cpu_timer_) &&
         make(CLOCK_MONOTONIC, SIGALRM, &tick_timer_);
}

// The crash of a page that overflowed the stack needs a stack of its own.
void PageGuard::TakeSignals() {
  const stack_t stack{.ss_sp = signal_stack_.data(), .ss_flags = 0, .ss_size = kSignalStackBytes};
  ::sigaltstack(&stack, nullptr);
  for (const int crash : {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL}) {
    Handle(crash, &OnCrash, SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
  }
  std::set_new_handler(&OnOutOfMemory);
  Handle(SIGXCPU, &OnCpuTimer, SA_ONSTACK | SA_RESTART);
  Handle(SIGALRM, &OnTick, SA_ONSTACK | SA_RESTART);
  Handle(SIGTERM, &OnStopSignal, SA_ONSTACK | SA_RESTART);
  Handle(SIGINT, &OnStopSignal, SA_ONSTACK | SA_RESTART);
  Handle(SIGPIPE, SIG_IGN, 0);
}

void PageGuard::OnAsync(uv_async_t* async) noexcept {
  static_cast<PageGuard*>(async->data)->on_stop_();
}

void PageGuard::StopWhenReadable(int fd) noexcept {
  g_watch.end_fd.store(fd);
}

void PageGuard::Begin(std::uint64_t source, std::uint64_t task, std::uint32_t attempt) noexcept {
  if (FlightWriter* recorder = g_watch.recorder.load()) recorder->Begin(source, task, attempt);
  g_watch.grace_ticks.store(0);
  g_watch.idle_ticks.store(0);
  g_watch.cpu_ns.store(CpuNs());
  g_watch.at_work.store(true);
  const itimerspec cpu{.it_interval = {}, .it_value = Milliseconds(limits_.timeout_ms)};
  ::timer_settime(cpu_timer_, 0, &cpu, nullptr);
  const itimerspec tick{.it_interval = Milliseconds(kTickMs), .it_value = Milliseconds(kTickMs)};
  ::timer_settime(tick_timer_, 0, &tick, nullptr);
}

// The CPU timer may run on: it is set anew with the next page, and no page means no harm.
void PageGuard::End() noexcept {
  g_watch.at_work.store(false);
  constexpr itimerspec kNever{};
  ::timer_settime(tick_timer_, 0, &kNever, nullptr);  // Idle processes wake for nothing.
  if (FlightWriter* recorder = g_watch.recorder.load()) recorder->End();
}

}  // namespace thresh
