#include "settings/parser_options.h"

namespace thresh {
namespace {

OptionTable PlaceRows(ParserSettings& s) {
  Option sockets = SocketsRow(&s.run_dir);
  sockets.excludes = "--fetcher,--sink";
  return {{.flag = "--join",
           .kind = OptionKind::kPath,
           .target = &s.join_dir,
           .help = "Output folder of the `thresh run` to join",
           .excludes = "--run,--fetcher,--sink",
           .unset = "the system's daemons are worked for"},
          sockets,
          {.key = "parser.fetcher",
           .flag = "--fetcher",
           .target = &s.remote.fetcher,
           .help = "tcp://HOST:PORT of one on another machine",
           .needs = "--sink",
           .unset = "it is on this machine"},
          {.key = "parser.sink",
           .flag = "--sink",
           .target = &s.remote.sink,
           .help = "tcp://HOST:PORT of one on another machine",
           .needs = "--fetcher",
           .unset = "it is on this machine"},
          {.key = "parser.key",
           .flag = "--key",
           .kind = OptionKind::kPath,
           .target = &s.remote.key_file,
           .help = "File of our secret key, made by thresh keys",
           .unset = "none"},
          {.key = "parser.server_key",
           .flag = "--server-key",
           .kind = OptionKind::kPath,
           .target = &s.remote.server_key_file,
           .help = "File of the public key of fetcher and sink",
           .unset = "none"},
          {.key = "parser.without_keys",
           .flag = "--without-keys",
           .kind = OptionKind::kBool,
           .target = &s.remote.without_keys,
           .help = "Where fetcher and sink listen on loopback without keys"}};
}

OptionTable LimitRows(ParserSettings& s) {
  return {{.key = "parser.parse_timeout_ms",
           .flag = "--parse-timeout-ms",
           .kind = OptionKind::kMilliseconds,
           .target = &s.timeout_ms,
           .help = "CPU time that a page may take; 0: any"},
          {.key = "parser.max_memory_bytes",
           .flag = "--max-memory-bytes",
           .kind = OptionKind::kBytes,
           .target = &s.max_memory_bytes,
           .help = "Memory that the process may take; 0: any"},
          {.key = "parser.max_address_space_bytes",
           .flag = "--max-address-space-bytes",
           .kind = OptionKind::kBytes,
           .target = &s.max_address_space_bytes,
           .help = "Address space of the process, with what it maps and shares; 0: any"},
          {.key = "parser.sandbox",
           .flag = "--sandbox",
           .kind = OptionKind::kChoice,
           .target = &s.sandbox,
           .help = "on: as far as the system has what it takes; require: or do not start; off",
           .choices = "on off require"},
          {.key = "parser.cpu_ms",
           .flag = "--cpu-ms",
           .kind = OptionKind::kMilliseconds,
           .target = &s.cpu_ms,
           .help = "CPU time to burn for each page, for demos"}};
}

}  // namespace

OptionTable ParserTable(ParserSettings& s) {
  OptionTable table = PlaceRows(s);
  Append(LogRows(s.log, false), &table);
  Append(LimitRows(s), &table);
  return table;
}

}  // namespace thresh
