#include "cli/run/run_folder.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "lib/io/file.h"
#include "sink/journal/journal_reader.h"

namespace thresh {
namespace fs = std::filesystem;

namespace {

constexpr int kAnswerMs = 5000;
constexpr int kLookEveryMs = 10;

Result<std::string> MakeTemporary() {
  const char* base = std::getenv("TMPDIR");
  std::string path = std::string(base != nullptr ? base : "/tmp") + "/thresh-run-XXXXXX";
  if (::mkdtemp(path.data()) == nullptr) {
    return Error{Errc::kInvalid, "cannot make a folder in " + path + ": " + std::strerror(errno)};
  }
  return path;
}

// The first versions could not go on: they left a list of their files, and no state.
std::optional<RunRecord> RunOfFirstVersion(const std::string& state) {
  Result<std::string> list = ReadWholeFile(state + "/files");
  if (!list) return std::nullopt;
  RunRecord record;
  for (std::size_t begin = 0; begin < list->size();) {
    const std::size_t end = std::min(list->find('\n', begin), list->size());
    record.files.push_back(list->substr(begin, end - begin));
    begin = end + 1;
  }
  return record;
}

// Anything but our own lock, which is there already.
std::string FirstEntry(const std::string& state) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(state, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name != "run.pid" && name != "run.json.new") return name;
  }
  return {};
}

bool IsThere(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(fs::symlink_status(path, ignored));
}

std::string Listed(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Parsers in other languages may have items that no recipe names; the sink knows what it made.
std::vector<std::string> FilesOfSink(const std::string& state) {
  std::vector<std::string> files;
  const Result<std::optional<JournalImage>> journal = ReadJournal(state + "/journal");
  if (!journal || !*journal) return files;
  for (const auto& [number, file] : (*journal)->state.files) {
    if (file.name.find('/') == std::string::npos) files.push_back(file.name);
  }
  return files;
}

}  // namespace

Result<RunFolder> RunFolder::Take(const std::string& out, bool fresh,
                                  std::vector<std::string> recipes,
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
  std::sort(recipes.begin(), recipes.end());
  RunRecord wanted{.recipes = std::move(recipes), .files = {"dead.ndjson", "jobs.ndjson"}};
  for (const std::string& item : items) wanted.files.push_back(item + ".ndjson");
  if (Result<> claimed = folder.Claim(out, fresh, std::move(wanted)); !claimed) {
    return claimed.error();
  }
  return folder;
}

// Who asks about an ended run has the lock for as long as the answer takes.
Result<> RunFolder::Lock() {
  const auto take = [this] { return StateLock::Take(state_ + "/run.pid", "a run"); };
  Result<StateLock> lock = take();
  for (int waited = 0; !lock && waited < kAnswerMs; waited += kLookEveryMs) {
    if (lock.error().code != Errc::kUnavailable) break;
    ::poll(nullptr, 0, kLookEveryMs);
    lock = take();
  }
  if (!lock) return lock.error();
  lock_ = std::move(*lock);
  return Ok{};
}

Result<> RunFolder::Claim(const std::string& out, bool fresh, RunRecord wanted) {
  Result<std::optional<RunRecord>> read = EarlierRun(fresh);
  if (!read) return read.error();
  std::optional<RunRecord> earlier = std::move(*read);
  if (earlier && (fresh || earlier->clearing)) {
    if (Result<> cleared = Clear(out, std::move(*earlier)); !cleared) return cleared;
    earlier.reset();
  }
  if (earlier && earlier->recipes != wanted.recipes) {
    return Error{Errc::kUnavailable, out + " holds a crawl by the recipe " +
                                         Listed(earlier->recipes) + ", found " +
                                         Listed(wanted.recipes) +
                                         ": go on with the command that began it, name another "
                                         "folder, or start over with --fresh"};
  }
  const std::vector<std::string> known = earlier ? earlier->files : std::vector<std::string>{};
  for (const std::string& file : wanted.files) {
    if (Contains(known, file) || !IsThere(fs::path(out) / file)) continue;
    return Error{Errc::kUnavailable, out + "/" + file +
                                         " is there already, and no run of thresh made it; "
                                         "name another folder"};
  }
  for (const std::string& file : known) {
    if (!Contains(wanted.files, file)) wanted.files.push_back(file);
  }
  resumed_ = earlier.has_value();
  return WriteRunRecord(state_, wanted);
}

// What ran here before, if it can be gone on with or deleted.
Result<std::optional<RunRecord>> RunFolder::EarlierRun(bool fresh) const {
  Result<std::optional<RunRecord>> record = ReadRunRecord(state_);
  if (!record || *record) return record;
  const std::string entry = FirstEntry(state_);
  if (entry.empty()) return record;
  if (std::optional<RunRecord> first = RunOfFirstVersion(state_)) {
    if (fresh) return first;
    return Error{Errc::kUnavailable,
                 state_ +
                     " is the state of a first version of thresh, which could not be "
                     "taken up again; --fresh deletes its records and starts over, or "
                     "name another folder"};
  }
  return Error{Errc::kUnavailable,
               state_ + " holds a state that is not a run's (" + entry +
                   ", and no run.json): name another folder, or, if thresh-fetcher and "
                   "thresh-sink were started on it, feed them with thresh feed"};
}

// If we are cut short here, the record says so, and the next run clears what is left.
Result<> RunFolder::Clear(const std::string& out, RunRecord earlier) const {
  earlier.clearing = true;
  for (std::string& file : FilesOfSink(state_)) {
    if (!Contains(earlier.files, file)) earlier.files.push_back(std::move(file));
  }
  if (Result<> noted = WriteRunRecord(state_, earlier); !noted) return noted;
  std::error_code why;
  for (const std::string& file : earlier.files) {
    const fs::path path = fs::path(out) / file;
    fs::remove(path, why);
    if (why) {
      return Error{Errc::kInvalid, "cannot delete " + path.string() + ": " + why.message()};
    }
  }
  for (const auto& entry : fs::directory_iterator(state_, why)) {
    const std::string name = entry.path().filename().string();
    if (name == "run.pid" || name == "run.json") continue;
    fs::remove_all(entry.path(), why);
    if (why) {
      return Error{Errc::kInvalid, "cannot delete " + entry.path().string() + ": " + why.message()};
    }
  }
  return Ok{};
}

RunFolder::~RunFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

}  // namespace thresh
