#include "settings/web_options.h"

namespace thresh {

OptionTable WebTable(WebOptions& o) {
  OptionTable table = {
      SocketsRow(&o.run_dir),
      {.key = "web.feed_socket",
       .flag = "--feed-socket",
       .kind = OptionKind::kPath,
       .target = &o.feed_socket,
       .help = "Socket of the feed, for POST /feed",
       .unset = "feed.sock in the folder of the sockets, else /run/thresh-feed.sock"},
      {.key = "web.listen",
       .flag = "--listen",
       .target = &o.listen,
       .help = "ADDRESS:PORT to serve at; whoever reaches it can read all"},
      {.key = "web.allow_hosts",
       .flag = "--allow-host",
       .kind = OptionKind::kTexts,
       .target = &o.allow_hosts,
       .help = "Names that browsers may use for it, beside localhost and the address"},
      {.key = "web.token_file",
       .flag = "--token-file",
       .kind = OptionKind::kPath,
       .target = &o.token_file,
       .help = "File whose first line lets POST /feed in; one without a slash is of the service "
               "manager's folder of credentials, if that has it",
       .unset = "nobody may"},
      {.flag = "--port-file",
       .kind = OptionKind::kPath,
       .target = &o.port_file,
       .help = "File that gets the port, for port 0",
       .unset = "none"}};
  Append(LogRows(o.log), &table);
  return table;
}

}  // namespace thresh
