// thresh-web: reads its options, serves the page.

#include "lib/config/daemon_main.h"
#include "web/daemon.h"

int main(int argc, char** argv) {
  using namespace thresh;
  WebOptions options;
  DaemonMain daemon("thresh-web", "Shows a crawl in a browser; /metrics for Prometheus, /healthz.");
  daemon.Option("--state", options.state_dir, "Folder of the fetcher's and the sink's sockets");
  daemon.Option("--listen", options.listen, "ADDRESS:PORT; whoever reaches it can read all");
  daemon.Option("--allow-host", options.allow_hosts,
                "NAME that browsers may use for it; may be repeated");
  daemon.Option("--token-file", options.token_file,
                "File whose first line lets POST /feed in; without it nobody may");
  daemon.Option("--port-file", options.port_file, "File that gets the port, for port 0");
  return daemon.Run<WebDaemon>(argc, argv,
                               [&](uv_loop_t& loop) { return WebDaemon::Create(loop, options); });
}
