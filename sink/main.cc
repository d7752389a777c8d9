// thresh-sink: reads its options, runs its daemon.

#include "lib/config/daemon_main.h"
#include "sink/daemon.h"

int main(int argc, char** argv) {
  using namespace thresh;
  SinkOptions options;
  DaemonMain daemon("thresh-sink", "Appends the records that parsers send to NDJSON files.");
  daemon.Required("--state", options.state_dir, "Folder of the socket");
  daemon.Required("--out", options.out, "Folder of the output files, or - for standard output");
  daemon.Option("--max-records", options.max_records, "Lines to write in all; 0: no limit");
  return daemon.Run<SinkDaemon>(
      argc, argv, [&](uv_loop_t& loop) { return SinkDaemon::Create(loop, std::move(options)); });
}
