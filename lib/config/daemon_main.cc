#include "lib/config/daemon_main.h"

#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <utility>

#include <CLI/CLI.hpp>

#include "lib/base/log.h"

namespace thresh {
namespace {

constexpr int kRestart = -1;  // No exit status.

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

}  // namespace

DaemonMain::DaemonMain(std::string name, std::string what)
    : name_(std::move(name)), app_(std::make_unique<CLI::App>(std::move(what), name_)) {}

DaemonMain::~DaemonMain() = default;

void DaemonMain::Required(const char* flag, std::string& target, const char* sentence) {
  app_->add_option(flag, target, sentence)->required();
}
void DaemonMain::Option(const char* flag, std::string& target, const char* sentence) {
  app_->add_option(flag, target, sentence)->capture_default_str();
}
void DaemonMain::Option(const char* flag, std::vector<std::string>& target, const char* sentence) {
  app_->add_option(flag, target, sentence)->allow_extra_args(false);
}
void DaemonMain::Option(const char* flag, std::uint64_t& target, const char* sentence) {
  app_->add_option(flag, target, sentence)->capture_default_str()->check(CLI::NonNegativeNumber);
}
void DaemonMain::Option(const char* flag, int& target, const char* sentence) {
  app_->add_option(flag, target, sentence)->capture_default_str()->check(CLI::NonNegativeNumber);
}

void DaemonMain::Flag(const char* flag, bool& target, const char* sentence) {
  app_->add_flag(flag, target, sentence);
}

int DaemonMain::RunErased(int argc, char** argv, const CreateFn& create) {
  pid_t parent = 0;
  std::string level = "info";
  app_->set_version_flag("--version", name_ + " " THRESH_VERSION);
  app_->add_option("--die-with", parent, "End when this process, our parent, ends");
  app_->add_option("--log-level", level, "error, warn, info or debug")
      ->envname("THRESH_LOG_LEVEL")
      ->capture_default_str()
      ->check(CLI::IsMember({"error", "warn", "info", "debug"}));
  try {
    app_->parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app_->exit(e) == 0 ? kExitDone : kExitUsage;
  }
  static const std::map<std::string, log::Level> kLevels{{"error", log::Level::kError},
                                                         {"warn", log::Level::kWarn},
                                                         {"info", log::Level::kInfo},
                                                         {"debug", log::Level::kDebug}};
  log::SetLevel(kLevels.at(level));
  if (parent != 0 && !DieWith(parent)) return kExitInternal;

  RaiseDescriptorLimit();
  KeepMemorySmall();
  int status = kExitDone;
  uv_loop_t loop;
  uv_loop_init(&loop);
  loop.data = &status;
  {
    Result<std::shared_ptr<void>> daemon = create(loop);
    if (daemon) {
      uv_run(&loop, UV_RUN_DEFAULT);
    } else {
      std::fprintf(stderr, "%s: %s\n", name_.c_str(), daemon.error().detail.c_str());
      status = ExitCodeOf(daemon.error().code);
    }
  }
  uv_run(&loop, UV_RUN_DEFAULT);  // Lets the daemon's handles close.
  uv_loop_close(&loop);
  if (status == kRestart) {
    ::execv("/proc/self/exe", argv);
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
    default: return kExitInternal;
  }
}

}  // namespace thresh
