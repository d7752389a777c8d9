#include "cli/extract/page_workers.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace thresh {
namespace {

constexpr int kPipeBytes = 1 << 20;  // How far ahead a process may be.

bool WriteAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool ReadAll(int fd, char* to, std::size_t size) {
  while (size > 0) {
    const ssize_t n = ::read(fd, to, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    to += n;
    size -= static_cast<std::size_t>(n);
  }
  return true;
}

}  // namespace

Result<PageWorkers> PageWorkers::Start(std::uint64_t count, const MakeFn& make) {
  PageWorkers workers;
  for (std::uint64_t at = 0; at < count; ++at) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) {
      return Error{Errc::kInternal, std::string("no pipe: ") + std::strerror(errno)};
    }
    UniqueFd from(ends[0]), to(ends[1]);
    (void)::fcntl(to.get(), F_SETPIPE_SZ, kPipeBytes);  // If it may not be, it is smaller.
    const pid_t pid = ::fork();
    if (pid < 0) {
      return Error{Errc::kInternal, std::string("no process: ") + std::strerror(errno)};
    }
    if (pid == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      workers.children_.clear();  // Others' pipes are to break when they die.
      from = UniqueFd();
      Run(make({.of = count, .at = at}), to.get());
    }
    workers.children_.push_back({.pid = pid, .pipe = std::move(from), .head = std::nullopt});
  }
  return workers;
}

// What stands in buffers of stdio is the parent's: _exit() leaves it there.
void PageWorkers::Run(StoredFile file, int pipe) {
  std::string frame;
  while (true) {
    const PageLines page = file.Next();
    const std::string bytes = page.Encode();
    const std::uint64_t size = bytes.size();
    frame.assign(reinterpret_cast<const char*>(&size), sizeof size);
    frame += bytes;
    if (!WriteAll(pipe, frame) || page.is_last) ::_exit(0);
  }
}

// Those that have more to say are not wanted any more.
PageWorkers::~PageWorkers() {
  for (const Child& child : children_) {
    if (child.pid == 0) continue;
    ::kill(child.pid, SIGKILL);
    ::waitpid(child.pid, nullptr, 0);
  }
}

Result<PageLines> PageWorkers::Next() {
  for (Child& child : children_) {
    if (child.head) continue;
    if (Result<> filled = Fill(child); !filled) return filled.error();
  }
  const auto first =
      std::min_element(children_.begin(), children_.end(),
                       [](const Child& a, const Child& b) { return a.head->ComesBefore(*b.head); });
  PageLines page = std::move(*first->head);
  first->head.reset();
  return page;
}

Result<> PageWorkers::Fill(Child& child) {
  std::uint64_t size = 0;
  if (ReadAll(child.pipe.get(), reinterpret_cast<char*>(&size), sizeof size)) {
    std::string bytes(size, '\0');
    if (ReadAll(child.pipe.get(), bytes.data(), size)) {
      child.head = PageLines::Decode(bytes);
      return Ok{};
    }
  }
  int status = 0;
  ::waitpid(std::exchange(child.pid, 0), &status, 0);
  return Error{Errc::kUnavailable,
               "a process that extracts was killed" +
                   (WIFSIGNALED(status) ? " by signal " + std::to_string(WTERMSIG(status)) : "") +
                   "; -j 1 reads up to the page that did it"};
}

}  // namespace thresh
