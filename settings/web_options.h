#pragma once

// What `thresh-web` is told at its start.

#include <string>
#include <vector>

#include "lib/config/log_options.h"
#include "lib/config/option.h"
#include "settings/common.h"

namespace thresh {

struct WebOptions {
  std::string run_dir = std::string(kRunFolder);  ///< Where fetcher and sink have their sockets.
  std::string feed_socket;  ///< Empty: feed.sock there, or that of the service manager.
  std::string listen = "127.0.0.1:8765";  ///< Address and port; port 0: any that is free.
  std::vector<std::string> allow_hosts;   ///< Names that browsers may use for it, beside localhost.
  std::string token_file;                 ///< Its first line lets POST /feed in; empty: nobody may.
  std::string port_file;                  ///< Gets the port, for who said 0; or empty.
  LogOptions log;
};

/// The rows of these; what they hold is the default.
[[nodiscard]] OptionTable WebTable(WebOptions& options);

}  // namespace thresh
