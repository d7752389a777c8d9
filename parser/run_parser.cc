#include "parser/run_parser.h"

#include <memory>
#include <string>
#include <utility>

#include "lib/base/exit_codes.h"
#include "lib/config/daemon_main.h"

namespace thresh {
namespace {

bool NamesItsPeers(const ParserOptions& options) {
  const RemoteOptions& remote = options.remote;
  const int places = static_cast<int>(!options.join_dir.empty()) +
                     static_cast<int>(!options.state_dir.empty()) +
                     static_cast<int>(!remote.fetcher.empty());
  return places == 1 && remote.fetcher.empty() == remote.sink.empty();
}

}  // namespace

int RunParser(int argc, char** argv, ParserOptions options) {
  std::string sandbox = "on";
  DaemonMain daemon("thresh-parser", "Extracts records from the pages a fetcher hands out.");
  daemon.Option("--join", options.join_dir, "Output folder of the `thresh run` to join");
  daemon.Option("--state", options.state_dir, "Folder of the sockets, instead of --join");
  daemon.Option("--fetcher", options.remote.fetcher, "tcp://HOST:PORT of one on another machine");
  daemon.Option("--sink", options.remote.sink, "tcp://HOST:PORT of one on another machine");
  daemon.Option("--key", options.remote.key_file, "File of our secret key, made by thresh keys");
  daemon.Option("--server-key", options.remote.server_key_file, "File of their public key");
  daemon.Flag("--without-keys", options.remote.without_keys, "Where they are on loopback");
  daemon.Option("--parse-timeout-ms", options.limits.timeout_ms,
                "CPU time that a page may take; 0: any");
  daemon.Option("--max-memory-bytes", options.limits.max_memory_bytes,
                "Memory that the process may take; 0: any");
  daemon.Option("--max-address-space-bytes", options.sandbox.max_address_space_bytes,
                "Address space of the process, with what it maps and shares; 0: any");
  daemon.Option("--sandbox", sandbox,
                "on: as far as the system has what it takes; require: or do not start; off");
  daemon.Option("--cpu-ms", options.cpu_ms, "CPU time to burn for each page, for demos");
  bool usage = false;
  const int status = daemon.Run<ParserDaemon>(
      argc, argv, [&](uv_loop_t& loop) -> Result<std::unique_ptr<ParserDaemon>> {
        usage = !NamesItsPeers(options);
        if (usage) {
          return Error{Errc::kInvalid,
                       "expected one of --join DIR, --state DIR, or --fetcher with --sink"};
        }
        const Result<SandboxMode> mode = ParseSandboxMode(sandbox);
        usage = !mode.ok();
        if (usage) return mode.error();
        options.sandbox.mode = *mode;
        return ParserDaemon::Create(loop, std::move(options));
      });
  return usage ? kExitUsage : status;
}

}  // namespace thresh
