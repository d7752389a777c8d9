#include "cli/run/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
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

// The files that an earlier run may have written, by its own list; empty if there was none.
std::vector<std::string> FilesOfEarlierRun(const std::string& state) {
  std::vector<std::string> files;
  Result<std::string> list = ReadWholeFile(state + "/files");
  if (!list) return files;
  for (std::size_t begin = 0; begin < list->size();) {
    const std::size_t end = std::min(list->find('\n', begin), list->size());
    files.push_back(list->substr(begin, end - begin));
    begin = end + 1;
  }
  return files;
}

std::vector<std::string> FilesOf(const std::vector<std::string>& items) {
  std::vector<std::string> files{"dead.ndjson"};
  for (const std::string& item : items) files.push_back(item + ".ndjson");
  return files;
}

Result<> WriteFileList(const std::string& path, const std::vector<std::string>& files) {
  const UniqueFile list(std::fopen(path.c_str(), "we"));
  if (!list) return Error{Errc::kInvalid, "cannot write " + path + ": " + std::strerror(errno)};
  for (const std::string& file : files) std::fprintf(list.get(), "%s\n", file.c_str());
  if (std::fflush(list.get()) != 0) {
    return Error{Errc::kInvalid, "cannot write " + path + ": " + std::strerror(errno)};
  }
  return Ok{};
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
  folder.state_ = AbsolutePath(out) + "/.thresh";
  if (Result<> made = MakeFolder(folder.state_); !made) return made.error();
  if (Result<> locked = folder.Lock(); !locked) return locked.error();
  if (Result<> claimed = folder.Claim(out, fresh, items); !claimed) return claimed.error();
  return folder;
}

Result<> RunFolder::Claim(const std::string& out, bool fresh,
                          const std::vector<std::string>& items) {
  std::error_code ignored;  // What is not there need not be deleted.
  for (const std::string& file : FilesOfEarlierRun(state_)) {
    if (!fs::exists(fs::path(out) / file, ignored)) continue;
    if (!fresh) {
      return Error{
          Errc::kUnavailable,
          out +
              " holds the records of an earlier run, and a broken-off run cannot be taken "
              "up again yet; --fresh deletes them and starts over, or name another folder"};
    }
    fs::remove(fs::path(out) / file, ignored);
  }
  const std::vector<std::string> files = FilesOf(items);
  for (const std::string& file : files) {
    if (fs::exists(fs::path(out) / file, ignored)) {
      return Error{Errc::kUnavailable, out + "/" + file +
                                           " is there already, and no run of thresh "
                                           "made it; name another folder"};
    }
  }
  for (const auto& entry : fs::directory_iterator(state_, ignored)) {
    if (entry.path().filename() != "run.pid") fs::remove_all(entry.path(), ignored);
  }
  return WriteFileList(state_ + "/files", files);
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

}  // namespace thresh
