// thresh-parser: reads its options, runs its daemon.

#include "lib/config/daemon_main.h"
#include "parser/daemon.h"

int main(int argc, char** argv) {
  using namespace thresh;
  ParserOptions options;
  DaemonMain daemon("thresh-parser", "Extracts records from the pages a fetcher hands out.");
  daemon.Option("--join", options.join_dir, "Output folder of the `thresh run` to join");
  daemon.Option("--state", options.state_dir, "Folder of the sockets, instead of --join");
  daemon.Option("--cpu-ms", options.cpu_ms, "CPU time to burn for each page, for demos");
  return daemon.Run<ParserDaemon>(
      argc, argv, [&](uv_loop_t& loop) { return ParserDaemon::Create(loop, std::move(options)); });
}
