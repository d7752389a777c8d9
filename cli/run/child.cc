#include "cli/run/child.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "lib/io/file.h"

namespace thresh {

Result<std::unique_ptr<Child>> Child::Spawn(uv_loop_t& loop, ChildSpec spec, ExitFn on_exit) {
  std::unique_ptr<Child> child(new Child(std::move(spec), std::move(on_exit)));
  const ChildSpec& s = child->spec_;
  const std::string path = ProgramFolder() + "/" + s.program;
  std::vector<std::string> arguments{path};
  arguments.insert(arguments.end(), s.arguments.begin(), s.arguments.end());
  arguments.insert(arguments.end(), {"--die-with", std::to_string(::getpid())});
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);

  const UniqueFd log(::open(s.log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640));
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

void Child::OnExit(uv_process_t* process, std::int64_t status, int signal) noexcept {
  auto* child = static_cast<Child*>(process->data);
  child->on_exit_(*child, signal != 0 ? 128 + signal : static_cast<int>(status));
}

}  // namespace thresh
