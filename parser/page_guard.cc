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
constexpr std::uint64_t kGraceMs = 2000;
constexpr std::uint64_t kWaitFactor = 2;     // Of the time limit, for a page that only waits.
constexpr std::int64_t kIdleNs = 1'000'000;  // Who gets less CPU time in a tick is not at work.

// What signal handlers see; they cannot be given an object. Lock-free, all of it.
struct Watch {
  std::atomic<FlightWriter*> recorder{nullptr};
  std::atomic<uv_async_t*> stop{nullptr};
  std::atomic<bool> at_work{false};
  std::atomic<bool> stopping{false};
  std::atomic<int> end_fd{-1};
  std::atomic<bool> ticking{false};  // The tick timer is armed.
  std::atomic<timer_t> cpu_timer{}, tick_timer{};
  std::atomic<std::uint64_t> timeout_ms{0};
  std::atomic<std::uint64_t> page{0};  // Counts the pages that began.
  // Of the page that the last tick found at work.
  std::atomic<std::uint64_t> watched_page{0};
  std::atomic<std::uint64_t> grace_ticks{0};
  std::atomic<std::uint64_t> idle_ticks{0};
  std::atomic<std::int64_t> cpu_ns{0};
};
static_assert(std::atomic<timer_t>::is_always_lock_free);
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

timespec Milliseconds(std::uint64_t ms) noexcept {
  return {.tv_sec = static_cast<time_t>(ms / 1000),
          .tv_nsec = static_cast<long>(ms % 1000) * 1'000'000};
}

// 0: never.
void SetTick(std::uint64_t every_ms) noexcept {
  g_watch.ticking.store(every_ms != 0);
  const itimerspec tick{.it_interval = Milliseconds(every_ms), .it_value = Milliseconds(every_ms)};
  ::timer_settime(g_watch.tick_timer.load(), 0, &tick, nullptr);
}

// It may be that of an earlier page: it is set for one that a tick has seen.
void OnCpuTimer(int) noexcept {
  if (g_watch.at_work.load() && g_watch.watched_page.load() == g_watch.page.load()) {
    Leave(kMarkTimeout, "parser: a page is over its CPU time\n");
  }
}

// A page that a tick finds at work for the first time is watched from then on.
bool BeginsWatch() noexcept {
  const std::uint64_t page = g_watch.page.load();
  if (g_watch.watched_page.exchange(page) == page) return false;
  g_watch.grace_ticks.store(0);
  g_watch.idle_ticks.store(0);
  const itimerspec cpu{.it_interval = {}, .it_value = Milliseconds(g_watch.timeout_ms.load())};
  ::timer_settime(g_watch.cpu_timer.load(), 0, &cpu, nullptr);
  return true;
}

void LookAtPage() noexcept {
  const bool is_first = BeginsWatch();
  pollfd end{.fd = g_watch.end_fd.load(), .events = POLLIN, .revents = 0};
  if (end.fd >= 0 && ::poll(&end, 1, 0) > 0) g_watch.stopping.store(true);
  if (g_watch.stopping.load() && ++g_watch.grace_ticks * kTickMs >= kGraceMs) LeaveAsAsked();
  const std::int64_t cpu = CpuNs();
  const bool idle = cpu - g_watch.cpu_ns.exchange(cpu) < kIdleNs && !is_first;
  const std::uint64_t allowed_ms = g_watch.timeout_ms.load() * kWaitFactor;
  if (idle && allowed_ms != 0 && ++g_watch.idle_ticks * kTickMs >= allowed_ms) {
    Leave(kMarkTimeout, "parser: a page waits for something\n");
  }
}

void OnTick(int) noexcept {
  const int error = errno;
  if (g_watch.at_work.load()) {
    LookAtPage();
  } else {
    SetTick(0);  // Idle processes wake for nothing.
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
  std::unique_ptr<PageGuard> guard(new PageGuard(std::move(on_stop)));
  guard->stop_ = MakeUv<uv_async_t>(
      guard.get(), [&](uv_async_t* a) { return uv_async_init(&loop, a, &OnAsync); });
  if (!guard->stop_ || !guard->MakeTimers()) {
    return Error{Errc::kInternal, "the system has no timer or handle left"};
  }
  g_watch.recorder.store(recorder);
  g_watch.stop.store(guard->stop_.get());
  g_watch.cpu_timer.store(guard->cpu_timer_);
  g_watch.tick_timer.store(guard->tick_timer_);
  g_watch.ticking.store(false);
  g_watch.timeout_ms.store(limits.timeout_ms);
  guard->TakeSignals();
  LimitMemory(limits.max_memory_bytes);
  return guard;
}

PageGuard::PageGuard(std::function<void()> on_stop)
    : on_stop_(std::move(on_stop)), signal_stack_(kSignalStackBytes) {}

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

// No system call, as long as pages follow each other: the tick runs on, and it is the tick that
// sets the CPU timer, for a page that it meets.
void PageGuard::Begin(std::uint64_t source, std::uint64_t task, std::uint32_t attempt) noexcept {
  if (FlightWriter* recorder = g_watch.recorder.load()) recorder->Begin(source, task, attempt);
  ++g_watch.page;
  g_watch.at_work.store(true);
  if (!g_watch.ticking.load()) SetTick(kTickMs);
}

void PageGuard::End() noexcept {
  g_watch.at_work.store(false);
  if (FlightWriter* recorder = g_watch.recorder.load()) recorder->End();
}

}  // namespace thresh
