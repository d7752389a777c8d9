#include "settings/common.h"

namespace thresh {

Option StateRow(std::string* target) {
  return {.key = "paths.state",
          .flag = "--state",
          .kind = OptionKind::kPath,
          .target = target,
          .help = "Folder of the frontier, the journal and all else that outlives a process"};
}

Option RunRow(std::string* target) {
  return {.key = "paths.run",
          .flag = "--run",
          .kind = OptionKind::kPath,
          .target = target,
          .help = "Folder of the sockets; where --state is given and --run is not, that folder",
          .follows = "--state"};
}

Option DurabilityRow(std::string* target) {
  return {.key = "durability",
          .flag = "--durability",
          .kind = OptionKind::kChoice,
          .target = target,
          .help = "power: what is written survives a power cut; process: it survives kill -9",
          .choices = "power process"};
}

Option LogLevelRow(std::string* target) {
  return {.key = "log_level",
          .flag = "--log-level",
          .kind = OptionKind::kChoice,
          .target = target,
          .help = "What is less urgent is not logged",
          .choices = "error warn info debug",
          .environment = "THRESH_LOG_LEVEL",
          .reload = true};
}

}  // namespace thresh
