#include "lib/config/daemon_main.h"

#include <fcntl.h>
#include <malloc.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <utility>

#include "lib/base/handles.h"
#include "lib/base/log.h"
#include "lib/config/command_line.h"
#include "lib/io/program_text.h"
#include "lib/io/tick.h"

namespace thresh {
namespace {

constexpr int kRestart = -1;  // No exit status.
constexpr std::uint64_t kStartedMs = 2000;

// The kernel kills this process when `parent`, which started it, dies in whatever way.
bool DieWith(pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return getppid() == parent;  // Else it died before we asked.
}

// Who runs for months must not keep what its largest batches once took: large blocks go back to
// the system, and threads share their pools. Small ones go back only when there is much of it: what
// each page takes and gives would cost a page fault for every 4 KiB of it.
void KeepMemorySmall() {
  mallopt(M_TRIM_THRESHOLD, 4 << 20);
  mallopt(M_TOP_PAD, 1 << 20);
  mallopt(M_MMAP_THRESHOLD, 256 << 10);
  mallopt(M_ARENA_MAX, 2);
}

// Each transfer, each large body and each client takes one; who starts us often allows 1,024.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

// The kernel's table of a process's descriptors has 64 places at first. Where threads share it, to
// make it larger takes a grace period of RCU, some 10 ms in which the process stands still: a
// fetcher's first 50 connections. With one thread it takes nothing.
void MakeRoomForDescriptors() {
  constexpr int kPlaces = 4096;
  const UniqueFd last(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, kPlaces - 1));
}

// Whoever computes is not put aside for each message that wakes another: messages gather, and are
// taken together (sched(7)). What an operator has chosen stays.
void WorkInBatches() {
  const sched_param none{};
  if (sched_getscheduler(0) == SCHED_OTHER) sched_setscheduler(0, SCHED_BATCH, &none);
}

}  // namespace

DaemonStart::DaemonStart(const DaemonInfo& info, const OptionTable& rows, int argc, char** argv)
    : info_(info), argv_(argv) {
  std::vector<Option> all = rows;
  const OptionTable ours = StartOptionRows(options_);
  all.insert(all.end(), ours.begin(), ours.end());
  CommandLine line = ParseCommandLine(info.name, info.what, all, argc, argv);
  exit_status_ = line.exit_status;
  if (exit_status_) return;
  const bool named = line.given.contains("--config");
  std::vector<TextFault> none;
  (void)ConfigSource(line.given, "", false).Read(ours, {}, &none);
  source_.emplace(std::move(line.given), options_.file, !named);
  if (Print()) exit_status_ = std::fflush(stdout) == 0 ? kExitDone : kExitCannotWrite;
}

bool DaemonStart::Print() const {
  std::string text;
  if (options_.print_config) text = ConfigFileText(info_.docs);
  if (options_.print_reference) text = ConfigReference(info_.docs);
  if (!options_.print_man.empty()) text = ManPage(info_.docs, options_.print_man);
  std::fwrite(text.data(), 1, text.size(), stdout);
  return !text.empty();
}

int DaemonStart::Tell(const ConfigFile& file, const std::string& fine,
                      std::vector<TextFault> faults) const {
  for (const TextFault& fault : faults) {
    if (options_.check) {
      std::fprintf(stderr, "%s\n", fault.text.c_str());
    } else {
      log::Refusal(info_.name, fault.text);
    }
  }
  if (!faults.empty()) return kExitBadInput;
  const std::string what =
      file.path.empty() ? options_.file + ": not there, the defaults hold" : file.path;
  std::printf("%s: ok%s\n", what.c_str(), fine.empty() ? "" : (" (" + fine + ")").c_str());
  return std::fflush(stdout) == 0 ? kExitDone : kExitCannotWrite;
}

void SetLog(const LogOptions& options) {
  log::SetLevel(options.level == "error"   ? log::Level::kError
                : options.level == "warn"  ? log::Level::kWarn
                : options.level == "debug" ? log::Level::kDebug
                                           : log::Level::kInfo);
  log::SetFormat(options.format == "json" ? log::Format::kJson : log::Format::kText);
}

int DaemonStart::Run(const std::function<Result<std::shared_ptr<void>>(uv_loop_t&)>& create) const {
  if (options_.parent != 0 && !DieWith(static_cast<pid_t>(options_.parent))) return kExitInternal;
  RaiseDescriptorLimit();
  MakeRoomForDescriptors();
  KeepMemorySmall();
  WorkInBatches();
  int status = kExitDone;
  uv_loop_t loop;
  uv_loop_init(&loop);
  loop.data = &status;
  {
    Alarm started(loop, &GiveBackText);
    Result<std::shared_ptr<void>> daemon = create(loop);
    if (daemon) {
      started.Set(kStartedMs);
      uv_run(&loop, UV_RUN_DEFAULT);
    } else {
      log::Refusal(info_.name, daemon.error().detail);
      status = ExitCodeOf(daemon.error().code);
    }
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // Lets the daemon's handles close.
  uv_loop_close(&loop);
  if (status == kRestart) {
    ::execv("/proc/self/exe", argv_);
    return kExitInternal;
  }
  return status;
}

void StopLoop(uv_loop_t& loop, ExitCode status) {
  *static_cast<int*>(loop.data) = status;
  uv_stop(&loop);
}

void RestartProcess(uv_loop_t& loop) {
  *static_cast<int*>(loop.data) = kRestart;
  uv_stop(&loop);
}

ExitCode ExitCodeOf(Errc code) {
  switch (code) {
    case Errc::kInvalid:
    case Errc::kTooLarge:
    case Errc::kNotFound: return kExitBadInput;
    case Errc::kUnavailable: return kExitNoPeer;
    case Errc::kBusy: return kExitTryAgain;
    default: return kExitInternal;
  }
}

}  // namespace thresh
