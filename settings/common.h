#pragma once

// Rows that several daemons have in their tables. They stand in the file once.

#include <string>
#include <string_view>

#include "lib/bus/tcp_door_options.h"
#include "lib/config/log_options.h"
#include "lib/config/option.h"

namespace thresh {

inline constexpr std::string_view kStateFolder = "/var/lib/thresh";
inline constexpr std::string_view kRunFolder = "/run/thresh";

[[nodiscard]] Option StateRow(std::string* target);
/// Where the sockets lie: where --state is given alone, in that folder.
[[nodiscard]] Option RunRow(std::string* target);
/// The same for who has no state: --state is another name for it.
[[nodiscard]] Option SocketsRow(std::string* target);
[[nodiscard]] Option DurabilityRow(std::string* target);
/// `reload`: a SIGHUP changes them.
[[nodiscard]] OptionTable LogRows(LogOptions& log, bool reload = true);

/// The names of a daemon's door for processes on other machines, in its section.
struct TcpKeys {
  std::string_view listen, key, clients, without_keys;
};
[[nodiscard]] OptionTable TcpRows(const TcpKeys& keys, TcpDoorOptions& tcp);

/// Puts `rows` behind `table`.
void Append(const OptionTable& rows, OptionTable* table);

}  // namespace thresh
