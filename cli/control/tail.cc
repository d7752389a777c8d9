// `thresh tail`: the records as they are written.

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>

#include <simdjson.h>

#include "cli/control/ask.h"
#include "cli/control/commands.h"
#include "cli/control/follow_file.h"
#include "cli/control/report.h"
#include "lib/base/exit_codes.h"
#include "lib/base/handles.h"
#include "sink/output/aside_name.h"

namespace thresh {
namespace {

constexpr const char* kName = "tail";
constexpr int kLookEveryMs = 500;        // Should the kernel tell nothing.
constexpr int kLookWithoutNewsMs = 100;  // If it cannot tell.

// Wakes when something in a folder changes.
class FolderNews {
 public:
  explicit FolderNews(const std::string& folder) : fd_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    works_ = fd_ && ::inotify_add_watch(fd_.get(), folder.c_str(),
                                        IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE) >= 0;
  }
  void Wait() const {
    pollfd ready{.fd = works_ ? fd_.get() : -1, .events = POLLIN, .revents = 0};
    ::poll(&ready, 1, works_ ? kLookEveryMs : kLookWithoutNewsMs);
    char events[4096];
    while (works_ && ::read(fd_.get(), events, sizeof events) > 0) {
    }
  }

 private:
  UniqueFd fd_;
  bool works_ = false;
};

Result<std::string> OutputFolder(const DaemonPlace& place) {
  if (!place.out.empty()) return place.out;
  Result<std::string> answer = AskLine({place, "thresh-sink"}, R"({"op":"status"})");
  if (!answer) return answer.error();
  simdjson::dom::parser parser;
  std::string_view out;
  if (parser.parse(*answer)["out"].get(out) != simdjson::SUCCESS || out == "-") {
    return Error{Errc::kInvalid, "the sink writes to its standard output, not to files"};
  }
  return std::string(out);
}

// An item's file is `ITEM.ndjson`; what was put aside, dead letters and jobs are no items.
bool IsItemFile(const std::string& name) {
  return name.ends_with(".ndjson") && !NameBeforeAside(name) && name != "dead.ndjson" &&
         name != "jobs.ndjson";
}

class Follower {
 public:
  Follower(std::string folder, const TailOptions& options)
      : folder_(std::move(folder)), options_(options) {}

  // Finds files that are new, and gives what has come. False: stdout takes no more.
  Result<bool> Look() {
    Find();
    first_look_ = false;
    for (auto& [name, file] : files_) {
      Result<bool> more = file.Read([](std::string_view line) {
        return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() &&
               std::fputc('\n', stdout) != EOF;
      });
      if (!more || !*more) return more;
    }
    return std::fflush(stdout) == 0;
  }

 private:
  void Find() {
    if (!options_.item.empty()) return Add(options_.item + ".ndjson");
    std::error_code why;
    std::filesystem::directory_iterator files(folder_, why);
    for (; !why && files != std::filesystem::directory_iterator(); files.increment(why)) {
      const std::string name = files->path().filename().string();
      if (IsItemFile(name)) Add(name);
    }
  }

  void Add(const std::string& name) {
    const bool from_start = options_.from_start || !first_look_;
    files_.try_emplace(name, folder_ + "/" + name,
                       from_start ? FollowFile::Begin::kStart : FollowFile::Begin::kLastLines,
                       options_.lines);
  }

  const std::string folder_;
  const TailOptions& options_;
  bool first_look_ = true;
  std::map<std::string, FollowFile> files_;
};

}  // namespace

int TailCommand(const TailOptions& options) {
  Result<DaemonPlace> place = PlaceOf(options.place);
  if (!place) return Complain(kName, kExitUsage, place.error().detail);
  if (options.item.find('/') != std::string::npos) {
    return Complain(kName, kExitUsage, "item: expected an item's name, found " + options.item);
  }
  Result<std::string> folder = OutputFolder(*place);
  if (!folder) return Complain(kName, AskStatus(folder.error()), folder.error().detail);
  const FolderNews news(*folder);
  Follower follower(*folder, options);
  for (;;) {
    Result<bool> more = follower.Look();
    if (!more) return Complain(kName, kExitInternal, more.error().detail);
    if (!*more) return kExitCannotWrite;
    news.Wait();
  }
}

}  // namespace thresh
