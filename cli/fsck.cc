// `thresh fsck DIR`: reads every file of a state at rest, and says what is wrong with it.

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>

#include "cli/commands.h"
#include "cli/control/place.h"
#include "cli/control/report.h"
#include "cli/fsck/state_check.h"
#include "cli/numbers.h"
#include "lib/base/exit_codes.h"

namespace thresh {
namespace fs = std::filesystem;

namespace {

constexpr const char* kName = "fsck";

// DIR of either kind, or what the options say; with both of them, the output is checked too.
Result<DaemonPlace> PlaceOf(const FsckOptions& options) {
  const PlaceOptions& named = options.place;
  if (options.folder.empty() && !named.state.empty() && !named.out.empty()) {
    return DaemonPlace{.state = named.state, .out = named.out};
  }
  if (options.folder.empty()) return PlaceOf(named);
  if (!named.state.empty() || !named.out.empty()) {
    return Error{Errc::kInvalid, "expected DIR, or else --state and -o, found both"};
  }
  std::error_code ignored;
  if (fs::is_directory(options.folder + "/.thresh", ignored)) {
    return PlaceOf(PlaceOptions{.out = options.folder});
  }
  for (const char* part : {"/journal", "/frontier"}) {
    if (fs::is_directory(options.folder + part, ignored))
      return DaemonPlace{.state = options.folder};
  }
  return Error{Errc::kInvalid, options.folder +
                                   ": expected the folder of a thresh run, or a state folder "
                                   "with journal/ and frontier/"};
}

}  // namespace

int FsckCommand(const FsckOptions& options) {
  Result<DaemonPlace> place = PlaceOf(options);
  if (!place) return Complain(kName, kExitUsage, place.error().detail);
  Result<std::vector<UniqueFd>> locks = LockOut(place->state);
  if (!locks) return Complain(kName, kExitCannotWrite, locks.error().detail);
  std::uint64_t findings = 0;
  Result<Checked> checked = CheckState(place->state, place->out, [&](const Finding& f) {
    findings += f.is_damage ? 1 : 0;
    std::fprintf(f.is_damage ? stdout : stderr, "%s%s\n",
                 f.is_damage ? "" : "note: ", f.text.c_str());
  });
  if (!checked) return Complain(kName, kExitBadInput, checked.error().detail);
  if (const int printed = PrintData(kName, "", kExitDone); printed != kExitDone) return printed;
  std::string what = checked->journal ? "journal" : "no journal";
  what += checked->frontier ? ", frontier" : ", no frontier";
  if (!place->out.empty()) {
    what += ", " + Amount(checked->lines, "line") + " in " + Amount(checked->files, "output file");
  }
  std::fprintf(stderr, "%s: %s\n", what.c_str(),
               findings == 0 ? "clean" : Amount(findings, "finding").c_str());
  return findings == 0 ? kExitDone : kExitBadInput;
}

}  // namespace thresh
