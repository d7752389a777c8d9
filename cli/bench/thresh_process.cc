#include "cli/bench/thresh_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

#include "lib/io/file.h"

namespace thresh {
namespace {

Error Fault(const std::string& what) {
  return {Errc::kInternal, what + ": " + std::strerror(errno)};
}

// In the child, where nothing may be called that takes a lock.
[[noreturn]] void Become(const char* path, char* const* argv, int in, int out, int log,
                         pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  ::dup2(in, STDIN_FILENO);
  ::dup2(out, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  ::execv(path, argv);
  ::_exit(127);
}

}  // namespace

Result<ThreshProcess> ThreshProcess::Start(const std::vector<std::string>& arguments,
                                           const std::string& log) {
  const std::string path = ProgramFolder() + "/thresh";
  std::vector<std::string> words{path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return Fault("no pipe");
  UniqueFd from(ends[0]);
  const UniqueFd to(ends[1]);
  const UniqueFd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const UniqueFd said(::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  if (!said) return Fault("cannot write " + log);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return Fault("cannot start " + path);
  if (pid == 0) Become(path.c_str(), argv.data(), nothing.get(), to.get(), said.get(), parent);
  return ThreshProcess(pid, std::move(from));
}

ThreshProcess::ThreshProcess(ThreshProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, 0)), output_(std::move(other.output_)) {}

ThreshProcess::~ThreshProcess() {
  if (pid_ <= 0) return;
  ::kill(pid_, SIGTERM);
  Wait();
}

std::string ThreshProcess::ReadLine() const {
  std::string line;
  char c = 0;
  while (true) {
    const ssize_t n = ::read(output_.get(), &c, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || c == '\n') return line;
    line.push_back(c);
  }
}

int ThreshProcess::Wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = 0;
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace thresh
