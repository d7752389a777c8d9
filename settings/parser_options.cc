#include "settings/parser_options.h"

namespace thresh {

OptionTable ParserTable(ParserSettings& s) {
  return {{.flag = "--join",
           .kind = OptionKind::kPath,
           .target = &s.join_dir,
           .help = "Output folder of the `thresh run` to join",
           .excludes = "--run",
           .unset = "the system's daemons are worked for"},
          {.key = "paths.run",
           .flag = "--run,--state",
           .kind = OptionKind::kPath,
           .target = &s.run_dir,
           .help = "Folder of the sockets"},
          LogLevelRow(&s.log_level),
          {.key = "parser.parse_timeout_ms",
           .flag = "--parse-timeout-ms",
           .kind = OptionKind::kMilliseconds,
           .target = &s.timeout_ms,
           .help = "CPU time that a page may take; 0: any"},
          {.key = "parser.max_memory_bytes",
           .flag = "--max-memory-bytes",
           .kind = OptionKind::kBytes,
           .target = &s.max_memory_bytes,
           .help = "Memory that the process may take; 0: any"},
          {.key = "parser.cpu_ms",
           .flag = "--cpu-ms",
           .kind = OptionKind::kMilliseconds,
           .target = &s.cpu_ms,
           .help = "CPU time to burn for each page, for demos"}};
}

}  // namespace thresh
