// thresh-fetcher: reads its options, runs its daemon.

#include <chrono>
#include <cstdlib>

#include "fetcher/daemon.h"
#include "fetcher/options.h"
#include "lib/config/daemon_main.h"

int main(int argc, char** argv) {
  using namespace thresh;
  // Name look-ups wait in libuv's threads, at most in half of them; the frontier writes in others.
  setenv("UV_THREADPOOL_SIZE", "16", 0);
  FetcherOptions options;
  std::vector<std::string> overrides;
  int breaker_probe_ms = static_cast<int>(options.health.first_probe.count());
  DaemonMain daemon("thresh-fetcher", "Fetches URLs fed to it and hands the pages to parsers.");
  daemon.Required("--state", options.state_dir, "Folder of the frontier and the sockets");
  daemon.Option("--recipe", options.recipes, "Recipe file or name; may be repeated");
  daemon.Option("--set", overrides, "KEY=VALUE over every recipe's [fetch], allow or deny");
  daemon.Option("--allow-private", options.allow_private,
                "HOST or NETWORK (10.0.0.0/8) that may be private; may be repeated");
  daemon.Option("--secrets-dir", options.secrets_dir, "Folder of files that {secret.NAME} names");
  daemon.Option("--concurrency", options.max_in_flight,
                "Requests at once, all hosts; 0: none, questions are answered");
  daemon.Option("--page-buffer-bytes", options.page_buffer_bytes,
                "Bodies held in memory before fetching pauses");
  daemon.Option("--max-pages", options.max_pages, "Pages to fetch in all; 0: no limit");
  daemon.Option("--max-attempts", options.max_attempts, "Requests for a URL before it is dead");
  daemon.Option("--lease-ms", options.lease_ms, "A parser's time for a page");
  daemon.Option("--spool-bytes", options.spool_bytes,
                "A body of more goes to the disk while it arrives");
  daemon.Option("--spool-max-bytes", options.spool_max_bytes,
                "Bodies on the disk before fetching pauses");
  daemon.Option("--pages", options.pages_dir,
                "Folder for pages that recipes save (default: pages in --state)");
  daemon.Option("--durability", options.durability,
                "power: nothing is lost when the power is; process: nothing under kill -9");
  daemon.Option("--frontier-cache-bytes", options.frontier_cache_bytes,
                "Memory for the frontier's blocks, indexes and filters");
  daemon.Option("--min-free-bytes", options.min_free_bytes,
                "Room on the disk below which all waits");
  daemon.Flag("--no-refresh", options.no_refresh,
              "Ask for nothing again that is done, whatever recipes and feed lines say");
  daemon.Option("--contact", options.contact,
                "Who runs it, for the user agent: a URL or mail address");
  daemon.Option("--breaker-failures", options.health.breaker_failures,
                "Requests without an answer until a host is only probed");
  daemon.Option("--breaker-probes", options.health.breaker_probes,
                "Probes without an answer until a host's URLs are dead");
  daemon.Option("--breaker-probe-ms", breaker_probe_ms,
                "Until the first probe; each wait is twice the one before");
  daemon.Option("--listen", options.tcp.endpoint,
                "tcp://ADDRESS:PORT for parsers on other machines; needs keys");
  daemon.Option("--key", options.tcp.key_file, "File of our secret key, made by thresh keys");
  daemon.Option("--clients", options.tcp.clients_file, "File of the parsers' public keys");
  daemon.Flag("--listen-without-keys", options.tcp.without_keys,
              "On loopback, for tests and tunnels");
  daemon.Flag("--accept-new-sink", options.accept_new_sink,
              "Go on with a sink whose journal is another one: pages may be written twice");
  return daemon.Run<FetcherDaemon>(argc, argv, [&](uv_loop_t& loop) {
    for (const std::string& text : overrides) {
      Result<Override> set = ParseOverride(text);
      if (!set) return Result<std::unique_ptr<FetcherDaemon>>(set.error());
      options.overrides.push_back(std::move(*set));
    }
    options.health.first_probe = std::chrono::milliseconds(breaker_probe_ms);
    return FetcherDaemon::Create(loop, std::move(options));
  });
}
