#include "parser/sandbox/system_calls.h"

#include <fcntl.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

namespace thresh {
namespace {

// Calls by name, with spaces between; not every machine has each.
// What the loop, ZeroMQ's threads, the page's timers and the C library need; nothing here opens,
// starts or looks at anything that the process does not have.
constexpr std::string_view kAllowed =
    // Descriptors that are open.
    "read readv pread64 write writev close lseek fstat fcntl fcntl64 poll ppoll select _newselect "
    "pselect6 "
    "epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait epoll_pwait2 eventfd eventfd2 "
    "pipe pipe2 "
    // Sockets: a sink that was started anew is connected to again.
    "connect shutdown sendto sendmsg send recv recvfrom recvmsg getsockopt setsockopt getsockname "
    "getpeername "
    // Memory and threads that there are. ZeroMQ's set their scheduling, to what it is, as they
    // begin.
    "munmap mremap brk madvise futex sched_yield sched_getaffinity sched_getparam "
    "sched_getscheduler sched_setscheduler getcpu membarrier rseq set_robust_list set_tid_address "
    // Time, signals, the end.
    "clock_gettime clock_getres clock_nanosleep nanosleep gettimeofday time times timer_settime "
    "timer_gettime timer_delete rt_sigaction rt_sigprocmask rt_sigreturn sigreturn sigaltstack "
    "restart_syscall pause exit exit_group "
    // What the process may know of itself.
    "getpid gettid getppid getuid geteuid getgid getegid getrandom getrusage uname sysinfo";

// As if no file could be read, and no folder written to. A library that looks for a file goes on.
constexpr std::string_view kNoFiles =
    "open openat openat2 creat open_by_handle_at name_to_handle_at stat lstat stat64 lstat64 statx "
    "statfs access faccessat faccessat2 readlink readlinkat getcwd chdir fchdir getdents "
    "getdents64 "
    "mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 link linkat symlink symlinkat "
    "mknod mknodat truncate ftruncate fallocate chmod fchmod fchmodat chown fchown lchown fchownat "
    "utime utimes utimensat memfd_create setxattr lsetxattr fsetxattr getxattr lgetxattr "
    "inotify_init1";

constexpr std::string_view kDeadly =
    "execve execveat fork vfork clone clone3 ptrace process_vm_readv process_vm_writev pidfd_getfd "
    "kcmp io_uring_setup io_uring_enter bpf perf_event_open userfaultfd mount umount2 pivot_root "
    "chroot unshare setns init_module finit_module delete_module kexec_load reboot swapon add_key "
    "request_key keyctl setuid setgid setreuid setregid setresuid setresgid setgroups capset "
    "personality modify_ldt iopl ioperm";

/// A filter in the making. The first rule that libseccomp refuses is kept in fault().
class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ERRNO(EPERM))) {}

  [[nodiscard]] bool made() const noexcept { return context_ != nullptr; }
  [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
  [[nodiscard]] scmp_filter_ctx get() const noexcept { return context_.get(); }

  // A call that this machine or this libseccomp does not know cannot be made to matter.
  void Rule(std::uint32_t action, const std::string& call,
            std::initializer_list<scmp_arg_cmp> when = {}) {
    const int number = seccomp_syscall_resolve_name(call.c_str());
    if (number == __NR_SCMP_ERROR || !fault_.empty()) return;
    const int rc = seccomp_rule_add_array(context_.get(), action, number,
                                          static_cast<unsigned>(when.size()), when.begin());
    if (rc != 0 && number >= 0) fault_ = call + ": " + std::strerror(-rc);
  }
  void Rules(std::uint32_t action, std::string_view calls) {
    while (!calls.empty()) {
      const std::size_t end = std::min(calls.find(' '), calls.size());
      Rule(action, std::string(calls.substr(0, end)));
      calls.remove_prefix(std::min(end + 1, calls.size()));
    }
  }

 private:
  struct Release {
    void operator()(void* context) const noexcept { seccomp_release(context); }
  };
  std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, Release> context_;
  std::string fault_;
};

// The kernel looks at the lower half of the family only. What differs in the upper half is none of
// those allowed, and ends the process.
void AddSockets(Filter& filter, bool tcp) {
  const auto is_allowed = [tcp](int family) {
    return family == AF_UNIX || (tcp && (family == AF_INET || family == AF_INET6));
  };
  constexpr int kHighest = AF_INET6;
  for (const char* const call : {"socket", "socketpair"}) {
    for (int family = 0; family <= kHighest; ++family) {
      filter.Rule(is_allowed(family) ? SCMP_ACT_ALLOW : SCMP_ACT_KILL_PROCESS, call,
                  {SCMP_A0_64(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family), 0)});
    }
    filter.Rule(SCMP_ACT_KILL_PROCESS, call, {SCMP_A0_64(SCMP_CMP_GT, kHighest, 0)});
  }
}

// Calls that are harmless in one form only.
void AddPartly(Filter& filter) {
  const auto self = static_cast<scmp_datum_t>(::getpid());
  filter.Rule(SCMP_ACT_ALLOW, "kill", {SCMP_A0_64(SCMP_CMP_EQ, self, 0)});
  filter.Rule(SCMP_ACT_ALLOW, "tgkill", {SCMP_A0_64(SCMP_CMP_EQ, self, 0)});
  for (const char* const call : {"mmap", "mmap2", "mprotect"}) {  // No memory becomes a program.
    filter.Rule(SCMP_ACT_ALLOW, call, {SCMP_A2_64(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)});
  }
  for (const scmp_datum_t request : {FIONBIO, FIONREAD, TCGETS}) {  // The last is isatty(3).
    filter.Rule(SCMP_ACT_ALLOW, "ioctl", {SCMP_A1_64(SCMP_CMP_EQ, request, 0)});
  }
  filter.Rule(SCMP_ACT_ALLOW, "prctl", {SCMP_A0_64(SCMP_CMP_EQ, PR_SET_NAME, 0)});
  // Looked up, and not set.
  filter.Rule(SCMP_ACT_ALLOW, "prlimit64", {SCMP_A2_64(SCMP_CMP_EQ, 0, 0)});
  // fstat(3): of a descriptor, and of no path.
  for (const char* const call : {"newfstatat", "fstatat64"}) {
    filter.Rule(SCMP_ACT_ALLOW, call,
                {SCMP_A3_64(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH)});
    filter.Rule(SCMP_ACT_ERRNO(EACCES), call, {SCMP_A3_64(SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, 0)});
  }
}

}  // namespace

Result<> RestrictSystemCalls(bool tcp) {
  Filter filter;
  if (!filter.made()) return Error{Errc::kInternal, "libseccomp has no memory"};
  int rc = seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1);  // ZeroMQ's threads, too.
  if (rc != 0) return Error{Errc::kUnavailable, "the kernel has no seccomp for all threads"};
  filter.Rules(SCMP_ACT_ALLOW, kAllowed);
  filter.Rules(SCMP_ACT_ERRNO(EACCES), kNoFiles);
  filter.Rules(SCMP_ACT_KILL_PROCESS, kDeadly);
  AddSockets(filter, tcp);
  AddPartly(filter);
  if (!filter.fault().empty()) {
    return Error{Errc::kUnavailable, "libseccomp refuses a rule: " + filter.fault()};
  }
  rc = seccomp_load(filter.get());
  if (rc == 0) return Ok{};
  return Error{Errc::kUnavailable, std::string("seccomp: ") + std::strerror(-rc)};
}

}  // namespace thresh
