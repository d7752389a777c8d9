#include "cli/run/child.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "lib/io/file.h"

namespace thresh {
namespace {

constexpr const char* kShell = "/bin/sh";

// Behind the folder where `command` may lie stand its arguments. The shell becomes the command, so
// that signals reach that.
std::vector<std::string> CommandLine(const ChildSpec& spec) {
  const std::string folder = ProgramFolder();
  if (spec.command.empty()) return {folder + "/" + spec.program};
  return {kShell, "-c", "PATH=$PATH:$1; shift; exec " + spec.command + " \"$@\"", "sh", folder};
}

}  // namespace

Result<std::unique_ptr<Child>> Child::Spawn(uv_loop_t& loop, ChildSpec spec, ExitFn on_exit) {
  std::unique_ptr<Child> child(new Child(std::move(spec), std::move(on_exit)));
  const ChildSpec& s = child->spec_;
  std::vector<std::string> arguments = CommandLine(s);
  const std::string path = arguments[0];
  arguments.insert(arguments.end(), s.arguments.begin(), s.arguments.end());
  arguments.insert(arguments.end(), {"--die-with", std::to_string(::getpid())});
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  const UniqueFd log(::open(s.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
  struct stat written {};
  if (log && ::fstat(log.get(), &written) == 0) {
    child->log_begin_ = static_cast<std::uint64_t>(written.st_size);
  }
  child->started_ = std::chrono::steady_clock::now();
  std::array<uv_stdio_container_t, 3> stdio{};
  stdio[0].flags = UV_IGNORE;
  stdio[1].flags = s.inherit_stdout ? UV_INHERIT_FD : UV_IGNORE;
  stdio[1].data.fd = STDOUT_FILENO;
  stdio[2].flags = log ? UV_INHERIT_FD : UV_IGNORE;
  stdio[2].data.fd = log.get();

  uv_process_options_t options{};
  options.file = path.c_str();
  options.args = argv.data();
  options.flags = UV_PROCESS_DETACHED;
  options.stdio = stdio.data();
  options.stdio_count = static_cast<int>(stdio.size());
  options.exit_cb = &OnExit;
  auto raw = std::make_unique<uv_process_t>();
  raw->data = child.get();
  const int rc = uv_spawn(&loop, raw.get(), &options);
  child->process_.reset(raw.release());  // To be closed even if it was not started.
  if (rc != 0) return Error{Errc::kInternal, "cannot start " + path + ": " + uv_strerror(rc)};
  return child;
}

void Child::Signal(int number) const {
  uv_process_kill(process_.get(), number);
}

std::chrono::milliseconds Child::age() const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() -
                                                               started_);
}

std::string Child::Said() const {
  constexpr std::uint64_t kTailBytes = 2000;
  const UniqueFd log(::open(spec_.log.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat written {};
  if (!log || ::fstat(log.get(), &written) != 0) return {};
  const auto end = static_cast<std::uint64_t>(written.st_size);
  std::uint64_t begin = std::min(log_begin_, end);
  if (end - begin > kTailBytes) begin = end - kTailBytes;
  std::string text(end - begin, '\0');
  const ssize_t n = ::pread(log.get(), text.data(), text.size(), static_cast<off_t>(begin));
  text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

void Child::OnExit(uv_process_t* process, std::int64_t status, int signal) noexcept {
  auto* child = static_cast<Child*>(process->data);
  child->on_exit_(*child, signal != 0 ? 128 + signal : static_cast<int>(status));
}

}  // namespace thresh
