// thresh-sink: reads its options, runs its daemon.

#include "lib/config/daemon_main.h"
#include "sink/daemon.h"

int main(int argc, char** argv) {
  using namespace thresh;
  SinkOptions o;
  DaemonMain daemon("thresh-sink", "Appends the records that parsers send to NDJSON files.");
  daemon.Required("--state", o.state_dir, "Folder of journal, dead letters' bodies and sockets");
  daemon.Required("--out", o.out, "Folder of the output files, or - for standard output");
  daemon.Option("--max-records", o.max_records, "Lines to write in all; 0: no limit");
  daemon.Option("--durability", o.durability,
                "power: what is written survives a power cut; process: it survives kill -9");
  daemon.Option("--segment-bytes", o.segment_bytes, "Size of the journal's files");
  daemon.Option("--rotate-bytes", o.rotate_bytes,
                "Put an output file of this size aside; 0: never");
  daemon.Option("--rotate-seconds", o.rotate_seconds, "Put one of this age aside; 0: never");
  daemon.Flag("--rotate-zstd", o.rotate_zstd, "Compress the files put aside");
  daemon.Option("--old-dir", o.old_dir, "Where a log rotator moves output files, if elsewhere");
  daemon.Option("--ack-memory-bytes", o.ack_memory_bytes,
                "Of acknowledgements kept in memory; the rest is read back from the journal");
  daemon.Option("--listen", o.tcp.endpoint,
                "tcp://ADDRESS:PORT for parsers on other machines; needs keys");
  daemon.Option("--key", o.tcp.key_file, "File of our secret key, made by thresh keys");
  daemon.Option("--clients", o.tcp.clients_file, "File of the parsers' public keys");
  daemon.Flag("--listen-without-keys", o.tcp.without_keys, "On loopback, for tests and tunnels");
  daemon.Flag("--accept-new-fetcher", o.accept_new_fetcher,
              "Forget the fetchers known so far when another one comes");
  return daemon.Run<SinkDaemon>(
      argc, argv, [&](uv_loop_t& loop) { return SinkDaemon::Create(loop, std::move(o)); });
}
