#include "cli/control/place.h"

#include <filesystem>
#include <system_error>

namespace thresh {
namespace fs = std::filesystem;

namespace {

DaemonPlace ServicesPlace() {
  const std::string state = "/var/lib/thresh";
  return {.state = state, .sockets = "/run/thresh", .out = state + "/out", .system = true};
}

}  // namespace

Result<DaemonPlace> PlaceOf(const PlaceOptions& options) {
  if (!options.state.empty() && !options.out.empty()) {
    return Error{Errc::kInvalid,
                 "expected -o DIR, the folder of a thresh run, or --state DIR, the state folder of "
                 "thresh-fetcher and thresh-sink, or neither, for this machine's services"};
  }
  if (options.state.empty() && options.out.empty()) return ServicesPlace();
  std::error_code ignored;
  const bool run = !options.out.empty();
  const std::string state = run ? options.out + "/.thresh" : options.state;
  const DaemonPlace place{.state = state, .sockets = state, .out = options.out, .run = run};
  if (!fs::is_directory(place.state, ignored)) {
    const std::string what = run ? "no thresh run has worked there: expected its -o DIR"
                                 : "no such folder: expected the --state of thresh-fetcher";
    return Error{Errc::kInvalid, (run ? options.out : options.state) + ": " + what};
  }
  return place;
}

std::string HowToStart(const DaemonPlace& place, const std::string& program) {
  if (place.run) return "start it with the thresh run command that made " + place.out;
  if (place.system) {
    return "start this machine's services with systemctl start thresh.target, or name another "
           "place: -o DIR, the folder of a thresh run, or --state DIR";
  }
  std::string command = program + " --state " + place.state;
  if (program == "thresh-sink") command += " --out DIR";
  return "start it with " + command;
}

}  // namespace thresh
