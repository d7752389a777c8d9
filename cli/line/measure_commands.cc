// The commands that measure crawls, and draw them.

#include <CLI/CLI.hpp>

#include "cli/bench/commands.h"
#include "cli/line/command_set.h"
#include "cli/plot/commands.h"

namespace thresh {
namespace {

CLI::App* DescribeBenchServer(CLI::App& app, DelayServerOptions& o) {
  CLI::App* server = app.add_subcommand("server", "Serve answers that take as long as a URL says");
  server->add_option("--listen", o.address, "IP address to serve at")->capture_default_str();
  server->add_option("--port", o.port, "Port; 0: any that is free")
      ->capture_default_str()
      ->check(CLI::Range(0, 65535));
  server->add_option("--metrics", o.metrics_path, "File that a flush writes")
      ->capture_default_str();
  server->footer(
      "GET /add?name=N&delay=MS answers \".\" after MS milliseconds, 1024 if it is not said, and "
      "400 at\n"
      "once if it is no number from 0 to 3600000 or there is no name. GET /add?flush=1 writes what "
      "was\n"
      "asked so far: {\"N\": [{\"start\": s, \"end\": s, \"dt\": s}]}, in seconds since 1970. Its "
      "URL is printed on\n"
      "stdout. Ends with Ctrl-C.");
  return server;
}

CLI::App* DescribeBenchCrawl(CLI::App& app, BenchCrawlOptions& o) {
  CLI::App* crawl = app.add_subcommand(
      "crawl", "Crawl a server that waits: serially, concurrently, as a pipeline");
  crawl->add_option("-n,--requests", o.requests, "Requests of each mode")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  crawl->add_option("--delay-ms", o.delay_ms, "How long the server takes for each")
      ->capture_default_str()
      ->check(CLI::Range(0, 3'600'000));
  crawl->add_option("-c,--at-once", o.at_once, "Requests at once, but of serial")
      ->capture_default_str()
      ->check(CLI::Range(1, 1000));
  crawl
      ->add_option("--cpu-ms", o.cpu_ms,
                   "CPU time that each answer takes: one process against 1, 2 and 4 parsers")
      ->check(CLI::Range(0, 3'600'000));
  crawl->add_option("--mode", o.modes, "Only this one; may be given again")
      ->allow_extra_args(false);
  crawl
      ->add_option("-o,--out", o.out,
                   "Folder for crawl.svg, metric_data.json and the pipelines' files")
      ->capture_default_str();
  auto* server = crawl->add_option(
      "--server", o.server, "Another server with the same contract, as http://127.0.0.1:8082");
  crawl->add_option("--metrics", o.metrics_path, "File that the other server flushes to")
      ->capture_default_str()
      ->needs(server);
  crawl->add_option("--query", o.query,
                    "What stands behind /add? instead of name={mode}&delay={delay}&n={n}");
  crawl->add_flag("--json", o.json, "A line of JSON for each mode instead of the table");
  crawl->footer(
      "Modes: serial, concurrent (one process, one loop) and pipeline (thresh run); with --cpu-ms\n"
      "one-process, parsers-1, parsers-2 and parsers-4. Wall time is from a mode's start to its "
      "end, a\n"
      "pipeline's processes included.\n"
      "Exit status: 0 done, 3 some requests failed: then a time says nothing.");
  return crawl;
}

CLI::App* DescribePlot(CLI::App& app, PlotOptions& o) {
  CLI::App* plot = app.add_subcommand("plot", "Draw what a run did, as an SVG picture");
  plot->add_option("folder", o.folder, "Folder of a thresh run, or a state folder")->required();
  plot->add_option("-o,--out", o.out, "File to write, or - for stdout (default: FOLDER/run.svg)");
  plot->footer(
      "Pages and records a second, what is under way and queued, how long requests took, errors. "
      "Also\n"
      "while it runs.");
  return plot;
}

}  // namespace

void AddMeasureCommands(CommandSet& commands) {
  CommandSet bench = commands.AddGroup("bench", "Servers and crawls to measure by");
  bench.Add(&DescribeBenchServer, &BenchServerCommand);
  bench.Add(&DescribeBenchCrawl, &BenchCrawlCommand);
  commands.Add(&DescribePlot, &PlotCommand);
}

}  // namespace thresh
