#include "cli/run/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "lib/io/file.h"

namespace thresh {
namespace fs = std::filesystem;

namespace {

Result<std::string> MakeTemporary() {
  const char* base = std::getenv("TMPDIR");
  std::string path = std::string(base != nullptr ? base : "/tmp") + "/thresh-run-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return Error{Errc::kInvalid, "cannot make a folder in " + path + ": " + std::strerror(errno)};
  }
  return path;
}

void DeleteRun(const std::string& out, const std::vector<std::string>& items) {
  std::error_code ignored;  // What is not there need not be deleted.
  const fs::path folder(out);
  for (const std::string& item : items) fs::remove(folder / (item + ".ndjson"), ignored);
  fs::remove(folder / "dead.ndjson", ignored);
  fs::remove_all(folder / ".thresh", ignored);
}

}  // namespace

Result<RunFolder> RunFolder::Take(const std::string& out, bool fresh,
                                  const std::vector<std::string>& items) {
  RunFolder folder;
  if (out == "-") {
    Result<std::string> made = MakeTemporary();
    if (!made) return made.error();
    folder.state_ = folder.temporary_ = *made;
    if (Result<> locked = folder.Lock(); !locked) return locked.error();
    return folder;
  }
  std::error_code why;
  folder.state_ = fs::absolute(out, why).lexically_normal().string() + "/.thresh";
  const bool used = fs::exists(folder.state_ + "/run.pid", why);
  if (Result<> made = MakeFolder(folder.state_); !made) return made.error();
  if (Result<> locked = folder.Lock(); !locked) return locked.error();
  if (used && !fresh) {
    return Error{Errc::kUnavailable,
                 out +
                     " holds the records of an earlier run, and a broken-off run cannot be taken "
                     "up again yet; --fresh deletes them and starts over, or name another folder"};
  }
  if (used) {
    folder.lock_ = UniqueFd();
    DeleteRun(out, items);
    if (Result<> made = MakeFolder(folder.state_); !made) return made.error();
    if (Result<> locked = folder.Lock(); !locked) return locked.error();
  }
  return folder;
}

// The lock goes with the process, so a run that was killed leaves none behind.
Result<> RunFolder::Lock() {
  const std::string path = state_ + "/run.pid";
  lock_ = UniqueFd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640));
  if (!lock_) return Error{Errc::kInvalid, "cannot write " + path + ": " + std::strerror(errno)};
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0) {
    const std::string pid = ReadWholeFile(path) ? *ReadWholeFile(path) : "?";
    return Error{Errc::kUnavailable, "a run is at work in this folder already, pid " + pid};
  }
  const std::string pid = std::to_string(::getpid());
  if (::ftruncate(lock_.get(), 0) != 0 ||
      ::pwrite(lock_.get(), pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return Error{Errc::kInvalid, "cannot write " + path + ": " + std::strerror(errno)};
  }
  return Ok{};
}

RunFolder::~RunFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

std::string RunFolder::LogTail(const std::string& child) const {
  Result<std::string> log = ReadWholeFile(state_ + "/" + child + ".log");
  if (!log) return {};
  constexpr std::size_t kTailBytes = 2000;
  return log->size() > kTailBytes ? log->substr(log->size() - kTailBytes) : *log;
}

}  // namespace thresh
