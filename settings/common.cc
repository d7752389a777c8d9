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

Option SocketsRow(std::string* target) {
  return {.key = "paths.run",
          .flag = "--run,--state",
          .kind = OptionKind::kPath,
          .target = target,
          .help = "Folder of the sockets"};
}

Option DurabilityRow(std::string* target) {
  return {.key = "durability",
          .flag = "--durability",
          .kind = OptionKind::kChoice,
          .target = target,
          .help = "power: what is written survives a power cut; process: it survives kill -9",
          .choices = "power process"};
}

OptionTable LogRows(LogOptions& log, bool reload) {
  return {{.key = "log_level",
           .flag = "--log-level",
           .kind = OptionKind::kChoice,
           .target = &log.level,
           .help = "What is less urgent is not logged",
           .choices = "error warn info debug",
           .environment = "THRESH_LOG_LEVEL",
           .reload = reload},
          {.key = "log_format",
           .flag = "--log-format",
           .kind = OptionKind::kChoice,
           .target = &log.format,
           .help = "text: event key=value ...; json: an object a line, with the time",
           .choices = "text json",
           .reload = reload}};
}

OptionTable TcpRows(const TcpKeys& keys, TcpDoorOptions& tcp) {
  return {{.key = keys.listen,
           .flag = "--listen",
           .target = &tcp.endpoint,
           .help = "tcp://ADDRESS:PORT for parsers on other machines; needs keys",
           .unset = "this machine only"},
          {.key = keys.key,
           .flag = "--key",
           .kind = OptionKind::kPath,
           .target = &tcp.key_file,
           .help = "File of our secret key, made by thresh keys",
           .unset = "none"},
          {.key = keys.clients,
           .flag = "--clients",
           .kind = OptionKind::kPath,
           .target = &tcp.clients_file,
           .help = "File of the parsers' public keys; read again when it changes",
           .unset = "none"},
          {.key = keys.without_keys,
           .flag = "--listen-without-keys",
           .kind = OptionKind::kBool,
           .target = &tcp.without_keys,
           .help = "Listen without keys: on loopback, for tests and tunnels"}};
}

void Append(const OptionTable& rows, OptionTable* table) {
  table->insert(table->end(), rows.begin(), rows.end());
}

}  // namespace thresh
