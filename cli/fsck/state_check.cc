#include "cli/fsck/state_check.h"

#include <fcntl.h>
#include <sys/file.h>

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>
#include <utility>

#include "cli/fsck/output_check.h"
#include "cli/run/run_record.h"
#include "fetcher/frontier/check_frontier.h"
#include "lib/io/file.h"
#include "sink/journal/check.h"
#include "sink/journal/journal_reader.h"

namespace thresh {
namespace fs = std::filesystem;

namespace {

constexpr std::array kLocks{"run.pid", "fetcher.lock", "sink.lock"};

// How long each output is by the journal.
std::map<std::string, std::uint64_t> LengthsOf(const JournalImage& image) {
  std::map<std::string, std::uint64_t> lengths;
  for (const auto& [number, file] : image.state.files) lengths[file.name] = file.length;
  return lengths;
}

Result<> CheckOutputs(const std::string& out, const std::map<std::string, std::uint64_t>& lengths,
                      const FindingFn& found, Checked* checked) {
  std::error_code why;
  for (const auto& entry : fs::directory_iterator(out, why)) {
    const std::string name = entry.path().filename().string();
    std::error_code ignored;
    if (!name.ends_with(".ndjson") || !entry.is_regular_file(ignored)) continue;
    const auto length = lengths.find(name);
    std::optional<std::uint64_t> expected;
    if (length != lengths.end()) expected = length->second;
    Result<std::uint64_t> lines = CheckOutput(out + "/" + name, expected, found);
    if (!lines) return lines.error();
    checked->lines += *lines;
    ++checked->files;
  }
  if (why) return Error{Errc::kInvalid, "cannot read " + out + ": " + why.message()};
  return Ok{};
}

Result<> CheckFrontierOf(const std::string& state, const FindingFn& found, Checked* checked) {
  const std::string path = state + "/frontier";
  Result<std::vector<std::string>> faults = CheckFrontier(path);
  if (!faults && faults.error().code == Errc::kNotFound) return Ok{};
  checked->frontier = true;
  if (!faults && faults.error().code == Errc::kUnavailable) return faults.error();
  const std::string remedy = "; bring the state folder back from a copy, or start over";
  if (!faults) {
    found({true, path + ": " + faults.error().detail + remedy});
    return Ok{};
  }
  for (const std::string& fault : *faults) found({true, path + ": " + fault + remedy});
  return Ok{};
}

}  // namespace

Result<std::vector<UniqueFd>> LockOut(const std::string& state) {
  std::vector<UniqueFd> locks;
  for (const char* name : kLocks) {
    const std::string path = state + "/" + name;
    UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) continue;  // Nobody has ever locked it.
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      Result<std::string> pid = ReadWholeFile(path);
      return Error{Errc::kUnavailable, state + " is in use, by pid " + (pid ? *pid : "?") + " (" +
                                           name + "): fsck needs it at rest; end that first"};
    }
    locks.push_back(std::move(fd));
  }
  return locks;
}

Result<Checked> CheckState(const std::string& state, const std::string& out,
                           const FindingFn& found) {
  Checked checked;
  if (Result<std::optional<RunRecord>> record = ReadRunRecord(state); !record) {
    found({true, record.error().detail});
  }
  std::map<std::string, std::uint64_t> lengths;
  Result<std::optional<JournalImage>> journal = ReadJournal(state + "/journal");
  if (!journal) {
    found({true, journal.error().detail});
  } else if (*journal) {
    lengths = LengthsOf(**journal);
  }
  checked.journal = !journal || *journal;
  if (Result<> frontier = CheckFrontierOf(state, found, &checked); !frontier) {
    return frontier.error();
  }
  if (!checked.journal && !checked.frontier) {
    return Error{Errc::kInvalid, state + ": expected a state, with journal/ or frontier/"};
  }
  if (out.empty()) return checked;
  if (journal) {
    for (const JournalFinding& f : CheckJournal(state, out)) found({f.is_damage, f.text});
  }
  if (Result<> outputs = CheckOutputs(out, lengths, found, &checked); !outputs) {
    return outputs.error();
  }
  return checked;
}

}  // namespace thresh
