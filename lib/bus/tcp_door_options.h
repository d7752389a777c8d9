#pragma once

// What a TcpDoor is told.

#include <string>

namespace thresh {

struct TcpDoorOptions {
  std::string endpoint;       ///< tcp://ADDRESS:PORT; port 0: any. Empty: there is no door.
  std::string key_file;       ///< Our secret key.
  std::string clients_file;   ///< Public keys of those who may come; read again when it changes.
  bool without_keys = false;  ///< On loopback, for tests and tunnels.
};

}  // namespace thresh
