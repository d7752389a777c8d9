#include "lib/config/start_options.h"

#include <sys/types.h>

#include <limits>

namespace thresh {

OptionTable StartOptionRows(StartOptions& o) {
  return {
      {.flag = "--config",
       .kind = OptionKind::kPath,
       .target = &o.file,
       .help = "File of settings; the default one need not be there",
       .unset = "no file"},
      {.flag = "--check",
       .kind = OptionKind::kBool,
       .target = &o.check,
       .help = "Say what is wrong with the settings and what they name, and end"},
      {.flag = "--print-config",
       .kind = OptionKind::kBool,
       .target = &o.print_config,
       .help = "Print a file with all settings and their defaults, and end"},
      {.flag = "--print-reference",
       .kind = OptionKind::kBool,
       .target = &o.print_reference,
       .help = "",
       .hidden = true},
      {.flag = "--print-man", .target = &o.print_man, .help = "", .unset = "none", .hidden = true},
      {.flag = "--die-with",
       .kind = OptionKind::kCount,
       .target = &o.parent,
       .help = "End when this process, our parent, ends",
       .most = std::numeric_limits<pid_t>::max()}};
}

}  // namespace thresh
