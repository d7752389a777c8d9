// `thresh bench server`: a server that waits.

#include <sys/resource.h>

#include <csignal>
#include <cstdio>

#include <uv.h>

#include "cli/bench/commands.h"
#include "lib/base/exit_codes.h"
#include "lib/io/signals.h"

namespace thresh {
namespace {

// Each open request takes a descriptor; who starts us often allows 1,024.
void RaiseDescriptorLimit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int Serve(uv_loop_t& loop, const DelayServerOptions& options) {
  const auto server = DelayServer::Listen(loop, options);
  if (!server) {
    std::fprintf(stderr, "thresh bench server: %s\n", server.error().detail.c_str());
    return server.error().code == Errc::kUnavailable ? kExitNoPeer : kExitUsage;
  }
  const Signals signals(loop, {SIGINT, SIGTERM}, [&loop](int) { uv_stop(&loop); });
  const bool is_v6 = options.address.find(':') != std::string::npos;
  std::printf(is_v6 ? "http://[%s]:%d\n" : "http://%s:%d\n", options.address.c_str(),
              (*server)->port());
  std::fflush(stdout);
  std::fprintf(stderr,
               "/add?name=N&delay=MS answers \".\" after MS milliseconds; /add?flush=1 writes %s\n",
               options.metrics_path.c_str());
  uv_run(&loop, UV_RUN_DEFAULT);
  return kExitDone;
}

}  // namespace

int BenchServerCommand(const DelayServerOptions& options) {
  RaiseDescriptorLimit();
  uv_loop_t loop;
  if (uv_loop_init(&loop) != 0) return kExitInternal;
  const int status = Serve(loop, options);
  uv_run(&loop, UV_RUN_NOWAIT);  // What was closed is freed.
  uv_loop_close(&loop);
  return status;
}

}  // namespace thresh
